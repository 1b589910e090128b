import { dateIn, isWorkingTime, morningOf } from './domain/calendar.ts';
import type { Calibration, Measurement } from './domain/calibration.ts';
import type { Calendar } from './domain/contract.ts';
import { erosionsOf } from './domain/erosion.ts';
import { plusDays, plusMinutes } from './domain/instant.ts';
import type { CalibrationNotes, Noted, OwnerNote, Round } from './ports/calibration-notes.ts';
import type { Clock } from './ports/clock.ts';
import type { Directory } from './ports/directory.ts';
import { groupOrLead } from './ports/group-or-lead.ts';
import {
  type CalibrationNews,
  type Conversation,
  type Conversations,
  lossIn,
  type Notifier,
  type Sent,
} from './ports/notifier.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly calibrationNotes: CalibrationNotes;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell'>;
  /** Undefined without a contract. Rejects with StoreUnavailableError. */
  readonly measure: () => Promise<Measurement | undefined>;
  /** `who`: an owner as the contract names it, or the object id of one of its people. */
  readonly failed: (who: string, why: unknown) => void;
}

/** A claim that is older belongs to a process that died, or could not measure. */
const CLAIM_MINUTES = 60;

/**
 * Measures every control once a day, from the hour on at which work begins; notes which of them exceptions have eroded,
 * and tells owners what should become of theirs. Any number of processes may do so at once. No judgement waits for it.
 */
export function createCalibrationRounds(needs: Needs) {
  /** When this process looks again; lost with it. */
  let nextAt = '';
  let current: Promise<void> | undefined;
  const pass = async () => {
    nextAt = await round(needs);
  };
  return {
    /** No call to anything until the next day begins. Rejects when the store does not answer. */
    run: (): Promise<void> => {
      if (current === undefined && needs.clock.now() < nextAt) return Promise.resolve();
      current ??= pass().finally(() => {
        current = undefined;
      });
      return current;
    },
  };
}

/** When to look again. */
async function round(needs: Needs): Promise<string> {
  const { contract } = await needs.policy.current();
  const now = needs.clock.now();
  if (contract === undefined) return now;
  const { calendar } = contract;
  const day = dateIn(calendar, now);
  const morning = morningOf(calendar, day);
  if (now < morning) return morning;
  const tomorrow = morningOf(calendar, plusDays(day, 1));
  const { round: before, erosions, owners } = await needs.calibrationNotes.read();
  const takenUntil = before === undefined ? now : endOf(before.note, day, tomorrow);
  if (now < takenUntil) return takenUntil;
  const claim = await needs.calibrationNotes.putRound({ day, at: now, isDone: false }, before);
  const measured = claim === undefined ? undefined : await needs.measure();
  if (measured === undefined) return plusMinutes(now, CLAIM_MINUTES);
  await needs.calibrationNotes.putErosions(erosionsOf(measured.calibrations, erosions, measured.at), erosions);
  await tellOwners(needs, { measured, calendar, day }, owners);
  await needs.calibrationNotes.putRound({ day, at: needs.clock.now(), isDone: true }, claim);
  return tomorrow;
}

/** Until when nobody else measures. */
function endOf(round: Round, day: string, tomorrow: string): string {
  if (round.day < day) return '';
  return round.isDone ? tomorrow : plusMinutes(round.at, CLAIM_MINUTES);
}

interface Today {
  readonly measured: Measurement;
  readonly calendar: Calendar;
  /** ISO date. */
  readonly day: string;
}

type Owners = ReadonlyMap<string, Noted<OwnerNote>>;

async function tellOwners(needs: Needs, today: Today, owners: Owners): Promise<void> {
  const advised = await advisedPeople(needs, today.measured);
  for (const oid of new Set([...advised.keys(), ...owners.keys()])) {
    try {
      await tellOwner(needs, today, { oid, advised: advised.get(oid) ?? [], before: owners.get(oid) });
    } catch (error) {
      needs.failed(oid, error);
    }
  }
}

/** Object id → controls of theirs that should change, those that should step down first. */
async function advisedPeople(needs: Needs, { calibrations }: Measurement): Promise<Map<string, Calibration[]>> {
  const advice = (wanted: Calibration['advice']) => calibrations.filter((one) => one.advice === wanted);
  const byOwner = Map.groupBy([...advice('step-down'), ...advice('ready-to-block')], ({ owner }) => owner);
  const people = new Map<string, Calibration[]>();
  for (const [owner, theirs] of byOwner) {
    try {
      for (const { oid } of await groupOrLead(needs.directory, owner, undefined))
        people.set(oid, [...(people.get(oid) ?? []), ...theirs]);
    } catch (error) {
      needs.failed(owner, error);
    }
  }
  return people;
}

interface Owner {
  readonly oid: string;
  readonly advised: readonly Calibration[];
  readonly before: Noted<OwnerNote> | undefined;
}

/** The day is noted before anything is sent, and what was said afterwards: one message a day, and silence is never noted as told. */
async function tellOwner(needs: Needs, today: Today, owner: Owner): Promise<void> {
  const { oid, advised, before } = owner;
  const told = (before?.note.told ?? []).filter((one) => today.measured.calibrations.some(isSame(one)));
  const calibration = advised.find((one) => !told.some(isSame(one)));
  const to = calibration === undefined ? undefined : await conversationToday(needs, today, owner);
  if (calibration === undefined || to === undefined) {
    const isOutdated = before !== undefined && told.length < before.note.told.length;
    if (isOutdated) await needs.calibrationNotes.putOwner({ ...before.note, told }, before);
    return;
  }
  const claim = await needs.calibrationNotes.putOwner({ oid, day: today.day, told }, before);
  if (claim !== undefined) await send(needs, to, { calibration, measured: today.measured, to: oid }, claim);
}

function isSame({ control, advice }: Pick<Calibration, 'control' | 'advice'>) {
  return (other: Pick<Calibration, 'control' | 'advice'>) => other.control === control && other.advice === advice;
}

/** Undefined: not now, not again today, or nowhere. */
async function conversationToday(
  { clock, conversations }: Needs,
  { calendar, day }: Today,
  { oid, before }: Owner,
): Promise<Conversation | undefined> {
  if (!isWorkingTime(calendar, clock.now()) || (before !== undefined && before.note.day >= day)) return undefined;
  return conversations.find({ kind: 'person', oid });
}

async function send(needs: Needs, to: Conversation, news: CalibrationNews, claim: Noted<OwnerNote>): Promise<void> {
  const { to: oid } = news;
  const sent = await needs.notifier.tell(to, news);
  const loss = lossIn(sent);
  if (loss !== undefined) await needs.conversations.forget({ kind: 'person', oid }, loss);
  if (sent.kind !== 'sent') needs.failed(oid, 'code' in sent ? sent.code : sent.kind);
  const { control, advice } = news.calibration;
  const told = [...claim.note.told, { control, advice }];
  if (isSaid(sent)) await needs.calibrationNotes.putOwner({ ...claim.note, told }, claim);
}

/** What would be refused again tomorrow is left to the log. */
function isSaid(sent: Sent): boolean {
  return sent.kind === 'sent' || (sent.kind === 'failed' && sent.isFinal);
}
