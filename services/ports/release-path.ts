import type { ActivityPlace, LoggedEntry } from '../domain/activity.ts';
import type { Place } from '../domain/asset.ts';
import type { Baseline } from '../domain/baseline.ts';
import type { Contract } from '../domain/contract.ts';
import { orgOf } from '../domain/gate.ts';
import type { Platform } from '../domain/platform.ts';
import type { Release } from '../domain/release.ts';
import {
  connectionUse,
  isConnectionUse,
  type Judged,
  judgedUse,
  judgedWrite,
  letThrough,
  releaseIdentities,
  usualPipelines,
} from '../domain/release-path.ts';
import type { BaselineStore } from './baseline-store.ts';
import type { Clock } from './clock.ts';
import { knownPlatform, type PlatformNeeds } from './known-platform.ts';
import type { PolicySnapshot } from './policy.ts';
import type { ScopeKey, ScopeStore } from './scope-store.ts';

export interface ReleasePathNeeds extends PlatformNeeds {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly baselines: Pick<BaselineStore, 'read'>;
  readonly scopes: Pick<ScopeStore, 'view'>;
}

/** Says of an entry of a log whether it was done on the release path. Rejects with StoreUnavailableError. */
export type JudgeEntry = (
  entry: LoggedEntry,
  place: ActivityPlace,
  log: { readonly source: string; readonly target: string },
) => Promise<Judged>;

/** For one round over all logs: what is asked of the stores is asked once, and only where an entry needs it. */
export function createReleasePath(
  needs: ReleasePathNeeds,
  { catalog, contract }: Pick<PolicySnapshot, 'catalog'> & { readonly contract: Contract },
): JudgeEntry {
  const now = needs.clock.now();
  const setting = { catalog, contract, now };
  const platforms = new Map<string, Promise<Platform | undefined>>();
  const platformOf = (organization: string) =>
    kept(platforms, organization, () => knownPlatform(needs, organization, now));
  const baselines = new Map<string, Promise<Baseline | undefined>>();
  const scopeOf = (organization: string, { service, environment }: Place) => ({
    ...{ org: orgOf(needs.tenant, organization), service, environment },
  });
  const baselineOf = (scope: ScopeKey) =>
    kept(baselines, JSON.stringify(scope), async () => (await needs.baselines.read(scope)).baseline);
  const releases = new Map<string, Promise<Release | undefined>>();
  const releaseIn = (scope: ScopeKey) =>
    kept(releases, JSON.stringify(scope), async () => (await needs.scopes.view(scope, [])).release);
  const used: JudgeEntry = async (entry, _place, log) => {
    const platform = await platformOf(log.target);
    const use = platform && connectionUse(entry, platform, setting);
    if (use === undefined) return {};
    const scopes = use.places.map((place) => scopeOf(log.target, place));
    const known = (await Promise.all(scopes.map(baselineOf))).filter((one) => one !== undefined);
    const released = letThrough(await Promise.all(scopes.map(releaseIn)));
    return judgedUse(entry, use, { usual: usualPipelines(known, use.id, now), released }, log);
  };
  return async (entry, place, log) => {
    if (isConnectionUse(entry)) return used(entry, place, log);
    const [service] = place.services;
    if (service === undefined || entry.asset === undefined || !entry.isWrite) return {};
    const where = { service, environment: place.environment };
    const named = releaseIdentities([], where, setting);
    if (named !== undefined) return judgedWrite(entry, where, named, contract, log);
    const all = await Promise.all(needs.organizations.map(platformOf));
    const allowed = releaseIdentities(
      all.filter((one) => one !== undefined),
      where,
      setting,
    );
    return judgedWrite(entry, where, allowed, contract, log);
  };
}

function kept<T>(all: Map<string, Promise<T>>, key: string, ask: () => Promise<T>): Promise<T> {
  const found = all.get(key) ?? ask();
  all.set(key, found);
  return found;
}
