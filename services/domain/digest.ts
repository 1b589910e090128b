import { sha256Base32 } from './checksum.ts';
import type { RuleInForce } from './contract-view.ts';
import { type CoveredReader, type DigestBasis, type DigestReader, readsOf, standsFor } from './digest-reader.ts';
import type { Exception } from './exception.ts';
import { minuteOf } from './finding-history.ts';
import type { Nudge } from './nudge.ts';
import type { Principal } from './person.ts';
import { isUnowned, type Warning } from './warning.ts';

/** What is said of a warning; of several things the first. */
export const DIGEST_SECTIONS = [
  /** Its date has passed. */
  'overdue',
  /** Time makes more of it by the end of the next working day, or the next sighting does. */
  'escalating',
  /** Nobody is there to mend it. */
  'unowned',
  /** A rule blocks it from a date that this reader has not been told yet. */
  'announced',
  /** Since the reader's last digest. */
  'new',
  /** Nothing of these: counted, and shown when asked for. */
  'open',
] as const;
export type DigestSection = (typeof DIGEST_SECTIONS)[number];

/** Where one reader stands. */
export interface ReaderState {
  /** ISO-8601 UTC; what was first seen from then on is new to them. Absent: everything is. */
  readonly since?: string;
  /** What they have been told once (`announcementOf`). */
  readonly told: readonly string[];
  /** ISO-8601 UTC; end of the next working day. */
  readonly horizon: string;
  /** What they were not told again because they had heard enough that day. */
  readonly heldBack?: readonly Nudge[];
  /** By service the controls that are not known to have run there, of whatever service. */
  readonly unscanned?: ReadonlyMap<string, readonly string[]>;
}

/** The warnings of one service in one section. */
export interface DigestPart {
  readonly service: string;
  readonly section: DigestSection;
  /** Findings. */
  readonly count: number;
  /** Of all its groups, and the first few of them. */
  readonly groups: number;
  readonly first: readonly Warning[];
}

export interface Digest {
  /** ISO-8601 UTC. */
  readonly at: string;
  readonly since?: string;
  /** By service, what is most urgent first. */
  readonly parts: readonly DigestPart[];
  /** Findings in each section. */
  readonly counts: Readonly<Record<DigestSection, number>>;
  /** Findings that nobody owns, in whatever section, and whose they would be. */
  readonly unowned: number;
  readonly vacant: readonly Principal[];
  readonly exceptions: readonly DigestException[];
  readonly undecided: readonly RuleInForce[];
  readonly heldBack: readonly Nudge[];
  /** By service the controls that are not known to have run there. */
  readonly unscanned: readonly { readonly service: string; readonly controls: readonly string[] }[];
  /** What was announced by now, for `ReaderState.told`. */
  readonly told: readonly string[];
  readonly covers?: readonly CoveredReader[];
}

export interface DigestException {
  readonly exception: Exception;
  readonly why: 'review' | 'ending';
}

/** So many of each part are shown without being asked for. */
export const SHOWN_FIRST = 5;

/** True when nothing of it needs a reader today. */
export function isEmpty({ counts, exceptions, undecided, heldBack }: Digest): boolean {
  const { open: _, ...urgent } = counts;
  if (exceptions.length + undecided.length + heldBack.length > 0) return false;
  return Object.values(urgent).every((count) => count === 0);
}

/** `warnings` are those that `readBy` leaves. */
export function digestFor(
  reader: DigestReader,
  warnings: readonly Warning[],
  basis: DigestBasis,
  state: ReaderState,
): Digest {
  const counts: Record<DigestSection, number> = {
    overdue: 0,
    escalating: 0,
    unowned: 0,
    announced: 0,
    new: 0,
    open: 0,
  };
  const parts = new Map<string, DigestPart & { first: Warning[] }>();
  for (const warning of warnings) {
    for (const [section, count] of sectionsOf(warning, basis, state)) {
      counts[section] += count;
      const key = JSON.stringify([warning.service, section]);
      const part = parts.get(key) ?? { service: warning.service, section, count: 0, groups: 0, first: [] };
      if (part.first.length < SHOWN_FIRST) part.first.push(warning);
      parts.set(key, { ...part, count: part.count + count, groups: part.groups + 1 });
    }
  }
  const unowned = warnings.filter((warning) => isUnowned(warning, basis.vacant));
  return {
    at: basis.at,
    ...(state.since === undefined ? {} : { since: state.since }),
    parts: [...parts.values()].sort(byUrgency),
    counts,
    unowned: unowned.reduce((sum, { count }) => sum + count, 0),
    vacant: [...new Set(unowned.map(({ owner }) => owner))].sort(),
    exceptions: exceptionsFor(reader, basis, state),
    undecided: basis.undecided.filter(({ owner }) => isKeeper(reader, owner) || isKeeper(reader, basis.keeper)),
    heldBack: state.heldBack ?? [],
    unscanned: [...(state.unscanned ?? [])]
      .filter(([service, controls]) => controls.length > 0 && readsOf(reader, service))
      .map(([service, controls]) => ({ service, controls })),
    told: [...new Set(warnings.flatMap(announcementOf))].sort(),
    ...(reader.covers === undefined ? {} : { covers: reader.covers }),
  };
}

