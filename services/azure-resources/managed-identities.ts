import * as z from 'zod';
import type { ServicePrincipals } from '../ports/service-principals.ts';
import { createResourceGraphClient, type ResourceGraphOptions } from './resource-graph-client.ts';

const IDS_A_QUERY = 200;
const lowerGuid = z.guid().transform((id) => id.toLowerCase());
const row = z.object({ name: z.string(), clientId: lowerGuid, principalId: lowerGuid });

/** User-assigned managed identities, from Azure Resource Graph; needs no more than the role Reader where they are. */
export function createManagedIdentities(options: ResourceGraphOptions): ServicePrincipals {
  const graph = createResourceGraphClient(options);
  return {
    async find(clientIds) {
      const ids = clientIds.flatMap((id) => lowerGuid.safeParse(id).data ?? []);
      const found = [];
      for (let from = 0; from < ids.length; from += IDS_A_QUERY) {
        const wanted = ids.slice(from, from + IDS_A_QUERY).map((id) => `'${id}'`);
        const { rows } = await graph.query(queryFor(wanted), row);
        found.push(...rows);
      }
      return new Map(found.map(({ clientId, principalId, name }) => [clientId, { principalId, name }]));
    },
  };
}

function queryFor(ids: readonly string[]): string {
  return `resources
| where type =~ 'microsoft.managedidentity/userassignedidentities'
| where tostring(properties.clientId) in~ (${ids.join(', ')})
| project id, name, clientId = tostring(properties.clientId), principalId = tostring(properties.principalId)
| order by id asc`;
}
