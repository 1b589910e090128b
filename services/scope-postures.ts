import type { Contract, EnvironmentPolicy } from './domain/contract.ts';
import { orgOf } from './domain/gate.ts';
import { contextsIn, contractInForce, type JudgedSignals, type OpenGroup } from './domain/judgement.ts';
import type { PersonActor } from './domain/person.ts';
import { type Platform, sectionsOf } from './domain/platform.ts';
import { servicesIn } from './domain/platform-places.ts';
import { type Deployed, deployedFrom, platformSummary } from './domain/platform-summary.ts';
import {
  brokenRules,
  type FoundThere,
  type PlacePosture,
  type ScopePosture,
  unreadParts,
} from './domain/scope-posture.ts';
import { signalsOf } from './domain/signal.ts';
import type { TriageRefusal } from './domain/triage-refusal.ts';
import type { Clock } from './ports/clock.ts';
import { knownPlatform, type PlatformNeeds } from './ports/known-platform.ts';
import { inLanes } from './ports/lanes.ts';
import { serviceNamed } from './ports/located-finding.ts';
import { newestHeads } from './ports/open-findings.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import { knownIn, type ScopeKey, type ScopeStore, type ScopeView } from './ports/scope-store.ts';
import { serviceFindings } from './ports/service-findings.ts';
import { type AnswerNeeds, unlessUnknown } from './ports/triage-answer.ts';

interface Needs extends PlatformNeeds, AnswerNeeds {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly scopes: Pick<ScopeStore, 'view'>;
  readonly tenant: string;
  /** URLs of every configured organization. */
  readonly organizations: readonly string[];
  /** By what Azure DevOps may ask us. */
  readonly asks: Deployed['asks'];
}

/** A service, and one of its environments if only that is meant. */
interface Meant {
  readonly service: string;
  readonly environment?: string;
}

export type ScopePostures = ReturnType<typeof createScopePostures>;

/** What is known of environments and of the platform before them. Changes nothing. Each rejects when the store does not answer. */
export function createScopePostures(needs: Needs) {
  const ofScope = async (meant: Meant) => readScope(needs, await readBasis(needs), meant);
  return {
    show: (by: PersonActor, meant: Meant): Promise<ScopePosture | TriageRefusal> =>
      unlessUnknown(needs, by, () => ofScope(meant)),
    /** For whoever runs the bot. */
    ofScope,
    /** Of every service of the catalog, by name. */
    all: async (): Promise<readonly ScopePosture[] | TriageRefusal> => {
      const basis = await readBasis(needs);
      const names = [...basis.policy.catalog.services.keys()].sort();
      const all = await inLanes(names, (service) => readScope(needs, basis, { service }));
      const [refused] = all.flatMap((one) => ('code' in one ? [one] : []));
      return refused ?? all.flatMap((one) => ('code' in one ? [] : [one]));
    },
  };
}

interface Basis {
  readonly policy: PolicySnapshot;
  /** Of those organizations whose platform is read. */
  readonly platforms: readonly Platform[];
  readonly now: string;
}

async function readBasis(needs: Needs): Promise<Basis> {
  const now = needs.clock.now();
  const [policy, ...platforms] = await Promise.all([
    needs.policy.current(),
    ...needs.organizations.map((organization) => knownPlatform(needs, organization, now)),
  ]);
  return { policy, platforms: platforms.filter((one) => one !== undefined), now };
}

async function readScope(needs: Needs, basis: Basis, wanted: Meant): Promise<ScopePosture | TriageRefusal> {
  const { policy, platforms, now } = basis;
  const { contract, catalog } = policy;
  if (contract === undefined) return { code: 'no-contract' };
  const service = serviceNamed(policy, wanted.service);
  const known = catalog.services.get(service);
  if (known === undefined) return { code: 'unknown-service', known: [...catalog.services.keys()] };
  const environments = environmentsMeant(contract, [...known.environments.keys()], wanted.environment);
  if (environments === undefined) return { code: 'unknown-environment', known: [...contract.environments.keys()] };
  const homes = homesOf(needs.organizations, platforms, service, policy);
  const there = await Promise.all(
    homes.map((home) => readHome(needs, basis, contract, { ...home, service, environments })),
  );
  const [context] = contextsIn(catalog, [service]);
  const unread = homes.flatMap(({ platform, projects }) =>
    platform === undefined ? [] : unreadParts(platform, projects),
  );
  return {
    service,
    ...(wanted.environment === undefined || environments[0] === undefined ? {} : { environment: environments[0].name }),
    at: now,
    ...(context === undefined ? {} : { context }),
    places: there.flatMap(({ places }) => places),
    rules: brokenRules(
      there.flatMap(({ found }) => found),
      platforms,
    ),
    ...(platforms.length === 0 ? {} : { unread }),
  };
}

