import {
  type ActivityEvent,
  type ActivityPlace,
  eventOf,
  type LoggedEntry,
  NOWHERE,
  placeByName,
  type SeenEnvironment,
} from './domain/activity.ts';
import type { Contract } from './domain/contract.ts';
import { plusMinutes, plusSeconds } from './domain/instant.ts';
import { afterPage, type LogCursor, nextWindow } from './domain/log-window.ts';
import { isPassedBy, type OffPathFound, weakenedCheck } from './domain/off-path.ts';
import type { SourceNote, Stranger } from './domain/source-note.ts';
import { strangersOf } from './domain/source-note.ts';
import type { ActivityStore } from './ports/activity-store.ts';
import { assetPlaces } from './ports/asset-places.ts';
import type { Assets } from './ports/assets.ts';
import type { AuditLogSource, ReadLogEntry } from './ports/audit-log.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import { createReleasePath, type JudgeEntry, type ReleasePathNeeds } from './ports/release-path.ts';
import { type PullTarget, SourceRefusedError } from './ports/signal-source.ts';
import { isDue, waitAfter, whyOf } from './ports/source-faults.ts';
import type { SourceNotes } from './ports/source-notes.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs extends ReleasePathNeeds {
  readonly policy: Policy;
  readonly sources: readonly AuditLogSource[];
  readonly read: ReadLogEntry;
  readonly activity: ActivityStore;
  readonly notes: Pick<SourceNotes, 'all' | 'put' | 'forget'>;
  /** Absent: assets are known by their ids alone. */
  readonly assets?: Pick<Assets, 'find'>;
  /** Whether people are told of this stage already; where it belongs, if that is known. */
  readonly passedBy: (target: string, entry: LoggedEntry) => Promise<'told' | ActivityPlace | undefined>;
  /** Rejects with StoreUnavailableError. */
  readonly raise: (found: OffPathFound) => Promise<void>;
  readonly failed: (source: string, target: string, error: unknown) => void;
}

/** A failure that lasts is noted once an hour, and so is that all is well. */
const NOTED_MINUTES = 60;
/** Of one log in one round; the next one goes on where it stopped. */
const MOST_PAGES = 50;
/** Of the targets that cannot be listed. */
const LISTING = 'listing';

/**
 * Reads audit logs as they grow: what is in them is kept once, however often it is read, and what was done beside the release path is
 * raised. A log is no list of what is so: nothing is gone because a later page lacks it.
 */
export function createAuditLogs(needs: Needs) {
  return {
    /** One round over all logs that may be asked now. Rejects with StoreUnavailableError. */
    run: async (): Promise<void> => {
      if (needs.sources.length === 0) return;
      const { notes } = await needs.notes.all();
      for (const source of needs.sources) {
        const own = notes.filter((note) => note.source === source.name);
        await readSource(needs, source, new Map(own.map((note) => [note.target, note])));
      }
    },
  };
}

type Notes = ReadonlyMap<string, SourceNote>;

/** What the policy does not say now nobody would be told of: the log is read on once it does. */
type WholePolicy = PolicySnapshot & { readonly contract: Contract };

function isWhole(policy: PolicySnapshot): policy is WholePolicy {
  const { contract, catalog, problems } = policy;
  return contract !== undefined && catalog.broken.size === 0 && (catalog.services.size > 0 || problems.length === 0);
}

async function readSource(needs: Needs, source: AuditLogSource, notes: Notes): Promise<void> {
  const policy = await needs.policy.current();
  if (!isWhole(policy)) return;
  const listing = { id: LISTING, name: 'what there is to be read' };
  if (!isDue(notes.get(LISTING), needs.clock.now())) return;
  try {
    const { targets, unseen } = await source.targets(policy.catalog);
    const names = new Map(targets.map(({ id, name }) => [id, name]));
    const round = { policy, names, judge: createReleasePath(needs, policy) };
    for (const target of targets) await readTarget(needs, source, target, notes.get(target.id), round);
    for (const [id, why] of unseen)
      if (isDue(notes.get(id), needs.clock.now()))
        await noteFailure(needs, source, { id, name: id }, notes.get(id), new SourceRefusedError(why));
    const known = new Set([...names.keys(), ...unseen.keys()]);
    for (const note of notes.values()) if (!known.has(note.target)) await needs.notes.forget(note);
  } catch (error) {
    await noteFailure(needs, source, listing, notes.get(LISTING), error);
  }
}

