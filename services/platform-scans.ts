import type { Place } from './domain/asset.ts';
import type { Platform, Section, SectionKey } from './domain/platform.ts';
import { platformAsOf } from './domain/platform-age.ts';
import { platformIndex } from './domain/platform-index.ts';
import { isAwaiting, isOfCatalog, leadsToProduction } from './domain/platform-known.ts';
import { isReadSince, reviewOf } from './domain/platform-review.ts';
import { PLATFORM_SOURCE } from './domain/platform-rules.ts';
import { dueSections, everyMinutes, type SectionState } from './domain/platform-schedule.ts';
import type { CallBudget } from './ports/call-budget.ts';
import type { Clock } from './ports/clock.ts';
import type { Cost, PlatformSource, PlatformTarget } from './ports/platform-source.ts';
import type { PlatformStore, StoredSection } from './ports/platform-store.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import { readFaultWords, readSectionPart } from './ports/section-reads.ts';
import { SourceUnavailableError } from './ports/signal-source.ts';
import type { SourceNotes } from './ports/source-notes.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly organizations: readonly string[];
  readonly platformSources: readonly PlatformSource[];
  readonly platforms: PlatformStore;
  readonly budget: CallBudget;
  readonly notes: Pick<SourceNotes, 'all' | 'put' | 'forget'>;
  /** What is known of an organization's platform now; false: somebody has judged by what was read later. */
  readonly judged: (platform: Platform, policy: PolicySnapshot) => Promise<boolean>;
  /** All that could be read in a round was read and judged, whatever became of it. Never rejects. */
  readonly ended: () => Promise<void>;
  /** Goes on after the caller. */
  readonly later: (work: Promise<void>) => void;
  readonly failed: (organization: string, what: string, error: unknown) => void;
}

/** Of what the organization bears so much is left to whatever else reads it: what was deployed is compared with each round. */
const RESERVED_CALLS = 20;
/** After so many what was read is stored: a process that dies loses no more. */
const CALLS_A_PART = 10;
/** An organization that does not answer so often in a row is left to the next round. */
const MOST_SILENT = 3;

/** Reads the delivery platforms: every section when it is due, a part at a time, and never more than the organization bears. */
export function createPlatformScans(needs: Needs) {
  let isRunning = false;
  return {
    /** Begins a round, unless one is under way. Never rejects: it goes on in the background, and what fails is tried again. */
    run: async (): Promise<void> => {
      if (needs.platformSources.every(({ kinds }) => kinds.length === 0)) return needs.ended();
      if (isRunning) return;
      isRunning = true;
      needs.later(
        runRound(needs).finally(() => {
          isRunning = false;
          return needs.ended();
        }),
      );
    },
    /** Something has changed there, or this one thing has (id). Rejects with StoreUnavailableError. */
    hint: async (organization: string, section: SectionKey, thing?: string): Promise<void> => {
      if (needs.platformSources.some(({ kinds }) => kinds.includes(section.kind)))
        await needs.platforms.hint(organization, section, needs.clock.now(), thing);
    },
    /**
     * What a look at a place goes by is read again with the next round, unless it was read since then (ISO-8601 UTC). Rejects with
     * StoreUnavailableError.
     */
    refresh: (organization: string, released: Released): Promise<void> => refresh(needs, organization, released),
  };
}

interface Released {
  readonly place: Place;
  readonly since: string;
}

async function refresh({ policy, clock, platforms }: Needs, organization: string, { place, since }: Released) {
  const { catalog } = await policy.current();
  const now = clock.now();
  const platform = platformAsOf(organization, await platforms.all(organization), now);
  // One that nobody has listed yet is read as soon as it is.
  const due = reviewOf(platformIndex(platform, catalog), place).own.filter(
    ({ section }) => !isReadSince(section, since) && platform.sections.includes(section),
  );
  for (const { section, things } of due) {
    for (const thing of namedOf(things)) await platforms.hint(organization, section, now, thing);
  }
}

/** Of more than so many things in one section all of it is read anew. */
const MOST_THINGS = 20;
/** A thing that is nowhere: the list is read again, and what costs a call for each thing is not. */
const NO_THING = '-';

function namedOf(things: readonly string[] | undefined): readonly (string | undefined)[] {
  if (things === undefined || things.length > MOST_THINGS) return [undefined];
  return things.length === 0 ? [NO_THING] : things;
}

