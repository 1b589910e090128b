import type { Category, Cleared, Finding, Report, Scan } from './finding.ts';
import { SEVERITIES } from './finding.ts';
import { earlier, later, plusMinutes } from './instant.ts';

/** What was last said of one finding; without the finding: that it is no more. */
export interface Word {
  /** What it was pulled from, or would be: a subscription, a repository. */
  readonly target: string;
  /** ISO-8601 UTC; since when it is so. */
  readonly at: string;
  readonly finding?: Finding;
}

/** What one source says of one environment now, whatever is deployed there. */
export interface Posture {
  /** Tool → categories that it has looked at, or found something in. */
  readonly tools: ReadonlyMap<string, readonly Category[]>;
  /** Target → when it was last read whole, as of the beginning (ISO-8601 UTC). */
  readonly pulled: ReadonlyMap<string, string>;
  /** Targets that together show all of the environment; empty: none are known to. */
  readonly needs: readonly string[];
  /** Fingerprint → the last word. */
  readonly words: ReadonlyMap<string, Word>;
  /** Targets of which more was found than is kept, until their next whole list; sorted. */
  readonly cut: readonly string[];
}

export const NO_POSTURE: Posture = {
  tools: new Map(),
  pulled: new Map(),
  needs: [],
  words: new Map(),
  cut: [],
};

/** A list may not have yet what an event said so long before it was asked for. */
const LAG_MINUTES = 15;
/** A finding that is no more is remembered for so long, where no pull does better. */
const CLEARED_KEPT_MINUTES = 30 * 1_440;
/** By so much clocks of processes differ; what is later than that comes of one that was wrong. */
const SKEW_MINUTES = 5;
export const MOST_FINDINGS = 5_000;
const MOST_BYTES = 2_500_000;
const LONGEST_TEXT = 400;
const UTF8 = new TextEncoder();

/** One target, read to its last page; an incomplete list proves nothing of what it lacks. */
export interface PulledList {
  readonly target: string;
  /** ISO-8601 UTC; when it was begun. */
  readonly at: string;
  readonly scans: readonly Scan[];
  readonly findings: readonly Finding[];
  /** As `Posture` has it, as the catalog is now. */
  readonly needs: readonly string[];
}

/** Single words, in any order and however often. */
export interface ToldWords {
  readonly scans: readonly Scan[];
  readonly findings: readonly (Finding & { readonly target: string })[];
  readonly cleared: readonly (Cleared & { readonly target: string })[];
}

/**
 * The posture after a whole list: what the list lacks is no more, unless somebody said otherwise after it. The order of lists and
 * words does not matter, nor does how often they come.
 */
export function afterList(before: Posture, list: PulledList, now: string): Posture {
  const { target, scans, findings, needs } = list;
  const posture = asOf(before, now);
  const begun = earlier(list.at, now);
  const isWhole = scans.length > 0 && scans.every(({ complete }) => complete);
  const isNewest = begun >= (posture.pulled.get(target) ?? '');
  const { pulled, cut } = isWhole && isNewest ? readWhole(posture, target, begun) : posture;
  const from = plusMinutes(begun, -LAG_MINUTES);
  const said = findings.map((finding): [string, Word] => {
    const at = later(instantIn(finding.at, begun), from);
    return [finding.fingerprint, { target, at, finding: shortened(finding) }];
  });
  const known = { ...posture, pulled, cut, ...(isNewest ? { needs: [...needs].sort() } : {}) };
  return afterWords(known, said, scans, now);
}

function readWhole({ pulled, cut }: Posture, target: string, at: string): Pick<Posture, 'pulled' | 'cut'> {
  return { pulled: new Map([...pulled, [target, at]]), cut: cut.filter((one) => one !== target) };
}

/** Without what a clock that was ahead said of the time to come: it would be the last word until then. What it found stays, as the weakest. */
function asOf(posture: Posture, now: string): Posture {
  const latest = plusMinutes(now, SKEW_MINUTES);
  const past = plusMinutes(now, -LAG_MINUTES);
  const words = [...posture.words].flatMap(([print, word]): [string, Word][] => {
    if (word.at <= latest) return [[print, word]];
    return word.finding === undefined ? [] : [[print, { ...word, at: past }]];
  });
  const pulled = new Map([...posture.pulled].filter(([, at]) => at <= latest));
  return { ...posture, pulled, words: new Map(words) };
}