interface Round {
  readonly policy: WholePolicy;
  readonly names: ReadonlyMap<string, string>;
  readonly judge: JudgeEntry;
}

async function readTarget(
  needs: Needs,
  source: AuditLogSource,
  target: PullTarget,
  note: SourceNote | undefined,
  round: Round,
): Promise<void> {
  if (!isDue(note, needs.clock.now())) return;
  try {
    const troubles = await readOn(needs, source, target, round);
    await noteSuccess(needs, source, target, note, troubles);
  } catch (error) {
    await noteFailure(needs, source, target, note, error);
  }
}

interface Troubles {
  readonly unreadable: Map<string, number>;
  readonly strangers: Stranger[];
  /** Another process reads it, or there is more than one round reads. */
  isLeft: boolean;
}

/** Page after page to the end of its window; each is kept before the cursor says so. */
async function readOn(needs: Needs, source: AuditLogSource, target: PullTarget, round: Round): Promise<Troubles> {
  const troubles: Troubles = { unreadable: new Map(), strangers: [], isLeft: false };
  let stored = await needs.activity.logCursor(source.name, target.id);
  const put = async (cursor: LogCursor) => {
    stored = await needs.activity.putLogCursor(source.name, target.id, cursor, stored);
    return stored !== undefined;
  };
  const { from, until, next: begun } = nextWindow(stored?.cursor, needs.clock.now());
  const seen = new Set<string>();
  let next = begun;
  for (let pages = 0; pages < MOST_PAGES; pages += 1) {
    const page = await source.page(target, { from, until }, next).catch(async (error: unknown) => {
      // Where the page goes on is not known there any more: the window is begun anew, and what was kept is kept once.
      const { open: _, ...cursor } = stored?.cursor ?? { through: from };
      if (error instanceof SourceRefusedError && next !== undefined) await put(cursor);
      throw error;
    });
    await takePage(needs, source, target, page.entries, { ...round, troubles });
    const isEndless = page.next !== undefined && seen.has(page.next);
    if (isEndless) throw new SourceRefusedError('its pages have no end: the same one is named again');
    if (!(await put(afterPage(stored?.cursor, { from, until }, page.next)))) break;
    if (page.next === undefined) return troubles;
    seen.add(page.next);
    next = page.next;
  }
  troubles.isLeft = true;
  return troubles;
}

interface Taking extends Round {
  readonly troubles: Troubles;
}

async function takePage(
  needs: Needs,
  source: AuditLogSource,
  target: PullTarget,
  written: readonly unknown[],
  { policy, names, judge, troubles }: Taking,
): Promise<void> {
  const entries = await entriesIn(needs, source, target, written, troubles);
  const placed = await placesOf(needs, entries, target, policy, names, troubles);
  const log = { source: source.name, target: target.id };
  const events: ActivityEvent[] = [];
  const found: OffPathFound[] = [];
  for (const entry of entries) {
    const place = placed.get(entry.id) ?? NOWHERE;
    const judged = await judge(entry, place, log);
    events.push(...[eventOf(entry, log, place), judged.event].filter((event) => event !== undefined));
    if (judged.found !== undefined) found.push(judged.found);
  }
  if (events.length > 0) await needs.activity.add(events);
  for (const one of found) await needs.raise(one);
  for (const entry of entries) await raiseCheck(needs, target, entry, placed.get(entry.id) ?? NOWHERE, policy);
}

