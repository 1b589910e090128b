import { EMPTY_CHAIN, type EvidenceEntry, firstBrokenEntry, nextEntry } from '../domain/evidence.ts';
import type { Random } from '../ports/clock.ts';
import type { EvidenceRecords, TextErased } from '../ports/evidence-records.ts';
import { ConflictError, type Row, type Table, type TableName, type Write } from '../ports/table.ts';
import { decodeEvidence, evidenceWrite } from './evidence-row.ts';
import { evidencePrefix } from './exception-codec.ts';
import { createExceptionIds } from './exception-ids.ts';
import { gatePartition } from './gate-codec.ts';
import { component, key, prefixRange } from './keys.ts';
import { scopePartition } from './scope-views.ts';

interface Needs {
  readonly table: Table;
  readonly tenant: string;
  readonly orgs: readonly string[];
  readonly random: Random;
}

interface Place {
  readonly table: TableName;
  readonly partition: string;
  readonly prefix: readonly string[];
}

/** Rows of a chain, in its order; at least one. */
interface Found extends Place {
  readonly rows: readonly Row[];
  readonly entries: readonly EvidenceEntry[];
}

export function createEvidenceRecords(needs: Needs): EvidenceRecords {
  const ids = createExceptionIds(needs.table, needs.tenant);
  const find = async (id: string): Promise<Found | undefined> => {
    const scope = await ids.placeOf(id.toUpperCase());
    const places: Place[] = [
      ...needs.orgs.map((org) => ({ table: 'gate' as const, partition: gatePartition(org, id), prefix: ['e'] })),
      ...(scope === undefined
        ? []
        : [{ table: 'scope' as const, partition: scopePartition(scope), prefix: evidencePrefix(id) }]),
      { table: 'roll', partition: key(component(needs.tenant), 'off-path'), prefix: ['e', component(id)] },
    ];
    const found = await Promise.all(places.map((place) => chainAt(needs.table, place)));
    return found.find((one) => one.rows.length > 0);
  };
  return {
    of: async (id) => (await find(id))?.entries,
    eraseText: (id, field, at) =>
      untilNoneIsLeft(async () => {
        const found = await find(id);
        return found === undefined ? { kind: 'unknown-id' } : await erase(needs, found, field, at);
      }),
  };
}

const TRIES = 4;

async function untilNoneIsLeft(eraseSome: () => Promise<TextErased | undefined>): Promise<TextErased> {
  const seqs: number[] = [];
  for (let lost = 0; lost < TRIES; ) {
    const done = await eraseSome();
    if (done?.kind === 'erased') seqs.push(...done.seqs);
    else if (done === undefined) lost += 1;
    else return done.kind === 'no-such-text' && seqs.length > 0 ? { kind: 'erased', seqs } : done;
  }
  return { kind: 'not-recorded' };
}

async function chainAt(table: Table, place: Place): Promise<Found> {
  const rows = await table.list(place.table, place.partition, { ranges: [prefixRange(key(...place.prefix))] });
  return { ...place, rows, entries: rows.map(decodeEvidence) };
}

/** With the entry that says so a transaction holds 100 writes. */
const MOST_AT_ONCE = 99;

/** Undefined: somebody else's change was first. What more than one transaction holds is left for the next. */
async function erase(needs: Needs, found: Found, field: string, at: string): Promise<TextErased | undefined> {
  const broken = firstBrokenEntry(found.entries);
  if (broken !== undefined) return { kind: 'broken', seq: broken.seq };
  const hits = found.entries
    .flatMap((entry, n) => (Object.hasOwn(entry.texts, field) ? [n] : []))
    .slice(0, MOST_AT_ONCE);
  if (hits.length === 0) {
    return {
      kind: 'no-such-text',
      fields: [...new Set(found.entries.flatMap(({ texts }) => Object.keys(texts)))].sort(),
    };
  }
  const seqs = hits.map((n) => n + 1);
  const writes = hits.map((n) => withoutText(found.rows[n] as Row, found.entries[n] as EvidenceEntry, field));
  try {
    await needs.table.commit(found.table, found.partition, [...writes, evidenceOf(needs, found, { field, seqs }, at)]);
    return { kind: 'erased', seqs };
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
}

function withoutText({ row, values, etag }: Row, { texts }: EvidenceEntry, field: string): Write {
  const left = Object.fromEntries(Object.entries(texts).filter(([name]) => name !== field));
  return { kind: 'replace', row, values: { ...values, texts: JSON.stringify(left) }, etag };
}

function evidenceOf(
  { random }: Needs,
  found: Found,
  data: { field: string; seqs: readonly number[] },
  at: string,
): Write {
  const last = found.entries.at(-1);
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  const draft = { kind: 'text-erased', actor: { kind: 'countersign' }, data: { ...data } } as const;
  const written = { aggregate: last?.aggregate ?? '', at, op: `erase ${data.field} ${at}`, salt };
  return evidenceWrite(found.prefix, nextEntry(last ?? EMPTY_CHAIN, draft, written));
}
