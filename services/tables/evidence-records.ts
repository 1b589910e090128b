import {
  EMPTY_CHAIN,
  type EvidenceDraft,
  type EvidenceEntry,
  firstBrokenEntry,
  nextEntry,
} from '../domain/evidence.ts';
import type { Actor } from '../domain/person.ts';
import type { Random } from '../ports/clock.ts';
import type { EvidenceLog } from '../ports/evidence-log.ts';
import type { EvidenceRecords, TextErased } from '../ports/evidence-records.ts';
import { ConflictError, type Row, type Table, type TableName, type Write } from '../ports/table.ts';
import { createEvidenceLog } from './evidence-log.ts';
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
  /** Whoever runs this process, as far as that is known. */
  readonly operator?: (() => Promise<Actor>) | undefined;
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
  const log = createEvidenceLog(needs);
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
    return (
      found.find((one) => one.rows.length > 0) ??
      (id.includes(' ') ? await byAggregate(needs.table, log, id) : undefined)
    );
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

/** By its full name, as exports have it: nothing is indexed by that, so every chain that there is is looked at. */
async function byAggregate(table: Table, log: EvidenceLog, aggregate: string): Promise<Found | undefined> {
  for await (const { entries, prefix, ...place } of log.changed(BEGINNING, END)) {
    if (entries[0]?.aggregate === aggregate) return await chainAt(table, { ...place, prefix: prefix.split('~') });
  }
  return undefined;
}

const BEGINNING = '1970-01-01T00:00:00.000Z';
const END = '9999-01-01T00:00:00.000Z';

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
  // The name of whoever erases names is not among them, else there were always one more.
  const others = found.entries.filter(({ op }) => op !== opOf(field, at));
  const hits = others.filter(({ texts }) => Object.hasOwn(texts, field)).slice(0, MOST_AT_ONCE);
  if (hits.length === 0) {
    const fields = [...new Set(others.flatMap(({ texts }) => Object.keys(texts)))].sort();
    return { kind: 'no-such-text', fields };
  }
  const seqs = hits.map(({ seq }) => seq);
  const writes = hits.map((entry) => withoutText(found.rows[entry.seq - 1] as Row, entry, field));
  const actor = (await needs.operator?.()) ?? { kind: 'countersign' };
  const noted = evidenceOf(needs, found, { kind: 'text-erased', actor, data: { field, seqs } }, opOf(field, at), at);
  try {
    await needs.table.commit(found.table, found.partition, [...writes, noted]);
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

function opOf(field: string, at: string): string {
  return `erase ${field} ${at}`;
}

function evidenceOf({ random }: Needs, found: Found, draft: EvidenceDraft, op: string, at: string): Write {
  const last = found.entries.at(-1);
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  const written = { aggregate: last?.aggregate ?? '', at, op, salt };
  return evidenceWrite(found.prefix, nextEntry(last ?? EMPTY_CHAIN, draft, written));
}
