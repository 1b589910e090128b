import { assetOf, distinctPlaces, isSamePlace, type Place } from './domain/asset.ts';
import type { Catalog } from './domain/catalog.ts';
import type { Cleared, Finding, Report } from './domain/finding.ts';
import { orgOf } from './domain/gate.ts';
import {
  afterJudged,
  afterList,
  afterTold,
  type Posture,
  pulledAt,
  reportOf,
  type ToldWords,
} from './domain/posture.ts';
import { NO_COMMIT } from './domain/scan-head.ts';
import type { ScanContext } from './domain/scan-import.ts';
import type { Stranger } from './domain/source-note.ts';
import { assetPlaces } from './ports/asset-places.ts';
import type { Assets } from './ports/assets.ts';
import type { Clock } from './ports/clock.ts';
import { neededFor } from './ports/needed-targets.ts';
import type { JudgedOutcome, JudgedPlaces, KeepJudged, PlacedSignals, SentReport } from './ports/placed-signals.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { PostureStore } from './ports/posture-store.ts';
import type { FoundTargets, PullTarget } from './ports/signal-source.ts';
import type { SourceNotes } from './ports/source-notes.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly postures: PostureStore;
  readonly notes: Pick<SourceNotes, 'remember'>;
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
  /** Everything that the source is pulled from, or should be. */
  readonly found: FoundTargets;
  /** ISO-8601 UTC; when it was begun. */
  readonly at: string;
  readonly report: Report;
  /** Where something of it was placed before. */
  readonly places: readonly Place[];
}

/**
 * What sources say of environments, whatever is deployed there: each finding goes to the service and environment of its asset, and
 * gates read it beside what was found in their commits. Each rejects with StoreUnavailableError or AssetsUnavailableError, and may then be
 * repeated: what was taken in before is the same.
 */
export function createPostures(needs: Needs) {
  return {
    /** In the place of what was known of the target before. */
    pulled: (pull: WholePull): Promise<PlacedSignals> => takePull(needs, pull),
    /** Single words, as they come. */
    told: (told: SentReport): Promise<PlacedSignals> => takeTold(needs, told),
    /** What we find out by ourselves. */
    judged: ((judged) => takeJudged(needs, judged)) satisfies KeepJudged as KeepJudged,
  };
}

async function takeJudged(needs: Needs, judged: JudgedPlaces): Promise<JudgedOutcome> {
  const { source, organization, policy, target, scans, before } = judged;
  const { catalog } = policy;
  const byPlace = Map.groupBy(
    judged.findings.flatMap(({ finding, places }) => distinctPlaces(places).map((place) => ({ finding, place }))),
    ({ place }) => JSON.stringify([place.service, place.environment]),
  );
  const placed = distinctPlaces([...judged.own, ...judged.findings.flatMap(({ places }) => places)]);
  await remember(needs, source, target, placed, before);
  const places = distinctPlaces([...placed, ...before]).filter(({ service }) => !catalog.broken.has(service));
  let isOlder = false;
  const troubles = await eachPlace([organization], places, (_, place) => {
    const here = byPlace.get(JSON.stringify([place.service, place.environment])) ?? [];
    const findings = here.map(({ finding }) => finding);
    return apply(needs, policy, { source, organization, place }, (posture, now) => {
      const after = afterJudged(posture, { target, scans, findings, parts: judged.known(place) }, now);
      isOlder ||= after === posture;
      return after;
    });
  });
  const kept = before.filter(({ service }) => catalog.broken.has(service));
  return { places: distinctPlaces([...placed, ...kept]), troubles, isOlder };
}