/** Services with what is most urgent first, of each the sections in their order. */
function byUrgency(a: DigestPart, b: DigestPart): number {
  const rank = ({ section }: DigestPart) => DIGEST_SECTIONS.indexOf(section);
  return rank(a) - rank(b) || shipped(b) - shipped(a) || b.count - a.count || (a.service < b.service ? -1 : 1);
}

/** Of what is as urgent, services first in which something was found after a release. */
function shipped({ first }: DigestPart): number {
  return first.filter(({ foundAfter }) => foundAfter !== undefined).length;
}

/** One finding is in one section: those of a group that are new by themselves are told apart from the others. */
export function sectionsOf(warning: Warning, basis: DigestBasis, state: ReaderState): [DigestSection, number][] {
  const section = sectionOf(warning, basis, state);
  if (section !== undefined) return [[section, warning.count]];
  const fresh = freshIn(warning, state);
  const rest = warning.count - fresh;
  return [...(fresh > 0 ? [['new', fresh] as [DigestSection, number]] : []), ...(rest > 0 ? [opened(rest)] : [])];
}

function opened(count: number): [DigestSection, number] {
  return ['open', count];
}

function sectionOf(warning: Warning, { at, vacant }: DigestBasis, state: ReaderState): DigestSection | undefined {
  const { dueAt } = warning;
  const next = nextChange(warning, at, state.horizon);
  // What gets worse on a known day is told before it, also of what is overdue already.
  if (next?.at !== undefined) return 'escalating';
  if (dueAt !== undefined && dueAt <= at) return 'overdue';
  // Whoever put it off knows of it; what has a day above is told all the same.
  if (warning.isSnoozed === true) return 'open';
  if (next !== undefined) return 'escalating';
  if (isUnowned(warning, vacant)) return 'unowned';
  return announcementOf(warning).some((key) => !state.told.includes(key)) ? 'announced' : undefined;
}

/** How many of them were first seen since the last digest. */
function freshIn({ seen }: Warning, { since }: ReaderState): number {
  if (since === undefined) return seen.length;
  const minute = minuteOf(since);
  const older = seen.findIndex((one) => one < minute);
  return older < 0 ? seen.length : older;
}

/** What time makes of a warning. */
export interface NextChange {
  readonly to: 'block' | 'owner-lead' | 'due' | 'overdue';
  /** ISO-8601 UTC; absent: with the next sighting. */
  readonly at?: string;
}

/** What becomes of it until `horizon`, the strictest of what comes. */
export function nextChange(warning: Warning, now: string, horizon: string): NextChange | undefined {
  const { blocksFrom, escalatesAt, dueAt } = warning;
  const changes: NextChange[] = [
    ...(blocksFrom === undefined ? [] : [{ to: 'block' as const, at: `${blocksFrom}T00:00:00.000Z` }]),
    ...(escalatesAt === undefined ? [] : [escalatesAt]),
    ...(dueAt === undefined ? [] : [{ to: 'overdue' as const, at: dueAt }]),
  ];
  const order = ['block', 'owner-lead', 'overdue', 'due'] as const;
  return changes
    .filter(({ at }) => at === undefined || (now < at && at < horizon))
    .sort((a, b) => order.indexOf(a.to) - order.indexOf(b.to))[0];
}

/** By what a reader is told of a rule's day once, short enough for the row of who reads everything; another day is told anew. Nothing where no day is set. */
export function announcementOf({
  service,
  control = '-',
  blocksFrom,
}: Pick<Warning, 'service' | 'control' | 'blocksFrom'>): string[] {
  return blocksFrom === undefined ? [] : [sha256Base32(`${service} ${control} ${blocksFrom}`).slice(0, 12)];
}

function exceptionsFor(
  reader: DigestReader,
  { exceptions, ending }: DigestBasis,
  { horizon }: ReaderState,
): DigestException[] {
  return exceptions
    .filter(({ target, terms }) => {
      const { service, environment } = target;
      return (
        reader.services.has(service) || reader.environments.has(environment) || standsFor(reader, terms.owner, service)
      );
    })
    .flatMap((exception): DigestException[] => {
      const why = whyNow(exception, ending, horizon);
      return why === undefined ? [] : [{ exception, why }];
    })
    .sort((a, b) => (a.exception.terms.until < b.exception.terms.until ? -1 : 1));
}

/** A question that is open, or will be by the end of the next working day; else its end. */
function whyNow(
  { id, state, reviews }: Exception,
  ending: ReadonlySet<string>,
  horizon: string,
): DigestException['why'] | undefined {
  if (state !== 'active') return undefined;
  if (reviews.askedAt !== undefined || (reviews.nextAt !== undefined && reviews.nextAt < horizon)) return 'review';
  return ending.has(id) ? 'ending' : undefined;
}

/** Whose the contract is, or the control, whatever the service. */
function isKeeper({ standsFor: all }: DigestReader, principal: Principal): boolean {
  return all.get(principal) === 'all';
}

/** Those of these warnings that have something in this section. */
export function bySection(
  warnings: readonly Warning[],
  section: DigestSection,
  basis: DigestBasis,
  state: ReaderState,
): Warning[] {
  return warnings.filter((one) => sectionsOf(one, basis, state).some(([name]) => name === section));
}
