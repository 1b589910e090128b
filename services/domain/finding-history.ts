import { later } from './instant.ts';
import { byText, type Steps, sorted, visit } from './steps.ts';

/** Times are whole minutes since 2020-01-01 UTC: a finding's past is kept in four small numbers. */
const EPOCH = Date.UTC(2020, 0, 1);
const MINUTE_MS = 60_000;
export const MINUTES_A_DAY = 1_440;

/** Scans whose times are kept: what a window can count. */
export const SCANS_KEPT = 400;
/** Findings that are gone and still known when they come back; of more, those gone longest are forgotten. */
export const GONE_KEPT = 24_000;

export function minuteOf(instant: string): number {
  return Math.floor((Date.parse(instant) - EPOCH) / MINUTE_MS);
}

export function instantOf(minute: number): string {
  return new Date(EPOCH + minute * MINUTE_MS).toISOString();
}

/** One finding over time. */
export interface Track {
  /** Minute of the scan that saw it first. */
  readonly firstSeen: number;
  /** Scans that have seen it. */
  readonly total: number;
  /** Sequence number of the scan that missed it last; 0: none ever did. */
  readonly goneAt: number;
  /** Sequence number of the scan in which it was back; 0: it is gone, or never was. */
  readonly backAt: number;
}

/** What the scans of one tool in one scope have seen on the service's default branch. */
export interface History {
  /** Sequence number of the newest scan; 0 before the first. */
  readonly seq: number;
  /** The newest scan; absent before the first. */
  readonly last?: { readonly id: string; readonly at: string };
  /** Minutes of the newest scans, oldest first; the last one has sequence number `seq`. */
  readonly scanned: readonly number[];
  readonly present: ReadonlyMap<string, Track>;
  /** Longest gone first. */
  readonly gone: ReadonlyMap<string, Track>;
}

export const NO_HISTORY: History = { seq: 0, scanned: [], present: new Map(), gone: new Map() };

/** One complete scan; `at` is its receipt (ISO-8601 UTC), which no pipeline can set. */
export interface HistoryScan {
  readonly id: string;
  readonly at: string;
  readonly fingerprints: readonly string[];
}

/** What a scan changes; the lists are sorted. */
export interface HistoryStep {
  readonly history: History;
  /** False: this scan was counted before. */
  readonly moves: boolean;
  readonly appeared: readonly string[];
  readonly known: number;
  readonly gone: readonly string[];
  readonly reopened: readonly string[];
}

/** The history after one more scan; the newest one again changes nothing. Where clocks differ, no scan is before the last. */
export function* next(history: History, scan: HistoryScan): Steps<HistoryStep> {
  const seq = history.seq + 1;
  const at = later(scan.at, history.last?.at ?? scan.at);
  const minute = minuteOf(at);
  const present = new Map<string, Track>();
  const seen = seenAgain(history, seq, minute);
  yield* visit(yield* sorted(scan.fingerprints, byText), (one) => present.set(one, seen(one)));
  const differences = yield* differencesOf(history, present);
  if (history.last?.id === scan.id) return { history, moves: false, ...differences };
  return {
    history: {
      seq,
      last: { id: scan.id, at },
      scanned: [...history.scanned, minute].slice(-SCANS_KEPT),
      present,
      gone: goneAfter(history, differences.gone, present, seq),
    },
    moves: true,
    ...differences,
  };
}

function* differencesOf(
  { present, gone }: History,
  here: History['present'],
): Steps<Omit<HistoryStep, 'history' | 'moves'>> {
  const [missing, appeared, reopened]: [string[], string[], string[]] = [[], [], []];
  yield* visit(present.keys(), (one) => {
    if (!here.has(one)) missing.push(one);
  });
  yield* visit(here.keys(), (one) => {
    if (!present.has(one)) (gone.has(one) ? reopened : appeared).push(one);
  });
  const known = here.size - appeared.length - reopened.length;
  return { appeared, known, gone: yield* sorted(missing, byText), reopened };
}

function seenAgain({ present, gone }: History, seq: number, minute: number): (fingerprint: string) => Track {
  // One for all that share one: there may be hundreds of thousands.
  const first: Track = { firstSeen: minute, total: 1, goneAt: 0, backAt: 0 };
  const again = new Map<Track, Track>();
  return (fingerprint) => {
    const known = present.get(fingerprint);
    if (known !== undefined) {
      const track = again.get(known) ?? { ...known, total: known.total + 1 };
      again.set(known, track);
      return track;
    }
    const back = gone.get(fingerprint);
    return back === undefined ? first : { ...back, total: back.total + 1, backAt: seq };
  };
}

function goneAfter(
  { present, gone }: History,
  missing: readonly string[],
  here: History['present'],
  seq: number,
): ReadonlyMap<string, Track> {
  if (missing.length === 0 && ![...gone.keys()].some((one) => here.has(one))) return gone;
  const still = [...gone].filter(([one]) => !here.has(one));
  const since = missing
    .slice(-GONE_KEPT)
    .map((one) => [one, { ...(present.get(one) as Track), goneAt: seq, backAt: 0 }] as const);
  return new Map([...still, ...since].slice(-GONE_KEPT));
}

/**
 * Minutes of the scans that have seen it, oldest first, as far as they are kept. Of several gaps only the last one is
 * known; more than `total` are never counted.
 */
function seenAt({ seq, scanned }: History, { firstSeen, total, goneAt, backAt }: Track): number[] {
  const oldest = seq - scanned.length + 1;
  const isMissed = (one: number) => one >= goneAt && one < (backAt === 0 ? Number.POSITIVE_INFINITY : backAt);
  const seen = scanned.filter((minute, n) => minute >= firstSeen && !(goneAt > 0 && isMissed(oldest + n)));
  return seen.slice(-total);
}

/** Minute of the newest scan that has seen it; undefined when that is not kept any more. */
export function lastSeenAt(history: History, track: Track): number | undefined {
  return seenAt(history, track).at(-1);
}

/** How often it was seen, in the last `withinDays` before the newest scan or ever. What is not kept any more counts. */
export function sightings(history: History, track: Track, withinDays?: number): number {
  if (withinDays === undefined) return track.total;
  const seen = seenAt(history, track);
  const from = (history.scanned.at(-1) ?? 0) - withinDays * MINUTES_A_DAY;
  const isKept = seen.length === track.total || (history.scanned[0] ?? 0) < from;
  return isKept ? seen.filter((minute) => minute >= from).length : track.total;
}

/** A number of sightings within so many days, or ever. */
export interface Recurrence {
  readonly seen: number;
  readonly withinDays?: number;
}

/** Minute of the scan by which it had first been seen so often; undefined when it never was. */
export function reachedAt(history: History, track: Track, { seen, withinDays }: Recurrence): number | undefined {
  if (track.total < seen) return undefined;
  const minutes = seenAt(history, track);
  const forgotten = track.total - minutes.length;
  const isBeyond = forgotten > 0 && seen > minutes.length;
  if (withinDays === undefined || isBeyond) return minutes[Math.max(0, seen - 1 - forgotten)] ?? track.firstSeen;
  return minutes.find((minute, n) => {
    const first = minutes[n - seen + 1];
    return first !== undefined && minute - first <= withinDays * MINUTES_A_DAY;
  });
}
