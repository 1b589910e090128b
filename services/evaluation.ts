import type { Assessment } from './domain/assess.ts';
import { speaksFor } from './domain/catalog.ts';
import { type Contract, type EnvironmentPolicy, isObserved } from './domain/contract.ts';
import { withErosions } from './domain/erosion.ts';
import type { Gate } from './domain/gate.ts';
import { type JudgedService, judge } from './domain/judge.ts';
import { exceptionsUsed, type JudgedGroup, type Judgement, judgeWithoutContract } from './domain/judgement.ts';
import { obstaclesBefore, unknownEnvironment } from './domain/obstacles.ts';
import { strictestEnvironment, strictestJudgement } from './domain/older-contract.ts';
import { isService } from './domain/person.ts';
import type { Platform } from './domain/platform.ts';
import type { PlatformSetting } from './domain/platform-places.ts';
import { deployedBy, platformSummary } from './domain/platform-summary.ts';
import { type Release, rangesBetween } from './domain/release.ts';
import { bounded, type RunSources } from './domain/run.ts';
import { subjectChecksumOf } from './domain/subject.ts';
import { type Contender, supersession } from './domain/supersession.ts';
import type { AzureDevOps } from './ports/azure-devops.ts';
import type { ContractVersions } from './ports/contract-versions.ts';
import type { Eroded } from './ports/eroded.ts';
import type { AskBasis, Asked, AskPeople, Evaluate } from './ports/evaluation.ts';
import { knownPlatform, type PlatformNeeds } from './ports/known-platform.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import { knownIn, type ScopeStore, type ScopeView } from './ports/scope-store.ts';
import { areBranchesNoted, type NoteReport, protectionOf, withProtection } from './ports/shipped-branches.ts';

interface Needs extends PlatformNeeds {
  readonly policy: Policy;
  readonly askPeople: AskPeople;
  readonly azureDevOps: AzureDevOps;
  readonly scopes: ScopeStore;
  readonly noteReport: NoteReport;
  readonly eroded: Eroded;
  readonly contractVersions: Pick<ContractVersions, 'contract' | 'keep'>;
}

const DEFAULT_WAIT_MINUTES = 60;

/** Judges one gate with what is known now; the same function before people are asked and before the verdict is sealed. */
export function createEvaluate(needs: Needs): Evaluate {
  const olderOf = createOlderContracts(needs);
  return async (gate, jobToken, now) => {
    const policy = await needs.policy.current();
    const { contract } = policy;
    const read = await sourcesOf(needs.azureDevOps, gate, jobToken);
    const named = contract?.environments.get(gate.environment);
    if (contract === undefined || named === undefined) {
      return blockedWithoutRules(gate, read, policy, now);
    }
    const older = await olderOf(gate, contract);
    const environment = strictestEnvironment(named, older?.environments.get(gate.environment));
    const rules = { ...policy, contracts: [contract, ...(older === undefined ? [] : [older])] };
    const shipped = await withProtection(needs.azureDevOps, gate, read, rules, jobToken);
    const [{ services, contenders, releases }, platform] = await Promise.all([
      readServices(needs, gate, shipped, rules),
      knownPlatform(needs, gate.door.organization, now),
    ]);
    const sources = await withRange(needs.azureDevOps, gate, shipped, releases, jobToken);
    const decided = decide(gate, policy, { contract, environment, older, sources, services }, now);
    const erosions = decided.blocks.length === 0 ? [] : await needs.eroded.noted();
    const judgement = withPlatform(withErosions(decided, erosions, contract.controls), gate, {
      ...needs,
      platform,
      setting: { catalog: policy.catalog, contract },
    });
    const exceptionRequesters = requestersOfExceptions(judgement, services);
    const basis = { sources: { ...sources, exceptionRequesters }, policy, contract, environment };
    // Nobody is asked for something that is blocked anyhow.
    const needsNobody = judgement.verdict === 'block' || environment.approval === 'none';
    const asked = needsNobody ? undefined : await needs.askPeople(gate, basis, now);
    return {
      ...finish(gate, basis, judgement, asked, now),
      ...supersession(gate, contenders),
      ...(releases[0] === undefined ? {} : { previous: releases[0] }),
    };
  };
}

/** After everything is decided: it is shown, and decides nothing. */
function withPlatform(
  judgement: Judgement,
  gate: Gate,
  {
    platform,
    setting,
    portal,
  }: Pick<PlatformNeeds, 'portal'> & {
    readonly platform: Platform | undefined;
    readonly setting: Pick<PlatformSetting, 'catalog' | 'contract'>;
  },
): Judgement {
  return platform === undefined
    ? judgement
    : { ...judgement, platform: platformSummary(platform, deployedBy(gate), setting, portal) };
}

