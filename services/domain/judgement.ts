import type { Catalog, Service } from './catalog.ts';
import type { BlockGroup, Contract, DecisionClass } from './contract.ts';
import { type Category, type Exploitability, neverGates, type Severity } from './finding.ts';
import type { Principal } from './person.ts';
import type { PlatformSummary } from './platform-summary.ts';
import type { FoundAfter } from './release.ts';
import type { FindingSample } from './scan-head.ts';
import type { VexWord } from './vex.ts';

/** A group of findings with the class that the contract gives it in one service and environment. */
export interface JudgedGroup {
  readonly service: string;
  /** Absent: no control matches (`unmatched`), warn, owned by the contract's owner. */
  readonly control?: string;
  readonly decision: DecisionClass;
  readonly blockGroup?: BlockGroup;
  readonly category: Category;
  readonly tool: string;
  readonly rule: string;
  readonly severity: Severity;
  /** The strictest that is known; absent: nothing. */
  readonly exploitability?: Exploitability;
  /** What documents say of these findings, whether or not it counts here. */
  readonly vex?: Pick<VexWord, 'status' | 'why'>;
  readonly count: number;
  /** Empty when the head was too large to list them: `too-many-to-except`. */
  readonly fingerprints: readonly string[];
  /** Checksum of the fingerprints that are not listed. */
  readonly unlisted?: string;
  readonly samples: readonly FindingSample[];
  /** What other tools report of the same problems, in none of whose groups they are. */
  readonly duplicates?: readonly Duplicate[];
  /** The rule's `because` or `justification`. */
  readonly because?: string;
  readonly owner: Principal;
  /** ISO date from which this warning blocks. */
  readonly blocksFrom?: string;
  /** ISO-8601 UTC; by when a warning is to be mended. Absent: the contract sets no date, and it is never overdue. */
  readonly dueAt?: string;
  /** The service's lead, beside the owner: the warning is overdue, or old enough for the contract to name them. */
  readonly lead?: Principal;
  /** What a warning turns into next, and when (ISO-8601 UTC); without `at`, when it is seen once more. */
  readonly escalatesAt?: { readonly to: 'due' | 'owner-lead' | 'block'; readonly at?: string };
  /** Set when an active exception turned block into warn. */
  readonly exceptionId?: string;
  /** Ids of exceptions that were asked for some of it and are not decided: the gate waits for them. */
  readonly requested?: readonly string[];
  /** Ids of exceptions that were granted for it when it was less severe: they do not cover it any more. */
  readonly outgrown?: readonly string[];
  /** Longest exception that the control grants, and who grants it. */
  readonly exception?: { readonly maxDays: number; readonly approvers: Principal; readonly minReason: number };
}

/** A finding of another tool that is about the same problem as the finding `of`: both are judged and shown as one. */
export interface Duplicate {
  readonly of: string;
  readonly tool: string;
  readonly rule: string;
  readonly fingerprint: string;
  /** By which this one would pass by itself. */
  readonly exceptionId?: string;
}

/** The other tools, each once, by name. */
export function alsoFoundBy({ duplicates = [] }: Pick<JudgedGroup, 'duplicates'>): string[] {
  return [...new Set(duplicates.map(({ tool }) => tool))].sort();
}

/** By which fingerprint a group has what tools call `print`; undefined: it is not in it. */
export function printIn(group: OpenGroup, print: string): string | undefined {
  if (printsOf(group).includes(print)) return print;
  return group.duplicates?.find(({ fingerprint }) => fingerprint === print)?.of;
}

/** What other tools call each finding of a group, by its own fingerprint; what has no duplicates is left out. */
export function duplicatePrints({
  duplicates = [],
}: Pick<JudgedGroup, 'duplicates'>): ReadonlyMap<string, readonly string[]> {
  const byOwn = Map.groupBy(duplicates, ({ of }) => of);
  return new Map([...byOwn].map(([of, all]) => [of, all.map(({ fingerprint }) => fingerprint)]));
}

/** Those of a group that are named, or of which a duplicate is; without names all of them. */
export function namedIn(
  { fingerprints, duplicates = [] }: Pick<JudgedGroup, 'fingerprints' | 'duplicates'>,
  names: readonly string[] | undefined,
): readonly string[] {
  if (names === undefined) return fingerprints;
  const named = new Set(names);
  for (const { of, fingerprint } of duplicates) if (named.has(fingerprint)) named.add(of);
  return fingerprints.filter((print) => named.has(print));
}

/** A control of which exceptions let pass too much for its block to mean anything. */
export interface ErodedControl {
  readonly control: string;
  /** Whose the control is. */
  readonly owner: Principal;
  /** 0 to 1: at least so much of what it blocks passed in each of these periods. */
  readonly share: number;
  readonly periods: number;
}

/** A finding that is gone, and was what one that is open is, but for its path: its file was probably moved. */
export interface Like {
  /** Fingerprint of the open one. */
  readonly of: string;
  readonly fingerprint: string;
  readonly path: string;
}

/** A judged group, and whether its report says that a fix exists. */
export interface OpenGroup extends JudgedGroup {
  readonly fixAvailable?: boolean;
  /** What was found in other files before; only where it is asked for. */
  readonly likes?: readonly Like[];
  /** By which exemptions of Azure Policy are told (policy-exemption.ts), of its findings and their duplicates; only where it is asked for. */
  readonly exemptionKeys?: readonly (readonly [fingerprint: string, keys: string])[];
  /** It blocks, but the last deployment had shipped it before it was found: it stops only the next one. */
  readonly foundAfter?: FoundAfter;
}

