import { DECISION_CLASSES, type DecisionClass } from './contract.ts';
import type { Severity } from './finding.ts';
import { SEVERITIES } from './finding.ts';
import type { DecidedGroup } from './judge.ts';
import { duplicatePrints } from './judgement.ts';
import type { JudgedGate, Outcome, TrialVerdict } from './trial.ts';

/** What is decided of a finding; `none`: it does not count for what is shipped, or its suppression is accepted. */
export interface Standing {
  readonly decision: DecisionClass | 'none';
  /** ISO date from which this warning blocks. */
  readonly blocksFrom?: string;
  /** An exception made the block a warning. */
  readonly excepted?: true;
}

/** A request to which the two policies say something else. */
export interface RequestChange {
  readonly gate: JudgedGate;
  readonly before: TrialVerdict;
  readonly after: TrialVerdict;
}

/** Findings of one class that are decided otherwise. */
export interface ClassChange {
  /** Of the new policy, else of the old one; absent: no control claims them. */
  readonly control?: string;
  readonly tool: string;
  readonly rule: string;
  readonly severity: Severity;
  readonly before: Standing;
  readonly after: Standing;
  /** Different ones, however many requests they were in. */
  readonly findings: number;
  readonly services: readonly string[];
  readonly requests: number;
}

/** One finding that is decided otherwise, in one request. */
export interface FindingChange extends Omit<ClassChange, 'findings' | 'services' | 'requests'> {
  readonly requestId: string;
  readonly service: string;
  readonly fingerprint: string;
  /** More than one where fingerprints are not listed one by one. */
  readonly count: number;
}

export function requestChange(gate: JudgedGate, before: Outcome, after: Outcome): RequestChange | undefined {
  const isSame = told(before.verdict) === told(after.verdict);
  return isSame ? undefined : { gate, before: before.verdict, after: after.verdict };
}

/** Other reasons for the same verdict are no other verdict. */
function told({ kind, observed, asks }: TrialVerdict): string {
  return JSON.stringify([kind, observed, asks.map((levels) => levels.map(({ quorum, from }) => [quorum, from]))]);
}

/** Nothing where either policy does not know the environment: then it decides of no finding at all. */
export function findingChanges({ id }: Pick<JudgedGate, 'id'>, before: Outcome, after: Outcome): FindingChange[] {
  if (before.decided === undefined || after.decided === undefined) return [];
  const [old, current] = [placed(before.decided), placed(after.decided)];
  return [...new Set([...old.keys(), ...current.keys()])].flatMap((key) => {
    const [was, is] = [old.get(key), current.get(key)];
    const { control, ...finding } = { ...was, ...is } as Placed;
    const [from, to] = [was?.standing ?? NONE, is?.standing ?? NONE];
    if (JSON.stringify(from) === JSON.stringify(to)) return [];
    const { standing: _, sameAs: __, ...named } = finding;
    return [{ ...named, ...(control === undefined ? {} : { control }), requestId: id, before: from, after: to }];
  });
}

const NONE: Standing = { decision: 'none' };

interface Placed extends Omit<FindingChange, 'requestId' | 'before' | 'after'> {
  readonly standing: Standing;
  /** What the finding is called whichever of its tools' findings stands for it; absent: one tool found it. */
  readonly sameAs?: string;
}

/** By what a finding is told from others in one request; one that two scans report is decided by the stricter. */
function placed(decided: readonly DecidedGroup[]): Map<string, Placed> {
  const all = new Map<string, Placed>();
  for (const one of decided.flatMap(findingsOf)) {
    const { service, tool, rule, severity, fingerprint, sameAs } = one;
    const key = JSON.stringify(sameAs === undefined ? [service, tool, rule, severity, fingerprint] : [service, sameAs]);
    const known = all.get(key);
    if (known === undefined || strictness(one.standing) < strictness(known.standing)) all.set(key, one);
  }
  return all;
}

function findingsOf({ judged }: DecidedGroup): Placed[] {
  const { service, control, tool, rule, severity, decision, blocksFrom, exceptionId } = judged;
  const standing: Standing = {
    decision,
    ...(blocksFrom === undefined ? {} : { blocksFrom }),
    ...(exceptionId === undefined ? {} : { excepted: true as const }),
  };
  const common = { service, ...(control === undefined ? {} : { control }), tool, rule, severity, standing };
  if (judged.unlisted !== undefined) return [{ ...common, fingerprint: judged.unlisted, count: judged.count }];
  const others = duplicatePrints(judged);
  return judged.fingerprints.map((fingerprint) => {
    const sameAs = others.has(fingerprint) ? [fingerprint, ...(others.get(fingerprint) ?? [])].sort()[0] : undefined;
    return { ...common, fingerprint, count: 1, ...(sameAs === undefined ? {} : { sameAs }) };
  });
}

/** Lower is stricter. */
function strictness({ decision, blocksFrom }: Standing): number {
  const place = decision === 'none' ? DECISION_CLASSES.length : DECISION_CLASSES.indexOf(decision);
  return place * 2 + (blocksFrom === undefined ? 1 : 0);
}

/** By control, then the severest first. */
export function classesOf(changes: readonly FindingChange[]): ClassChange[] {
  const byClass = Map.groupBy(changes, ({ control, tool, rule, severity, before, after }) =>
    JSON.stringify([control ?? '', SEVERITIES.indexOf(severity), rule, tool, before, after]),
  );
  return [...byClass]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, members]) => {
      const { requestId: _, service: __, fingerprint: ___, count: ____, ...shared } = members[0] as FindingChange;
      const different = new Map(members.map((one) => [`${one.service} ${one.fingerprint}`, one.count]));
      return {
        ...shared,
        findings: [...different.values()].reduce((sum, count) => sum + count, 0),
        services: [...new Set(members.map(({ service }) => service))].sort(),
        requests: new Set(members.map(({ requestId }) => requestId)).size,
      };
    });
}