/** The contract by which a gate was first judged, where another is in force now: read once by each process. */
function createOlderContracts({ contractVersions }: Needs) {
  const kept = new Map<string, Promise<Contract | undefined>>();
  return async ({ firstContract, judgement }: Gate, current: Contract): Promise<Contract | undefined> => {
    const checksum = (firstContract ?? judgement?.contract)?.checksum;
    // From now on it pins this gate, also where it is replaced before anybody has noted it.
    if (checksum === undefined) await contractVersions.keep(current);
    if (checksum === undefined || checksum === current.checksum) return undefined;
    const reading = kept.get(checksum) ?? contractVersions.contract(checksum);
    kept.set(checksum, reading);
    reading.catch(() => kept.delete(checksum));
    return reading;
  };
}

interface Shipped {
  readonly contract: Contract;
  readonly environment: EnvironmentPolicy;
  readonly older: Contract | undefined;
  readonly sources: RunSources;
  readonly services: readonly JudgedService[];
}

/** By the contract in force, and by the one that it was first judged by: the stricter judgement stands. */
function decide(gate: Gate, policy: PolicySnapshot, shipped: Shipped, now: string): Judgement {
  const { contract, environment, older, sources, services } = shipped;
  const exploited = policy.knownExploited === undefined ? {} : { knownExploited: policy.knownExploited };
  const by = (one: Contract, where: EnvironmentPolicy, commit: string | undefined): Judgement => {
    const obstacles = obstaclesBefore(gate, sources, { ...policy, contract: one, environment: where });
    const judged = { contract: one, ...(commit === undefined ? {} : { commit }), environment: where, services };
    return judge({ ...judged, ...exploited, artifact: gate.artifact, arrivedAt: gate.receivedAt, now, obstacles });
  };
  const current = by(contract, environment, policy.commit);
  const before = older?.environments.get(gate.environment);
  if (older === undefined || before === undefined) return current;
  return strictestJudgement(current, by(older, before, gate.firstContract?.commit));
}

/** Read once; again only while something of them could not be read: access may have been granted meanwhile. */
async function sourcesOf(
  azureDevOps: AzureDevOps,
  gate: Gate,
  jobToken: () => Promise<string | undefined>,
): Promise<RunSources> {
  if (gate.sources?.branches !== undefined && gate.sources.unreadable.length === 0) return gate.sources;
  return withReRunner(gate, bounded(await azureDevOps.sources(gate.run, await jobToken())));
}

/** Of a later attempt, who changed the run last ran the stage again. */
function withReRunner({ attempt, run: { changedBy } }: Gate, sources: RunSources): RunSources {
  return attempt > 1 && changedBy !== undefined && !isService(changedBy)
    ? { ...sources, reRunner: changedBy }
    : sources;
}

/**
 * With the authors of everything since the last deployments of the same scopes. Asked once: a deployment that is let
 * through meanwhile only makes the range shorter. Where none of them was built as this one is, an author is unknown.
 */
async function withRange(
  azureDevOps: AzureDevOps,
  gate: Gate,
  sources: RunSources,
  releases: readonly Release[],
  jobToken: () => Promise<string | undefined>,
): Promise<RunSources> {
  if (sources.since !== undefined) return sources;
  const since = releases.map(({ requestId }) => requestId);
  const { earlier, strange } = rangesBetween(releases, sources.commits);
  const ranged =
    earlier.length === 0
      ? sources
      : withReRunner(gate, bounded(await azureDevOps.sources(gate.run, await jobToken(), earlier)));
  const unknown = strange.map(({ runName }) => ({ name: `whoever wrote what came in since ${runName}` }));
  const { branches } = sources;
  return {
    ...ranged,
    ...(branches === undefined ? {} : { branches }),
    authors: [...ranged.authors, ...unknown],
    since,
  };
}

type Finished = Omit<Assessment, 'successor' | 'predecessors'>;

function finish(gate: Gate, basis: AskBasis, judged: Judgement, asked: Asked | undefined, now: string): Finished {
  const { sources, contract, environment, policy } = basis;
  const { obstacle, ...answered } = asked ?? {};
  const { requesterAliases, ...people } = 'ask' in answered ? answered : {};
  const judgement: Judgement =
    obstacle === undefined ? judged : { ...judged, verdict: 'block', obstacles: [...judged.obstacles, obstacle] };
  const unblocked = 'ask' in people ? 'ask' : 'pass';
  return {
    outcome: judgement.verdict === 'block' ? 'block' : unblocked,
    observed: isObserved(environment, now),
    judgement: clamp(judgement),
    sources: requesterAliases === undefined ? sources : { ...sources, requesterAliases },
    subjectChecksum: subjectChecksumOf(gate, sources, judgement, { contract, environment }),
    ...people,
    ...(policy.problems.length === 0 ? {} : { policyProblems: policy.problems.length }),
    blockWaitMinutes: environment.blockWaitMinutes,
  };
}

