import type { LifeEvent } from './domain/calibration-facts.ts';
import type { Contract, EnvironmentPolicy } from './domain/contract.ts';
import type { Exception } from './domain/exception.ts';
import { MINUTES_A_DAY } from './domain/finding-history.ts';
import { plusMinutes } from './domain/instant.ts';
import { joined } from './domain/past.ts';
import type { PersonActor, Principal } from './domain/person.ts';
import { countPrompts, heldBackSince, type PromptCounts, type Prompts, promptsOf } from './domain/prompts.ts';
import type { Refusal } from './domain/refusal.ts';
import { type Trends, trendsOf, trendsSince } from './domain/trend.ts';
import { type TrendTally, trendTallied } from './domain/trend-tally.ts';
import type { Clock } from './ports/clock.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import type { GateStore } from './ports/gate-store.ts';
import { inLanes } from './ports/lanes.ts';
import type { NudgeRecords } from './ports/nudge-store.ts';
import { openFindings } from './ports/open-findings.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { ScopeEvents, ScopeKey, ScopeStore, ScopeView } from './ports/scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly scopes: Pick<ScopeStore, 'view' | 'eventsSince'>;
  readonly exceptions: Pick<ExceptionStore, 'all'>;
  readonly gates: Pick<GateStore, 'receivedSince'>;
  readonly nudgeRecords: Pick<NudgeRecords, 'all'>;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export type Trended =
  | { readonly kind: 'measured'; readonly trends: Trends }
  | { readonly kind: 'no-contract'; readonly problems: readonly string[] }
  | { readonly kind: 'unknown-scope'; readonly known: readonly string[] };

export type TrendReader = ReturnType<typeof createTrends>;

const MOST_SCOPES = 2_000;
/** Days in which prompts are counted, and how long before them a request may have come: none waits longer. */
const PROMPT_DAYS = 7;
const LONGEST_WAIT_DAYS = 2;

/**
 * What piles up, where, for how long and with whom, over all findings: for people who look at it, and for nothing else.
 * Changes nothing. Rejects with StoreUnavailableError.
 */
export function createTrends(needs: Needs) {
  // Whoever asks while it is being measured gets the same figures: it reads every scope.
  const running = new Map<string, Promise<Trended>>();
  /** Rejects with DirectoryUnavailableError too: owners cannot be told from gaps without it. */
  const trends = async (typed?: string): Promise<Trended> => {
    const policy = await needs.policy.current();
    const { contract, problems } = policy;
    if (contract === undefined) return { kind: 'no-contract', problems };
    const scope = typed === undefined ? undefined : scopeNamed({ ...policy, contract }, typed);
    if (scope?.kind === 'unknown-scope') return scope;
    const key = JSON.stringify(scope ?? null);
    const reading = running.get(key) ?? measure(needs, scope).finally(() => running.delete(key));
    running.set(key, reading);
    return reading;
  };
  return {
    trends,
    trendsFor: async (by: PersonActor, typed?: string): Promise<Trended | Refusal> => {
      const stranger = await needs.strangerBecause(by);
      if (stranger !== undefined) return stranger;
      try {
        return await trends(typed);
      } catch (error) {
        if (error instanceof DirectoryUnavailableError) return 'cannot-verify-now';
        throw error;
      }
    },
  };
}

type TrendScope = { readonly kind: 'service' | 'environment'; readonly name: string };
type PolicyInForce = PolicySnapshot & { readonly contract: Contract };

/** People type names in any case; a service that is called as an environment comes first. */
function scopeNamed({ contract, catalog }: PolicyInForce, typed: string) {
  const named = (known: readonly string[]) =>
    known.find((name) => name === typed) ?? known.find((name) => name.toLowerCase() === typed.toLowerCase());
  const [services, environments] = [[...catalog.services.keys()].sort(), [...contract.environments.keys()]];
  const service = named(services);
  if (service !== undefined) return { kind: 'service', name: service } as const;
  const environment = named(environments);
  return environment === undefined
    ? ({ kind: 'unknown-scope', known: [...environments, ...services] } as const)
    : ({ kind: 'environment', name: environment } as const);
}

