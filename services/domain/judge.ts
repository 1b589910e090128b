import { isReportedUnprotected } from './branch-protection.ts';
import type { Service } from './catalog.ts';
import type { Contract, Control, EnvironmentPolicy, Rule } from './contract.ts';
import { type Excepting, type ExceptionsHere, exceptingIn } from './excepting.ts';
import { type ExploitabilityPart, exploitabilityIn } from './exploitability.ts';
import { globMatches } from './glob.ts';
import { joinDuplicates } from './join-duplicates.ts';
import {
  type ControlSignal,
  contextOf,
  contractInForce,
  type JudgedGroup,
  type Judgement,
  missingSignals,
  type Obstacle,
} from './judgement.ts';
import type { KnownExploited } from './known-exploited.ts';
import { climb, type Rungs, type Spread, spreadKey } from './ladder.ts';
import { listed } from './listed.ts';
import { type DuplicatesOf, namedDuplicates } from './named-duplicates.ts';
import type { Pasts } from './past.ts';
import type { Principal } from './person.ts';
import {
  type Candidate,
  candidateRules,
  controlFor,
  inForce,
  outranks,
  type RulesInPlay,
  rulesFor,
  type Setting,
} from './rule-match.ts';
import { type FindingGroup, NO_COMMIT, type ScanHead } from './scan-head.ts';
import { signalsOf } from './signal.ts';
import { atOnce, type Steps, visit } from './steps.ts';
import type { ScopedVex } from './vex.ts';

/** One service of a deployment with all that was read of its scopes. */
export interface JudgedService extends ExceptionsHere {
  readonly name: string;
  /** Absent: the catalog does not know it, or its file is broken. */
  readonly service?: Service;
  readonly heads: readonly ScanHead[];
  /** Commits of the run that the catalog ties to this service. */
  readonly commits: readonly string[];
  /** Whether the branches that it is deployed from are protected; absent: not known but by reports. */
  readonly branchProtected?: boolean;
  /** Of the findings that are open on its default branch; what is missing here has no past. */
  readonly pasts?: Pasts;
  /** `spreadKey` → how far the rule has spread. */
  readonly spreads?: ReadonlyMap<string, Spread>;
  /** What was said of vulnerabilities in its packages. */
  readonly vex?: readonly ScopedVex[];
}

export interface JudgeInput {
  readonly contract: Contract;
  /** That the contract was read from; only written down. */
  readonly commit?: string;
  readonly environment: EnvironmentPolicy;
  /** As the check names it. */
  readonly artifact?: string | undefined;
  readonly services: readonly JudgedService[];
  /** ISO-8601 UTC; ages of reports are measured at this instant. */
  readonly arrivedAt: string;
  /** ISO-8601 UTC. */
  readonly now: string;
  /** Vulnerabilities that the policy lists as exploited. */
  readonly knownExploited?: KnownExploited;
  /** What was found wrong before any finding was looked at. */
  readonly obstacles: readonly Obstacle[];
}