async function takePull(needs: Needs, pull: WholePull): Promise<PlacedSignals> {
  const { source, target, at, report, places: before } = pull;
  const policy = await needs.policy.current();
  const { catalog } = policy;
  const { repository, id, name } = target;
  const found = repository === undefined ? await byAsset(needs, catalog, report, new Map([[id, name]])) : undefined;
  const needed = neededFor(catalog, pull.found);
  const organizations = repository === undefined ? needs.organizations : [repository.organization];
  const own =
    repository?.services.map((service) => ({ service, environment: '-' })) ??
    placesIn(catalog).filter((place) => organizations.some((one) => needed(one, place).includes(id)));
  const placed = distinctPlaces([...own, ...(found?.placed.map(({ place }) => place) ?? [])]);
  await remember(needs, source, id, placed, before);
  const places = distinctPlaces([...placed, ...before]).filter(({ service }) => !catalog.broken.has(service));
  const troubles = await eachPlace(organizations, places, (organization, place) => {
    const isOwn = repository === undefined || repository.services.includes(place.service);
    const here = found?.placed.filter((one) => isSamePlace(one.place, place)).map(({ finding }) => finding);
    const findings = here ?? (isOwn ? report.findings : []);
    const list = { target: id, at, scans: report.scans, findings, needs: needed(organization, place) };
    return apply(needs, policy, { source, organization, place }, (posture, now) => afterList(posture, list, now));
  });
  const kept = before.filter((place) => isKnown(catalog, place));
  return { places: distinctPlaces([...placed, ...kept]), strangers: found?.strangers ?? [], troubles };
}

/** What is only sent may stand where no pull would look for it. */
function isKnown({ services, broken }: Catalog, { service, environment }: Place): boolean {
  const known = services.get(service);
  return broken.has(service) || (known !== undefined && (environment === '-' || known.environments.has(environment)));
}

/** Before anything is stored there: whoever dies in between leaves nothing that nobody finds again. */
async function remember(
  { notes }: Needs,
  source: string,
  target: string,
  places: readonly Place[],
  before: readonly Place[],
): Promise<void> {
  const isNew = (place: Place) => !before.some((one) => isSamePlace(one, place));
  const fresh = places.filter(isNew);
  if (fresh.length > 0) await notes.remember(source, target, fresh);
}

async function takeTold(needs: Needs, sent: SentReport): Promise<PlacedSignals> {
  const { source, report, names } = sent;
  const policy = await needs.policy.current();
  const { placed, cleared, strangers } = await byAsset(needs, policy.catalog, report, names);
  const known = [...placed.map(({ finding }) => finding), ...cleared.map((one) => one.cleared)];
  const places = distinctPlaces([...placed, ...cleared].map(({ place }) => place));
  const before = await rememberTold(needs, sent, placed);
  const troubles = await eachPlace(
    needs.organizations,
    distinctPlaces([...places, ...before]),
    (organization, place) => {
      const isHere = (one: { readonly place: Place }) => isSamePlace(one.place, place);
      const findings = placed.filter(isHere).map(({ finding }) => withTarget(finding));
      const ended = cleared.filter(isHere).map((one) => withTarget(one.cleared));
      const own = new Set([...findings, ...ended].map(({ fingerprint }) => fingerprint));
      return apply(needs, policy, { source, organization, place }, (posture, now) => {
        const moved = movedFrom(posture, known).filter(({ fingerprint }) => !own.has(fingerprint));
        const told = { scans: report.scans, findings, cleared: [...ended, ...moved] };
        return own.size + moved.length === 0 ? posture : afterTold(posture, told, now);
      });
    },
  );
  return { places, strangers, troubles };
}

/** What stands here of things that are known to be another's: it was here before the catalog or the thing changed. */
function movedFrom({ words }: Posture, known: readonly (Finding | Cleared)[]): readonly ToldWords['cleared'][number][] {
  return known
    .filter(({ fingerprint }) => words.get(fingerprint)?.finding !== undefined)
    .map(({ fingerprint, tool, asset = '', at }) =>
      withTarget({ fingerprint, tool, asset, ...(at === undefined ? {} : { at }) }),
    );
}

/** Where something of the same subscriptions stood before. */
async function rememberTold(
  needs: Needs,
  { source, report, placed: known }: SentReport,
  placed: readonly { readonly finding: Finding; readonly place: Place }[],
): Promise<readonly Place[]> {
  const before = (target: string) => known.find((one) => one.target === target)?.places ?? [];
  for (const [target, here] of Map.groupBy(placed, ({ finding }) => withTarget(finding).target))
    await remember(needs, source, target, distinctPlaces(here.map(({ place }) => place)), before(target));
  const targets = new Set([...report.findings, ...(report.cleared ?? [])].map((one) => withTarget(one).target));
  return [...targets].flatMap(before);
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

/** Stores what has changed, then has gates know it, unless `change` leaves it as it is; again where somebody else has changed it meanwhile. */
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
    if (after === before.posture) return undefined;
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
