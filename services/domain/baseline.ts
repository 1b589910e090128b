import type { PersonActor } from './person.ts';

/** What a baseline is made of. */
export const ENTRY_KINDS = [
  'environment',
  'check',
  'branch-policy',
  'reach',
  'connection',
  'role',
  'resource',
] as const;
export type EntryKind = (typeof ENTRY_KINDS)[number];

/** One thing as it was approved, or as it is. */
export interface Entry {
  /** Stable over renames: the kind and ids of the platform, `entryKey`. */
  readonly key: string;
  readonly kind: EntryKind;
  /** As people know it. */
  readonly name: string;
  /** To what it belongs: the environment of a check, the branch of a policy; '' where the name says it all. */
  readonly of: string;
  /** Neutral words by field. A field that is missing is unknown: it is compared with nothing. */
  readonly values: Readonly<Record<string, string>>;
  /** Of ids among the values, as people know them. Compared with nothing. */
  readonly names?: Readonly<Record<string, string>>;
  /** ISO-8601 UTC; when it was read. */
  readonly at: string;
}

/** All keys that begin alike; the longest that fits a key is its part. */
export interface Part {
  readonly prefix: string;
  /** As people know it. */
  readonly name: string;
  /** Why it is not known; absent: all of it was read. */
  readonly unknown?: string;
  /** ISO-8601 UTC; when it was last read whole. */
  readonly at?: string;
}

/** What is known of one service in one environment: entries by their keys, each in a part. Sorted. */
export interface PlaceState {
  readonly parts: readonly Part[];
  readonly entries: readonly Entry[];
}

/** A change that an approver took into the baseline until a day: then it is drift again. */
export interface Acceptance {
  readonly key: string;
  /** Absent: that it is gone. */
  readonly entry?: Entry;
  readonly by: PersonActor;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly until: string;
}

/** What was approved for one service in one environment. */
export interface Baseline extends PlaceState {
  /** The deployment at which it was last taken, or some part of it. */
  readonly taken: TakenAt;
  readonly accepted: readonly Acceptance[];
  /** Operations that changed it lately: the same one again changes nothing. */
  readonly ops: readonly string[];
}

/** A deployment that people approved. */
export interface TakenAt {
  readonly requestId: string;
  readonly runName: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly approvedBy: readonly Pick<PersonActor, 'oid' | 'name'>[];
}

const MOST_ENTRIES = 4_000;
const MOST_BYTES = 1_500_000;
const OPS_KEPT = 20;

/** Ids joined so that none of them can be taken for another one, whatever is in it. */
export function entryKey(kind: EntryKind, ...ids: readonly string[]): string {
  return [kind, ...ids].map((id) => encodeURIComponent(id.toWellFormed())).join(':');
}

/** The ids in a key, without its kind. */
export function idsIn(key: string): readonly string[] {
  return key.split(':').slice(1).map(decodeURIComponent);
}

export function partOf({ parts }: Pick<PlaceState, 'parts'>, key: string): Part | undefined {
  return parts
    .filter(({ prefix }) => key.startsWith(prefix))
    .reduce<Part | undefined>(
      (best, part) => (part.prefix.length > (best?.prefix.length ?? -1) ? part : best),
      undefined,
    );
}

/** Whether there being no entry of this key means that there is no such thing. */
export function isKnown(state: Pick<PlaceState, 'parts'>, key: string): boolean {
  const part = partOf(state, key);
  return part !== undefined && part.unknown === undefined;
}

/** In one order, and no larger than is kept: of what is too large the largest part is unknown. */
export function placeState(parts: readonly Part[], entries: readonly Entry[]): PlaceState {
  const distinct = new Map(entries.map((entry) => [entry.key, entry]));
  const state: PlaceState = {
    parts: parts.toSorted((a, b) => compare(a.prefix, b.prefix)),
    entries: [...distinct.values()].sort((a, b) => compare(a.key, b.key)),
  };
  return state.entries.length > MOST_ENTRIES || sizeOf(state.entries) > MOST_BYTES ? withoutLargest(state) : state;
}

function withoutLargest(state: PlaceState): PlaceState {
  const byPart = [...Map.groupBy(state.entries, ({ key }) => partOf(state, key)?.prefix ?? '')];
  const [largest, lost = []] =
    byPart.sort(([a, some], [b, others]) => sizeOf(others) - sizeOf(some) || compare(a, b))[0] ?? [];
  const unknown = `there is more of it than is compared (${lost.length})`;
  const parts = state.parts.map((part) => (part.prefix === largest ? { ...part, unknown } : part));
  return placeState(
    parts,
    state.entries.filter((entry) => !lost.includes(entry)),
  );
}

function sizeOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, entry) => sum + JSON.stringify(entry).length, 0);
}

export function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/**
 * The baseline after an approved deployment: what it has stays as it was approved, whatever is there now; only parts and fields that nobody could
 * tell until then are taken. Undefined: nothing is to be taken.
 */
export function takenAt(
  before: Baseline | undefined,
  state: PlaceState,
  taken: TakenAt,
  op: string,
): Baseline | undefined {
  const has = new Set(before?.parts.filter(({ unknown }) => unknown === undefined).map(({ prefix }) => prefix));
  const fresh = state.parts.filter(({ prefix, unknown }) => unknown === undefined && !has.has(prefix));
  const kept = before ?? { parts: [], entries: [], accepted: [], ops: [] };
  const now = new Map(state.entries.filter(({ key }) => isKnown(state, key)).map((entry) => [entry.key, entry]));
  const filled = kept.entries.map((entry) => filledFrom(entry, now.get(entry.key)));
  if (fresh.length === 0 && filled.every((entry, at) => entry === kept.entries[at])) return undefined;
  const isFresh = ({ key }: Entry) => fresh.some(({ prefix }) => prefix === partOf(state, key)?.prefix);
  const replaced = new Set(fresh.map(({ prefix }) => prefix));
  const next = placeState(
    [...kept.parts.filter(({ prefix }) => !replaced.has(prefix)), ...fresh],
    [...filled, ...state.entries.filter(isFresh)],
  );
  return { ...next, taken, accepted: kept.accepted, ops: [...kept.ops, op].slice(-OPS_KEPT) };
}

function filledFrom(entry: Entry, now: Entry | undefined): Entry {
  const isNew = Object.keys(now?.values ?? {}).some((field) => entry.values[field] === undefined);
  return isNew ? { ...entry, values: { ...now?.values, ...entry.values } } : entry;
}

/** Lists of which only the latest is known: what is missing there is not gone. */
export const GROWING: readonly string[] = ['usedBy'];

/** The names in a list, each in a line. */
export function namesIn(list: string): string[] {
  return list === '' ? [] : list.split('\n');
}

/** What is known of a thing by two looks at it: the later says what it is, the earlier what the later could not tell. */
export function merged(before: Entry | undefined, after: Entry): Entry {
  return { ...after, values: { ...before?.values, ...grownValues(before, after) } };
}

/** Of the later look, with what the earlier one has in lists that only grow. */
function grownValues(before: Entry | undefined, after: Entry): Entry['values'] {
  const grown = GROWING.flatMap((field) => {
    const [old, now] = [before?.values[field], after.values[field]];
    if (old === undefined || now === undefined) return [];
    return [[field, [...new Set([...namesIn(old), ...namesIn(now)])].sort().join('\n')]];
  });
  return { ...after.values, ...Object.fromEntries(grown) };
}

/** What somebody accepts of a drift: what is there now, or that it is gone. */
export interface Accepted {
  readonly key: string;
  readonly entry?: Entry;
}

/** The baseline with these in it: for good, or until an instant (ISO-8601 UTC). */
export function withAccepted(
  baseline: Baseline,
  changes: readonly Accepted[],
  {
    by,
    at,
    until,
    op,
  }: { readonly by: PersonActor; readonly at: string; readonly until?: string; readonly op: string },
): Baseline {
  const keys = new Set(changes.map(({ key }) => key));
  const ops = [...baseline.ops, op].slice(-OPS_KEPT);
  const others = baseline.accepted.filter(({ key }) => !keys.has(key));
  const before = new Map(baseline.entries.map((entry) => [entry.key, entry]));
  if (until !== undefined) {
    const accepted = changes.map(({ key, entry }): Acceptance => {
      const whole = entry === undefined ? {} : { entry: { ...entry, values: grownValues(before.get(key), entry) } };
      return { key, ...whole, by, at, until };
    });
    return { ...baseline, ops, accepted: [...others, ...accepted].sort((a, b) => compare(a.key, b.key)) };
  }
  const entries = changes.flatMap(({ key, entry }) => (entry === undefined ? [] : [merged(before.get(key), entry)]));
  const next = placeState(baseline.parts, [...baseline.entries.filter(({ key }) => !keys.has(key)), ...entries]);
  return { ...baseline, ...next, ops, accepted: others };
}

/** The earliest end of an acceptance after an instant; undefined: none ends. */
export function nextEnd({ accepted }: Pick<Baseline, 'accepted'>, now: string): string | undefined {
  return accepted
    .map(({ until }) => until)
    .filter((until) => until > now)
    .sort()[0];
}
