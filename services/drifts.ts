import type { Place } from './domain/asset.ts';
import { type Baseline, nextEnd, type PlaceState } from './domain/baseline.ts';
import type { BaselineType } from './domain/catalog.ts';
import { type AfterRelease, DRIFT_CATEGORY, DRIFT_TOOL, type Drift, driftAfter, NO_DRIFT } from './domain/drift.ts';
import { type DriftView, driftView } from './domain/drift-view.ts';
import { findingsOf } from './domain/drift-words.ts';
import { orgOf } from './domain/gate.ts';
import { earlier, plusMinutes } from './domain/instant.ts';
import type { Section } from './domain/platform.ts';
import { isProduction } from './domain/platform-places.ts';
import {
  approversOf,
  DRIFT_SOURCE,
  type DriftFound,
  driftSeen,
  type LookedSince,
  type SeenAfter,
} from './domain/post-deploy.ts';
import type { BaselineStore, StoredBaseline, StoredDrift } from './ports/baseline-store.ts';
import type { Clock } from './ports/clock.ts';
import type { GateStore } from './ports/gate-store.ts';
import type { PlaceStates } from './ports/place-states.ts';
import type { KeepJudged } from './ports/placed-signals.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { ScopeKey, ScopeStore } from './ports/scope-store.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly states: PlaceStates;
  readonly baselines: Pick<BaselineStore, 'read' | 'putDrift'>;
  readonly scopes: Pick<ScopeStore, 'view'>;
  readonly gates: Pick<GateStore, 'read'>;
  readonly judged: KeepJudged;
  /** Shows it to whoever owns the service; false: not yet. Rejects when it must be tried again. */
  readonly show: (stored: StoredBaseline & { readonly drift: StoredDrift }, view: DriftView) => Promise<boolean>;
  readonly failed: (place: Place, error: unknown) => void;
}

/** Where something is compared, and with what. */
interface Look {
  readonly organization: string;
  readonly place: Place;
  readonly sections: readonly Section[];
  readonly policy: PolicySnapshot;
  /** Azure is asked again, however lately it was. */
  readonly isFresh: boolean;
}

const NO_BASELINE: SeenAfter = { source: DRIFT_SOURCE, found: [], unknown: 'no baseline was taken there yet' };
/** How long a round may go by what it remembers, where Azure is asked by the hour. */
const AGAIN_MINUTES = 60;
/** What stands as findings says how old it is; it is said anew so often though nothing changes. */
const RENEW_MINUTES = 1_440;
/** Azure is asked so often at most, however many events come. */
const BETWEEN_MINUTES = 5;
const TRIES = 8;

/** Compares places with their baselines. Changes no baseline, whatever it finds. */
export function createDrifts(needs: Needs) {
  const seen = new Map<string, Seen>();
  const asked = new Map<string, string>();
  const stale = new Set<string>();
  return {
    /** Compares what may have changed since it was last compared: without any change one call for each organization. Never rejects. */
    run: async (): Promise<void> => {
      const policy = await needs.policy.current();
      for (const organization of needs.organizations)
        await round(needs, { seen, asked, stale }, organization, policy).catch((error) =>
          needs.failed({ service: '-', environment: organization }, error),
        );
    },
    /** Something in Azure is otherwise at these services: what their baselines name is asked for, as often as that does no harm. Never rejects. */
    changed: (services: readonly string[]): Promise<void> => changed(needs, { seen, asked, stale }, services),
    /** One place, now. Rejects with StoreUnavailableError, or when it could not be shown. */
    compare: async (organization: string, place: Place, { isFresh }: { isFresh: boolean }): Promise<void> => {
      const [policy, sections] = await Promise.all([needs.policy.current(), needs.states.sections(organization)]);
      const failed = (error: unknown) => {
        seen.delete(keyOf(organization, place));
        throw error;
      };
      await compare(needs, { organization, place, sections, policy, isFresh }).catch(failed);
    },
    /** Compares one place now: what has drifted since a deployment. Undefined: no platform is known. */
    since: async (organization: string, place: Place, since: LookedSince): Promise<SeenAfter | undefined> => {
      const [policy, sections] = await Promise.all([needs.policy.current(), needs.states.sections(organization)]);
      if (!needs.states.isWatched(sections, place, policy.catalog)) return undefined;
      const { found } = await compare(needs, { organization, place, sections, policy, isFresh: true });
      const { own } = needs.states.reviewOf(organization, sections, place, policy.catalog);
      const reread = own.map(({ section }) => section);
      return found === undefined ? NO_BASELINE : driftSeen(found, since, reread);
    },
  };
}