/** Total, deterministic, independent of the order of its inputs, monotone (contract.md, Evaluation). */
export function judge(input: JudgeInput): Judgement {
  const services = [...input.services].sort((a, b) => (a.name < b.name ? -1 : 1));
  const judged = decisionsOf({ ...input, services }).map(({ judged }) => judged);
  const signals = services.flatMap((service) => signalsOf(input, service));
  const obstacles = [...input.obstacles, ...missingSignals(signals).map(missingSignal)];
  const blocks = listed(judged, 'block');
  return {
    verdict: blocks.length > 0 || obstacles.length > 0 ? 'block' : 'pass',
    at: input.now,
    contract: contractInForce(input.contract, input.commit),
    obstacles,
    blocks,
    warns: listed(judged, 'warn'),
    counts: countsOf(judged),
    signals,
    context: services.flatMap(({ name, service }) => (service === undefined ? [] : contextOf(name, service))),
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
  return atOnce(decisionsIn(input));
}

/** The same in steps. */
export function* decisionsIn(input: JudgeInput): Steps<DecidedGroup[]> {
  const decided: DecidedGroup[] = [];
  for (const service of input.services) for (const one of yield* decideService(input, service)) decided.push(one);
  return decided;
}

/** A service where it is deployed, with what every group of it asks anew. */
interface Scene {
  readonly input: JudgeInput;
  readonly judged: JudgedService;
  readonly setting: Setting;
  readonly excepting: Excepting;
  readonly exploitability: ReturnType<typeof exploitabilityIn>;
}

function* decideService(input: JudgeInput, judged: JudgedService): Steps<readonly DecidedGroup[]> {
  const { name, service } = judged;
  const { environment, now } = input;
  const here = { service: name, environment: environment.name };
  const scene: Scene = {
    input,
    judged,
    setting: {
      environment,
      now,
      service: name,
      ...(service?.criticality === undefined ? {} : { criticality: service.criticality }),
      repositories: service?.repositories ?? [],
      ...protectionOf(judged),
    },
    excepting: exceptingIn(judged, here, now, duplicatesNamed(judged)),
    exploitability: exploitabilityIn(input.knownExploited, judged.vex ?? [], judged.commits),
  };
  const decided: DecidedGroup[] = [];
  for (const head of judged.heads) yield* decideHead(scene, head, decided);
  return joinDuplicates(decided, judged);
}

/** Of what an exception names, or named, the duplicates; most have none. */
function duplicatesNamed({ heads, exceptions, requested = [], grants = new Map() }: JudgedService): DuplicatesOf {
  const granted = [...grants.values()].flat().map(({ target }) => target);
  return namedDuplicates(heads, [...exceptions, ...requested, ...granted]);
}

function protectionOf({ branchProtected, heads }: JudgedService): Pick<Setting, 'branchProtected'> {
  if (branchProtected !== undefined) return { branchProtected };
  return isReportedUnprotected(heads) ? { branchProtected: false } : {};
}

const GROUPS_A_STEP = 50;

/** What is the same for all findings of one rule in one scan is found once. */
function* decideHead(scene: Scene, head: ScanHead, decided: DecidedGroup[]): Steps<void> {
  const claims = new Map<string, Claim | undefined>();
  const decide = (group: FindingGroup) => {
    if (!claims.has(group.rule)) claims.set(group.rule, claimOf(scene, head, group.rule));
    for (const one of decideGroup(scene, head, group, claims.get(group.rule))) decided.push(one);
  };
  yield* visit(head.groups, decide, GROUPS_A_STEP);
}

/** Whose a finding is, and what can decide it; nothing where no control has it. */
interface Claim {
  readonly control: Control;
  readonly rules: RulesInPlay;
}

function claimOf({ input, setting }: Scene, head: ScanHead, rule: string): Claim | undefined {
  const control = controlFor(input.contract, head, rule);
  return control === undefined ? undefined : { control, rules: rulesFor(control, head, rule, setting) };
}

/** A scan counts for the commits that are shipped, a posture for whatever is; others only where the control does not ask for the same. */
function countsFor(control: Control | undefined, head: ScanHead, commits: readonly string[]): boolean {
  return head.commit === NO_COMMIT || commits.includes(head.commit) || control?.evidence.sameCommit === false;
}

function decideGroup(scene: Scene, head: ScanHead, group: FindingGroup, claim: Claim | undefined): DecidedGroup[] {
  const { input, judged } = scene;
  if (!countsFor(claim?.control, head, judged.commits)) return [];
  if (claim === undefined) return [{ judged: unmatched(input.contract, judged, head, group), head, group }];
  if (group.suppressed && claim.control.acceptSuppressions) return [];
  return scene.exploitability(claim.control, head, group).flatMap((part) => decidePart(scene, head, part, claim));
}

function decidePart(scene: Scene, head: ScanHead, part: ExploitabilityPart, { control, rules }: Claim): DecidedGroup[] {
  const { input, judged, setting } = scene;
  const { group } = part;
  const candidates = new Set(part.as.flatMap((one) => candidateRules(rules, one, head, setting)));
  const inForceNow = [...candidates].map((rule) => inForce(rule, input.now));
  const decided = decide(inForceNow, judged);
  const whole = describe(control, decided, judged, head, part);
  return climb(whole, inForceNow, () => rungsOf(scene, control, head, group))
    .flatMap((one) => (one.decision === 'block' ? scene.excepting.split(one, control) : [one]))
    .map((one) => ({ judged: one, rule: decided.rule, head, group }));
}

/** What is known of the past of these findings: of each by itself, else of all that were imported with it. */
function rungsOf({ input, judged, excepting }: Scene, control: Control, head: ScanHead, group: FindingGroup): Rungs {
  const { pasts, spreads, service } = judged;
  const spread = spreads?.get(spreadKey(control.name, group.rule));
  return {
    pastOf: (fingerprint) => (fingerprint === undefined ? undefined : pasts?.get(fingerprint)) ?? group.past,
    restartedAt: (fingerprint) => excepting.restartedAt(control, fingerprint),
    ...(spread === undefined ? {} : { spread }),
    tier: input.environment.tier,
    receivedAt: head.receivedAt,
    now: input.now,
    mayBlock: service !== undefined,
    ...(service?.lead === undefined ? {} : { lead: service.lead }),
  };
}

function decide(candidates: readonly Candidate[], { service }: JudgedService): Candidate {
  const decided = candidates.reduce((best, next) => (outranks(next, best) ? next : best));
  // Without context a finding never blocks by itself.
  return service === undefined && decided.decision === 'block' ? { ...decided, decision: 'warn' } : decided;
}

function describe(
  control: Control,
  decided: Candidate,
  judged: JudgedService,
  head: ScanHead,
  { group, vex }: ExploitabilityPart,
): JudgedGroup {
  const { group: blockGroup, because, justification = because } = decided.rule;
  return {
    service: judged.name,
    control: control.name,
    decision: decided.decision,
    ...(blockGroup === undefined ? {} : { blockGroup }),
    ...factsOf(head, group),
    ...(vex === undefined ? {} : { vex }),
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
  const { rule, severity, exploitability, count, fingerprints, unlisted, samples } = group;
  return {
    category,
    tool,
    rule,
    severity,
    ...(exploitability === undefined || exploitability === 'unknown' ? {} : { exploitability }),
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

function missingSignal({ control, service, why }: ControlSignal): Obstacle {
  return { kind: 'missing-signal', detail: `${control} (${service}): ${why}` };
}

/** Findings in each class. */
export function countsOf(judged: readonly JudgedGroup[]): Judgement['counts'] {
  const counts = { block: 0, warn: 0, monitor: 0 };
  for (const { decision, count } of judged) counts[decision] += count;
  return counts;
}
