import type { Catalog } from './domain/catalog.ts';
import { sha256 } from './domain/checksum.ts';
import type { Report } from './domain/finding.ts';
import { plusMinutes, plusSeconds } from './domain/instant.ts';
import { joinedPages } from './domain/joined-pages.ts';
import { SENT, type SourceNote, strangersOf } from './domain/source-note.ts';
import type { Clock } from './ports/clock.ts';
import type { PlacedSignals } from './ports/placed-signals.ts';
import type { Policy } from './ports/policy.ts';
import type { ReportReader } from './ports/report-reader.ts';
import {
  type FoundTargets,
  type PullTarget,
  type SignalSource,
  SourceRefusedError,
  SourceUnavailableError,
} from './ports/signal-source.ts';
import { whyOf } from './ports/source-faults.ts';
import type { PlacedFrom, PullHint, SourceNotes } from './ports/source-notes.ts';
import { StoreUnavailableError } from './ports/table.ts';
import { mayBeUnlisted, namesOf, unseenIn, withoutOthers } from './ports/unlisted-targets.ts';
import { type PartialList, readWhole } from './ports/whole-list.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly sources: readonly SignalSource[];
  readonly reader: ReportReader;
  readonly notes: SourceNotes;
  readonly pulled: (pull: {
    readonly source: string;
    readonly target: PullTarget;
    readonly found: FoundTargets;
    readonly at: string;
    readonly report: Report;
    readonly places: PlacedFrom['places'];
  }) => Promise<PlacedSignals>;
  /** Goes on after the caller. */
  readonly later: (work: Promise<void>) => void;
  readonly failed: (source: string, target: string, error: unknown) => void;
}

const EVERY_MINUTES = 60;
/** Targets do not all come at the same minute. */
const SPREAD_MINUTES = 10;
const AGAIN_SECONDS = 300;
const LONGEST_WAIT_SECONDS = 3_600;
/** A time that lies further ahead was written by a clock that was wrong. */
const LATEST_MINUTES = 120;

/** Pulls what sources say of environments: each target once an hour, and soon after somebody said that something changed. */
export function createPulls(needs: Needs) {
  const partials = new Map<string, PartialList>();
  let isRunning = false;
  return {
    /** Begins a round, unless one is under way. Never rejects: it goes on in the background, and what fails is tried again. */
    run: async (): Promise<void> => {
      if (isRunning || needs.sources.length === 0) return;
      isRunning = true;
      needs.later(
        runRound(needs, partials).finally(() => {
          isRunning = false;
        }),
      );
    },
    /** Something has changed at a source in this organization (URL). Rejects with StoreUnavailableError. */
    hint: async (source: string, organization: string): Promise<void> => {
      if (needs.sources.some(({ name }) => name === source))
        await needs.notes.hint(source, organization, needs.clock.now());
    },
  };
}

async function runRound(needs: Needs, partials: Map<string, PartialList>): Promise<void> {
  const all = await needs.notes.all();
  await Promise.all(
    needs.sources.map((source) => {
      const isOf = (one: { readonly source: string }) => one.source === source.name;
      const notes = all.notes.filter((note) => isOf(note) && note.target !== SENT);
      const placed = new Map(all.placed.filter(isOf).map((one) => [one.target, one]));
      const round = { notes: new Map(notes.map((note) => [note.target, note])), hints: all.hints.filter(isOf), placed };
      return pullSource(needs, partials, source, round).catch((error) => needs.failed(source.name, '', error));
    }),
  );
}

/** Of what cannot be listed nothing is known; it is told in the place of its targets. */
const LISTING = 'listing';

/** What is known of one source when its round begins, by target. */
interface Round {
  readonly notes: ReadonlyMap<string, SourceNote>;
  readonly hints: readonly PullHint[];
  readonly placed: ReadonlyMap<string, PlacedFrom>;
}

