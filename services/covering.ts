import {
  type Cover,
  type CoverNews,
  type CoverRefusal,
  coverRefusal,
  LONGEST_COVER_DAYS,
  type Named,
  type NamedCover,
} from './domain/cover.ts';
import type { Person, PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import { type DateRefusal, readWrittenDate } from './domain/written-date.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import { type Directory, DirectoryUnavailableError } from './ports/directory.ts';
import type { GateStore, StoredGate } from './ports/gate-store.ts';
import { type Meant, personMeant } from './ports/meant.ts';
import type { Conversations } from './ports/notifier.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly conversations: Conversations;
  readonly gates: GateStore;
  /** Why this person may do nothing here, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
  /** Called when a cover has changed, with those whose requests have to be looked at again once that is under way. */
  readonly changed: (affected: () => Promise<readonly StoredGate[]>) => void;
}

export interface CoverWish {
  readonly by: PersonActor;
  readonly absent: Meant;
  readonly op: string;
}

export interface NewCover extends CoverWish {
  readonly cover: Meant;
  /** As written. */
  readonly until: string;
  /** IANA zone of the person who wrote it, if known. */
  readonly timezone?: string;
}

/** What a refusal is about. */
export interface AboutCover {
  /** The name of whoever is not taken. */
  readonly name?: string;
  readonly date?: DateRefusal;
}

export type CoverAnswered =
  | {
      readonly kind: 'set';
      readonly cover: NamedCover;
      /** ISO date, inclusive, in `timezone`. */
      readonly date: string;
      readonly timezone: string;
      readonly replaced?: NamedCover;
      /** Whoever covers is away too: nobody else decides for the person who is covered. */
      readonly alsoAway?: NamedCover;
    }
  | { readonly kind: 'ended'; readonly cover: NamedCover }
  | { readonly kind: 'listed'; readonly covers: readonly NamedCover[] }
  | { readonly kind: 'refused'; readonly refusal: CoverRefusal | Refusal; readonly about: AboutCover };

export type Covering = ReturnType<typeof createCovering>;

/** Who decides in whose place while somebody is away. Each of them rejects when the store does not answer. */
export function createCovering(needs: Needs) {
  return {
    /** For oneself, or as a manager for one's people. Replaces the cover that stands. */
    set: (wish: NewCover): Promise<CoverAnswered> => unlessUnknown(needs, wish.by, () => setCover(needs, wish)),
    /** By whoever is back, their manager, or whoever covers. */
    end: (wish: CoverWish): Promise<CoverAnswered> => unlessUnknown(needs, wish.by, () => endCover(needs, wish)),
    /** Who covers this person, and whom they cover. */
    list: (by: PersonActor): Promise<CoverAnswered> => unlessUnknown(needs, by, () => listCovers(needs, by)),
  };
}

async function unlessUnknown(needs: Needs, by: PersonActor, answer: () => Promise<CoverAnswered>) {
  const stranger = await needs.strangerBecause(by);
  if (stranger !== undefined) return refused(stranger);
  try {
    return await answer();
  } catch (error) {
    if (error instanceof DirectoryUnavailableError) return refused('cannot-verify-now');
    throw error;
  }
}

function refused(refusal: CoverRefusal | Refusal, about: AboutCover = {}): CoverAnswered {
  return { kind: 'refused', refusal, about };
}

async function setCover(needs: Needs, wish: NewCover): Promise<CoverAnswered> {
  const [absent, by, actor] = await Promise.all([
    personMeant(needs, wish.absent),
    personMeant(needs, wish.cover),
    needs.directory.person(wish.by.oid),
  ]);
  if (typeof absent === 'string') return refused(absent);
  if (typeof by === 'string') return refused(by);
  if (actor === undefined) return refused('not-in-directory');
  const isTheirs = actor.oid === absent.oid || (await needs.directory.managerOf(absent.oid)) === actor.oid;
  if (!isTheirs) return refused('not-the-manager', { name: absent.name });
  const refusal = coverRefusal(absent, by);
  if (refusal !== undefined) return refused(refusal, { name: notTaken(absent, by).name });
  const now = needs.clock.now();
  const { timezone, cadences } = await calendarOf(needs, wish.timezone);
  const written = readWrittenDate(wish.until, { now, timezone, cadences, maxDays: LONGEST_COVER_DAYS });
  if (written.kind === 'refused') return refused(written.why.code, { date: written.why });
  const cover = { absent: named(absent), by: named(by), until: written.until, setBy: named(actor) };
  const also = await replaceWith(needs, cover, wish, now);
  return { kind: 'set', cover, date: written.date, timezone, ...also };
}

