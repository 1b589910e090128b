import type { ActiveException } from './active-exception.ts';
import type { Control } from './contract.ts';
import { type ExceptionTarget, isWithin, mustNameFindings, overlaps } from './exception.ts';
import type { ExceptionRefusal } from './exception-refusal.ts';
import type { TermsWish } from './exception-terms.ts';
import { type Category, SEVERITIES, type Severity } from './finding.ts';
import { duplicatePrints, type JudgedGroup, namedIn } from './judgement.ts';
import type { Principal } from './person.ts';
import type { FindingSample } from './scan-head.ts';

/** One exception names at most so many findings: every judgement of its scope reads them. */
export const MOST_NAMED = 100;

/** What is open when a service comes in may be more, once. */
export const MOST_IN_BASELINE = 1_000;

/** What somebody wants excepted, as far as they said it. */
export interface TargetWish {
  readonly service: string;
  readonly environment: string;
  /** Absent: that of the findings. */
  readonly control?: string;
  /** Absent: every finding of the control. */
  readonly fingerprints?: readonly string[];
  /** Of a control, exactly what is open now is meant, not what may come. */
  readonly isListed?: boolean;
  /** Everything of the control that is open as the service comes in. */
  readonly isBaseline?: boolean;
  /** Of the named findings those that are still open are meant. */
  readonly isRenewal?: true;
  /** As targets have it. */
  readonly isExact?: true;
}

/** What an exception would hide, in numbers and examples. */
export interface Hidden {
  readonly target: ExceptionTarget;
  /** Of each finding that is named all that its tools call it; absent: each has one name. */
  readonly names?: readonly (readonly string[])[];
  readonly category: Category;
  /** Of the worst. */
  readonly severity: Severity;
  readonly count: number;
  readonly rules: readonly string[];
  readonly samples: readonly FindingSample[];
  readonly owner: JudgedGroup['owner'];
}

/** What the form says before anybody commits to anything. */
export interface ExceptionOffer {
  readonly hidden: Hidden;
  /** Of `hidden.target`: comes back with the form. */
  readonly shown: string;
  readonly owner: Principal;
  readonly reviewEvery: string;
  /** ISO date. */
  readonly latest: string;
  readonly expiry: Control['expiry'];
  readonly budget: { readonly used: number; readonly limit: number };
  readonly renewal: { readonly number: number; readonly of: number };
  /** What is known of its terms already: of what it is asked in the place of, and as far as they were said. */
  readonly known?: TermsWish;
  /** Asked for already: a request for it joins that one. */
  readonly pending?: string;
}

type Chosen =
  | { readonly kind: 'hidden'; readonly hidden: Hidden }
  | { readonly kind: 'refused'; readonly why: ExceptionRefusal };

/**
 * What is meant among the findings that are open there (as if there were no exceptions). Only what blocks, or is announced
 * to, is excepted: a warning needs none.
 */
export function chooseTarget(
  wish: TargetWish,
  open: readonly JudgedGroup[],
  controls: readonly Pick<Control, 'name'>[],
): Chosen {
  const named = namedGroups(wish, open);
  if (named === undefined) return refused({ code: 'unknown-finding' });
  const control = wish.control ?? named[0]?.control;
  const known = controls.map(({ name }) => name);
  if (control === undefined || !known.includes(control)) return refused({ code: 'unknown-control', known });
  const groups = named.filter((group) => group.control === control);
  const stranger = named.find((group) => group.control !== control);
  if (wish.fingerprints !== undefined && stranger !== undefined)
    return refused({ code: 'other-control', control: stranger.control ?? 'none' });
  if (groups.length === 0) return refused({ code: 'nothing-to-except' });
  const blocking = groups.filter(mayBlock);
  const [first] = blocking;
  return first === undefined
    ? refused({ code: 'not-blocking', decision: 'warn' })
    : hide(wish, control, [first, ...blocking.slice(1)]);
}

function refused(why: ExceptionRefusal): Chosen {
  return { kind: 'refused', why };
}

/** Those of the named findings, or all; undefined when one of them is not open there, and has to be. */
function namedGroups(
  { fingerprints, isRenewal }: TargetWish,
  open: readonly JudgedGroup[],
): readonly JudgedGroup[] | undefined {
  if (fingerprints === undefined) return open;
  const groups = open.filter((group) => namedIn(group, fingerprints).length > 0);
  const found = new Set(
    groups.flatMap((group) => [...group.fingerprints, ...[...duplicatePrints(group).values()].flat()]),
  );
  return isRenewal === true || fingerprints.every((print) => found.has(print)) ? groups : undefined;
}

