import { assetOf, type Place } from './domain/asset.ts';
import type { Catalog } from './domain/catalog.ts';
import type { Report } from './domain/finding.ts';
import { orgOf } from './domain/gate.ts';
import { afterList, afterTold, type Posture, pulledAt, reportOf } from './domain/posture.ts';
import { NO_COMMIT } from './domain/scan-head.ts';
import type { ScanContext } from './domain/scan-import.ts';
import type { Stranger } from './domain/source-note.ts';
import { assetPlaces } from './ports/asset-places.ts';
import type { Assets } from './ports/assets.ts';
import type { Clock } from './ports/clock.ts';
import type { PlacedSignals, SentReport } from './ports/placed-signals.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { PostureStore } from './ports/posture-store.ts';
import type { PullTarget } from './ports/signal-source.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly postures: PostureStore;
  /** Absent: assets are known by their ids alone. */
  readonly assets?: Pick<Assets, 'find'>;
  /** What is refused cannot be stored by one transaction. */
  readonly notePosture: (
    organization: string,
    context: ScanContext,
    report: Report,
    policy: PolicySnapshot,
  ) => Promise<{ readonly kind: string; readonly detail?: string }>;
}

/** One target, read to its last page. */
interface WholePull {
  readonly source: string;
  readonly target: PullTarget;
  /** Everything that the source is pulled from. */
  readonly targets: readonly PullTarget[];
  /** ISO-8601 UTC; when it was begun. */
  readonly at: string;
  readonly report: Report;
  /** Where the pull before placed something. */
  readonly places: readonly Place[];
}

/**
 * What sources say of environments, whatever is deployed there: each finding goes to the service and environment of its asset, and
 * gates read it beside what was found in their commits. Both reject with StoreUnavailableError or AssetsUnavailableError, and may then be
 * repeated: what was taken in before is the same.
 */
export function createPostures(needs: Needs) {
  return {
    /** In the place of what was known of the target before. */
    pulled: (pull: WholePull): Promise<PlacedSignals> => takePull(needs, pull),
    /** Single words, as they come. */
    told: (told: SentReport): Promise<PlacedSignals> => takeTold(needs, told),
  };
}

async function takePull(needs: Needs, pull: WholePull): Promise<PlacedSignals> {
  const { source, target, targets, at, report, places: before } = pull;
  const policy = await needs.policy.current();
  const { catalog } = policy;
  const { repository, id, name } = target;
  const found = repository === undefined ? await byAsset(needs, catalog, report, new Map([[id, name]])) : undefined;
  const covered = placesIn(catalog).filter((place) => neededBy(catalog, place, targets).includes(id));
  const own = repository?.services.map((service) => ({ service, environment: '-' })) ?? covered;
  const places = distinct([...own, ...(found?.placed.map(({ place }) => place) ?? []), ...before]);
  const organizations = repository === undefined ? needs.organizations : [repository.organization];
  const troubles = await eachPlace(organizations, places, (organization, place) => {
    const isOwn = repository === undefined || repository.services.includes(place.service);
    const here = found?.placed.filter((one) => isSame(one.place, place)).map(({ finding }) => finding);
    const findings = here ?? (isOwn ? report.findings : []);
    const list = { target: id, at, scans: report.scans, findings, needs: neededBy(catalog, place, targets) };
    return apply(needs, policy, { source, organization, place }, (posture, now) => afterList(posture, list, now));
  });
  const kept = distinct([...own, ...(found?.placed.map(({ place }) => place) ?? [])]);
  return { places: kept, strangers: found?.strangers ?? [], troubles };
}

async function takeTold(needs: Needs, { source, report, names }: SentReport): Promise<PlacedSignals> {
  const policy = await needs.policy.current();
  const { placed, cleared, strangers } = await byAsset(needs, policy.catalog, report, names);
  const places = distinct([...placed, ...cleared].map(({ place }) => place));
  const troubles = await eachPlace(needs.organizations, places, (organization, place) => {
    const told = {
      scans: report.scans,
      findings: placed.filter((one) => isSame(one.place, place)).map(({ finding }) => withTarget(finding)),
      cleared: cleared.filter((one) => isSame(one.place, place)).map((one) => withTarget(one.cleared)),
    };
    return apply(needs, policy, { source, organization, place }, (posture, now) => afterTold(posture, told, now));
  });
  return { places, strangers, troubles };
}

function withTarget<T extends { readonly asset?: string }>(one: T): T & { readonly target: string } {
  return { ...one, target: assetOf(one.asset ?? '')?.subscriptionId ?? '' };
}

