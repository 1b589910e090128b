import type { Service } from './catalog.ts';
import {
  type Contract,
  type Control,
  compareStrictness,
  type DecisionClass,
  type EnvironmentPolicy,
  type Rule,
} from './contract.ts';
import { type ActiveException, covers } from './exception.ts';
import { SEVERITIES } from './finding.ts';
import { globMatches } from './glob.ts';
import { isBeforeDay } from './instant.ts';
import {
  type ControlSignal,
  contractInForce,
  type JudgedGroup,
  type Judgement,
  missingSignals,
  type Obstacle,
} from './judgement.ts';
import type { Principal } from './person.ts';
import { candidateRules, controlFor } from './rule-match.ts';
import type { FindingGroup, ScanHead } from './scan-head.ts';
import { signalsOf } from './signal.ts';

/** One service of a deployment with all that was read of its scopes. */
export interface JudgedService {
  readonly name: string;
  /** Absent: the catalog does not know it, or its file is broken. */
  readonly service?: Service;
  readonly heads: readonly ScanHead[];
  readonly exceptions: readonly ActiveException[];
  /** Commits of the run that the catalog ties to this service. */
  readonly commits: readonly string[];
}

export interface JudgeInput {
  readonly contract: Contract;
  /** That the contract was read from; only written down. */
  readonly commit?: string;
  readonly environment: EnvironmentPolicy;
  readonly services: readonly JudgedService[];
  /** ISO-8601 UTC; ages of reports are measured at this instant. */
  readonly arrivedAt: string;
  /** ISO-8601 UTC. */
  readonly now: string;
  /** What was found wrong before any finding was looked at. */
  readonly obstacles: readonly Obstacle[];
}

/** Total, deterministic, independent of the order of its inputs, monotone (contract.md, Evaluation). */
export function judge(input: JudgeInput): Judgement {
  const services = [...input.services].sort((a, b) => (a.name < b.name ? -1 : 1));
  const judged = services
    .flatMap((service) => decideService(input, service))
    .map(({ judged }) => judged)
    .sort(bySeverity);
  const signals = services.flatMap((service) => signalsOf(input, service));
  const obstacles = [...input.obstacles, ...missingSignals(signals).map(missingSignal)];
  const blocks = judged.filter((group) => group.decision === 'block');
  return {
    verdict: blocks.length > 0 || obstacles.length > 0 ? 'block' : 'pass',
    at: input.now,
    contract: contractInForce(input.contract, input.commit),
    obstacles,
    blocks,
    warns: judged.filter((group) => group.decision === 'warn'),
    counts: {
      block: countOf(judged, 'block'),
      warn: countOf(judged, 'warn'),
      monitor: countOf(judged, 'monitor'),
    },
    signals,
  };
}

/** One group of findings, what the contract says to it, and by which rule. */
export interface DecidedGroup {
  readonly judged: JudgedGroup;
  /** Absent: no control claims it. */
  readonly rule?: Rule;
  readonly head: ScanHead;
  readonly group: FindingGroup;
}

