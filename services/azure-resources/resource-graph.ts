import * as z from 'zod';
import { type Asset, assetKey, assetOf } from '../domain/asset.ts';
import type { Assets } from '../ports/assets.ts';
import { createResourceGraphClient, type ResourceGraphOptions } from './resource-graph-client.ts';

/** Of one query, as Azure advises to group them. */
const IDS_A_QUERY = 200;
/** What could end a text of the query is in no id. */
const ID = /^[^'"\\|\p{C}]{1,1000}$/u;

/** Subscriptions with what is above them, and resources with groups: a join by subscription id. */
export const WITH_SUBSCRIPTION = `
| join kind=leftouter (
    resourcecontainers
    | where type =~ 'microsoft.resources/subscriptions'
    | project subscriptionId, subscription = name, ancestors = properties.managementGroupAncestorsChain
  ) on subscriptionId
| project id, tags, subscription, ancestors
| order by id asc`;

const ancestor = z.object({ name: z.string().nullish(), displayName: z.string().nullish() });
/** What is asked of everything that may belong to a place. */
export const assetRow = z.object({
  id: z.string(),
  // Of something without tags Azure gives nothing, or an empty text.
  tags: z.record(z.string(), z.unknown()).nullish().catch(undefined),
  subscription: z.string().nullish(),
  ancestors: z.array(ancestor).nullish().catch(undefined),
});

/** Azure Resource Graph; needs the role Reader on the subscriptions and management groups that are to be seen. */
export function createAssets(options: ResourceGraphOptions): Assets {
  const graph = createResourceGraphClient(options);
  return {
    async find(ids) {
      const asked = [...new Set(ids.filter((id) => assetOf(id) !== undefined && ID.test(id)).map(assetKey))];
      const found = new Map<string, Asset>();
      for (let from = 0; from < asked.length; from += IDS_A_QUERY) {
        const some = asked.slice(from, from + IDS_A_QUERY).map((id) => `'${id}'`);
        const where = `| where id in~ (${some.join(', ')})`;
        const { rows } = await graph.query(`${everything(where)}${WITH_SUBSCRIPTION}`, assetRow);
        for (const asset of rows.flatMap(assetIn)) found.set(assetKey(asset.id), asset);
      }
      return found;
    },
    async list() {
      const query = `${everything("| where type !~ 'microsoft.resources/subscriptions'")}${WITH_SUBSCRIPTION}`;
      const { rows, unread } = await graph.query(query, assetRow);
      return { assets: rows.flatMap(assetIn), unread };
    },
  };
}

function everything(where: string): string {
  const columns = '| project id, subscriptionId, tags, type';
  return `resources ${columns} ${where} | union (resourcecontainers ${columns} ${where})`;
}

export function assetIn({ id, tags, subscription, ancestors }: z.output<typeof assetRow>): readonly Asset[] {
  const asset = assetOf(id);
  if (asset === undefined) return [];
  const texts = Object.entries(tags ?? {}).filter((tag): tag is [string, string] => typeof tag[1] === 'string');
  return [
    {
      ...asset,
      ...(subscription ? { subscription } : {}),
      tags: new Map(texts),
      managementGroups: (ancestors ?? []).map(({ name, displayName }) =>
        [name, displayName].filter((one) => typeof one === 'string' && one !== ''),
      ) as readonly (readonly string[])[],
    },
  ];
}