function hide(wish: TargetWish, control: string, blocking: readonly [JudgedGroup, ...JudgedGroup[]]): Chosen {
  const [{ category }] = blocking;
  const names = namesOf(wish, blocking);
  const prints = names === undefined ? undefined : [...new Set(names.flat())].sort();
  const most = wish.isBaseline === true ? MOST_IN_BASELINE : MOST_NAMED;
  if (blocking.some(({ count, fingerprints }) => count > fingerprints.length) || (prints?.length ?? 0) > most)
    return refused({ code: 'too-many-to-except', most });
  if (mustNameFindings(category)) {
    if (wish.isBaseline === true) return refused({ code: 'no-baseline', why: 'category', control });
    if (prints === undefined) return refused({ code: 'scope-too-wide', control });
  }
  const target = targetOf(wish, control, prints);
  const hidden = { ...hiddenBy(target, blocking), ...(names?.some((all) => all.length > 1) === true ? { names } : {}) };
  return { kind: 'hidden', hidden };
}

function targetOf(
  { service, environment, isExact }: TargetWish,
  control: string,
  prints: readonly string[] | undefined,
): ExceptionTarget {
  const named = prints === undefined ? {} : { fingerprints: prints };
  return { control, service, environment, ...named, ...(isExact === true ? { isExact } : {}) };
}

/**
 * What is named, or everything that is open now, by whatever its tools call it; undefined: whatever the control may find.
 */
function namesOf(wish: TargetWish, blocking: readonly JudgedGroup[]): string[][] | undefined {
  const isListed = wish.isListed === true || wish.isBaseline === true;
  if (wish.fingerprints === undefined && !isListed) return undefined;
  return blocking.flatMap((group) => {
    const others = duplicatePrints(group);
    if (wish.isExact === true) {
      const all = [...group.fingerprints, ...[...others.values()].flat()];
      return all.filter((print) => wish.fingerprints?.includes(print)).map((print) => [print]);
    }
    return namedIn(group, wish.fingerprints).map((print) => [print, ...(others.get(print) ?? [])]);
  });
}

/** Blocks now, or is announced to. */
export function mayBlock({
  decision,
  blocksFrom,
  escalatesAt,
}: Pick<JudgedGroup, 'decision' | 'blocksFrom' | 'escalatesAt'>): boolean {
  return decision === 'block' || blocksFrom !== undefined || escalatesAt?.to === 'block';
}

const SAMPLES = 3;

function hiddenBy(target: ExceptionTarget, groups: readonly [JudgedGroup, ...JudgedGroup[]]): Hidden {
  const [first] = groups;
  const prints = new Set(groups.flatMap((group) => namedIn(group, target.fingerprints)));
  const meant = groups.filter(({ fingerprints }) => fingerprints.some((print) => prints.has(print)));
  const severities = meant.map(({ severity }) => SEVERITIES.indexOf(severity));
  return {
    target,
    category: first.category,
    severity: SEVERITIES[Math.min(...severities)] ?? first.severity,
    count: prints.size,
    rules: [...new Set(meant.map(({ rule }) => rule))].sort(),
    samples: meant
      .flatMap(({ samples }) => samples.filter(({ fingerprint }) => prints.has(fingerprint)))
      .slice(0, SAMPLES),
    owner: first.owner,
  };
}

/** The exception that covers all of this already; `renews`: but for the one that is to be renewed. */
export function inForceFor(
  active: readonly ActiveException[],
  hidden: Pick<Hidden, 'target' | 'severity'>,
  now: string,
  renews?: string,
): ActiveException | undefined {
  return active.find(
    (one) => one.id !== renews && now < one.expiresAt && isWithin(hidden.target, one) && isForAsBad(one, hidden),
  );
}

/** The request, not decided yet, that this one asks for the same as, or for a part of. */
export function requestedFor(
  requested: readonly ActiveException[],
  hidden: Pick<Hidden, 'target' | 'names' | 'severity'>,
): ActiveException | undefined {
  return requested.find((one) => isWithin(hidden.target, one) || (isForAsBad(one, hidden) && namesEach(one, hidden)));
}

function isForAsBad({ severity: known }: ActiveException, { severity }: Pick<Hidden, 'severity'>): boolean {
  return known === undefined || SEVERITIES.indexOf(known) <= SEVERITIES.indexOf(severity);
}

/** A tool came later that finds the same: one of the names of a finding is enough (excepting.ts). */
function namesEach(one: ActiveException, { target, names = [] }: Pick<Hidden, 'target' | 'names'>): boolean {
  const isNamed = (name: string) => one.fingerprints?.includes(name) ?? false;
  return names.length > 0 && overlaps(target, one) && names.every((all) => all.some(isNamed));
}