function blockedWithoutRules(gate: Gate, sources: RunSources, policy: PolicySnapshot, now: string): Assessment {
  const empty = judgeWithoutContract(now, policy.problems);
  const { contract } = policy;
  const judgement = contract === undefined ? empty : { ...empty, obstacles: [unknownEnvironment(gate, contract)] };
  return {
    outcome: 'block',
    observed: false,
    judgement,
    sources,
    subjectChecksum: subjectChecksumOf(gate, sources, judgement),
    predecessors: [],
    blockWaitMinutes: DEFAULT_WAIT_MINUTES,
  };
}

interface ReadScopes {
  readonly services: JudgedService[];
  readonly contenders: readonly Contender[];
  /** The last deployments of its scopes, each once. */
  readonly releases: readonly Release[];
}

/**
 * Two reads for each service, whatever the history: its environment's scope and the one that counts for all. Two more where
 * something had to be noted of its branches.
 */
async function readServices(
  { scopes, noteReport }: Needs,
  gate: Gate,
  sources: RunSources,
  policy: PolicySnapshot & { readonly contracts: readonly Contract[] },
): Promise<ReadScopes> {
  const controls = policy.contracts.flatMap((contract) => contract.controls);
  const anyCommit = controls.some((control) => !control.evidence.sameCommit);
  const read = await Promise.all(
    gate.services.map(async (name) => {
      const service = policy.catalog.services.get(name);
      const mapped = sources.commits.filter((source) => service !== undefined && speaksFor(service, source));
      const commits = [...new Set(mapped.map(({ commit }) => commit))].sort();
      const known = { name, ...(service === undefined ? {} : { service }), commits };
      const look = async () => {
        const views = await Promise.all(
          [gate.environment, '-'].map((environment) =>
            scopes.view({ org: gate.org, service: name, environment }, anyCommit ? 'any' : commits),
          ),
        );
        const contenders = views.flatMap((view) => [...view.contenders, ...releasedIn(view)]);
        return { ...known, ...knownIn(views), contenders };
      };
      const first = await look();
      const isNews = await areBranchesNoted(noteReport, gate, sources, first, policy);
      return { ...(isNews ? await look() : first), ...protectionOf(first, sources) };
    }),
  );
  const releases = read.flatMap(({ release }) => (release === undefined ? [] : [release]));
  return {
    services: read,
    contenders: read.flatMap(({ contenders }) => contenders),
    releases: [...new Map(releases.map((release) => [release.requestId, release])).values()],
  };
}

/** What was released since does not wait any more, and takes the place of what is older all the same. */
function releasedIn({ release }: ScopeView): Contender[] {
  if (release === undefined) return [];
  const { requestId, line, runId, attempt } = release;
  return [{ requestId, line, runId, attempt, isReleased: true }];
}

/** Those who asked for the exceptions that let something of this deployment pass. */
function requestersOfExceptions(judgement: Judgement, services: readonly JudgedService[]): string[] {
  const used = new Set(exceptionsUsed(judgement));
  const exceptions = services.flatMap((service) => service.exceptions).filter(({ id }) => used.has(id));
  return [...new Set(exceptions.flatMap(({ askers = [] }) => askers))].sort();
}

const GROUPS_KEPT = 25;
const FINGERPRINTS_KEPT = 20;
/** Of each of these tools one duplicate. */
const TOOLS_KEPT = 5;

/** A record keeps enough to explain itself; the checksum was taken over everything. */
function clamp(judgement: Judgement): Judgement {
  const short = (groups: Judgement['blocks']) => groups.slice(0, GROUPS_KEPT).map(shortened);
  return { ...judgement, blocks: short(judgement.blocks), warns: short(judgement.warns) };
}

function shortened(group: JudgedGroup): JudgedGroup {
  const fingerprints = group.fingerprints.slice(0, FINGERPRINTS_KEPT);
  const { duplicates, ...rest } = { ...group, fingerprints };
  if (duplicates === undefined) return rest;
  const byTool = new Map(duplicates.map((one) => [one.tool, one]));
  return { ...rest, duplicates: [...byTool.values()].slice(0, TOOLS_KEPT) };
}
