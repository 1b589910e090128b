import type { Assessment } from './domain/assess.ts';
import { addWorkingMinutes, dateIn } from './domain/calendar.ts';
import { speaksFor } from './domain/catalog.ts';
import type { Contract, EnvironmentPolicy } from './domain/contract.ts';
import { isObserved } from './domain/contract.ts';
import { candidatesAmong, ENFORCED_EXCLUSIONS, humansOf, labelOf, tooFew } from './domain/exclusion.ts';
import type { Ask, Gate } from './domain/gate.ts';
import { earlier, plusMinutes } from './domain/instant.ts';
import { type JudgedService, judge, judgeWithoutContract } from './domain/judge.ts';
import type { Judgement, Obstacle } from './domain/judgement.ts';
import type { Person, Principal } from './domain/person.ts';
import type { Route, RouteSubject } from './domain/route.ts';
import { chooseRoute, organizationName, placeOf, unsupportedIn } from './domain/routing.ts';
import { bounded, type RunSources } from './domain/run.ts';
import { subjectChecksumOf } from './domain/subject.ts';
import type { AzureDevOps } from './ports/azure-devops.ts';
import type { Directory } from './ports/directory.ts';
import type { Evaluate } from './ports/evaluation.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { ScopeStore } from './ports/scope-store.ts';

interface Needs {
  readonly policy: Policy;
  readonly directory: Directory;
  readonly azureDevOps: AzureDevOps;
  readonly scopes: ScopeStore;
}

const DEFAULT_WAIT_MINUTES = 60;

/** Judges one gate with what is known now; the same function before people are asked and before the verdict is sealed. */
export function createEvaluate(needs: Needs): Evaluate {
  return async (gate, jobToken, now) => {
    const policy = await needs.policy.current();
    const sources = await sourcesOf(needs.azureDevOps, gate, jobToken);
    const { contract } = policy;
    const environment = contract?.environments.get(gate.environment);
    if (contract === undefined || environment === undefined) {
      return blockedWithoutRules(gate, sources, policy, now);
    }
    const services = await readServices(needs.scopes, gate, sources, policy);
    const obstacles = obstaclesBefore(gate, sources, policy, contract, environment);
    const judgement = judge({ contract, environment, services, arrivedAt: gate.receivedAt, now, obstacles });
    const asked = await askFor(needs.directory, gate, sources, policy, contract, environment, judgement, now);
    return finish(gate, sources, contract, environment, asked.judgement, asked.ask, now);
  };
}

/** Read once; again only while something of them could not be read: access may have been granted meanwhile. */
async function sourcesOf(azureDevOps: AzureDevOps, gate: Gate, jobToken: () => Promise<string>): Promise<RunSources> {
  if (gate.sources !== undefined && gate.sources.unreadable.length === 0) return gate.sources;
  return bounded(await azureDevOps.sources(gate.run, await jobToken()));
}

function finish(
  gate: Gate,
  sources: RunSources,
  contract: Contract,
  environment: EnvironmentPolicy,
  judgement: Judgement,
  ask: Ask | undefined,
  now: string,
): Assessment {
  const unblocked = ask === undefined ? 'pass' : 'ask';
  return {
    outcome: judgement.verdict === 'block' ? 'block' : unblocked,
    observed: isObserved(environment, now),
    judgement: clamp(judgement),
    sources,
    subjectChecksum: subjectChecksumOf(gate, sources, judgement, { contract, environment }),
    ...(ask === undefined ? {} : { ask }),
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
    blockWaitMinutes: DEFAULT_WAIT_MINUTES,
  };
}

function unknownEnvironment(gate: Gate, contract: Contract): Obstacle {
  return { kind: 'unknown-environment', detail: gate.environment, tell: contract.owner };
}

/** Two reads for each service, whatever the history: its environment's scope and the one that counts for all. */
async function readServices(
  scopes: ScopeStore,
  gate: Gate,
  sources: RunSources,
  policy: PolicySnapshot,
): Promise<JudgedService[]> {
  const anyCommit = policy.contract?.controls.some((control) => !control.evidence.sameCommit) ?? false;
  return Promise.all(
    gate.services.map(async (name) => {
      const service = policy.catalog.services.get(name);
      const mapped = sources.commits.filter((source) => service !== undefined && speaksFor(service, source));
      const commits = [...new Set(mapped.map(({ commit }) => commit))].sort();
      const views = await Promise.all(
        [gate.environment, '-'].map((environment) =>
          scopes.view({ org: gate.org, service: name, environment }, anyCommit ? 'any' : commits),
        ),
      );
      return {
        name,
        ...(service === undefined ? {} : { service }),
        heads: views.flatMap((view) => view.heads),
        exceptions: views.flatMap((view) => view.exceptions),
        commits,
      };
    }),
  );
}

function obstaclesBefore(
  gate: Gate,
  sources: RunSources,
  policy: PolicySnapshot,
  contract: Contract,
  environment: EnvironmentPolicy,
): Obstacle[] {
  const unknown = gate.services
    .filter((name) => !policy.catalog.services.has(name))
    .map((name): Obstacle => {
      return { kind: 'unknown-service', detail: policy.catalog.broken.get(name) ?? name, tell: contract.owner };
    });
  if (environment.tier !== 'production') return unknown;
  const people = sources.unreadablePeople ?? [];
  const unread = sources.unreadable.filter((what) => !people.includes(what));
  // Whoever cannot be read could be any of the approvers; where none is needed, nobody is harmed.
  const strangers = environment.approval === 'required' ? people : [];
  return [
    ...unknown,
    ...unread.map((detail): Obstacle => ({ kind: 'missing-signal', detail })),
    ...strangers.map((detail): Obstacle => ({ kind: 'requester-unknown', detail })),
  ];
}

