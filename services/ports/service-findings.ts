import type { OpenGroup } from '../domain/judgement.ts';
import { openFindings } from './open-findings.ts';
import type { PolicySnapshot } from './policy.ts';
import type { ScopeStore, ScopeView } from './scope-store.ts';

/** What is open of one service in one environment of one organization. */
export interface FoundIn {
  readonly org: string;
  readonly service: string;
  readonly environment: string;
  readonly groups: readonly OpenGroup[];
}

export interface ServiceWanted {
  readonly org: string;
  readonly service: string;
  /** Names of the contract's environments; another one is passed over. */
  readonly environments: readonly string[];
  readonly withMonitored?: boolean;
  /** As of what is asked for (open-findings.ts). */
  readonly withLikes?: boolean;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/** As gates judge it now, in each of these environments: one call for each, and one for what counts for all of them. */
export async function serviceFindings(
  scopes: Pick<ScopeStore, 'view'>,
  policy: PolicySnapshot,
  { org, service, environments, now, withMonitored = false, withLikes = false }: ServiceWanted,
): Promise<FoundIn[]> {
  const views = new Map<string, Promise<ScopeView>>();
  const view: ScopeStore['view'] = (scope, commits) => {
    const read = views.get(scope.environment) ?? scopes.view(scope, commits);
    views.set(scope.environment, read);
    return read;
  };
  const known = environments.flatMap((name) => policy.contract?.environments.get(name) ?? []);
  return Promise.all(
    known.map(async (environment) => {
      const scope = { org, service, environment: environment.name };
      const groups = await openFindings({ view }, policy, {
        ...{ scope, environment, now, withMonitored, withLikes },
        withExceptions: true,
      });
      return { ...scope, groups };
    }),
  );
}