/** Those that are known by their fingerprints: of more than a report's head lists, its samples. */
export function printsOf({ fingerprints, samples }: OpenGroup): readonly string[] {
  return fingerprints.length > 0 ? fingerprints : samples.map(({ fingerprint }) => fingerprint);
}

/** What the catalog said about a service when it was judged. */
export interface ServiceContext {
  readonly service: string;
  readonly owner: Principal;
  readonly lead?: Principal;
  readonly criticality?: string;
}

/** Of those of these that the catalog knows, each once. */
export function contextsIn({ services }: Catalog, names: readonly string[]): ServiceContext[] {
  return [...new Set(names)].flatMap((name) => {
    const service = services.get(name);
    return service === undefined ? [] : [contextOf(name, service)];
  });
}

export function contextOf(service: string, { owner, lead, criticality }: Service): ServiceContext {
  return {
    service,
    owner,
    ...(lead === undefined ? {} : { lead }),
    ...(criticality === undefined ? {} : { criticality }),
  };
}

/** These findings of a group, judged as the whole was. */
export function partOf(group: JudgedGroup, fingerprints: readonly string[], count: number): JudgedGroup {
  if (count === group.count) return group;
  const { duplicates = [], ...rest } = group;
  const here = new Set(fingerprints);
  const own = duplicates.filter(({ of }) => here.has(of));
  const samples = group.samples.filter(({ fingerprint }) => here.has(fingerprint));
  return { ...rest, count, fingerprints, samples, ...(own.length === 0 ? {} : { duplicates: own }) };
}

/** Whether a control is known to have run for what is being shipped. */
export interface ControlSignal {
  readonly service: string;
  readonly control: string;
  readonly category: Category;
  readonly required: boolean;
  readonly state: 'known' | 'unknown';
  readonly why?: 'absent' | 'too-old' | 'incomplete' | 'unverified' | 'other-artifact';
  /** ISO-8601 UTC; when the environment was last looked at, where that and no report of the commit makes it known. */
  readonly asOf?: string;
  /** Tools whose report would be accepted; empty: any of the category. */
  readonly tools: readonly string[];
  readonly owner: Principal;
}

export const OBSTACLE_KINDS = [
  'missing-signal',
  'no-contract',
  'unknown-environment',
  'unknown-service',
  'no-route',
  'requester-unknown',
  'too-few-approvers',
  'older-contract',
] as const;

/** Why a gate is closed although no finding blocks it. `detail` is trusted text of ours with outside names in it. */
export interface Obstacle {
  readonly kind: (typeof OBSTACLE_KINDS)[number];
  readonly detail: string;
  /** Who must hear of it besides the requester. */
  readonly tell?: Principal;
}

/** The contract that something was judged by. */
export interface ContractInForce {
  readonly version: number;
  readonly checksum: string;
  /** Where it comes from a repository. */
  readonly commit?: string;
}

export function contractInForce({ version, checksum }: Contract, commit: string | undefined): ContractInForce {
  return { version, checksum, ...(commit === undefined ? {} : { commit }) };
}

/** What the contract says about one deployment. Total: every input has one. */
export interface Judgement {
  readonly verdict: 'block' | 'pass';
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly contract?: ContractInForce;
  readonly obstacles: readonly Obstacle[];
  readonly blocks: readonly JudgedGroup[];
  readonly warns: readonly JudgedGroup[];
  readonly counts: Readonly<Record<DecisionClass, number>>;
  readonly signals: readonly ControlSignal[];
  /** Of the services that the catalog knows; absent where nothing was judged. */
  readonly context?: readonly ServiceContext[];
  /** Those that block something here, as far as is known. Bound by no approval, and no reason for anything. */
  readonly eroded?: readonly ErodedControl[];
  /** Absent: the platform was not read. Bound by no approval, and no reason for anything. */
  readonly platform?: PlatformSummary;
}

/** What the signals of a place are told by. */
export type JudgedSignals = Pick<Judgement, 'at' | 'contract' | 'signals' | 'blocks' | 'warns' | 'platform'>;

/** Ids of the exceptions that are asked for something that blocks here, sorted. */
export function exceptionsAwaited({ blocks }: Pick<Judgement, 'blocks'>): string[] {
  return [...new Set(blocks.flatMap(({ requested }) => requested ?? []))].sort();
}

/** Ids of the exceptions that let something pass here, under whichever of its names, sorted. */
export function exceptionsUsed({ warns }: Pick<Judgement, 'warns'>): string[] {
  const all = warns.flatMap(({ exceptionId, duplicates = [] }) => [
    exceptionId,
    ...duplicates.map((one) => one.exceptionId),
  ]);
  return [...new Set(all.filter((id) => id !== undefined))].sort();
}

/** Whether it makes a difference to a deployment that the control is known to have run. */
export function affectsDecision({ category, required }: ControlSignal): boolean {
  return required || !neverGates(category);
}

/** The controls that must have run for what is being shipped, and are not known to have. */
export function missingSignals(signals: readonly ControlSignal[]): ControlSignal[] {
  return signals.filter((signal) => signal.required && signal.state === 'unknown');
}

/** Judged without any contract: always blocked. */
export function judgeWithoutContract(now: string, problems: readonly string[]): Judgement {
  const detail = problems.length > 0 ? problems.slice(0, 3).join('; ') : 'no contract was found';
  return {
    verdict: 'block',
    at: now,
    obstacles: [{ kind: 'no-contract', detail }],
    blocks: [],
    warns: [],
    counts: { block: 0, warn: 0, monitor: 0 },
    signals: [],
  };
}
