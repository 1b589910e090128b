import type { Contract } from './domain/contract.ts';
import { digestFor, isEmpty } from './domain/digest.ts';
import { type DigestReader, readBy } from './domain/digest-reader.ts';
import { horizonOf } from './domain/digest-schedule.ts';
import { earlier, plusMinutes } from './domain/instant.ts';
import type { Nudge } from './domain/nudge.ts';
import { heldBackIn } from './domain/nudge-record.ts';
import type { Unreachable } from './domain/unreachable.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import { basisOf, type PolicyInForce, type ReadWarnings, readWarnings } from './ports/digest-basis.ts';
import { type Letter, markOf, openLetters, PLANNED_EVERY_MINUTES, type Waits } from './ports/digest-letters.ts';
import { namedCovers, planReaders, type ReaderPlan, servicesOf, toldDaily } from './ports/digest-readers.ts';
import {
  CLAIM_MINUTES,
  type DigestMarks,
  type MarkChange,
  outcomeOf,
  type StoredMark,
  type Subscriptions,
} from './ports/digest-store.ts';
import type { Directory } from './ports/directory.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import {
  type Conversations,
  type DigestNews,
  lossIn,
  type Notifier,
  recipientNamed,
  type Sent,
} from './ports/notifier.ts';
import type { NudgeRecords } from './ports/nudge-store.ts';
import type { Nudges } from './ports/nudges.ts';
import type { Policy } from './ports/policy.ts';
import type { ScopeStore } from './ports/scope-store.ts';
import type { TriageStore } from './ports/triage-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly scopes: Pick<ScopeStore, 'views'>;
  readonly triage: Pick<TriageStore, 'of' | 'assigned'>;
  readonly covers: Pick<Covers, 'inForce'>;
  readonly exceptions: Pick<ExceptionStore, 'live'>;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly marks: DigestMarks;
  readonly nudges: Pick<Nudges, 'toldInDigest'>;
  readonly nudgeRecords: Pick<NudgeRecords, 'all'>;
  readonly subscriptions: Pick<Subscriptions, 'all'>;
  /** Readers as they stand in for those who are not reached. */
  readonly goAround: (
    readers: ReaderPlan['readers'],
    reached: Reached,
  ) => Promise<{
    readonly readers: ReaderPlan['readers'];
    readonly instead: ReadonlyMap<string, readonly Unreachable[]>;
  }>;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  readonly failed: (reader: string, why: unknown) => undefined;
}

type Reached = Pick<Conversations, 'find'>;

const SENT_AT_ONCE = 8;

/**
 * Sends every reader one digest a day, when work begins where they are. Any number of processes may do so at once: each
 * digest is claimed first. Nothing of it is read by a judgement.
 */
export function createDigests(needs: Needs) {
  /** When each reader is looked at next; lost with this process, which then looks at all of them once. */
  const waits = new Map<string, string>();
  let plannedUntil = '';
  let last: Promise<void> = Promise.resolve();

  async function pass(): Promise<void> {
    const now = needs.clock.now();
    if (now < plannedUntil && ![...waits.values()].some((at) => at <= now)) return;
    const policy = await needs.policy.current();
    const { contract } = policy;
    if (contract === undefined) return;
    await sendDue(needs, { ...policy, contract }, waits, now);
    plannedUntil = plusMinutes(now, PLANNED_EVERY_MINUTES);
  }

  return {
    /** Sends what is due; no call to anything while nothing is. Rejects when store or directory do not answer. */
    run: (): Promise<void> => {
      last = last.catch(() => undefined).then(pass);
      return last;
    },
  };
}

async function sendDue(needs: Needs, policy: PolicyInForce, waits: Waits, now: string): Promise<void> {
  const [exceptions, subscriptions, assigned, covers] = await Promise.all([
    needs.exceptions.live(),
    needs.subscriptions.all(),
    needs.triage.assigned(),
    needs.covers.inForce(now),
  ]);
  const plan = await planReaders({
    ...policy,
    exceptions: exceptions.map(({ exception }) => exception),
    subscriptions,
    assigned,
    covers: await namedCovers(needs.directory, covers),
    whoHears: toldDaily(needs.directory),
  });
  const isDue = (name: string) => (waits.get(name) ?? '') <= now;
  if (![...plan.readers.keys(), ...waits.keys()].some(isDue)) return;
  // Found one by one they would cost as many calls as what they are told.
  const reached = await needs.conversations.everybody();
  const { readers, instead } = await needs.goAround(plan.readers, reached);
  for (const name of waits.keys()) if (!readers.has(name)) waits.delete(name);
  const due = [...readers.values()].filter(({ name }) => isDue(name));
  const letters = await openLetters({ ...needs, conversations: reached }, policy, due, waits, now);
  if (letters.length === 0) return;
  const basis = basisOf(
    policy,
    plan,
    exceptions.map(({ exception }) => exception),
    now,
  );
  const [read, records] = await Promise.all([
    readWarnings(needs, policy, servicesOfAll(letters), now),
    needs.nudgeRecords.all(),
  ]);
  const heldBack = new Map(records.map(({ record }) => [record.reader, heldBackIn(record)]));
  for (let from = 0; from < letters.length; from += SENT_AT_ONCE)
    await sendSome(
      needs,
      policy,
      letters.slice(from, from + SENT_AT_ONCE),
      { ...read, basis, heldBack, instead },
      waits,
    );
}