/** What was compared, until when that holds. */
interface Seen {
  readonly mark: string;
  readonly until: string;
}

/** What this process remembers, by place. */
interface Memory {
  readonly seen: Map<string, Seen>;
  /** ISO-8601 UTC; when Azure was last asked because of an event. */
  readonly asked: Map<string, string>;
  /** An event came since. */
  readonly stale: Set<string>;
}

/** Of a burst of events the first is looked at now and the last with the next round. */
async function changed(needs: Needs, { seen, asked, stale }: Memory, services: readonly string[]): Promise<void> {
  const policy = await needs.policy.current();
  const now = needs.clock.now();
  const places = productionIn(policy).filter(
    (place) => services.includes(place.service) && typesOf(policy, place).length > 0,
  );
  for (const organization of needs.organizations)
    for (const place of places) {
      const key = keyOf(organization, place);
      seen.delete(key);
      stale.add(key);
      const last = asked.get(key);
      if (last !== undefined && now < plusMinutes(last, BETWEEN_MINUTES)) continue;
      asked.set(key, now);
      stale.delete(key);
      const look = async () => {
        const sections = await needs.states.sections(organization);
        await compare(needs, { organization, place, sections, policy, isFresh: true });
      };
      await look().catch((error) => needs.failed(place, error));
    }
}

async function round(
  needs: Needs,
  { seen, stale }: Memory,
  organization: string,
  policy: PolicySnapshot,
): Promise<void> {
  const sections = await needs.states.sections(organization);
  for (const place of productionIn(policy)) {
    if (!needs.states.isWatched(sections, place, policy.catalog)) continue;
    const own = needs.states.sectionsOf(organization, sections, place, policy.catalog);
    const mark = markOf(own, typesOf(policy, place));
    const key = keyOf(organization, place);
    const now = needs.clock.now();
    const before = seen.get(key);
    if (before?.mark === mark && now < before.until) continue;
    seen.delete(key);
    try {
      const { found, isShown } = await compare(needs, {
        organization,
        place,
        sections,
        policy,
        isFresh: stale.delete(key),
      });
      if (isShown) seen.set(key, { mark, until: untilOf(found?.baseline, now, typesOf(policy, place).length > 0) });
    } catch (error) {
      needs.failed(place, error);
    }
  }
}

function keyOf(organization: string, { service, environment }: Place): string {
  return JSON.stringify([organization, service, environment]);
}

function productionIn({ contract, catalog }: PolicySnapshot): Place[] {
  if (contract === undefined) return [];
  return [...catalog.services.values()].flatMap(({ name: service, environments }) =>
    [...environments.keys()]
      .filter((environment) => isProduction(environment, { contract }))
      .map((environment) => ({ service, environment })),
  );
}

function typesOf({ catalog }: PolicySnapshot, { service, environment }: Place): readonly BaselineType[] {
  return catalog.services.get(service)?.environments.get(environment)?.baseline ?? [];
}

/** The same as long as nothing of a place was read anew. */
function markOf(own: readonly Section[], types: readonly BaselineType[]): string {
  return JSON.stringify([
    own.map(({ kind, target, known, unknown }) => [kind, target, known?.at, unknown?.why]),
    types,
  ]);
}

const FOREVER = '9999';

function untilOf(baseline: Baseline | undefined, now: string, asksAzure: boolean): string {
  const renewed = plusMinutes(now, asksAzure ? AGAIN_MINUTES : RENEW_MINUTES);
  return baseline === undefined ? FOREVER : earlier(nextEnd(baseline, now) ?? FOREVER, renewed);
}

interface Outcome {
  readonly isShown: boolean;
  /** Absent without a baseline. */
  readonly found?: DriftFound;
}

