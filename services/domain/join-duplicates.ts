import { DECISION_CLASSES } from './contract.ts';
import { areDuplicates, type DuplicateKeys, mayBeOneVersion, readDuplicateKeys } from './duplicate-keys.ts';
import type { ExceptionsHere } from './excepting.ts';
import { SEVERITIES } from './finding.ts';
import { minuteOf } from './finding-history.ts';
import type { Duplicate, JudgedGroup } from './judgement.ts';
import type { Pasts } from './past.ts';
import type { FindingGroup, ScanHead } from './scan-head.ts';

interface Decided {
  readonly judged: JudgedGroup;
  readonly head: ScanHead;
  readonly group: FindingGroup;
}

interface Known extends Pick<ExceptionsHere, 'exceptions'> {
  readonly pasts?: Pasts;
}

/** A finding as one tool reports it. */
interface Reported {
  /** Of its group, among all that were decided. */
  readonly place: number;
  readonly print: string;
  readonly tool: string;
  readonly keys: DuplicateKeys;
  /** The same within what duplicates have in common besides: one control, and that Azure DevOps vouches for all or none. */
  readonly shared: readonly string[];
}

/** One of each tool at most; the first stays. */
type Duplicates = readonly [Reported, ...Reported[]];

/**
 * Of what several tools found of one problem, in one service and environment under one control, the strictest stays and
 * says who else found it; the rest is in no group any more. Of one tool nothing is ever taken for a duplicate: where two
 * tools find a problem twice and three times, three findings stay. So no control finds less than any one tool does, and
 * nothing becomes milder.
 */
export function joinDuplicates<One extends Decided>(decided: readonly One[], known: Known): readonly One[] {
  const tools = new Set(decided.flatMap(({ judged, group }) => (group.duplicateKeys === undefined ? [] : judged.tool)));
  const reported = tools.size < 2 ? [] : foundByOthers(decided.flatMap(reportedIn));
  if (reported.length === 0) return decided;
  const alone = inOrder(decided, reported, known).map((one): Duplicates => [one]);
  const stay = new Map<number, Duplicate[]>();
  const leave = new Map<number, Set<string>>();
  // What nobody doubts comes first; then what one tool calls by two names, and others by one of them each.
  for (const [first, ...others] of gathered(gathered(alone, areAll), areSome)) {
    for (const { place, print, tool } of others) {
      const { rule = '', exceptionId } = decided[place]?.judged ?? {};
      const excepted = exceptionId === undefined ? {} : { exceptionId };
      put(stay, first.place, []).push({ of: first.print, tool, rule, fingerprint: print, ...excepted });
      put(leave, place, new Set<string>()).add(print);
    }
  }
  return decided.flatMap((one, place) => {
    if (!leave.has(place) && !stay.has(place)) return [one];
    const judged = left(one.judged, leave.get(place), stay.get(place));
    return judged.count === 0 ? [] : [{ ...one, judged }];
  });
}

function put<Key, Value>(all: Map<Key, Value>, key: Key, empty: Value): Value {
  const value = all.get(key) ?? empty;
  all.set(key, value);
  return value;
}

function reportedIn({ judged, head, group }: Decided, place: number): Reported[] {
  const { duplicateKeys } = group;
  if (duplicateKeys === undefined) return [];
  const { tool, control } = judged;
  const within = JSON.stringify([control ?? null, judged.category, head.verified]);
  const mine = new Set(judged.fingerprints);
  return group.fingerprints.flatMap((print, n) => {
    const keys = readDuplicateKeys(duplicateKeys[n] ?? '');
    if (keys.keys.length === 0 || !mine.has(print)) return [];
    return [{ place, print, tool, keys, shared: keys.keys.map((key) => `${key} ${within}`) }];
  });
}

/** Those of which another tool has a key too. */
function foundByOthers(all: readonly Reported[]): Reported[] {
  const tools = new Map<string, Set<string>>();
  for (const { tool, shared } of all) for (const key of shared) put(tools, key, new Set<string>()).add(tool);
  return all.filter(({ shared }) => shared.some((key) => (tools.get(key)?.size ?? 0) > 1));
}

type Fits = (set: Duplicates, more: Duplicates) => boolean;

const areAll: Fits = (set, more) => set.every((one) => more.every((other) => areDuplicates(one.keys, other.keys)));

const areSome: Fits = (set, more) =>
  set.every((one) => more.every((other) => mayBeOneVersion(one.keys, other.keys))) &&
  set.some((one) => more.some((other) => areDuplicates(one.keys, other.keys)));

/** Where so many others of a problem cannot take one in, it stands alone: what is compared has an end. */
const LOOKED_AT = 64;