async function pullSource(
  needs: Needs,
  partials: Map<string, PartialList>,
  source: SignalSource,
  round: Round,
): Promise<void> {
  const { notes, hints, placed } = round;
  const now = needs.clock.now();
  const latest = plusMinutes(now, LATEST_MINUTES);
  const isDue = (target: string) => {
    const at = notes.get(target)?.nextAt ?? '';
    return at <= now || at > latest;
  };
  if (!isAnythingDue(round, isDue)) return;
  const { catalog, problems } = await needs.policy.current();
  // Nothing could be read of it yet: what it names is not known.
  if (catalog.services.size === 0 && problems.length > 0) return;
  const listed = await source.targets(catalog, isDue).catch((error: unknown) => unlisted(needs, source, notes, error));
  if (listed === undefined) return;
  const found = { ...listed, unseen: withoutOthers(listed, notes.values()) };
  await leaveOrNote(needs, source, found, round, catalog, isDue);
  const hinted = new Set(hints.map(({ organization }) => organization));
  for (const target of found.targets)
    if (isDue(target.id) || hinted.has(target.repository?.organization ?? ''))
      await pullTarget(needs, partials, {
        ...{ source, target, found },
        ...{ note: notes.get(target.id), placed: placed.get(target.id) },
      });
  for (const hint of hints) await needs.notes.heeded(hint);
}

function isAnythingDue({ notes, hints }: Round, isDue: (target: string) => boolean): boolean {
  return isDue(LISTING) && (notes.size === 0 || hints.length > 0 || [...notes.keys()].some(isDue));
}

async function unlisted(needs: Needs, source: SignalSource, notes: Round['notes'], error: unknown): Promise<undefined> {
  needs.failed(source.name, LISTING, error);
  const target = { id: LISTING, name: 'what there is to be pulled' };
  await noteFailure(needs, source, target, notes.get(LISTING), error);
}

/** Of an organization that could not be listed, and of each of its targets: what they said stands, and grows old. */
async function noteUnlisted(needs: Needs, source: SignalSource, found: FoundTargets, notes: Round['notes']) {
  for (const [organization, error] of found.unlisted ?? []) {
    if (error === undefined) continue;
    needs.failed(source.name, organization, error);
    const own = [...notes.values()].filter((note) => note.organization === organization);
    const note = notes.get(organization) ?? { target: organization, name: organization };
    for (const one of [note, ...own]) await noteFailure(needs, source, { id: one.target, name: one.name }, one, error);
  }
}

/** What the catalog names and nobody shows us is unknown, not clean, and what it said stays. What nobody names any more is left. */
async function leaveOrNote(
  needs: Needs,
  source: SignalSource,
  found: FoundTargets,
  { notes, placed }: Round,
  catalog: Catalog,
  isDue: (target: string) => boolean,
): Promise<void> {
  await noteUnlisted(needs, source, found, notes);
  const seen = new Set(found.targets.map(({ id }) => id));
  const unseen = unseenIn(found, LISTING);
  const known = new Set<string>();
  const lost = [...notes.values()].filter((note) => !seen.has(note.target) && !mayBeUnlisted(note, found));
  for (const note of lost) {
    const name = namesOf(note).find((one) => unseen.has(one));
    if (name !== undefined) known.add(name);
    if (name === undefined) await leave(needs, source, found, { note, placed: placed.get(note.target), catalog });
    else if (isDue(note.target)) await noteUnseen(needs, source, note, unseen.get(name));
  }
  for (const [name, why] of unseen) if (!known.has(name)) await noteUnseen(needs, source, { target: name, name }, why);
}

async function noteUnseen(
  needs: Needs,
  source: SignalSource,
  note: Pick<SourceNote, 'target' | 'name'> & Partial<SourceNote>,
  why = '',
): Promise<void> {
  const target = { id: note.target, name: note.name };
  await noteFailure(needs, source, target, note, new SourceRefusedError(why));
}

interface Left {
  readonly note: SourceNote;
  readonly placed: PlacedFrom | undefined;
  readonly catalog: Catalog;
}