/** Claimed together, sent, and noted together: a process that dies in between leaves a handful to be sent twice. */
async function sendSome(
  needs: Needs,
  { contract }: PolicyInForce,
  letters: readonly Letter[],
  read: Read,
  waits: Waits,
): Promise<void> {
  const at = needs.clock.now();
  for (const { reader } of letters) waits.set(reader.name, plusMinutes(at, CLAIM_MINUTES));
  const claims = letters.map(({ reader, slot, before }) => ({
    mark: markOf(reader.name, before?.mark, { date: slot.date, outcome: 'claimed', at }),
    before,
  }));
  const claimed = await needs.marks.put(claims);
  const sent = await Promise.all(
    letters.map((letter, index) => {
      const claim = claimed[index];
      if (claim === undefined) return undefined;
      // One that fails must not keep the others from being noted as sent.
      return send(needs, contract, letter, claim, read).catch((error: unknown): undefined =>
        needs.failed(letter.reader.name, error),
      );
    }),
  );
  const done = sent.filter((one) => one !== undefined);
  await needs.marks.put(done);
  for (const { mark } of done) {
    const next = letters.find(({ reader }) => reader.name === mark.reader)?.next;
    if (next === undefined) continue;
    // Who comes within reach later today gets it then.
    const again = earlier(next, plusMinutes(at, PLANNED_EVERY_MINUTES));
    waits.set(mark.reader, mark.outcome === 'unreachable' ? again : next);
  }
}

function servicesOfAll(letters: readonly Letter[]): ReadonlySet<string> | undefined {
  const sets = letters.map(({ reader }) => servicesOf(reader));
  return sets.includes(undefined) ? undefined : new Set(sets.flatMap((one) => [...(one ?? [])]));
}

interface Read extends ReadWarnings {
  readonly basis: ReturnType<typeof basisOf>;
  readonly heldBack: ReadonlyMap<string, readonly Nudge[]>;
  /** By reader: those whose digest theirs holds too. */
  readonly instead: ReadonlyMap<string, readonly Unreachable[]>;
}

/** What its mark says from now on; undefined: it stays claimed, and is tried again. */
async function send(
  needs: Needs,
  contract: Contract,
  { reader, calendar, slot, to }: Letter,
  claim: StoredMark,
  { warnings, unscanned, basis, heldBack: all, instead }: Read,
): Promise<MarkChange | undefined> {
  const { until: since, told } = claim.mark;
  const heldBack = all.get(reader.name) ?? [];
  const state = {
    ...(since === undefined ? {} : { since }),
    told,
    heldBack,
    unscanned,
    horizon: horizonOf(calendar, basis.at),
  };
  const digest = digestFor(reader, readBy(reader, warnings, basis), basis, state);
  const silent = isEmpty(digest) && contract.digest.empty === 'silence';
  const audience = recipientNamed(reader.name);
  const sent: Sent = silent
    ? SILENT
    : await needs.notifier.tell(to, { digest, audience, ...insteadIn(instead, reader) });
  const outcome = silent ? ({ outcome: 'silent' } as const) : outcomeOf(sent);
  if (outcome === undefined) {
    needs.failed(reader.name, sent.kind);
    return undefined;
  }
  // Where that cannot be noted they are told once more, by a list of their own.
  if (outcome.outcome === 'sent' && heldBack.length > 0)
    await needs.nudges.toldInDigest(audience, heldBack).catch((error: unknown) => needs.failed(reader.name, error));
  if (outcome.outcome === 'unreachable') await needs.conversations.forget(audience, lossIn(sent));
  const done = markOf(reader.name, claim.mark, { date: slot.date, at: needs.clock.now(), ...outcome });
  if (outcome.outcome !== 'sent' && outcome.outcome !== 'silent') return { mark: done, before: claim };
  const { since: _, ...rest } = done;
  const covered = { ...rest, until: basis.at, told: digest.told, ...(since === undefined ? {} : { since }) };
  return { mark: covered, before: claim };
}

function insteadIn(all: Read['instead'], { name }: DigestReader): Pick<DigestNews, 'instead'> {
  const instead = all.get(name);
  return instead === undefined ? {} : { instead };
}

const SILENT: Sent = { kind: 'sent', activityId: '' };
