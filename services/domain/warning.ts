import { compareStrictness } from './contract.ts';
import { mayBlock } from './exception-request.ts';
import { type Category, SEVERITIES, type Severity } from './finding.ts';
import { minuteOf } from './finding-history.ts';
import type { StandingGroup } from './found-after.ts';
import { type Duplicate, duplicatePrints, type JudgedGroup } from './judgement.ts';
import type { Pasts } from './past.ts';
import type { Principal } from './person.ts';
import type { Refusal } from './refusal.ts';
import type { FoundAfter } from './release.ts';
import type { FindingSample } from './scan-head.ts';
import { isSnoozed, latestWord, type Triage } from './triage.ts';

/** Findings of one service that the contract warns of alike, wherever they are deployed. */
export interface Warning {
  readonly org: string;
  readonly service: string;
  /** Where they are warnings, sorted. */
  readonly environments: readonly string[];
  /** Absent: no control has them. */
  readonly control?: string;
  readonly category: Category;
  readonly tool: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly count: number;
  /** Sorted; empty where there were too many to list. */
  readonly fingerprints: readonly string[];
  readonly samples: readonly FindingSample[];
  /** What other tools report of the same problems. */
  readonly duplicates?: readonly Duplicate[];
  readonly because?: string;
  readonly owner: Principal;
  /** ISO date from which they block. */
  readonly blocksFrom?: string;
  /** ISO-8601 UTC. */
  readonly dueAt?: string;
  readonly lead?: Principal;
  readonly escalatesAt?: NonNullable<JudgedGroup['escalatesAt']>;
  readonly exceptionId?: string;
  /** Deployments that shipped them before they were found: they would have stopped these. */
  readonly foundAfter?: readonly FoundAfter[];
  /** Who has claimed it, or was named; their name where the directory knows them. */
  readonly holder?: { readonly oid: string; readonly name?: string; readonly isGone?: true };
  /** Somebody has put it off until later. */
  readonly isSnoozed?: true;
  /** Environment for which an exception may be asked for: it blocks there, or is announced to. */
  readonly exceptableIn?: string;
  /** Minute (finding-history.ts) at which each of them was first seen, the latest first. */
  readonly seen: readonly number[];
}

/** Why somebody is shown no warnings. */
export type NotSeen =
  | { readonly kind: 'refused'; readonly why: Refusal }
  /** None is in force: nothing is warned of. */
  | { readonly kind: 'no-contract' }
  | { readonly kind: 'unknown-service'; readonly service: string };

/** What is decided of one service in one environment. */
export interface DecidedScope {
  readonly environment: string;
  readonly groups: readonly StandingGroup[];
  readonly pasts: Pasts;
}

/**
 * The warnings of a service, each finding in one of them: of what several environments say of it, whatever comes first and
 * is strictest. What a deployment has shipped comes first, then the severest, else the order only has to be the same every time.
 */
export function warningsIn(
  org: string,
  scopes: readonly DecidedScope[],
  { triages = new Map(), now = '' }: TriagedAt = {},
): Warning[] {
  const all = scopes.flatMap(foundIn).sort((a, b) => compare(a.key, b.key) || compare(a.environment, b.environment));
  const alike = new Map<string, Alike>();
  for (const [kind, prints] of placesOf(all)) {
    const facts = new Map<string, Alike>();
    for (const [print, places] of prints) {
      const others = places.flatMap((place) => all[place]?.duplicates.get(print) ?? []);
      const triage = latestWord(triages, [print, ...others]);
      const combination = `${places.join()} ${JSON.stringify([triage?.assignee, triage?.snoozed])}`;
      const known =
        facts.get(combination) ??
        joinedFacts(
          places.flatMap((place) => all[place] ?? []),
          triage,
          now,
        );
      facts.set(combination, known);
      const rank = [known.facts.foundAfter === undefined ? 1 : 0, SEVERITIES.indexOf(known.severity)];
      const key = JSON.stringify([...rank, kind, known.facts, known.environments]);
      const same = alike.get(key) ?? known;
      alike.set(key, same);
      same.prints.push([print, places.flatMap((place) => all[place] ?? [])]);
    }
  }
  return [...alike].sort(([a], [b]) => compare(a, b)).map(([, one]) => toWarning(org, one));
}