async function entriesIn(
  needs: Needs,
  source: AuditLogSource,
  target: PullTarget,
  written: readonly unknown[],
  { unreadable }: Troubles,
): Promise<LoggedEntry[]> {
  const entries: LoggedEntry[] = [];
  for (const one of written) {
    const read = await needs.read(source.name, target.id, one);
    if (!('kind' in read)) entries.push(read);
    else if (read.kind === 'unreadable') unreadable.set(read.why, (unreadable.get(read.why) ?? 0) + 1);
  }
  return entries;
}

/** What is of an asset belongs where the catalog has the asset; all else where its names are known. */
async function placesOf(
  needs: Needs,
  entries: readonly LoggedEntry[],
  target: PullTarget,
  { catalog }: PolicySnapshot,
  names: ReadonlyMap<string, string>,
  troubles: Troubles,
): Promise<ReadonlyMap<string, ActivityPlace>> {
  const assets = [...new Set(entries.flatMap(({ asset }) => asset ?? []))];
  const placeOf = await assetPlaces(needs.assets, catalog, assets, names);
  const isNamed = entries.some(({ about }) => about.environment !== undefined);
  const cursors = isNamed ? await needs.activity.deploymentCursors() : [];
  const environments: readonly SeenEnvironment[] = cursors
    .map(({ cursor }) => cursor)
    .filter(({ organization }) => organization === target.id);
  return new Map(
    entries.map(({ id, asset, about, finding }): [string, ActivityPlace] => {
      if (asset === undefined) return [id, placeByName(about, catalog, environments)];
      const place = placeOf(asset);
      if (place.kind === 'known') return [id, { services: [place.service], environment: place.environment }];
      if (finding !== undefined)
        troubles.strangers.push({ asset, ...(place.kind === 'tie' ? { places: place.places } : {}) });
      return [id, NOWHERE];
    }),
  );
}

async function raiseCheck(
  needs: Needs,
  target: PullTarget,
  entry: LoggedEntry,
  place: ActivityPlace,
  { contract }: WholePolicy,
): Promise<void> {
  const stage = isPassedBy(entry) ? await needs.passedBy(target.id, entry) : undefined;
  if (stage === 'told') return;
  const check = weakenedCheck(entry, stage ?? place, contract);
  if (check !== undefined) await needs.raise(check);
}

async function noteSuccess(
  needs: Needs,
  source: AuditLogSource,
  { id, name }: PullTarget,
  note: SourceNote | undefined,
  { unreadable, strangers, isLeft }: Troubles,
): Promise<void> {
  const now = needs.clock.now();
  const why = [...unreadable].map(([reason, count]) => `${count} of its entries could not be read: ${reason}`);
  const isSame = note !== undefined && note.failure === undefined && why.length === 0 && strangers.length === 0;
  if (isSame && (note.pulledAt ?? '') > plusMinutes(now, -NOTED_MINUTES)) return;
  await needs.notes.put({
    ...{ source: source.name, target: id, name },
    ...(isLeft ? pulledBefore(note) : { pulledAt: now }),
    ...(why.length === 0 ? {} : { failure: { at: now, why: why.slice(0, 3).join('; ') } }),
    nextAt: now,
    strangers: strangersOf([...strangers, ...(note?.strangers.samples ?? [])]),
  });
}

function pulledBefore(note: SourceNote | undefined): Pick<SourceNote, 'pulledAt'> {
  return note?.pulledAt === undefined ? {} : { pulledAt: note.pulledAt };
}

/** Of one log: the others go on. What is known of it stays, and its age shows. Rejects with StoreUnavailableError. */
async function noteFailure(
  needs: Needs,
  source: AuditLogSource,
  target: Pick<PullTarget, 'id' | 'name'>,
  note: SourceNote | undefined,
  error: unknown,
): Promise<void> {
  if (error instanceof StoreUnavailableError) throw error;
  needs.failed(source.name, target.name, error);
  const now = needs.clock.now();
  await needs.notes.put({
    ...{ strangers: { count: 0, samples: [] }, ...note },
    ...{ source: source.name, target: target.id, name: target.name },
    failure: { at: now, why: whyOf(error) },
    nextAt: plusSeconds(now, waitAfter(error)),
  });
}