/** Something that a judgement goes by. */
export interface JudgedPart {
  readonly key: string;
  /** ISO-8601 UTC; when it was last read whole. Absent: never. */
  readonly at?: string;
  /** What is known of it may not be so any more. */
  readonly isUnknown: boolean;
}

/** Everything that is known of the only target of a source, judged anew and whole. */
export interface JudgedTarget {
  readonly target: string;
  /** All that it goes by. */
  readonly parts: readonly JudgedPart[];
  readonly scans: readonly Scan[];
  readonly findings: readonly Finding[];
}

/**
 * The posture after a target was judged anew: what is not said of it any more is no more. What is said again stays as old as it is. A judgement
 * that goes by anything older than the one before it changes nothing: it is `before` itself.
 */
export function afterJudged(before: Posture, { target, parts, scans, findings }: JudgedTarget, now: string): Posture {
  const posture = asOf(before, now);
  if (parts.some((part) => isOlder(part, posture))) return before;
  const said = findings.map((finding): [string, Word] => {
    const known = posture.words.get(finding.fingerprint);
    const since = known?.finding === undefined ? now : known.at;
    return [finding.fingerprint, { target, at: since, finding: shortened(finding) }];
  });
  const others = [...posture.words].filter(([, word]) => word.target !== target);
  const pulled = parts.flatMap(({ key, at }): [string, string][] =>
    at === undefined ? [] : [[key, earlier(at, now)]],
  );
  const needs = parts.flatMap(({ key, isUnknown }) => (isUnknown ? [key, unknownOf(key)] : [key]));
  const { kept, cut } = bounded([...new Map([...others, ...said])]);
  return {
    tools: toolsAfter(posture, scans, said),
    pulled: new Map(pulled),
    needs: needs.sort(),
    words: new Map(kept),
    cut: [...new Set([...posture.cut.filter((one) => one !== target), ...cut])].sort(),
  };
}

/** Is never pulled: while it is needed nothing is known in full. */
function unknownOf(key: string): string {
  return `${key} unknown`;
}

/** Of what is known as of the same instant, that it may not be so any more is the later word. */
function isOlder({ key, at = '', isUnknown }: JudgedPart, { pulled, needs }: Posture): boolean {
  const last = pulled.get(key) ?? '';
  return at === last ? !isUnknown && needs.includes(unknownOf(key)) : at < last;
}

/** The posture after single words. One without an instant counts from now. */
export function afterTold(before: Posture, { scans, findings, cleared }: ToldWords, now: string): Posture {
  const said = [
    ...findings.map(({ target, ...finding }): [string, Word] => [
      finding.fingerprint,
      { target, at: instantIn(finding.at, now), finding: shortened(finding) },
    ]),
    ...cleared.map(({ target, fingerprint, at }): [string, Word] => [fingerprint, { target, at: instantIn(at, now) }]),
  ];
  return afterWords(asOf(before, now), said, scans, now);
}

/** Nothing lies in the future: it could never be overruled. */
function instantIn(at: string | undefined, latest: string): string {
  const time = Date.parse(at ?? '');
  return Number.isNaN(time) ? latest : earlier(new Date(time).toISOString(), latest);
}

function shortened({ message, help, ...finding }: Finding): Finding {
  return {
    ...finding,
    message: message.slice(0, LONGEST_TEXT),
    ...(help === undefined ? {} : { help: help.slice(0, LONGEST_TEXT) }),
  };
}

function afterWords(
  posture: Posture,
  said: readonly (readonly [string, Word])[],
  scans: readonly Scan[],
  now: string,
): Posture {
  const words = new Map(posture.words);
  for (const [print, word] of said) {
    const known = words.get(print);
    if (known === undefined || isLater(word, known)) words.set(print, word);
  }
  const forgotten = plusMinutes(now, -CLEARED_KEPT_MINUTES);
  const standing = [...words].filter(
    ([, { target, at, finding }]) =>
      at >= overruledBefore(posture, target) && (finding !== undefined || at > forgotten),
  );
  const { kept, cut } = bounded(standing);
  return {
    ...posture,
    tools: toolsAfter(posture, scans, said),
    words: new Map(kept),
    cut: [...new Set([...posture.cut, ...cut])].sort(),
  };
}