async function runRound(needs: Needs): Promise<void> {
  const policy = await needs.policy.current();
  // Nothing could be read of the catalog yet: what it names is not known.
  if (policy.catalog.services.size === 0 && policy.problems.length > 0) return;
  for (const organization of needs.organizations)
    await scan(needs, organization, policy).catch((error) => needs.failed(organization, 'platform', error));
}

/** One round of one organization. */
interface Round {
  readonly organization: string;
  readonly policy: PolicySnapshot;
  readonly stored: Map<string, StoredSection>;
  /** Who reads which section; what has nobody is left as it is. */
  readonly sources: Map<string, PlatformSource>;
  /** What cannot be listed or seen, by name. */
  readonly unseen: Map<string, string>;
  silent: number;
}

async function scan(needs: Needs, organization: string, policy: PolicySnapshot): Promise<void> {
  const all = await needs.platforms.all(organization);
  const stored = new Map(all.map((one) => [keyOf(one.section), one]));
  const round: Round = {
    ...{ organization, policy, stored, silent: 0 },
    ...{ sources: new Map(), unseen: new Map() },
  };
  if (mayAsk(needs, round)) {
    for (const source of needs.platformSources) await listTargets(needs, round, source);
    await readDue(needs, round);
    await tell(needs, round);
  }
  const judge = (kept: readonly StoredSection[]) =>
    needs.judged(platformAsOf(organization, kept, needs.clock.now()), policy);
  // Another process reads as well: what both have read is judged once more.
  if (!(await judge([...stored.values()]))) await judge(await needs.platforms.all(organization));
}

function keyOf({ kind, target }: SectionKey): string {
  return `${kind}:${target}`;
}

function platformOf({ organization, stored }: Round): Platform {
  return { organization, sections: [...stored.values()].map(({ section }) => section) };
}

async function listTargets(needs: Needs, round: Round, source: PlatformSource): Promise<void> {
  const { sections } = platformOf(round);
  const own = sections.filter(({ kind }) => source.kinds.includes(kind));
  try {
    const found = await source.targets(round.organization, round.policy.catalog, sections);
    spend(needs, round, found);
    for (const target of found.targets) await know(needs, round, source, target);
    const unseen = new Map([...found.unseen].map(([name, why]) => [name.toLowerCase(), why]));
    for (const section of own)
      if (!round.sources.has(keyOf(section))) await missed(needs, round, section, namedIn(unseen, section));
    for (const [name, why] of unseen)
      if (!own.some((section) => namedIn(new Map([[name, why]]), section) !== undefined)) round.unseen.set(name, why);
  } catch (error) {
    if (error instanceof StoreUnavailableError) throw error;
    // What was known to be there is asked all the same, and each says for itself why it cannot be read.
    for (const section of own) round.sources.set(keyOf(section), source);
    round.unseen.set(`listing of ${source.kinds.join(', ')}`, readFaultWords(error));
    meet(needs, round, { error, what: 'targets', calls: 1 });
  }
}

function namedIn(unseen: ReadonlyMap<string, string>, { target, name }: Section): string | undefined {
  return unseen.get(target.toLowerCase()) ?? unseen.get(name.toLowerCase());
}

async function know(needs: Needs, round: Round, source: PlatformSource, found: PlatformTarget): Promise<void> {
  const { kind, target, name } = found;
  const known = round.stored.get(keyOf(found));
  round.sources.set(keyOf(found), source);
  if (known?.section.name === name) return;
  const section = { ...known?.section, kind, target, name } as Section;
  await put(needs, round, { ...(known ?? { nextAt: needs.clock.now() }), section });
}

/** What the catalog still names and nobody shows us is unknown, and what it said stays. What nobody names any more is forgotten. */
async function missed(needs: Needs, round: Round, section: Section, why: string | undefined): Promise<void> {
  const stored = round.stored.get(keyOf(section));
  if (stored === undefined) return;
  if (why === undefined) {
    // While the file of a service is broken nobody knows what is its.
    if (round.policy.catalog.broken.size > 0) return;
    await needs.platforms.forget(round.organization, section);
    round.stored.delete(keyOf(section));
    return;
  }
  if (why === section.unknown?.why) return;
  const unknown = { since: section.unknown?.since ?? needs.clock.now(), why };
  await put(needs, round, { ...stored, section: { ...section, unknown } });
}

type Next = Parameters<PlatformStore['put']>[1];

