import type { Acceptance, Baseline, Entry, Part, TakenAt } from '../domain/baseline.ts';
import type { DriftItem } from '../domain/drift.ts';
import { type ChainHead, EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../domain/evidence.ts';
import type { PostDeployReview } from '../domain/post-deploy.ts';
import { baselineMoment, lookedAfter } from '../domain/scope-overview.ts';
import type {
  BaselineChange,
  BaselineStore,
  ReviewEnd,
  StoredBaseline,
  StoredDrift,
  StoredPostDeploy,
} from '../ports/baseline-store.ts';
import type { Random } from '../ports/clock.ts';
import type { ScopeKey } from '../ports/scope-store.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import { evidenceWrite } from './evidence-row.ts';
import { findPartition } from './history-rows.ts';
import { component, key, onlyRange, prefixRange, sequence } from './keys.ts';
import { momentWrite } from './moment-rows.ts';
import { splitBySize } from './row-parts.ts';

interface Needs {
  readonly table: Table;
  readonly random: Random;
}

const BASELINE = 'b';
const DRIFT = 'bd';
const EVIDENCE = 'be';
const REVIEW = 'bp';
const REVIEW_EVIDENCE = 'bpe';

/**
 * In table `find`, beside the postures of the scope: baseline and drift, each a head replaced by its ETag with its lists in numbered rows
 * behind it, so that a comparison cannot write a baseline. The head of the evidence chain stands in the baseline's own.
 */
export function createBaselineStore({ table, random }: Needs): BaselineStore {
  return {
    read: async (scope) => {
      const ranges = [BASELINE, DRIFT].flatMap((row) => [onlyRange(row), prefixRange(row)]);
      return decoded(scope, await table.list('find', findPartition(scope), { ranges }));
    },
    putBaseline: async (before, change) => {
      const { head, writes } = baselineWrites(before, change, random);
      const etags = await committed(table, before.scope, writes);
      if (etags === undefined) return undefined;
      const baselineVersion = versionOf(etags.get(BASELINE) ?? '', head);
      return { ...before, baseline: change.baseline, baselineVersion };
    },
    putDrift: async (before, drift) => {
      const etags = await committed(table, before.scope, driftWrites(before, drift));
      return etags === undefined ? undefined : { ...before, drift, driftVersion: etags.get(DRIFT) ?? '' };
    },
    review: async (scope, requestId) => {
      const row = await table.get('find', findPartition(scope), reviewRow(requestId));
      if (row === undefined) return undefined;
      return { review: JSON.parse(String(row.values['review'])) as PostDeployReview, version: row.etag };
    },
    putReview: async (scope, review, before, end) => {
      const row = reviewRow(review.release.requestId);
      const values = { review: JSON.stringify(review) };
      const evidence = end === undefined ? [] : reviewEnd(scope, review, end, random);
      const etags = await committed(table, scope, [headWrite(row, values, before?.version), ...evidence]);
      return etags === undefined ? undefined : ({ review, version: etags.get(row) ?? '' } satisfies StoredPostDeploy);
    },
  };
}

async function committed(table: Table, scope: ScopeKey, writes: readonly Write[]) {
  try {
    return await table.commit('find', findPartition(scope), writes);
  } catch (error) {
    if (error instanceof ConflictError) return undefined;
    throw error;
  }
}

function headWrite(row: string, values: Record<string, string | number>, etag: string | undefined): Write {
  return etag === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag };
}

interface Head {
  readonly parts: readonly Part[];
  readonly taken: TakenAt;
  readonly ops: readonly string[];
}

/** An ETag, and where the chain of evidence stands: opaque for everybody else. */
function versionOf(etag: string, { seq, hash }: ChainHead): string {
  return JSON.stringify({ etag, seq, hash });
}

function readVersion(version: string | undefined): { readonly etag?: string; readonly head: ChainHead } {
  if (version === undefined) return { head: EMPTY_CHAIN };
  const { etag, seq, hash } = JSON.parse(version) as ChainHead & { readonly etag: string };
  return { etag, head: { seq, hash } };
}

type Listed = readonly ['entry', Entry] | readonly ['accepted', Acceptance];

