import type { Service } from './catalog.ts';
import {
  type Contract,
  type Control,
  DECISION_CLASSES,
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
  type JudgedGroup,
  type Judgement,
  missingSignals,
  type Obstacle,
  partOf,
} from './judgement.ts';
import { climb, type Rungs, type Spread, spreadKey } from './ladder.ts';
import type { Pasts } from './past.ts';
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
  /** Of the findings that are open on its default branch; what is missing here has no past. */
  readonly pasts?: Pasts;
  /** `spreadKey` → how far the rule has spread. */
  readonly spreads?: ReadonlyMap<string, Spread>;
}

export interface JudgeInput {
  readonly contract: Contract;
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
  const judged = services.flatMap((service) => judgeService(input, service)).sort(bySeverity);
  const signals = services.flatMap((service) => signalsOf(input, service));
  const obstacles = [...input.obstacles, ...missingSignals(signals).map(missingSignal)];
  const blocks = judged.filter((group) => group.decision === 'block');
  return {
    verdict: blocks.length > 0 || obstacles.length > 0 ? 'block' : 'pass',
    at: input.now,
    contract: { version: input.contract.version, checksum: input.contract.checksum },
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

function judgeService(input: JudgeInput, judged: JudgedService): JudgedGroup[] {
  return judged.heads.flatMap((head) => head.groups.flatMap((group) => judgeGroup(input, judged, head, group)));
}

/** A scan counts for the commits that are shipped; of other commits only where the control does not ask for the same. */
function countsFor(control: Control | undefined, head: ScanHead, commits: readonly string[]): boolean {
  return commits.includes(head.commit) || control?.evidence.sameCommit === false;
}

function judgeGroup(input: JudgeInput, judged: JudgedService, head: ScanHead, group: FindingGroup): JudgedGroup[] {
  const control = controlFor(input.contract, head, group.rule);
  if (!countsFor(control, head, judged.commits)) return [];
  if (control === undefined) return [unmatched(input.contract, judged, head, group)];
  if (group.suppressed && control.acceptSuppressions) return [];
  const decided = decide(control, group, head, input, judged);
  const whole = describe(control, decided, judged, head, group);
  return climb(whole, decided.rule, () => rungsOf(control, decided, input, judged, head, group)).flatMap((part) =>
    part.decision === 'block' ? splitByException(part, control, input, judged) : [part],
  );
}

/** What is known of the past of these findings: of each by itself, else of all that were imported with it. */
function rungsOf(
  control: Control,
  decided: Decided,
  input: JudgeInput,
  judged: JudgedService,
  head: ScanHead,
  group: FindingGroup,
): Rungs {
  const of = (fingerprint: string | undefined) =>
    fingerprint === undefined ? undefined : judged.pasts?.get(fingerprint);
  const spread = judged.spreads?.get(spreadKey(control.name, group.rule));
  return {
    pastOf: (fingerprint) => of(fingerprint) ?? group.past,
    ...(spread === undefined ? {} : { spread }),
    tier: input.environment.tier,
    receivedAt: head.receivedAt,
    now: input.now,
    mayBlock: judged.service !== undefined && decided.blocksFrom === undefined,
    ...(judged.service?.lead === undefined ? {} : { lead: judged.service.lead }),
  };
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
    .reduce((best, next) => (isStricter(next.decision, best.decision) ? next : best));
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

function isStricter(a: DecisionClass, b: DecisionClass): boolean {
  return DECISION_CLASSES.indexOf(a) < DECISION_CLASSES.indexOf(b);
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
    ...partOf(group, fingerprints, fingerprints.length),
    decision: 'warn',
    exceptionId,
  }));
  return left > 0 ? [partOf(group, byException.get('') ?? [], left), ...parts] : parts;
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