/** Of two that compare the same at once, the later sees what the first has written. */
async function compare(needs: Needs, look: Look): Promise<Outcome> {
  const { organization, place, policy } = look;
  const scope: ScopeKey = { org: orgOf(needs.tenant, organization), ...place };
  for (let n = 0; n < TRIES; n += 1) {
    const stored = await needs.baselines.read(scope);
    const { baseline } = stored;
    if (baseline === undefined) return { isShown: true };
    const { drift, state } = await driftNow(needs, look, stored, baseline);
    const noted = await noteDrift(needs, stored, drift);
    if (noted === undefined) continue;
    const standing = await keepFindings(needs, look, noted);
    const days = policy.contract?.reviews.baselineDays;
    const where = { organization, ...scope, ...(days === undefined ? {} : { acceptedDays: days }) };
    const view = driftView(where, baseline, standing.drift.drift, needs.clock.now());
    return { isShown: await needs.show(standing, view), found: { baseline, state, drift } };
  }
  throw new StoreUnavailableError(`the drift of ${place.service} was changed by others again and again`);
}

async function driftNow(
  needs: Needs,
  { organization, place, sections, policy, isFresh }: Look,
  { scope, drift: stored }: StoredBaseline,
  baseline: Baseline,
): Promise<{ readonly drift: Drift; readonly state: PlaceState }> {
  const before = stored?.drift ?? NO_DRIFT;
  const wanted = new Set([...baseline.entries, ...baseline.accepted, ...before.items].map(({ key }) => key));
  const { catalog } = policy;
  const state = await needs.states.of(organization, sections, place, { catalog, wanted, isFresh });
  const compared = { baseline, state, now: needs.clock.now() };
  const drift = driftAfter(before, compared);
  const known = new Set(before.items.map(({ fingerprint }) => fingerprint));
  if (drift.items.every(({ fingerprint }) => known.has(fingerprint))) return { drift, state };
  const release = await lastRelease(needs, scope);
  return { state, drift: release === undefined ? drift : driftAfter(before, { ...compared, release }) };
}

/** The last deployment that was let through there, and who approved it. */
async function lastRelease({ scopes, gates }: Needs, scope: ScopeKey): Promise<AfterRelease | undefined> {
  const { release } = await scopes.view(scope, []);
  if (release === undefined) return undefined;
  const { requestId, runName, at } = release;
  const gate = (await gates.read(scope.org, requestId))?.gate;
  return { requestId, runName, at, approvedBy: gate === undefined ? [] : approversOf(gate) };
}

/** Nothing is written where nothing is new; undefined: somebody else was first. */
async function noteDrift(
  { baselines }: Needs,
  stored: StoredBaseline,
  drift: Drift,
): Promise<(StoredBaseline & { readonly drift: StoredDrift }) | undefined> {
  const before = stored.drift;
  const isOld = before !== undefined && drift.comparedAt < plusMinutes(before.drift.comparedAt, RENEW_MINUTES);
  if (before !== undefined && isOld && drift.revision === before.drift.revision) return { ...stored, drift: before };
  const told = before ?? { shown: 0, noted: -1, messages: [] };
  const next = { ...told, drift, noted: isOld ? told.noted : -1 };
  const put = await baselines.putDrift(stored, next);
  return put === undefined ? undefined : { ...put, drift: next };
}

/** Recorded first, then said: what died in between is said by the next comparison. */
async function keepFindings(
  needs: Needs,
  { organization, place, policy }: Look,
  stored: StoredBaseline & { readonly drift: StoredDrift },
): Promise<StoredBaseline & { readonly drift: StoredDrift }> {
  const { drift, noted } = stored.drift;
  // While the file of a service is broken nothing of it is judged.
  if (noted === drift.revision || policy.catalog.broken.has(place.service)) return stored;
  const { troubles } = await needs.judged({
    ...{ source: DRIFT_SOURCE, target: DRIFT_SOURCE, organization, policy, own: [place], before: [place] },
    scans: [{ tool: DRIFT_TOOL, categories: [DRIFT_CATEGORY], complete: true }],
    findings: findingsOf(drift).map((finding) => ({ finding, places: [place] })),
    known: () => [{ key: DRIFT_SOURCE, at: drift.comparedAt, isUnknown: false }],
  });
  for (const trouble of troubles) needs.failed(place, trouble);
  const next = { ...stored.drift, noted: drift.revision };
  const put = await needs.baselines.putDrift(stored, next);
  // Somebody else compares it at this moment, and says it again.
  return { ...(put ?? stored), drift: next };
}