/** It is not ours any more: what it said stands nowhere from now on. While the file of a service is broken nobody knows what is its. */
async function leave(
  needs: Needs,
  source: SignalSource,
  found: FoundTargets,
  { note, placed, catalog }: Left,
): Promise<void> {
  if (placed?.places.some(({ service }) => catalog.broken.has(service))) return;
  if (placed !== undefined) {
    const scans = [{ tool: source.name, categories: [], complete: true }];
    const report = { format: source.name, results: 0, scans, findings: [], problems: [] };
    const target = { id: note.target, name: note.name };
    const { places } = placed;
    await needs.pulled({ source: source.name, target, found, at: needs.clock.now(), report, places });
    await needs.notes.narrow(placed, []);
  }
  await needs.notes.forget(note);
}

interface Task {
  readonly source: SignalSource;
  readonly target: PullTarget;
  readonly found: FoundTargets;
  readonly note: SourceNote | undefined;
  readonly placed: PlacedFrom | undefined;
}

async function pullTarget(needs: Needs, partials: Map<string, PartialList>, task: Task): Promise<void> {
  const { source, target, found, note, placed } = task;
  const key = JSON.stringify([source.name, target.id]);
  const keep = (partial: PartialList) => partials.set(key, partial);
  try {
    const whole = await readWhole(
      needs.reader,
      { source, target, begun: partials.get(key), now: needs.clock.now() },
      keep,
    );
    partials.delete(key);
    const report = joinedPages(source.name, whole.reports, whole.missing);
    const places = placed?.places ?? [];
    const pulled = await needs.pulled({ source: source.name, target, found, at: whole.at, report, places });
    if (placed !== undefined && pulled.places.length < places.length) await needs.notes.narrow(placed, pulled.places);
    await needs.notes.put(noteOf(needs, task, whole.at, report, pulled));
  } catch (error) {
    if (!(error instanceof SourceUnavailableError)) partials.delete(key);
    needs.failed(source.name, target.name, error);
    await noteFailure(needs, source, target, note, error);
  }
}

function noteOf(
  needs: Needs,
  { source, target, note }: Task,
  at: string,
  report: Report,
  placed: PlacedSignals,
): SourceNote {
  const spread = Number.parseInt(sha256(`${source.name} ${target.id}`).slice(0, 4), 16) % SPREAD_MINUTES;
  const now = needs.clock.now();
  const isWhole = report.scans.every(({ complete }) => complete);
  const troubles = [...(isWhole ? [] : report.problems.slice(0, 3)), ...placed.troubles];
  return {
    ...{ source: source.name, target: target.id, name: target.name },
    ...(target.repository === undefined ? {} : { organization: target.repository.organization }),
    ...(isWhole ? { pulledAt: at } : pulledBefore(note)),
    ...(isWhole && troubles.length === 0
      ? {}
      : { failure: { at: now, why: troubles.join('; ') || 'it was not whole' } }),
    nextAt: plusMinutes(now, EVERY_MINUTES - SPREAD_MINUTES / 2 + spread),
    strangers: strangersOf(placed.strangers),
  };
}

function pulledBefore(note: SourceNote | undefined): Pick<SourceNote, 'pulledAt'> {
  return note?.pulledAt === undefined ? {} : { pulledAt: note.pulledAt };
}

/** Of one target: the others go on. Rejects with StoreUnavailableError. */
async function noteFailure(
  needs: Needs,
  source: SignalSource,
  target: Pick<PullTarget, 'id' | 'name' | 'repository'>,
  note: object | undefined,
  error: unknown,
): Promise<void> {
  if (error instanceof StoreUnavailableError) throw error;
  const now = needs.clock.now();
  const asked = error instanceof SourceUnavailableError ? error.retryAfter : undefined;
  const wait = error instanceof SourceRefusedError ? LONGEST_WAIT_SECONDS : (asked ?? AGAIN_SECONDS);
  const { organization } = target.repository ?? {};
  await needs.notes.put({
    ...(organization === undefined ? {} : { organization }),
    ...{ strangers: { count: 0, samples: [] }, ...note },
    ...{ source: source.name, target: target.id, name: target.name },
    failure: { at: now, why: whyOf(error) },
    nextAt: plusSeconds(now, Math.min(wait, LONGEST_WAIT_SECONDS)),
  });
}