interface Asked {
  readonly judgement: Judgement;
  readonly ask?: Ask;
}

/** Nobody is asked for something that is blocked anyhow. */
async function askFor(
  directory: Directory,
  gate: Gate,
  sources: RunSources,
  policy: PolicySnapshot,
  contract: Contract,
  environment: EnvironmentPolicy,
  judgement: Judgement,
  now: string,
): Promise<Asked> {
  if (judgement.verdict === 'block' || environment.approval === 'none') return { judgement };
  const blockedBy = (kind: Obstacle['kind'], detail: string, tell: Principal = contract.owner): Asked => ({
    judgement: { ...judgement, verdict: 'block', obstacles: [...judgement.obstacles, { kind, detail, tell }] },
  });
  const route = routeOf(gate, policy);
  if ('obstacle' in route) return blockedBy(route.obstacle, route.detail);
  const unsupported = unsupportedIn(route, dateIn(contract.calendar, now));
  if (unsupported !== undefined) return blockedBy('route-not-supported', unsupported);
  const unknown = environment.tier === 'production' ? await unknownRequester(directory, sources) : undefined;
  if (unknown !== undefined) return blockedBy('requester-unknown', unknown);
  const ask = await candidates(directory, route, sources, deadlineOf(route, contract, gate, policy));
  if (ask.eligible.length >= ask.quorum) return { judgement, ask };
  return blockedBy('too-few-approvers', tooFew(ask), route.escalateTo);
}

function routeOf(
  gate: Gate,
  policy: PolicySnapshot,
): Route | { obstacle: 'no-route' | 'route-not-supported'; detail: string } {
  const broken = gate.services.find((name) => policy.brokenRoutes.has(name));
  if (broken !== undefined) return { obstacle: 'no-route', detail: policy.brokenRoutes.get(broken) ?? broken };
  const routes = gate.services.map((name) => chooseRoute(policy.routes, subjectOf(gate, name, policy)));
  const [first] = routes;
  if (first === undefined || routes.includes(undefined)) {
    return { obstacle: 'no-route', detail: `${gate.services.join(', ')} in ${gate.environment}` };
  }
  if (routes.some((route) => route !== first)) {
    return {
      obstacle: 'route-not-supported',
      detail: `the services ${gate.services.join(', ')} have different routes`,
    };
  }
  return first;
}

function subjectOf(gate: Gate, name: string, policy: PolicySnapshot): RouteSubject {
  return {
    ...placeOf(name, gate.environment, policy.catalog.services.get(name)),
    pipeline: gate.run.pipeline.name,
    project: gate.run.project,
    organization: organizationName(gate.check.organization),
  };
}

/** A human requester who matches nobody could be any of the approvers: nobody may approve (contract.md). */
async function unknownRequester(directory: Directory, sources: RunSources): Promise<string | undefined> {
  if (sources.requesters.length === 0) return 'the run names no requester';
  for (const identity of humansOf(sources.requesters)) {
    if ((await directory.matching(identity)).length === 0) return labelOf(identity);
  }
  return undefined;
}

async function candidates(
  directory: Directory,
  route: Route,
  sources: RunSources,
  deadline: string | undefined,
): Promise<Ask> {
  const level = route.levels[0];
  const from: readonly Principal[] = level?.from ?? [];
  const members = new Map<string, Person>();
  for (const principal of from) {
    for (const person of await directory.membersOf(principal)) members.set(person.oid, person);
  }
  return {
    route: route.source,
    from,
    quorum: level?.quorum ?? 1,
    excludes: route.never.filter((exclusion) => ENFORCED_EXCLUSIONS.includes(exclusion)),
    ...candidatesAmong(members.values(), sources, route.never),
    unmatched: await unmatchedAuthors(directory, sources),
    ...(route.post.channel === undefined ? {} : { channel: route.post.channel }),
    dm: route.post.dm,
    comment: route.comment,
    ...(deadline === undefined ? {} : { deadline }),
  };
}

const UNMATCHED_SHOWN = 10;

async function unmatchedAuthors(directory: Directory, sources: RunSources): Promise<string[]> {
  const labels = new Set<string>();
  for (const author of humansOf(sources.authors)) {
    if ((await directory.matching(author)).length === 0) labels.add(labelOf(author));
  }
  return [...labels].sort().slice(0, UNMATCHED_SHOWN);
}

/** Working time of those asked: each service's own calendar, else the contract's; of several the earliest end. */
function deadlineOf(route: Route, contract: Contract, gate: Gate, policy: PolicySnapshot): string | undefined {
  const { deadline } = route;
  if (deadline === undefined) return undefined;
  if (deadline.clock === 'wall') return plusMinutes(gate.receivedAt, deadline.minutes);
  const calendars = gate.services.map((name) => policy.catalog.services.get(name)?.calendar ?? contract.calendar);
  return calendars.map((calendar) => addWorkingMinutes(calendar, gate.receivedAt, deadline.minutes)).reduce(earlier);
}

const GROUPS_KEPT = 25;
const FINGERPRINTS_KEPT = 20;

/** A record keeps enough to explain itself; the checksum was taken over everything. */
function clamp(judgement: Judgement): Judgement {
  const short = (groups: Judgement['blocks']) =>
    groups.slice(0, GROUPS_KEPT).map((g) => ({ ...g, fingerprints: g.fingerprints.slice(0, FINGERPRINTS_KEPT) }));
  return { ...judgement, blocks: short(judgement.blocks), warns: short(judgement.warns) };
}