/** What people do with findings, by fingerprint, as of an instant (ISO-8601 UTC). */
export interface TriagedAt {
  readonly triages?: ReadonlyMap<string, Triage>;
  readonly now?: string;
}

interface Found {
  readonly environment: string;
  readonly judged: JudgedGroup;
  readonly foundAfter?: FoundAfter;
  readonly key: string;
  readonly fixAvailable: boolean;
  readonly duplicates: ReadonlyMap<string, readonly string[]>;
  /** Minute in which this finding was first seen, as far as it is known. */
  readonly firstSeen: (fingerprint: string) => number;
}

function foundIn({ environment, groups, pasts }: DecidedScope): Found[] {
  return groups
    .filter(({ judged, foundAfter }) => judged.decision === 'warn' || foundAfter !== undefined)
    .map(({ judged, head, group, foundAfter }) => {
      const received = minuteOf(head.receivedAt);
      const duplicates = duplicatePrints(judged);
      const firstSeen = (print: string) => {
        const others = (duplicates.get(print) ?? []).flatMap((other) => pasts.get(other)?.firstSeen ?? []);
        return Math.min((pasts.get(print) ?? group.past)?.firstSeen ?? received, ...others);
      };
      const { fingerprints, unlisted = '', duplicates: _, ...rest } = judged;
      const key = JSON.stringify([rest, fingerprints[0] ?? unlisted]);
      const fixAvailable = group.fixAvailable === true;
      const after = foundAfter === undefined ? {} : { foundAfter };
      return { environment, judged, ...after, key, fixAvailable, duplicates, firstSeen };
    });
}

/** By tool, rule and exception: in which of all these groups each finding is. Those that are not listed stand together. */
function placesOf(all: readonly Found[]): Map<string, Map<string, number[]>> {
  const kinds = new Map<string, Map<string, number[]>>();
  for (const [place, { judged }] of all.entries()) {
    const kind = JSON.stringify([judged.tool, judged.rule, judged.exceptionId]);
    const prints = kinds.get(kind) ?? new Map<string, number[]>();
    kinds.set(kind, prints);
    for (const print of judged.unlisted === undefined ? judged.fingerprints : [judged.unlisted]) {
      const places = prints.get(print);
      if (places === undefined) prints.set(print, [place]);
      else places.push(place);
    }
  }
  return kinds;
}

/** What becomes one warning. */
interface Alike {
  readonly severity: Severity;
  readonly environments: readonly string[];
  readonly facts: Pick<
    Warning,
    | 'owner'
    | 'control'
    | 'blocksFrom'
    | 'dueAt'
    | 'lead'
    | 'escalatesAt'
    | 'exceptionId'
    | 'exceptableIn'
    | 'foundAfter'
    | 'holder'
    | 'isSnoozed'
  >;
  readonly first: JudgedGroup;
  readonly prints: [print: string, found: readonly Found[]][];
}