/** Findings by where their assets belong. That something unknown is well again concerns nobody. */
async function byAsset(needs: Needs, catalog: Catalog, report: Report, names: ReadonlyMap<string, string>) {
  const all = [...report.findings, ...(report.cleared ?? [])].flatMap(({ asset }) => asset ?? []);
  const placeOf = await assetPlaces(needs.assets, catalog, all, names);
  const placed = report.findings.map((finding) => ({ finding, place: placeOf(finding.asset ?? '') }));
  return {
    placed: placed.flatMap(({ finding, place }) => (place.kind === 'known' ? [{ finding, place }] : [])),
    cleared: (report.cleared ?? []).flatMap((cleared) => {
      const place = placeOf(cleared.asset ?? '');
      return place.kind === 'known' ? [{ cleared, place }] : [];
    }),
    strangers: placed.flatMap(({ finding: { asset = '' }, place }): Stranger[] => {
      if (place.kind === 'known') return [];
      return [place.kind === 'tie' ? { asset, places: place.places } : { asset }];
    }),
  };
}

function placesIn({ services }: Catalog): readonly Place[] {
  return [...services.values()].flatMap(({ name: service, environments }) =>
    [...environments.keys()].map((environment) => ({ service, environment })),
  );
}

/** What must be read whole to know all of a place: the subscription that the catalog names, the repositories of a service. */
function neededBy(catalog: Catalog, { service, environment }: Place, targets: readonly PullTarget[]): string[] {
  const subscription = catalog.services.get(service)?.environments.get(environment)?.subscription?.toLowerCase();
  return targets
    .filter(({ id, name, repository }) => {
      if (repository !== undefined) return environment === '-' && repository.services.includes(service);
      return subscription !== undefined && [id, name.toLowerCase()].includes(subscription);
    })
    .map(({ id }) => id);
}

function isSame(one: Place, other: Place): boolean {
  return one.service === other.service && one.environment === other.environment;
}

function distinct(places: readonly Place[]): Place[] {
  const all = places.map(({ service, environment }) => ({ service, environment }));
  return [...new Map(all.map((place) => [JSON.stringify(place), place])).values()];
}

interface Where {
  readonly source: string;
  readonly organization: string;
  readonly place: Place;
}

async function eachPlace(
  organizations: readonly string[],
  places: readonly Place[],
  work: (organization: string, place: Place) => Promise<string | undefined>,
): Promise<string[]> {
  const troubles = [];
  for (const organization of organizations)
    for (const place of places) {
      const trouble = await work(organization, place);
      if (trouble !== undefined) troubles.push(`${place.service} in ${place.environment}: ${trouble}`);
    }
  return troubles;
}

const TRIES = 8;

/** Stores what has changed, then has gates know it; again where somebody else has changed it meanwhile. */
async function apply(
  needs: Needs,
  policy: PolicySnapshot,
  { source, organization, place }: Where,
  change: (posture: Posture, now: string) => Posture,
): Promise<string | undefined> {
  const key = { scope: { org: orgOf(needs.tenant, organization), ...place }, source };
  for (let tries = 0; tries < TRIES; tries += 1) {
    const before = await needs.postures.read(key);
    const after = change(before.posture, needs.clock.now());
    const isNews = textOf(after) !== textOf(before.posture);
    const stored = isNews ? await needs.postures.write(key, after, before) : before;
    if (stored === undefined) continue;
    const trouble = await noted(needs, policy, { source, organization, place }, after);
    if ((await needs.postures.read(key)).version === stored.version) return trouble;
  }
  throw new StoreUnavailableError(`${source} of ${place.service} was changed by others again and again`);
}

function textOf({ tools, pulled, words, ...rest }: Posture): string {
  return JSON.stringify([[...tools], [...pulled], [...words], rest]);
}

async function noted(
  { notePosture }: Needs,
  policy: PolicySnapshot,
  { source, organization, place: { service, environment } }: Where,
  posture: Posture,
): Promise<string | undefined> {
  if (posture.tools.size === 0) return undefined;
  const scannedAt = pulledAt(posture);
  const context: ScanContext = {
    service,
    ...(environment === '-' ? {} : { environment }),
    commit: NO_COMMIT,
    verified: true,
    timing: 'post-deploy',
    ...(scannedAt === undefined ? {} : { scannedAt }),
  };
  const { kind, detail } = await notePosture(organization, context, reportOf(posture, source), policy);
  if (kind !== 'imported') return detail;
  return posture.cut.length > 0
    ? 'there is more than is kept: only the severest count, and nothing is known to be clean'
    : undefined;
}