/** Whom a guest's or a disabled account's refusal is about. */
function notTaken(absent: Person, by: Person): Person {
  return absent.disabled || (absent.guest && !by.disabled) ? absent : by;
}

async function calendarOf({ policy }: Needs, timezone: string | undefined) {
  const calendar = (await policy.current()).contract?.calendar;
  return { timezone: timezone ?? calendar?.timezone ?? 'UTC', cadences: calendar?.cadences ?? new Map() };
}

async function replaceWith(needs: Needs, cover: NamedCover, wish: NewCover, now: string) {
  const [before, inForce] = await Promise.all([needs.covers.coverOf(cover.absent.oid), needs.covers.inForce(now)]);
  const replaced = before !== undefined && now < before.until ? await withNames(needs, before) : undefined;
  const away = inForce.find(({ absent }) => absent === cover.by.oid);
  const others = [cover.absent, cover.by].filter(({ oid }) => oid !== wish.by.oid);
  const isRelieved = replaced !== undefined && ![cover.by.oid, wish.by.oid].includes(replaced.by.oid);
  const news: CoverNews[] = [
    ...others.map(({ oid }) => ({ to: oid, kind: 'set' as const, cover })),
    ...(isRelieved ? [{ to: replaced.by.oid, kind: 'ended' as const, cover: replaced }] : []),
  ];
  const actor = { ...wish.by, name: cover.setBy.name };
  const changed = await needs.covers.set(cover, { op: wish.op, actor, at: now, news });
  needs.changed(() => gatesAsking(needs, cover.absent.oid));
  // What a repeated message finds is its own cover, which replaced nothing then.
  const isNew = changed.kind === 'changed' && replaced !== undefined;
  return {
    ...(isNew ? { replaced } : {}),
    ...(away === undefined ? {} : { alsoAway: await withNames(needs, away) }),
  };
}

async function endCover(needs: Needs, { by, absent, op }: CoverWish): Promise<CoverAnswered> {
  const [person, actor] = await Promise.all([personMeant(needs, absent), needs.directory.person(by.oid)]);
  if (typeof person === 'string') return refused(person);
  if (actor === undefined) return refused('not-in-directory');
  const now = needs.clock.now();
  const stored = await needs.covers.coverOf(person.oid);
  const mayEnd =
    [person.oid, stored?.by].includes(actor.oid) || (await needs.directory.managerOf(person.oid)) === actor.oid;
  if (!mayEnd) return refused('not-the-manager', { name: person.name });
  if (stored === undefined || stored.until <= now) return refused('no-cover', { name: person.name });
  const cover = await withNames(needs, stored);
  const news = [cover.absent, cover.by]
    .filter(({ oid }) => oid !== actor.oid)
    .map(({ oid }) => ({ to: oid, kind: 'ended' as const, cover }));
  await needs.covers.end(cover, { op, actor: { ...by, name: actor.name }, at: now, news });
  needs.changed(() => gatesAsking(needs, person.oid));
  return { kind: 'ended', cover };
}

async function listCovers(needs: Needs, { oid }: PersonActor): Promise<CoverAnswered> {
  const inForce = await needs.covers.inForce(needs.clock.now());
  const mine = inForce.filter(({ absent, by }) => absent === oid || by === oid);
  return { kind: 'listed', covers: await Promise.all(mine.map((cover) => withNames(needs, cover))) };
}

function named({ oid, name }: Person): Named {
  return { oid, name };
}

/** Somebody who has left the directory is named by their id. */
async function withNames({ directory }: Needs, { absent, by, until, setBy }: Cover): Promise<NamedCover> {
  const nameOf = async (oid: string): Promise<Named> => ({ oid, name: (await directory.person(oid))?.name ?? oid });
  const [away, cover, actor] = await Promise.all([nameOf(absent), nameOf(by), nameOf(setBy)]);
  return { absent: away, by: cover, until, setBy: actor };
}

/** What is beyond this is looked at again all the same, by the next reconciliation. */
const MOST_JUDGED = 200;

/** Requests that ask this person, or somebody in their place. */
async function gatesAsking({ gates }: Needs, absent: string): Promise<readonly StoredGate[]> {
  const open = await gates.open();
  const found: StoredGate[] = [];
  for (const { org, id } of open.slice(0, MOST_JUDGED)) {
    const stored = await gates.read(org, id);
    const asked = stored?.gate.state === 'asked' ? (stored.gate.ask?.levels ?? []) : [];
    const people = asked.flatMap(({ eligible }) => eligible);
    if (stored !== undefined && people.some(({ oid, covers }) => oid === absent || covers?.oid === absent))
      found.push(stored);
  }
  return found;
}