function joinedFacts(found: readonly Found[], triage: Triage | undefined, now: string): Alike {
  // Whose date counts says why, before it whatever would have stopped a deployment.
  const judged = found
    .map((one) => one.judged)
    .sort((a, b) => strictestFirst(a, b) || compare(a.dueAt ?? '9', b.dueAt ?? '9'));
  const shipped = new Map(
    found.flatMap((one) => (one.foundAfter === undefined ? [] : [[one.environment, one.foundAfter]])),
  );
  const foundAfter = [...shipped.values()].sort((a, b) => compare(a.environment, b.environment));
  const [first] = judged as [JudgedGroup];
  const earliest = (dates: readonly (string | undefined)[]) => dates.filter((date) => date !== undefined).sort()[0];
  const dueAt = earliest(judged.map((one) => one.dueAt));
  const blocksFrom = earliest(judged.map((one) => one.blocksFrom));
  const lead = judged.find((one) => one.lead !== undefined)?.lead;
  const escalatesAt = judged.flatMap((one) => one.escalatesAt ?? []).sort(strictestStep)[0];
  const { owner, control, exceptionId } = first;
  const triaged = {
    decision: first.decision,
    ...(dueAt === undefined ? {} : { dueAt }),
    fixAvailable: found.some(({ fixAvailable }) => fixAvailable),
  };
  return {
    severity: first.severity,
    environments: [...new Set(found.map(({ environment }) => environment))].sort(),
    facts: {
      owner,
      ...(control === undefined ? {} : { control }),
      ...(blocksFrom === undefined ? {} : { blocksFrom }),
      ...(dueAt === undefined ? {} : { dueAt }),
      ...(lead === undefined ? {} : { lead }),
      ...(escalatesAt === undefined ? {} : { escalatesAt }),
      ...(exceptionId === undefined ? {} : { exceptionId }),
      ...whereExceptable(found),
      ...(foundAfter.length === 0 ? {} : { foundAfter }),
      ...(triage?.assignee === undefined ? {} : { holder: { oid: triage.assignee } }),
      ...(triage !== undefined && isSnoozed(triage, triaged, now) ? { isSnoozed: true } : {}),
    },
    first,
    prints: [],
  };
}

function whereExceptable(found: readonly Found[]): Pick<Warning, 'exceptableIn'> {
  const one = found.find(({ judged }) => mayBlock(judged) && (judged.exception?.maxDays ?? 0) > 0);
  return one === undefined ? {} : { exceptableIn: one.environment };
}

function strictestFirst(a: JudgedGroup, b: JudgedGroup): number {
  return compareStrictness(a.decision, b.decision);
}

type Step = NonNullable<JudgedGroup['escalatesAt']>;
const STEPS: readonly Step['to'][] = ['block', 'owner-lead', 'due'];

/** Without a time it may be the next moment. */
function strictestStep(a: Step, b: Step): number {
  return STEPS.indexOf(a.to) - STEPS.indexOf(b.to) || compare(a.at ?? '', b.at ?? '');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

function toWarning(org: string, { severity, environments, facts, first, prints }: Alike): Warning {
  const { service, category, tool, rule, because, samples } = first;
  const seen = prints.flatMap(([print, found]) => sightings(print, found)).sort((a, b) => b - a);
  return {
    org,
    service,
    environments,
    category,
    tool,
    rule,
    severity,
    count: seen.length,
    fingerprints: prints.flatMap(([print, found]) => (isListed(found) ? [print] : [])).sort(),
    samples,
    ...duplicatesIn(prints),
    ...(because === undefined ? {} : { because }),
    ...facts,
    seen,
  };
}

/** Each once, however many environments say so. */
function duplicatesIn(prints: Alike['prints']): Pick<Warning, 'duplicates'> {
  const groups = new Set(prints.flatMap(([, found]) => found.map(({ judged }) => judged)));
  const mine = new Set(prints.map(([print]) => print));
  const all = [...groups].flatMap(({ duplicates = [] }) => duplicates.filter(({ of }) => mine.has(of)));
  const different = new Map(all.map((one) => [JSON.stringify(one), one]));
  const duplicates = [...different].sort(([a], [b]) => compare(a, b)).map(([, one]) => one);
  return duplicates.length === 0 ? {} : { duplicates };
}

function isListed([first]: readonly Found[]): boolean {
  return first?.judged.unlisted === undefined;
}

/** Of findings that are not listed there is only their number, and when the oldest of them came. */
function sightings(print: string, found: readonly Found[]): number[] {
  const minute = Math.min(...found.map(({ firstSeen }) => firstSeen(print)));
  const count = isListed(found) ? 1 : Math.max(...found.map(({ judged }) => judged.count));
  return Array.from({ length: count }, () => minute);
}

/** Whoever has it is gone, or nobody has it and nobody is left of its owners. */
export function isUnowned(
  { holder, owner }: Pick<Warning, 'holder' | 'owner'>,
  vacant: ReadonlySet<Principal>,
): boolean {
  return holder === undefined ? vacant.has(owner) : holder.isGone === true;
}