/** Where another process was first this one leaves the section alone in this round. */
async function put({ platforms }: Needs, { organization, stored, sources }: Round, next: Next): Promise<void> {
  const key = keyOf(next.section);
  const written = await platforms.put(organization, next, stored.get(key));
  if (written === undefined) sources.delete(key);
  else stored.set(key, written);
}

function spend({ budget }: Needs, { organization }: Round, { calls, retryAfter }: Cost): void {
  budget.spend(organization, Math.max(calls, 1), retryAfter);
}

function leftFor({ budget }: Needs, { organization }: Round): number {
  return budget.left(organization) - RESERVED_CALLS;
}

/** A read that failed: told, charged, and after some that nobody answered the organization has its peace. */
function meet(
  needs: Needs,
  round: Round,
  { error, what, calls }: { readonly error: unknown; readonly what: string; readonly calls: number },
): void {
  needs.failed(round.organization, what, error);
  const isSilent = error instanceof SourceUnavailableError;
  round.silent = isSilent ? round.silent + 1 : 0;
  const retryAfter = isSilent ? error.retryAfter : undefined;
  spend(needs, round, { calls, ...(retryAfter === undefined ? {} : { retryAfter }) });
}

/** Whether the organization bears another call in this round. */
function mayAsk(needs: Needs, round: Round): boolean {
  return round.silent < MOST_SILENT && leftFor(needs, round) > 0;
}

/** In turns, a part of each: however much one takes, the others come as well, and what awaited one as soon as that is read. */
async function readDue(needs: Needs, round: Round): Promise<void> {
  const ended = new Set<string>();
  const due = () => dueSections(statesOf(round), needs.clock.now()).filter((one) => !ended.has(keyOf(one)));
  for (let turn = due(); turn.length > 0; turn = due())
    for (const one of turn) {
      if (!mayAsk(needs, round)) return;
      if (!(await readOne(needs, round, one))) ended.add(keyOf(one));
    }
}

function statesOf(round: Round): SectionState[] {
  const platform = platformOf(round);
  const { contract, catalog } = round.policy;
  return [...round.stored.values()].flatMap(({ section, hints = [], ...state }) => {
    const { kind, target } = section;
    if (!round.sources.has(keyOf(section)) || isAwaiting(platform, section, catalog)) return [];
    const isProduction = contract !== undefined && leadsToProduction(platform, section, { catalog, contract });
    return [{ ...state, kind, target, isProduction, hints }];
  });
}

/** Whether more of it is to be read. */
async function readOne(needs: Needs, round: Round, section: SectionKey): Promise<boolean> {
  const key = keyOf(section);
  const [stored, source] = [round.stored.get(key), round.sources.get(key)];
  if (stored === undefined || source === undefined) return false;
  const { organization, policy } = round;
  const platform = platformOf(round);
  const read = await readSectionPart(needs, {
    ...{ organization, source, stored, sections: platform.sections },
    ...(policy.contract === undefined ? {} : { setting: { catalog: policy.catalog, contract: policy.contract } }),
    calls: Math.min(CALLS_A_PART, leftFor(needs, round)),
    every: everyMinutes(section, isOfCatalog(platform, stored.section, policy.catalog)),
  });
  if (read.stored !== undefined) round.stored.set(key, read.stored);
  if (read.error !== undefined) meet(needs, round, { error: read.error, what: key, calls: read.cost.calls });
  else {
    round.silent = 0;
    spend(needs, round, read.cost);
  }
  return read.goesOn;
}

/** What cannot be listed or seen, and so has no section that would say it. What is said already is not written again. */
async function tell({ notes, clock }: Needs, { organization, unseen }: Round): Promise<void> {
  const own = `${organization} `;
  const all = (await notes.all()).notes.filter(
    ({ source, target }) => source === PLATFORM_SOURCE && target.startsWith(own),
  );
  const before = new Map(all.map((note) => [note.target, note]));
  for (const [name, why] of unseen) {
    const target = `${own}${name}`;
    const failure = { at: before.get(target)?.failure?.at ?? clock.now(), why };
    const note = { source: PLATFORM_SOURCE, target, name, failure, strangers: { count: 0, samples: [] } };
    if (JSON.stringify(note) !== JSON.stringify(before.get(target))) await notes.put(note);
    before.delete(target);
  }
  for (const gone of before.values()) await notes.forget(gone);
}