function baselineWrites({ scope, baseline, baselineVersion }: StoredBaseline, change: BaselineChange, random: Random) {
  const { parts, taken, ops, entries, accepted } = change.baseline;
  const { etag, head } = readVersion(baselineVersion);
  const entry = entryAfter(head, `${scope.org} baseline ${scope.service} ${scope.environment}`, change, random);
  const list: readonly Listed[] = [
    ...entries.map((one) => ['entry', one] as const),
    ...accepted.map((one) => ['accepted', one] as const),
  ];
  const { seq, hash } = entry;
  const moment = baselineMoment(baseline, change.baseline, change.evidence.actor, change.at);
  const values = { head: JSON.stringify({ parts, taken, ops } satisfies Head), evSeq: seq, evHash: hash };
  return {
    head: { seq, hash },
    writes: [
      ...partedWrites(BASELINE, values, list, etag),
      evidenceWrite([EVIDENCE], entry),
      ...momentWrite(['baseline', sequence(seq)], [moment]),
    ],
  };
}

function entryAfter(
  head: ChainHead,
  aggregate: string,
  { evidence, op, at }: ReviewEnd,
  random: Random,
): EvidenceEntry {
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  return nextEntry(head, evidence, { aggregate, at, op, salt });
}

/** The only link of its chain: a deployment is reviewed once. */
function reviewEnd(scope: ScopeKey, review: PostDeployReview, end: ReviewEnd, random: Random): Write[] {
  const { requestId } = review.release;
  const aggregate = `${scope.org} deployment ${scope.service} ${scope.environment} ${requestId}`;
  return [
    evidenceWrite([REVIEW_EVIDENCE, component(requestId)], entryAfter(EMPTY_CHAIN, aggregate, end, random)),
    ...momentWrite(['look', component(requestId)], [lookedAfter(review, end.at)]),
  ];
}

function driftWrites({ driftVersion }: StoredBaseline, { drift, ...rest }: StoredDrift): Write[] {
  const { items, ...told } = drift;
  return partedWrites(DRIFT, { head: JSON.stringify({ ...rest, drift: told }) }, items, driftVersion);
}

/** The list in numbered rows behind the head; rows that an earlier, longer one left behind are none of it. */
function partedWrites(
  row: string,
  values: Record<string, string | number>,
  list: readonly unknown[],
  etag: string | undefined,
): Write[] {
  const parts = splitBySize(list);
  return [
    headWrite(row, { ...values, parts: parts.length }, etag),
    ...parts.map((part, n): Write => ({ kind: 'put', row: partRow(row, n), values: { list: JSON.stringify(part) } })),
  ];
}

function partRow(row: string, n: number): string {
  return `${row}~${sequence(n)}`;
}

function reviewRow(requestId: string): string {
  return key(REVIEW, component(requestId));
}

/** Throws when a part is missing: half of it must never pass for the whole. */
function decoded(scope: ScopeKey, rows: readonly Row[]): StoredBaseline {
  const byRow = new Map(rows.map((one) => [one.row, one]));
  return { scope, ...baselineIn(byRow), ...driftIn(byRow) };
}

function baselineIn(rows: ReadonlyMap<string, Row>): Pick<StoredBaseline, 'baseline' | 'baselineVersion'> {
  const own = rows.get(BASELINE);
  if (own === undefined) return {};
  const list = listIn<Listed>(own, rows);
  const baseline: Baseline = {
    ...(JSON.parse(String(own.values['head'])) as Head),
    entries: list.flatMap((one) => (one[0] === 'entry' ? [one[1]] : [])),
    accepted: list.flatMap((one) => (one[0] === 'accepted' ? [one[1]] : [])),
  };
  const head = { seq: Number(own.values['evSeq']), hash: String(own.values['evHash']) };
  return { baseline, baselineVersion: versionOf(own.etag, head) };
}

function driftIn(rows: ReadonlyMap<string, Row>): Pick<StoredBaseline, 'drift' | 'driftVersion'> {
  const own = rows.get(DRIFT);
  if (own === undefined) return {};
  const { drift, ...rest } = JSON.parse(String(own.values['head'])) as StoredDrift;
  return { drift: { ...rest, drift: { ...drift, items: listIn<DriftItem>(own, rows) } }, driftVersion: own.etag };
}

function listIn<T>({ row, values }: Row, rows: ReadonlyMap<string, Row>): T[] {
  return Array.from({ length: Number(values['parts']) }, (_, n) => {
    const part = rows.get(partRow(row, n));
    if (part === undefined) throw new Error(`row ${row} is incomplete`);
    return JSON.parse(String(part.values['list'])) as T[];
  }).flat();
}
