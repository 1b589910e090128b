import { sha256 } from './domain/checksum.ts';
import type { Report } from './domain/finding.ts';
import { plusMinutes, plusSeconds } from './domain/instant.ts';
import { joinedPages } from './domain/joined-pages.ts';
import { SENT, type SourceNote, strangersOf } from './domain/source-note.ts';
import { AssetsUnavailableError } from './ports/assets.ts';
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
import type { PullHint, SourceNotes } from './ports/source-notes.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly sources: readonly SignalSource[];
  readonly reader: ReportReader;
  readonly notes: SourceNotes;
  readonly pulled: (pull: {
    readonly source: string;
    readonly target: PullTarget;
    readonly targets: readonly PullTarget[];
    readonly at: string;
    readonly report: Report;
    readonly places: SourceNote['places'];
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
/** What was read before that is too old to be one list with what comes now. */
const PARTIAL_MINUTES = 60;
const MOST_PAGES = 200;

/** A list that was begun and is gone on with where it stopped. It dies with the process: then the list is begun anew. */
interface Partial {
  readonly at: string;
  readonly reports: readonly Report[];
  readonly next?: string;
  readonly seen: ReadonlySet<string>;
}

/** Pulls what sources say of environments: each target once an hour, and soon after somebody said that something changed. */
export function createPulls(needs: Needs) {
  const partials = new Map<string, Partial>();
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

async function runRound(needs: Needs, partials: Map<string, Partial>): Promise<void> {
  const { notes, hints } = await needs.notes.all();
  await Promise.all(
    needs.sources.map((source) => {
      const own = notes.filter((note) => note.source === source.name && note.target !== SENT);
      const hinted = hints.filter((hint) => hint.source === source.name);
      return pullSource(needs, partials, source, own, hinted).catch((error) => needs.failed(source.name, '', error));
    }),
  );
}

/** Of what cannot be listed nothing is known; it is told in the place of its targets. */
const LISTING = 'listing';

async function pullSource(
  needs: Needs,
  partials: Map<string, Partial>,
  source: SignalSource,
  notes: readonly SourceNote[],
  hints: readonly PullHint[],
): Promise<void> {
  const now = needs.clock.now();
  const byTarget = new Map(notes.map((note) => [note.target, note]));
  const isDue = (target: string) => (byTarget.get(target)?.nextAt ?? '') <= now;
  const nothing = notes.length > 0 && hints.length === 0 && !notes.some(({ target }) => isDue(target));
  if (nothing) return;
  const { catalog } = await needs.policy.current();
  const found = await source.targets(catalog).catch((error: unknown) => unlisted(needs, source, byTarget, error));
  if (found === undefined) return;
  await noteUnseen(needs, source, found, byTarget);
  const targets = found.targets;
  for (const note of notes) if (!isWanted(note, found)) await leave(needs, source, targets, note);
  const hinted = new Set(hints.map(({ organization }) => organization));
  for (const target of targets)
    if (isDue(target.id) || hinted.has(target.repository?.organization ?? ''))
      await pullTarget(needs, partials, { source, target, targets, note: byTarget.get(target.id) });
  for (const hint of hints) await needs.notes.heeded(hint);
}

function isWanted({ target }: SourceNote, { targets, unseen }: FoundTargets): boolean {
  return (
    targets.some(({ id }) => id === target) || unseen.has(target) || (target === LISTING && isEmpty(targets, unseen))
  );
}

function isEmpty(targets: readonly PullTarget[], unseen: FoundTargets['unseen']): boolean {
  return targets.length === 0 && unseen.size === 0;
}

async function unlisted(
  needs: Needs,
  source: SignalSource,
  byTarget: ReadonlyMap<string, SourceNote>,
  error: unknown,
): Promise<undefined> {
  needs.failed(source.name, LISTING, error);
  const target = { id: LISTING, name: 'what there is to be pulled' };
  await noteFailure(needs, source, target, byTarget.get(LISTING), error);
}

/** What the catalog names and nobody shows us is unknown, not clean. */
async function noteUnseen(
  needs: Needs,
  source: SignalSource,
  { targets, unseen }: FoundTargets,
  byTarget: ReadonlyMap<string, SourceNote>,
): Promise<void> {
  const why = isEmpty(targets, unseen)
    ? [[LISTING, 'the catalog names nothing that it could be pulled from'] as const]
    : [...unseen];
  for (const [id, words] of why)
    await noteFailure(needs, source, { id, name: id }, byTarget.get(id), new SourceRefusedError(words));
}

/** It is not ours any more: what it said stands nowhere from now on. */
async function leave(
  needs: Needs,
  source: SignalSource,
  targets: readonly PullTarget[],
  note: SourceNote,
): Promise<void> {
  const target = { id: note.target, name: note.name };
  const scans = [{ tool: source.name, categories: [], complete: true }];
  const report = { format: source.name, results: 0, scans, findings: [], problems: [] };
  const { places } = note;
  if (places.length > 0)
    await needs.pulled({ source: source.name, target, targets, at: needs.clock.now(), report, places });
  await needs.notes.forget(note);
}

interface Task {
  readonly source: SignalSource;
  readonly target: PullTarget;
  readonly targets: readonly PullTarget[];
  readonly note: SourceNote | undefined;
}

async function pullTarget(needs: Needs, partials: Map<string, Partial>, task: Task): Promise<void> {
  const { source, target, targets, note } = task;
  const key = JSON.stringify([source.name, target.id]);
  const keep = (partial: Partial) => partials.set(key, partial);
  try {
    const begun = partials.get(key);
    const now = needs.clock.now();
    const isFresh = begun !== undefined && begun.at > plusMinutes(now, -PARTIAL_MINUTES);
    const whole = await readOn(needs, task, isFresh ? begun : { at: now, reports: [], seen: new Set() }, keep);
    partials.delete(key);
    const report = joinedPages(source.name, whole.reports);
    const places = note?.places ?? [];
    const placed = await needs.pulled({ source: source.name, target, targets, at: whole.at, report, places });
    await needs.notes.put(noteOf(needs, task, whole.at, report, placed));
  } catch (error) {
    if (!(error instanceof SourceUnavailableError)) partials.delete(key);
    needs.failed(source.name, target.name, error);
    await noteFailure(needs, source, target, note, error);
  }
}

/** Page by page to the last one; what was read stays when the next one does not come now. */
async function readOn(needs: Needs, task: Task, begun: Partial, keep: (partial: Partial) => void): Promise<Partial> {
  let partial = begun;
  for (;;) {
    const { body, next } = await task.source.page(task.target, partial.next);
    const report = await needs.reader.read(once(body), { format: task.source.name });
    if ('refused' in report) throw new SourceRefusedError(report.detail);
    const { at, reports, seen } = partial;
    if (next === undefined) return { at, reports: [...reports, report], seen };
    if (seen.has(next) || seen.size >= MOST_PAGES)
      throw new SourceRefusedError('its pages have no end: the same one is named again, or there are too many');
    partial = { at, reports: [...reports, report], next, seen: new Set([...seen, next]) };
    keep(partial);
  }
}

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
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
    ...{ source: source.name, target: target.id, name: target.name, places: placed.places },
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
  target: Pick<PullTarget, 'id' | 'name'>,
  note: SourceNote | undefined,
  error: unknown,
): Promise<void> {
  if (error instanceof StoreUnavailableError) throw error;
  const isKnown = [SourceUnavailableError, SourceRefusedError, AssetsUnavailableError].some(
    (kind) => error instanceof kind,
  );
  const now = needs.clock.now();
  const asked = error instanceof SourceUnavailableError ? error.retryAfter : undefined;
  const wait = error instanceof SourceRefusedError ? LONGEST_WAIT_SECONDS : (asked ?? AGAIN_SECONDS);
  await needs.notes.put({
    ...{ strangers: { count: 0, samples: [] }, places: [], ...note },
    ...{ source: source.name, target: target.id, name: target.name },
    failure: { at: now, why: isKnown ? (error as Error).message : 'it failed: the log has the reason' },
    nextAt: plusSeconds(now, Math.min(wait, LONGEST_WAIT_SECONDS)),
  });
}