/** What a judgement decides of every group of findings, also of what it only counts; in no order. */
export function decisionsOf(input: JudgeInput): DecidedGroup[] {
  return input.services.flatMap((service) => decideService(input, service));
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

function decideService(input: JudgeInput, judged: JudgedService): DecidedGroup[] {
  return judged.heads.flatMap((head) => head.groups.flatMap((group) => decideGroup(input, judged, head, group)));
}

/** A scan counts for the commits that are shipped; of other commits only where the control does not ask for the same. */
function countsFor(control: Control | undefined, head: ScanHead, commits: readonly string[]): boolean {
  return commits.includes(head.commit) || control?.evidence.sameCommit === false;
}

function decideGroup(input: JudgeInput, judged: JudgedService, head: ScanHead, group: FindingGroup): DecidedGroup[] {
  const control = controlFor(input.contract, head, group.rule);
  if (!countsFor(control, head, judged.commits)) return [];
  if (control === undefined) return [{ judged: unmatched(input.contract, judged, head, group), head, group }];
  if (group.suppressed && control.acceptSuppressions) return [];
  const decided = decide(control, group, head, input, judged);
  const whole = describe(control, decided, judged, head, group);
  const parts = whole.decision === 'block' ? splitByException(whole, control, input, judged) : [whole];
  return parts.map((part) => ({ judged: part, rule: decided.rule, head, group }));
}

interface Decided {
  readonly decision: DecisionClass;
  readonly rule: Rule;
  readonly blocksFrom?: string;
}

function decide(
  control: Control,
  group: FindingGroup,
  head: ScanHead,
  input: JudgeInput,
  judged: JudgedService,
): Decided {
  const setting = {
    environment: input.environment,
    service: judged.name,
    ...(judged.service?.criticality === undefined ? {} : { criticality: judged.service.criticality }),
    repositories: judged.service?.repositories ?? [],
  };
  const decided = candidateRules(control, group, head, setting)
    .map((rule) => inForce(rule, input.now))
    .reduce((best, next) => (outranks(next, best) ? next : best));
  // Without context a finding never blocks by itself.
  return judged.service === undefined && decided.decision === 'block' ? { ...decided, decision: 'warn' } : decided;
}

/** A rule with a later `from` warns until then. */
function inForce(rule: Rule, now: string): Decided {
  if (rule.then === 'block' && rule.from !== undefined && isBeforeDay(now, rule.from)) {
    return { decision: 'warn', rule, blocksFrom: rule.from };
  }
  return { decision: rule.then, rule };
}

/** The stricter one decides; of two warnings the one that will block, and of these the one that does so first. */
function outranks(a: Decided, b: Decided): boolean {
  const order =
    compareStrictness(a.decision, b.decision) ||
    compareStrictness(a.rule.then, b.rule.then) ||
    compareText(a.blocksFrom ?? '', b.blocksFrom ?? '');
  return order < 0;
}

function describe(
  control: Control,
  decided: Decided,
  judged: JudgedService,
  head: ScanHead,
  group: FindingGroup,
): JudgedGroup {
  const { group: blockGroup, because, justification = because } = decided.rule;
  return {
    service: judged.name,
    control: control.name,
    decision: decided.decision,
    ...(blockGroup === undefined ? {} : { blockGroup }),
    ...factsOf(head, group),
    ...(justification === undefined ? {} : { because: justification }),
    owner: ownerOf(control, judged.service, head, group),
    ...(decided.blocksFrom === undefined ? {} : { blocksFrom: decided.blocksFrom }),
    exception: {
      maxDays: control.expiry.maxDays,
      approvers: control.expiry.approvers,
      minReason: control.expiry.minReason,
    },
  };
}

function ownerOf(control: Control, service: Service | undefined, head: ScanHead, group: FindingGroup): Principal {
  if (control.owner.from !== 'service' || service === undefined) return control.owner.fallback;
  return service.paths.find(({ glob }) => liesIn(glob, head, group))?.owner ?? service.owner;
}

/** By what the import noted of every finding; a glob that came into the catalog later is asked of the first sample. */
function liesIn(glob: string, head: ScanHead, group: FindingGroup): boolean {
  if (head.knownGlobs.includes(glob)) return group.pathGlobs.includes(glob);
  const path = group.samples[0]?.path;
  return path !== undefined && globMatches(glob, path);
}

/** What was reported, before anybody decided anything about it. */
function factsOf({ category, tool }: ScanHead, group: FindingGroup) {
  const { rule, severity, count, fingerprints, unlisted, samples } = group;
  return {
    category,
    tool,
    rule,
    severity,
    count,
    fingerprints,
    samples,
    ...(unlisted === undefined ? {} : { unlisted }),
  };
}

function unmatched(contract: Contract, judged: JudgedService, head: ScanHead, group: FindingGroup): JudgedGroup {
  return {
    service: judged.name,
    decision: 'warn',
    ...factsOf(head, group),
    owner: contract.owner,
  };
}

/** What an active exception covers becomes a warning that names it, never nothing; the rest stays blocked. */
function splitByException(
  group: JudgedGroup,
  control: Control,
  input: JudgeInput,
  judged: JudgedService,
): JudgedGroup[] {
  const scope = { control: control.name, service: judged.name, environment: input.environment.name };
  const idOf = (fingerprint: string) =>
    judged.exceptions
      .filter((exception) => covers(exception, { ...scope, fingerprint }, input.now))
      .map((exception) => exception.id)
      .sort()[0];
  const byException = Map.groupBy(group.fingerprints, (fingerprint) => idOf(fingerprint) ?? '');
  const excepted = [...byException].filter(([id]) => id !== '');
  const left = group.count - excepted.reduce((sum, [, fingerprints]) => sum + fingerprints.length, 0);
  const parts: JudgedGroup[] = excepted.map(([exceptionId, fingerprints]) => ({
    ...part(group, fingerprints, fingerprints.length),
    decision: 'warn',
    exceptionId,
  }));
  return left > 0 ? [part(group, byException.get('') ?? [], left), ...parts] : parts;
}

function part(group: JudgedGroup, fingerprints: readonly string[], count: number): JudgedGroup {
  if (count === group.count) return group;
  return { ...group, count, fingerprints, samples: group.samples.filter((s) => fingerprints.includes(s.fingerprint)) };
}

function missingSignal({ control, service, why }: ControlSignal): Obstacle {
  return { kind: 'missing-signal', detail: `${control} (${service}): ${why}` };
}

function countOf(groups: readonly JudgedGroup[], decision: DecisionClass): number {
  return groups.filter((group) => group.decision === decision).reduce((sum, group) => sum + group.count, 0);
}

function bySeverity(a: JudgedGroup, b: JudgedGroup): number {
  return (
    SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity) ||
    compareText(sortKey(a), sortKey(b)) ||
    compareText(JSON.stringify(a), JSON.stringify(b))
  );
}

function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

function sortKey(group: JudgedGroup): string {
  return JSON.stringify([
    group.service,
    group.control ?? '',
    group.tool,
    group.rule,
    group.exceptionId ?? '',
    group.fingerprints[0] ?? '',
  ]);
}
