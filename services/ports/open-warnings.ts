import { tellFoundAfter } from '../domain/found-after.ts';
import { decisionsOf } from '../domain/judge.ts';
import { signalsOf } from '../domain/signal.ts';
import { type DecidedScope, type Warning, warningsIn } from '../domain/warning.ts';
import { newestHeads } from './open-findings.ts';
import type { PolicySnapshot } from './policy.ts';
import { knownIn, type ScopeStore, type ScopeView } from './scope-store.ts';
import type { TriageStore } from './triage-store.ts';

export interface WarningSources {
  readonly scopes: Pick<ScopeStore, 'views'>;
  readonly triage: Pick<TriageStore, 'of'>;
}

/** Where warnings are looked for. */
export interface WarningsWanted {
  readonly org: string;
  readonly service: string;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/** What is known of one service. */
export interface OpenWarnings {
  readonly service: string;
  readonly warnings: readonly Warning[];
  /** Controls that are not known to have run, in some environment; sorted. Of what nothing is known nothing is clean. */
  readonly unscanned: readonly string[];
}

/**
 * What the contract warns of in the newest reports of a service, and what it would have blocked had it been known, in every
 * environment: one call, and one for what people do with what was found. Empty without a contract. Rejects with StoreUnavailableError.
 */
export async function openWarnings(
  { scopes, triage }: WarningSources,
  policy: PolicySnapshot,
  wanted: WarningsWanted,
): Promise<OpenWarnings> {
  const { org, service, now } = wanted;
  const environments = [...(policy.contract?.environments.keys() ?? [])];
  const [triages, views] = await Promise.all([
    triage.of(org, service),
    scopes.views({ org, service }, ['-', ...environments]),
  ]);
  const viewsIn = (environment: string) => [environment, '-'].flatMap((name) => views.get(name) ?? []);
  const decided = environments.map((environment) => decidedIn(policy, wanted, environment, viewsIn(environment)));
  const unscanned = [...new Set(decided.flatMap((one) => one.unscanned))].sort();
  return { service, warnings: warningsIn(org, decided, { triages, now }), unscanned };
}

function decidedIn(
  { contract, catalog, knownExploited }: PolicySnapshot,
  { service: name, now }: WarningsWanted,
  environment: string,
  views: readonly ScopeView[],
): DecidedScope & Pick<OpenWarnings, 'unscanned'> {
  const policy = contract?.environments.get(environment);
  const known = knownIn(views);
  const { pasts, release: last } = known;
  if (contract === undefined || policy === undefined) return { environment, groups: [], pasts, unscanned: [] };
  const heads = newestHeads(known.heads);
  const service = catalog.services.get(name);
  const judged = {
    name,
    ...(service === undefined ? {} : { service }),
    ...known,
    heads,
    commits: [...new Set(heads.map(({ commit }) => commit))],
  };
  const rules = { contract, environment: policy, ...(knownExploited === undefined ? {} : { knownExploited }) };
  const input = { ...rules, services: [judged], arrivedAt: now, now, obstacles: [] };
  const release = last === undefined ? {} : { release: { environment, release: last } };
  const groups = tellFoundAfter(decisionsOf(input), { ...release, pasts, heads });
  const unknown = signalsOf(input, judged).filter(({ state }) => state === 'unknown');
  return { environment, groups, pasts, unscanned: unknown.map(({ control }) => control) };
}