interface Gathering {
  members: Duplicates;
  readonly keys: Set<string>;
}

/** The sets that have a key, and how many of the first of them have one of these tools. */
interface OfKey {
  readonly sets: Gathering[];
  readonly full: Map<string, number>;
}

/** Each joins the first before it that it fits and that has none of its tools. */
function gathered(all: readonly Duplicates[], fits: Fits): Duplicates[] {
  const sets: Gathering[] = [];
  const byKey = new Map<string, OfKey>();
  for (const more of all) {
    const keys = [...new Set(more.flatMap(({ shared }) => shared))];
    const candidates = keys.flatMap((key) => open(byKey.get(key), more));
    const set = candidates.find(({ members }) => !sharesTool(members, more) && fits(members, more));
    const into = set ?? { members: more, keys: new Set<string>() };
    if (set === undefined) sets.push(into);
    else set.members = [...set.members, ...more];
    for (const key of keys) if (!into.keys.has(key)) put(byKey, key, { sets: [], full: new Map() }).sets.push(into);
    for (const key of keys) into.keys.add(key);
  }
  return sets.map(({ members }) => members);
}

function open(known: OfKey | undefined, more: Duplicates): readonly Gathering[] {
  if (known === undefined) return [];
  const tools = more.map(({ tool }) => tool).join();
  let from = known.full.get(tools) ?? 0;
  for (let set = known.sets[from]; set !== undefined && sharesTool(set.members, more); set = known.sets[from])
    from += 1;
  known.full.set(tools, from);
  return known.sets.slice(from, from + LOOKED_AT);
}

function sharesTool(set: Duplicates, more: Duplicates): boolean {
  return set.some(({ tool }) => more.some((one) => one.tool === tool));
}

const LAST = '~';

/**
 * The strictest first; then what an exception names, so that it goes on being what is excepted; what becomes a block, goes
 * to the lead or is due the earliest; the severest; what can be mended; and what was known the earliest.
 */
function inOrder(decided: readonly Decided[], reported: readonly Reported[], { exceptions, pasts }: Known): Reported[] {
  const named = new Set(
    exceptions.flatMap(({ id, fingerprints = [] }) => fingerprints.map((print) => `${id} ${print}`)),
  );
  const ranks = new Map<number, readonly [string, string]>();
  const rankOf = ({ place, print, tool }: Reported): string => {
    const { judged, head, group } = decided[place] as Decided;
    const [strictness, rest] = ranks.get(place) ?? put(ranks, place, rankIn(judged, group));
    const firstSeen = (pasts?.get(print) ?? group.past)?.firstSeen ?? minuteOf(head.receivedAt);
    const isNamed = named.has(`${judged.exceptionId} ${print}`);
    return [strictness, digit(isNamed), rest, String(firstSeen).padStart(12, '0'), tool, judged.rule, print].join('\n');
  };
  // Two scans of one tool may report the same finding.
  const wholeOf = ({ place }: Reported) => {
    const { judged, head } = decided[place] as Decided;
    return JSON.stringify([{ ...head, groups: [] }, judged]);
  };
  return reported
    .map((one) => ({ one, rank: rankOf(one) }))
    .sort((a, b) => compare(a.rank, b.rank) || compare(wholeOf(a.one), wholeOf(b.one)))
    .map(({ one }) => one);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** What all findings of a group have of a rank. */
function rankIn(judged: JudgedGroup, { fixAvailable }: FindingGroup): readonly [string, string] {
  const { decision, exceptionId, blocksFrom, escalatesAt, lead, dueAt, severity } = judged;
  const rest = [
    digit(exceptionId !== undefined),
    blocksFrom ?? LAST,
    escalatesAt?.to === 'block' ? (escalatesAt.at ?? '') : LAST,
    digit(lead !== undefined),
    dueAt ?? LAST,
    SEVERITIES.indexOf(severity),
    digit(fixAvailable === true),
  ];
  return [String(DECISION_CLASSES.indexOf(decision)), rest.join('\n')];
}

function digit(yes: boolean): string {
  return yes ? '0' : '1';
}

/** Without those that leave, and with what those that stay stand for. */
function left(
  judged: JudgedGroup,
  leave: ReadonlySet<string> = new Set(),
  duplicates: readonly Duplicate[] = [],
): JudgedGroup {
  const { fingerprints, samples } = judged;
  const rest = fingerprints.filter((print) => !leave.has(print));
  const sorted = [...duplicates].sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  return {
    ...judged,
    count: judged.count - (fingerprints.length - rest.length),
    fingerprints: rest,
    samples: samples.filter(({ fingerprint }) => !leave.has(fingerprint)),
    ...(sorted.length === 0 ? {} : { duplicates: sorted }),
  };
}
