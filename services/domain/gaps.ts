import type { Contract, DecisionClass, Rule } from './contract.ts';
import { SEVERITIES, type Severity } from './finding.ts';
import type { DecidedGroup } from './judge.ts';
import { type ControlSignal, type JudgedGroup, missingSignals } from './judgement.ts';
import { inForce } from './rule-match.ts';
import type { JudgedGate, Outcome } from './trial.ts';

/** The newest request of a service in an environment, and what the contract says to it. */
export interface Newest {
  readonly service: string;
  readonly gate: JudgedGate;
  readonly outcome: Outcome;
}

/** A control that must have run for a service, and is not known to have. */
export interface MissingSignal {
  readonly control: string;
  readonly environment: string;
  readonly service: string;
  readonly why: NonNullable<ControlSignal['why']>;
  readonly requestId: string;
}

/** One class of findings that is not decided alike for all services of an environment. */
export interface Divergence {
  /** Absent: no control claims it. */
  readonly control?: string;
  readonly environment: string;
  readonly tool: string;
  readonly rule: string;
  readonly severity: Severity;
  /** Strictest first for each service, and these by name. */
  readonly decisions: readonly ServiceDecision[];
}

export interface ServiceDecision {
  readonly service: string;
  readonly decision: DecisionClass;
  /** ISO date from which this warning blocks. */
  readonly blocksFrom?: string;
  /** Absent: no rule says anything. */
  readonly by?: Rule;
  /** Whose override it is: the service's own. */
  readonly isOverride: boolean;
  readonly exceptionId?: string;
  /** What made a warning of this rule a block. */
  readonly climbedBy?: string;
  readonly requestId: string;
}

export function missingIn(newest: readonly Newest[]): MissingSignal[] {
  const missing = newest.flatMap(({ service, gate, outcome }) =>
    missingSignals(outcome.signals)
      .filter((signal) => signal.service === service)
      .map(({ control, why = 'absent' }) => {
        return { control, environment: gate.environment, service, why, requestId: gate.id };
      }),
  );
  return sorted(missing, ({ control, environment, service }) => [control, environment, service]);
}

/**
 * Classes are told apart by everything that the contract may ask of a finding itself: what is left are overrides, criticality,
 * repositories, paths, exceptions, and services that the catalog does not know.
 */
export function divergencesIn(contract: Contract, newest: readonly Newest[]): Divergence[] {
  const all = newest.flatMap(({ service, gate, outcome }) =>
    (outcome.decided ?? [])
      .filter(({ judged }) => judged.service === service)
      .map((decided) => ({ decided, environment: gate.environment, said: decisionOf(contract, gate, decided) })),
  );
  const byClass = Map.groupBy(all, ({ decided, environment }) => classKey(decided, environment));
  const found = [...byClass.values()].flatMap((members) => {
    const [first] = members;
    const decisions = unique(members.map(({ said }) => said));
    if (first === undefined || areAlike(decisions)) return [];
    const { control, tool, rule, severity } = first.decided.judged;
    const where = { environment: first.environment, tool, rule, severity };
    return [{ ...(control === undefined ? {} : { control }), ...where, decisions }];
  });
  return sorted(found, ({ control = '', environment, severity, rule, tool }) => [
    control,
    environment,
    String(SEVERITIES.indexOf(severity)),
    rule,
    tool,
  ]);
}

function classKey({ judged, head, group }: DecidedGroup, environment: string): string {
  const { control, tool, rule, severity } = judged;
  const { exploitability, fixAvailable } = group;
  return JSON.stringify([environment, control, tool, rule, severity, exploitability, fixAvailable, head.timing]);
}

function decisionOf(contract: Contract, gate: JudgedGate, { judged, rule }: DecidedGroup): ServiceDecision {
  const { service, decision, blocksFrom, exceptionId, because } = judged;
  const control = contract.controls.find(({ name }) => name === judged.control);
  return {
    service,
    decision,
    ...(blocksFrom === undefined ? {} : { blocksFrom }),
    ...(rule === undefined ? {} : { by: rule }),
    isOverride: control?.overrides.get(service)?.some(({ when }) => when === rule?.when) ?? false,
    ...(exceptionId === undefined ? {} : { exceptionId }),
    ...(because !== undefined && hasClimbed(judged, rule, gate) ? { climbedBy: because } : {}),
    requestId: gate.id,
  };
}

/** It blocks, or would without its exception, and its rule alone does not. */
function hasClimbed({ decision, exceptionId }: JudgedGroup, rule: Rule | undefined, { judgement }: JudgedGate) {
  const isBlock = decision === 'block' || exceptionId !== undefined;
  return isBlock && rule !== undefined && inForce(rule, judgement.at).decision !== 'block';
}

function unique(decisions: readonly ServiceDecision[]): ServiceDecision[] {
  const different = new Map(decisions.map((one) => [JSON.stringify(one), one]));
  return sorted([...different.values()], ({ service, decision, exceptionId = '' }) => [service, decision, exceptionId]);
}

/** Every service has the same decisions, though of some findings another one than of others. */
function areAlike(decisions: readonly ServiceDecision[]): boolean {
  const byService = Map.groupBy(decisions, ({ service }) => service);
  const said = [...byService.values()].map((own) =>
    JSON.stringify([...new Set(own.map(({ decision, blocksFrom }) => `${decision} ${blocksFrom ?? ''}`))].sort()),
  );
  return new Set(said).size < 2;
}

function sorted<T>(all: readonly T[], keyOf: (one: T) => readonly string[]): T[] {
  const keys = new Map(all.map((one) => [one, JSON.stringify(keyOf(one))]));
  return all.toSorted((a, b) => ((keys.get(a) ?? '') < (keys.get(b) ?? '') ? -1 : 1));
}
