import type { Place } from './domain/asset.ts';
import type { Catalog } from './domain/catalog.ts';
import { sha256 } from './domain/checksum.ts';
import { plusMinutes } from './domain/instant.ts';
import { type Platform, sectionsOf } from './domain/platform.ts';
import { judgedPlatform } from './domain/platform-judgement.ts';
import { knownOf } from './domain/platform-known.ts';
import { servicesIn } from './domain/platform-places.ts';
import { PLATFORM_CATEGORY, PLATFORM_SOURCE, PLATFORM_TOOL, type PlacedFinding } from './domain/platform-rules.ts';
import type { Clock } from './ports/clock.ts';
import type { JudgedPlaces, KeepJudged } from './ports/placed-signals.ts';
import type { PolicySnapshot } from './ports/policy.ts';
import type { SourceNotes } from './ports/source-notes.ts';

interface Needs {
  readonly clock: Clock;
  readonly notes: Pick<SourceNotes, 'all' | 'narrow'>;
  readonly judged: KeepJudged;
  readonly failed: (organization: string, what: string, error: unknown) => void;
}

/** What says the same is stored again after so long: then with the age that it has by now, and in the place of whatever else was stored. */
const REFRESH_MINUTES = 60;

const SCANS = [{ tool: PLATFORM_TOOL, categories: [PLATFORM_CATEGORY] as const, complete: true }];

/** Platforms as gates read them: every rule over all that is known, stored as the posture of each place when something of it changed. */
export function createPlatformPostures(needs: Needs) {
  const stored = new Map<string, { readonly print: string; readonly at: string }>();
  /** False: what stands somewhere was judged by what was read later than this. */
  return async (platform: Platform, policy: PolicySnapshot): Promise<boolean> => {
    const { contract, catalog } = policy;
    if (contract === undefined || platform.sections.length === 0) return true;
    const now = needs.clock.now();
    const { platform: known, findings } = judgedPlatform(platform, { catalog, contract }, now);
    const own = placesOf(known, catalog);
    const print = printOf(known, findings, own, catalog);
    const last = stored.get(platform.organization);
    if (last?.print === print && last.at > plusMinutes(now, -REFRESH_MINUTES) && last.at <= now) return true;
    const { isOlder } = await store(needs, known, policy, { findings, own });
    if (isOlder) stored.delete(platform.organization);
    else stored.set(platform.organization, { print, at: now });
    return !isOlder;
  };
}

/** Every environment of the services that are built or deployed here. */
function placesOf(platform: Platform, catalog: Catalog): Place[] {
  const services = new Set(
    sectionsOf(platform, 'project').flatMap(({ target }) => servicesIn(platform, target, catalog)),
  );
  return [...services].sort().flatMap((service) => {
    const environments = [...(catalog.services.get(service)?.environments.keys() ?? [])];
    return environments.map((environment) => ({ service, environment }));
  });
}

/** Without ages: that nothing has changed since is no news. */
function printOf(
  platform: Platform,
  findings: readonly PlacedFinding[],
  own: readonly Place[],
  catalog: Catalog,
): string {
  return sha256(JSON.stringify([findings, own.map((place) => [place, missingOf(platform, place, catalog)])]));
}

function missingOf(platform: Platform, place: Place, catalog: Catalog): string[] {
  return knownOf(platform, place, catalog).flatMap(({ key, isUnknown }) => (isUnknown ? [key] : []));
}

async function store(
  { notes, judged, failed }: Needs,
  platform: Platform,
  policy: PolicySnapshot,
  { findings, own }: Pick<JudgedPlaces, 'findings' | 'own'>,
): Promise<{ readonly isOlder: boolean }> {
  const { organization } = platform;
  const placed = (await notes.all()).placed.find(
    (one) => one.source === PLATFORM_SOURCE && one.target === organization,
  );
  const before = placed?.places ?? [];
  const { places, troubles, isOlder } = await judged({
    ...{ source: PLATFORM_SOURCE, organization, target: organization, policy, scans: SCANS, findings, own, before },
    known: (place) => knownOf(platform, place, policy.catalog),
  });
  for (const trouble of troubles) failed(organization, 'posture', new Error(trouble));
  if (placed !== undefined && places.length < before.length) await notes.narrow(placed, places);
  return { isOlder };
}