/** What is older than this the last list of its target says by itself. */
function overruledBefore({ pulled }: Posture, target: string): string {
  const at = pulled.get(target);
  return at === undefined ? '' : plusMinutes(at, -LAG_MINUTES);
}

/** Of the same instant an end counts: Defender tells the end of an alert with the time at which it was raised. */
function isLater(word: Word, known: Word): boolean {
  if (word.at !== known.at) return word.at > known.at;
  if (word.finding === undefined || known.finding === undefined) return known.finding !== undefined;
  return JSON.stringify(word.finding) > JSON.stringify(known.finding);
}

/** What a tool once found something in is looked at from then on: else its last finding there would never be gone. */
function toolsAfter(
  { tools }: Posture,
  scans: readonly Scan[],
  said: readonly (readonly [string, Word])[],
): Posture['tools'] {
  const all = new Map([...tools].map(([tool, categories]) => [tool, new Set(categories)]));
  const add = (tool: string, categories: readonly Category[]) => {
    all.set(tool, new Set([...(all.get(tool) ?? []), ...categories]));
  };
  for (const { tool, categories } of scans) add(tool, categories);
  for (const [, { finding }] of said) if (finding !== undefined) add(finding.tool, [finding.category]);
  const sorted = [...all].map(([tool, categories]) => [tool, [...categories].sort()] as const);
  return new Map(sorted.sort(([a], [b]) => (a < b ? -1 : 1)));
}

type Words = readonly (readonly [string, Word])[];

/** Findings first, the severest of them before the others; then what is no more, the newest of it: to forget that is never milder. */
function bounded(words: Words): { readonly kept: Words; readonly cut: readonly string[] } {
  const open = words.filter(([, { finding }]) => finding !== undefined).toSorted(bySeverity);
  const ended = words.filter(([, { finding }]) => finding === undefined).toSorted(byNewest);
  const { kept, left } = fitting(open, MOST_BYTES);
  const cut = open.slice(kept.length).map(([, { target }]) => target);
  return { kept: [...kept, ...fitting(ended, left).kept], cut };
}

function bySeverity([a, one]: Words[number], [b, other]: Words[number]): number {
  const rank = ({ finding }: Word) => SEVERITIES.indexOf(finding?.severity ?? 'info');
  return rank(one) - rank(other) || (a < b ? -1 : 1);
}

function byNewest([a, one]: Words[number], [b, other]: Words[number]): number {
  if (one.at !== other.at) return one.at > other.at ? -1 : 1;
  return a < b ? -1 : 1;
}

/** As many of the first as there is room for, and how much of that is left. */
function fitting(words: Words, room: number): { readonly kept: Words; readonly left: number } {
  let left = room;
  for (const [n, word] of words.entries()) {
    const size = bytesOf(word);
    if (n >= MOST_FINDINGS || size > left) return { kept: words.slice(0, n), left };
    left -= size;
  }
  return { kept: words, left };
}

function bytesOf(word: Words[number]): number {
  return UTF8.encode(JSON.stringify(JSON.stringify(word))).length;
}

/** When everything that is needed was last read: the age of what is known. Undefined: something never was. */
export function pulledAt({ needs, pulled, cut }: Posture): string | undefined {
  const times = needs.map((target) => pulled.get(target));
  if (cut.length > 0 || times.length === 0 || times.includes(undefined)) return undefined;
  return times.map(String).sort()[0];
}

/** As a report like any other; complete only where everything was read whole. */
export function reportOf(posture: Posture, format: string): Report {
  const findings = [...posture.words.values()].flatMap(({ finding }) => finding ?? []);
  const complete = pulledAt(posture) !== undefined;
  return {
    format,
    results: findings.length,
    scans: [...posture.tools].map(([tool, categories]) => ({ tool, categories, complete })),
    findings,
    problems: [],
  };
}
