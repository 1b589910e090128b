import * as z from 'zod';
import { quoted } from '../ports/odata.ts';
import type { ServicePrincipal, ServicePrincipals } from '../ports/service-principals.ts';
import { createGraphClient, type GraphClientOptions } from './graph-client.ts';
import { objectId } from './graph-person.ts';

export interface GraphServicePrincipalsOptions extends Omit<GraphClientOptions, 'now'> {
  /** Monotonic milliseconds. */
  readonly now?: () => number;
  /** Milliseconds for one request (default 10,000). */
  readonly callMs?: number;
}

/** Of the values that one filter may list. */
const IDS_A_FILTER = 15;

const found = z.object({ id: objectId, appId: objectId, displayName: z.string().nullish() });

/** Service principals of Microsoft Graph (List servicePrincipals). Needs Application.Read.All. */
export function createGraphServicePrincipals(options: GraphServicePrincipalsOptions): ServicePrincipals {
  const { now = () => performance.now(), callMs = 10_000 } = options;
  const graph = createGraphClient({ ...options, now });
  return {
    async find(clientIds) {
      const ids = clientIds.flatMap((id) => objectId.safeParse(id).data ?? []);
      const principals = new Map<string, ServicePrincipal>();
      for (let from = 0; from < ids.length; from += IDS_A_FILTER) {
        const wanted = ids.slice(from, from + IDS_A_FILTER).map(quoted);
        const query = { filter: `appId in (${wanted.join(', ')})`, select: 'id,appId,displayName' };
        const limit = () => AbortSignal.timeout(callMs);
        const page = await graph.list({ path: 'servicePrincipals', query, limit }, found);
        for (const { id, appId, displayName } of page ?? [])
          principals.set(appId, { principalId: id, ...(displayName ? { name: displayName } : {}) });
      }
      return principals;
    },
  };
}
