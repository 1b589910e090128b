import type { Calendar } from '../domain/contract.ts';
import type { DigestReader } from '../domain/digest-reader.ts';
import { nextSlotAt, openSlot, type Slot } from '../domain/digest-schedule.ts';
import { earlier, plusMinutes } from '../domain/instant.ts';
import type { PolicyInForce } from './digest-basis.ts';
import { calendarOf } from './digest-readers.ts';
import { claimEnd, type DigestMark, type DigestMarks, isDone, type StoredMark } from './digest-store.ts';
import { type Conversation, type Conversations, recipientNamed } from './notifier.ts';

interface Needs {
  readonly conversations: Pick<Conversations, 'find'>;
  readonly marks: Pick<DigestMarks, 'all' | 'put'>;
}

/** When each reader (by name) is looked at next: ISO-8601 UTC. */
export type Waits = Map<string, string>;

/** Whoever became a reader is noticed so much later at most. */
export const PLANNED_EVERY_MINUTES = 60;
const LOOKED_UP_AT_ONCE = 8;

/** A reader whose time has come. */
export interface Letter {
  readonly reader: DigestReader;
  readonly calendar: Calendar;
  readonly slot: Slot;
  /** ISO-8601 UTC; when the slot after it begins. */
  readonly next: string;
  readonly to: Conversation;
  readonly before: StoredMark | undefined;
}

/** Of these readers those to be told now; when each of the others is looked at again goes into `waits`. */
export async function openLetters(
  needs: Needs,
  policy: PolicyInForce,
  due: readonly DigestReader[],
  waits: Waits,
  now: string,
): Promise<Letter[]> {
  const marks = new Map((await needs.marks.all()).map((stored) => [stored.mark.reader, stored]));
  const letters: Letter[] = [];
  for (let from = 0; from < due.length; from += LOOKED_UP_AT_ONCE) {
    const some = due.slice(from, from + LOOKED_UP_AT_ONCE);
    const found = await Promise.all(
      some.map((reader) => letterTo(needs, policy, reader, marks.get(reader.name), waits, now)),
    );
    letters.push(...found.filter((letter) => letter !== undefined));
  }
  return letters;
}

async function letterTo(
  needs: Needs,
  policy: PolicyInForce,
  reader: DigestReader,
  before: StoredMark | undefined,
  waits: Waits,
  now: string,
): Promise<Letter | undefined> {
  const to = await needs.conversations.find(recipientNamed(reader.name));
  const calendar = calendarOf(reader, policy, to?.zone);
  const { quiet } = policy.contract.digest;
  const slot = openSlot(calendar, quiet, now);
  const next = nextSlotAt(calendar, quiet, now);
  const wait = (at: string): undefined => void waits.set(reader.name, at);
  if (slot === undefined || isDone(before?.mark, slot)) return wait(next);
  const claimedUntil = claimEnd(before?.mark, slot);
  if (claimedUntil !== undefined && now < claimedUntil) return wait(claimedUntil);
  if (to !== undefined) return { reader, calendar, slot, next, to, before };
  if (!isNoted(before?.mark, slot)) await noteUnreachable(needs, reader, slot, before, now);
  return wait(earlier(next, plusMinutes(now, PLANNED_EVERY_MINUTES)));
}

function isNoted(mark: DigestMark | undefined, { date }: Slot): boolean {
  return mark?.outcome === 'unreachable' && mark.date === date;
}

async function noteUnreachable(
  { marks }: Needs,
  { name }: DigestReader,
  { date }: Slot,
  before: StoredMark | undefined,
  at: string,
): Promise<void> {
  await marks.put([{ mark: markOf(name, before?.mark, { date, outcome: 'unreachable', at }), before }]);
}

/** What was told stays as it was: nothing new has been. */
export function markOf(
  reader: string,
  before: DigestMark | undefined,
  now: Pick<DigestMark, 'date' | 'outcome' | 'at'> & { readonly code?: string },
): DigestMark {
  const { until, since, told = [] } = before ?? {};
  return {
    reader,
    ...now,
    ...(until === undefined ? {} : { until }),
    ...(since === undefined ? {} : { since }),
    told,
  };
}
