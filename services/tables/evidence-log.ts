import type { EvidenceEntry } from '../domain/evidence.ts';
import type { ChainPlace, EvidenceChain, EvidenceLog } from '../ports/evidence-log.ts';
import type { Table } from '../ports/table.ts';
import { bucketOf, placeKey, placeOf, pointersAt } from './evidence-places.ts';
import { decodeEvidence } from './evidence-row.ts';
import { WHOLE } from './keys.ts';

const AT_ONCE = 8;

/** By the pointers of noted-table.ts. */
export function createEvidenceLog({ table, tenant }: { readonly table: Table; readonly tenant: string }): EvidenceLog {
  const places = async (from: string, before: string): Promise<readonly ChainPlace[]> => {
    const range = { from: pointersAt(tenant, bucketOf(from)), before: pointersAt(tenant, lastSecond(before)) };
    const found = new Map<string, ChainPlace>();
    for await (const { values } of table.across('log', range, [WHOLE])) {
      const place = placeOf(values);
      if (place !== undefined) found.set(placeKey(place), place);
    }
    return [...found].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, place]) => place);
  };
  const chain = async (place: ChainPlace): Promise<EvidenceChain | undefined> => {
    const entries = await entriesOf(table, place);
    return entries.length === 0 ? undefined : { ...place, entries };
  };
  return {
    places,
    chain,
    changed: async function* (from, before) {
      const all = await places(from, before);
      for (let done = 0; done < all.length; done += AT_ONCE) {
        const chains = await Promise.all(all.slice(done, done + AT_ONCE).map(chain));
        yield* chains.filter((one) => one !== undefined);
      }
    },
  };
}

/** Keys hold whole seconds: a bucket that begins within the last one counts as begun before. */
function lastSecond(before: string): string {
  return new Date(Math.ceil(Date.parse(before) / 1_000) * 1_000).toISOString();
}

/** Of a prefix that others continue, only its own links. */
async function entriesOf(table: Table, { table: name, partition, prefix }: ChainPlace): Promise<EvidenceEntry[]> {
  const range = { from: `${prefix}~0`, before: `${prefix}~:` };
  const rows = await table.list(name, partition, { ranges: [range] });
  return rows.filter(({ row }) => /^[0-9]{10}$/.test(row.slice(prefix.length + 1))).map(decodeEvidence);
}
