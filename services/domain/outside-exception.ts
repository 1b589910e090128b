import { REASON_CLASSES, type ReasonClass } from './exception.ts';
import type { ExceptionField } from './exception-refusal.ts';
import { mayBlock } from './exception-request.ts';
import { missingFields, type TermsWish } from './exception-terms.ts';
import { globMatches } from './glob.ts';
import { plusDays } from './instant.ts';
import type { JudgedGroup, OpenGroup } from './judgement.ts';
import { isExempted, type PolicyExemption } from './policy-exemption.ts';

/** An exception that another tool keeps in a file of its own. */
export interface OutsideException {
  readonly source: 'trivy' | 'azure-policy';
  /** 1-based line of the file. */
  readonly line: number;
  /** By what it is known there. */
  readonly name: string;
  /** Ids of the rules that it is about, as they are shown; an exemption of Azure Policy means what `exempts` says. */
  readonly rules: readonly string[];
  /** Globs; empty: wherever the rule finds something. */
  readonly paths: readonly string[];
  /** Of `azure-policy` alone; absent: brought in when it was not kept yet, and means nothing until it is brought in again. */
  readonly exempts?: PolicyExemption;
  /** By what else it is narrower than its rules, as it is written: nothing here can tell what that leaves. */
  readonly narrowedBy: readonly string[];
  /** As it is written there; what cannot be understood is left out. */
  readonly terms: TermsWish;
}

export type Imported =
  /** Everything that is asked for is there: it can be requested for each of these findings. */
  | { readonly kind: 'complete'; readonly fingerprints: readonly string[] }
  /** Nobody answers for it, or nobody can say why, how long or how often it is looked at. */
  | { readonly kind: 'unmanaged'; readonly missing: readonly ExceptionField[] }
  /** ISO date. */
  | { readonly kind: 'ended'; readonly until: string }
  | { readonly kind: 'unmatched'; readonly why: 'nothing-open' | 'narrower' };

export interface ImportBasis {
  /** Where it is to be requested, judged as if there were no exceptions; absent: not looked up. */
  readonly open?: readonly OpenGroup[];
  /** Only findings of this control. */
  readonly control?: string;
  /** ISO date (UTC). */
  readonly today: string;
}

/** What becomes of one that is brought in. It never covers anything by itself. */
export function importOf(outside: OutsideException, { open, control, today }: ImportBasis): Imported {
  const { terms, narrowedBy } = outside;
  if (terms.until !== undefined && terms.until < today) return { kind: 'ended', until: terms.until };
  const missing = missingFields(terms);
  if (missing.length > 0) return { kind: 'unmanaged', missing };
  if (narrowedBy.length > 0) return { kind: 'unmatched', why: 'narrower' };
  if (open === undefined) return { kind: 'complete', fingerprints: [] };
  const fingerprints = matching(outside, open, control);
  return fingerprints.length === 0 ? { kind: 'unmatched', why: 'nothing-open' } : { kind: 'complete', fingerprints };
}

function matching(outside: OutsideException, open: readonly OpenGroup[], control?: string): string[] {
  return [...targetsOf(outside, open, control).values()].flat().sort();
}

/** By control what of it may block; with paths only those findings whose path is known here. */
export function targetsOf(
  outside: OutsideException,
  open: readonly OpenGroup[],
  only?: string,
): ReadonlyMap<string, readonly string[]> {
  const printsIn = outside.source === 'azure-policy' ? exemptedBy(outside) : ofRules(outside);
  const targets = new Map<string, readonly string[]>();
  for (const group of open.filter(mayBlock)) {
    const { control } = group;
    if (control === undefined || (only !== undefined && control !== only)) continue;
    const all = [...new Set([...(targets.get(control) ?? []), ...printsIn(group)])].sort();
    if (all.length > 0) targets.set(control, all);
  }
  return targets;
}

type PrintsIn = (group: OpenGroup) => readonly string[];

function ofRules({ rules, paths }: OutsideException): PrintsIn {
  const wanted = rules.map((rule) => rule.toLowerCase());
  const isWanted = ({ rule }: { readonly rule: string }) => wanted.includes(rule.toLowerCase());
  return (group) => {
    if (isWanted(group)) return paths.length === 0 ? group.fingerprints : samplesIn(group, paths);
    // What the tool reports itself may be shown by what another one calls it; where that lies is not known here.
    const others = paths.length === 0 ? (group.duplicates ?? []) : [];
    return others.filter(isWanted).map(({ fingerprint }) => fingerprint);
  };
}

function exemptedBy({ exempts }: OutsideException): PrintsIn {
  if (exempts === undefined) return () => [];
  return ({ exemptionKeys = [] }) =>
    exemptionKeys.filter(([, keys]) => isExempted(keys, exempts)).map(([fingerprint]) => fingerprint);
}

function samplesIn({ samples }: JudgedGroup, paths: readonly string[]): string[] {
  const isIn = (path: string | undefined) => path !== undefined && paths.some((glob) => globMatches(glob, path));
  return samples.filter(({ path }) => isIn(path)).map(({ fingerprint }) => fingerprint);
}

/** ISO date: its last whole day, so that it never covers more here than there; undefined for what is no instant. */
export function lastDayBefore(written: string): string | undefined {
  const [, day = '', time] = /^(\d{4}-\d\d-\d\d)(?:[T ](.{5,32}))?$/.exec(written.trim()) ?? [];
  // Without a zone it is UTC, whatever this machine's is.
  const zone = time === undefined || /(?:Z|[+-]\d\d:?\d\d)$/i.test(time) ? '' : 'Z';
  const at = new Date(time === undefined ? day : `${day}T${time}${zone}`);
  if (Number.isNaN(at.getTime()) || !isDay(day)) return undefined;
  const end = at.toISOString();
  return end.slice(11, 16) === '23:59' ? end.slice(0, 10) : plusDays(end.slice(0, 10), -1);
}

function isDay(day: string): boolean {
  const at = new Date(`${day}T00:00:00.000Z`);
  return !Number.isNaN(at.getTime()) && at.toISOString().startsWith(day);
}

/** Azure Policy's categories as kinds of reasons. */
export function reasonClassOf(category: string): ReasonClass | undefined {
  const word = category.trim().toLowerCase();
  if (word === 'waiver') return 'accepted-risk';
  return REASON_CLASSES.find((one) => one === word);
}