/** The policy is read once: one measurement never mixes two versions. */
async function measure(needs: Needs, scope: TrendScope | undefined): Promise<Trended> {
  const policy = await needs.policy.current();
  const { contract, catalog, problems } = policy;
  if (contract === undefined) return { kind: 'no-contract', problems };
  const now = needs.clock.now();
  const environments = [...contract.environments.values()].filter(
    ({ name }) => scope?.kind !== 'environment' || name === scope.name,
  );
  const names = [...catalog.services.keys()].filter((name) => scope?.kind !== 'service' || name === scope.name).sort();
  const most = Math.floor(MOST_SCOPES / ((environments.length + 1) * needs.orgs.length));
  const asked = { policy: { ...policy, contract }, environments, now };
  const read = await inLanes(names.slice(0, most), (service) => readService(needs, asked, service));
  const tallies = read.map(({ tally }) => tally);
  const prompts = scope === undefined ? await promptsSince(needs, now) : undefined;
  return {
    kind: 'measured',
    trends: trendsOf({
      contract,
      ...(scope === undefined ? {} : { scope: scope.name }),
      tallies,
      vacant: await vacantAmong(needs, tallies),
      exceptions: read.flatMap(({ exceptions }) => exceptions),
      ...(prompts === undefined ? {} : { prompts }),
      leftOut: Math.max(0, names.length - most),
      unkept: read.reduce((sum, { unkept }) => sum + unkept, 0),
      now,
    }),
  };
}

interface Asked {
  readonly policy: PolicyInForce;
  readonly environments: readonly EnvironmentPolicy[];
  /** ISO-8601 UTC. */
  readonly now: string;
}

interface ReadService {
  readonly tally: TrendTally;
  readonly exceptions: readonly Exception[];
  readonly unkept: number;
}

/** Of one service every scope once; what is kept of it is small. */
async function readService(needs: Needs, asked: Asked, service: string): Promise<ReadService> {
  const { policy, environments, now } = asked;
  const views = viewedOnce(needs.scopes);
  const places = await Promise.all(
    environments.map(async (environment) => {
      const scopes = needs.orgs.map((org) => ({ org, service, environment: environment.name }));
      const open = (scope: ScopeKey) => openFindings(views, policy, { scope, environment, withMonitored: true, now });
      return { environment: environment.name, groups: (await Promise.all(scopes.map(open))).flat() };
    }),
  );
  const names = environments.map(({ name }) => name);
  const scopesOf = (all: readonly string[]) =>
    needs.orgs.flatMap((org) => all.map((environment) => ({ org, service, environment })));
  const events = await Promise.all(
    scopesOf(['-', ...names]).map((scope) => needs.scopes.eventsSince(scope, trendsSince(now))),
  );
  const exceptions = await Promise.all(scopesOf(names).map((scope) => needs.exceptions.all(scope)));
  const facts = { service, places, pasts: (await views.all()).map(({ pasts }) => pasts).reduce(joined, new Map()) };
  return {
    tally: trendTallied(policy.contract, { ...facts, lives: livesIn(events) }, now),
    exceptions: exceptions.flat(),
    unkept: events.reduce((sum, { unkept }) => sum + unkept, 0),
  };
}

function livesIn(events: readonly ScopeEvents[]): (readonly LifeEvent[])[] {
  return events.flatMap((one) => [...one.events.values()]);
}

/** What counts for every environment is read once for all of them. */
function viewedOnce(scopes: Pick<ScopeStore, 'view'>) {
  const views = new Map<string, Promise<ScopeView>>();
  return {
    view: (...[scope, commits]: Parameters<ScopeStore['view']>): Promise<ScopeView> => {
      const id = JSON.stringify([scope, commits]);
      const view = views.get(id) ?? scopes.view(scope, commits);
      views.set(id, view);
      return view;
    },
    all: () => Promise.all(views.values()),
  };
}

/** A group whose members are all disabled or guests owns nothing. */
async function vacantAmong({ directory }: Needs, tallies: readonly TrendTally[]): Promise<ReadonlySet<Principal>> {
  const owners = [...new Set(tallies.flatMap((tally) => [...tally.owners.keys()]))];
  const isVacant = async (owner: Principal) =>
    (await directory.membersOf(owner)).every(({ guest, disabled }) => guest || disabled);
  const vacant = await inLanes(owners, isVacant);
  return new Set(owners.filter((_, n) => vacant[n]));
}

async function promptsSince({ gates, nudgeRecords }: Needs, now: string): Promise<Prompts> {
  const since = plusMinutes(now, -PROMPT_DAYS * MINUTES_A_DAY);
  const counts: PromptCounts = new Map();
  for await (const gate of gates.receivedSince(plusMinutes(since, -LONGEST_WAIT_DAYS * MINUTES_A_DAY)))
    countPrompts(counts, gate, since);
  const records = await nudgeRecords.all();
  return promptsOf(
    counts,
    heldBackSince(
      records.map(({ record }) => record),
      since.slice(0, 10),
    ),
  );
}
