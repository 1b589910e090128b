import * as z from 'zod';
import { type Asset, createPlaces, isSamePlace } from '../domain/asset.ts';
import { BASELINE_PROPERTY, BASELINE_TYPE, type BaselineType } from '../domain/catalog.ts';
import type { ResourceFact } from '../domain/place-state.ts';
import type { BaselineResources } from '../ports/baseline-resources.ts';
import { assetIn, assetRow, WITH_SUBSCRIPTION } from './resource-graph.ts';
import { createResourceGraphClient, type ResourceGraphOptions } from './resource-graph-client.ts';

const VALUE_MAX = 1_000;
/** As Azure names resource groups: nothing that could end a text of the query. */
const GROUP = /^[\p{L}\p{N}._()-]{1,90}$/u;
const row = assetRow.extend({ values: z.array(z.unknown()) });

/** Azure Resource Graph, a query for each type; needs the role Reader on what is to be seen. */
export function createBaselineResources(options: ResourceGraphOptions): BaselineResources {
  const graph = createResourceGraphClient(options);
  return {
    async of(place, catalog) {
      const environment = catalog.services.get(place.service)?.environments.get(place.environment);
      const placeOf = createPlaces(catalog);
      const isHere = (asset: Asset) => {
        const where = placeOf(asset);
        return where.kind === 'known' && isSamePlace(where, place);
      };
      const found: ResourceFact[] = [];
      const unread = new Set<string>();
      for (const one of environment?.baseline ?? []) {
        const answer = await graph.query(queryFor(one, environment?.resourceGroups ?? []), row);
        for (const why of answer.unread) unread.add(why);
        found.push(...answer.rows.flatMap((resource) => factsIn(one, resource, isHere)));
      }
      return { found, unread: [...unread] };
    },
  };
}

function factsIn(
  { type, properties }: BaselineType,
  resource: z.output<typeof row>,
  isHere: (asset: Asset) => boolean,
): ResourceFact[] {
  return assetIn(resource)
    .filter(isHere)
    .map(({ id }) => {
      const said = properties.map((property, n) => [property, textOf(resource.values[n])] as const);
      return { id, type, values: Object.fromEntries(said) };
    });
}

/** Throws for what a catalog cannot hold: nothing of it may end a text of the query, or be more than a name. */
function queryFor({ type, properties }: BaselineType, groups: readonly string[]): string {
  if (!BASELINE_TYPE.test(type) || !properties.every((one) => BASELINE_PROPERTY.test(one)))
    throw new RangeError(`no type or property of Azure: ${type} ${properties.join(' ')}`);
  const isNarrow = groups.length > 0 && groups.every((group) => GROUP.test(group));
  const within = isNarrow ? `| where resourceGroup in~ (${groups.map((group) => `'${group}'`).join(', ')}) ` : '';
  const columns = `| project id, subscriptionId, tags, values = pack_array(${properties.join(', ')})`;
  return `resources | where type =~ '${type}' ${within}${columns}${WITH_SUBSCRIPTION.replace('project id,', 'project id, values,')}`;
}

/** JSON in one order, so that equal values are equal texts. */
function textOf(value: unknown): string {
  const sorted = (_: string, one: unknown) =>
    one !== null && typeof one === 'object' && !Array.isArray(one)
      ? Object.fromEntries(Object.entries(one).sort(([a], [b]) => (a < b ? -1 : 1)))
      : one;
  const text = typeof value === 'string' ? value : (JSON.stringify(value, sorted) ?? 'null');
  return text.slice(0, VALUE_MAX).toWellFormed();
}