/** Those that the catalog names for the service, else all of the contract. Undefined: the contract has none of that name. */
function environmentsMeant(
  { environments }: Contract,
  named: readonly string[],
  wanted: string | undefined,
): readonly EnvironmentPolicy[] | undefined {
  const all = [...environments.values()];
  const isSame = (one: string, other: string) => one.toLowerCase() === other.toLowerCase();
  if (wanted !== undefined) {
    const meant = environments.get(wanted) ?? all.find(({ name }) => isSame(name, wanted));
    return meant === undefined ? undefined : [meant];
  }
  const own = all.filter(({ name }) => named.some((one) => isSame(one, name)));
  return own.length === 0 ? all : own;
}

interface Home {
  readonly organization: string;
  readonly platform: Platform | undefined;
  /** Ids of the projects that the service is built in. */
  readonly projects: readonly string[];
}

/** Where a service is at home, as far as platforms say; else wherever it may be. */
function homesOf(
  organizations: readonly string[],
  platforms: readonly Platform[],
  service: string,
  { catalog }: PolicySnapshot,
): readonly Home[] {
  const all = organizations.map((organization) => {
    const platform = platforms.find((one) => one.organization === organization);
    const targets = platform === undefined ? [] : sectionsOf(platform, 'project').map(({ target }) => target);
    const projects = targets.filter((one) => platform && servicesIn(platform, one, catalog).includes(service));
    return { organization, platform, projects };
  });
  const known = all.filter(({ projects }) => projects.length > 0);
  return known.length === 0 ? all : known;
}

interface At extends Home {
  readonly service: string;
  readonly environments: readonly EnvironmentPolicy[];
}

async function readHome(needs: Needs, { policy, now }: Basis, contract: Contract, at: At) {
  const { organization, platform, projects, service, environments } = at;
  const org = orgOf(needs.tenant, organization);
  const view = viewedOnce(needs.scopes);
  const names = environments.map(({ name }) => name);
  const wanted = { org, service, environments: names, withMonitored: true, now };
  const open = await serviceFindings({ view }, policy, wanted);
  const found = open.map(({ environment, groups }): FoundThere => ({ organization, environment, groups }));
  const places = await Promise.all(
    environments.map(async (environment): Promise<PlacePosture> => {
      const { name } = environment;
      const heads = await Promise.all([name, '-'].map((one) => view({ org, service, environment: one }, 'any')));
      const groups = open.find((one) => one.environment === name)?.groups ?? [];
      const judged = judgedSignals(policy, contract, { environment, service, views: heads, groups, now });
      const deployed = deployedFrom(policy.catalog, { service, environment: name }, projects, needs.asks);
      const shown =
        platform === undefined
          ? {}
          : { platform: platformSummary(platform, deployed, { catalog: policy.catalog, contract }, needs.portal) };
      return { organization, environment: name, judged: { ...judged, ...shown } };
    }),
  );
  return { places, found };
}

function viewedOnce(scopes: Needs['scopes']): ScopeStore['view'] {
  const views = new Map<string, Promise<ScopeView>>();
  return (scope: ScopeKey, commits) => {
    const read = views.get(scope.environment) ?? scopes.view(scope, commits);
    views.set(scope.environment, read);
    return read;
  };
}

interface Seen {
  readonly environment: EnvironmentPolicy;
  readonly service: string;
  readonly views: readonly ScopeView[];
  readonly groups: readonly OpenGroup[];
  readonly now: string;
}

/** As a deployment would be judged now that ships what was last reported on. */
function judgedSignals({ commit }: PolicySnapshot, contract: Contract, seen: Seen): JudgedSignals {
  const { environment, service, views, groups, now } = seen;
  const heads = newestHeads(knownIn(views).heads);
  const commits = [...new Set(heads.map((head) => head.commit))];
  const input = { contract, environment, services: [], arrivedAt: now, now, obstacles: [] };
  return {
    at: now,
    contract: contractInForce(contract, commit),
    signals: signalsOf(input, { name: service, heads, commits, exceptions: [] }),
    blocks: groups.filter(({ decision }) => decision === 'block'),
    warns: groups.filter(({ decision }) => decision === 'warn'),
  };
}
