import { type Contract, type Rule, rulesOf } from './contract.ts';
import {
  type History,
  MINUTES_A_DAY,
  minuteOf,
  type Recurrence,
  reachedAt,
  sightings,
  type Track,
} from './finding-history.ts';
import type { ScanHead } from './scan-head.ts';
import { byText, type Steps, sorted, visit } from './steps.ts';

/** What a judgement may know of a finding's past: noted by imports, read with the scope, never derived at judgement. */
export interface Past {
  /** Minute, as all times here (finding-history.ts). */
  readonly firstSeen: number;
  /** `recurrenceKey` of what it has been seen often enough for → minute since when. */
  readonly reached: Readonly<Record<string, number>>;
  /** Keys of those that one more sighting reaches. */
  readonly near: readonly string[];
}

/** The pasts of some findings, by fingerprint. */
export type Pasts = ReadonlyMap<string, Past>;

export function recurrenceKey({ seen, withinDays }: Recurrence): string {
  return withinDays === undefined ? `${seen}` : `${seen}/${withinDays}`;
}

/** Every number of sightings that a step of the contract waits for, each once. */
export function recurrencesOf(contract: Contract | undefined): Recurrence[] {
  const steps = allRules(contract).flatMap(({ escalate }) => escalate);
  const asked = steps.flatMap(({ after: { seen, withinDays } }): Recurrence[] =>
    seen === undefined ? [] : [{ seen, ...(withinDays === undefined ? {} : { withinDays }) }],
  );
  return [...new Map(asked.map((one) => [recurrenceKey(one), one])).values()];
}

/** Every `recurrence` that a rule asks for, rising: what an import must answer for each finding. */
export function thresholdsOf(contract: Contract | undefined): number[] {
  const asked = allRules(contract).flatMap(({ when }) => when.recurrence ?? []);
  return [...new Set(asked)].sort((a, b) => a - b);
}

/** Overrides too. */
function allRules(contract: Contract | undefined): Rule[] {
  return (contract?.controls ?? []).flatMap((control) => rulesOf(control).map(({ rule }) => rule));
}

/** Of every finding that is present; derived when it is asked for, because there may be hundreds of thousands. */
export function pastsOf(history: History, recurrences: readonly Recurrence[]): Pick<Pasts, 'get'> {
  // Most findings of a scan came with the same earlier one: their numbers are the same.
  const known = new Map<string, Past>();
  const pastOf = (track: Track): Past => {
    const { firstSeen, total, goneAt, backAt } = track;
    const numbers = `${firstSeen} ${total} ${goneAt} ${backAt}`;
    const past = known.get(numbers) ?? derived(history, track, recurrences);
    known.set(numbers, past);
    return past;
  };
  return {
    get: (fingerprint) => {
      const track = history.present.get(fingerprint);
      return track && pastOf(track);
    },
  };
}

function derived(history: History, track: Track, recurrences: readonly Recurrence[]): Past {
  const reached: Record<string, number> = {};
  const near: string[] = [];
  for (const recurrence of recurrences) {
    const since = reachedAt(history, track, recurrence);
    if (since !== undefined) reached[recurrenceKey(recurrence)] = since;
    else if (sightings(history, track, recurrence.withinDays) + 1 >= recurrence.seen)
      near.push(recurrenceKey(recurrence));
  }
  return { firstSeen: track.firstSeen, reached, near: near.sort() };
}

/** The past of whichever is further on in everything: what counts for findings that are judged as one. */
export function strictest(pasts: readonly Past[]): Past | undefined {
  return pasts.length === 0 ? undefined : pasts.reduce(both);
}

/** What two scopes know of the same findings. */
export function joined(a: Pasts, b: Pasts): Pasts {
  const all = new Map(a);
  for (const [fingerprint, past] of b) {
    const other = all.get(fingerprint);
    all.set(fingerprint, other === undefined ? past : both(other, past));
  }
  return all;
}

function both(a: Past, b: Past): Past {
  if (a === b) return a;
  const keys = [...new Set([...Object.keys(a.reached), ...Object.keys(b.reached)])].sort();
  const since = (key: string) =>
    Math.min(a.reached[key] ?? Number.POSITIVE_INFINITY, b.reached[key] ?? Number.POSITIVE_INFINITY);
  return {
    firstSeen: Math.min(a.firstSeen, b.firstSeen),
    reached: Object.fromEntries(keys.map((key) => [key, since(key)])),
    near: [...new Set([...a.near, ...b.near])].filter((key) => !keys.includes(key)).sort(),
  };
}

/** Ages in minutes that steps of this contract wait for. */
export function agesOf(contract: Contract | undefined): number[] {
  const steps = allRules(contract).flatMap(({ escalate }) => escalate);
  return [...new Set(steps.flatMap(({ after }) => after.ageDays ?? []))].map((days) => days * MINUTES_A_DAY);
}

/** Earliest minute after `now` at which one of them reaches one of these ages. */
export function nextAge(pasts: Iterable<Past>, ages: readonly number[], now: number): number | undefined {
  let earliest = Number.POSITIVE_INFINITY;
  for (const { firstSeen } of pasts) {
    for (const age of ages) if (firstSeen + age > now) earliest = Math.min(earliest, firstSeen + age);
  }
  return earliest === Number.POSITIVE_INFINITY ? undefined : earliest;
}

/** One tool's pasts as a scope keeps them. */
export interface Ladder {
  readonly tool: string;
  readonly rungs: readonly Rung[];
  /** Earliest minute after the import at which one of them reaches an age that a step waits for. */
  readonly nextAt?: number;
}

/** Findings with the same past. */
export interface Rung extends Past {
  readonly fingerprints: readonly string[];
}

/** The pasts of the listed findings of these heads: a contract that changes between two scans finds them there. */
export function* ladderOf(
  tool: string,
  heads: readonly ScanHead[],
  pasts: Pick<Pasts, 'get'> = new Map<string, Past>(),
  contract: Contract | undefined,
  now: string,
): Steps<Ladder> {
  const listed = heads
    .filter((head) => head.tool === tool)
    .flatMap(({ groups }) => groups.flatMap(({ fingerprints }) => fingerprints));
  const byPast = new Map<Past, string[]>();
  yield* visit(yield* sorted([...new Set(listed)], byText), (fingerprint) => {
    const past = pasts.get(fingerprint);
    if (past === undefined) return;
    const members = byPast.get(past);
    if (members === undefined) byPast.set(past, [fingerprint]);
    else members.push(fingerprint);
  });
  const rungs = [...byPast].map(([past, fingerprints]) => ({ ...past, fingerprints }));
  const nextAt = nextAge(rungs, agesOf(contract), minuteOf(now));
  return { tool, rungs, ...(nextAt === undefined ? {} : { nextAt }) };
}
