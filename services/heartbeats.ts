import type { Contract } from './domain/contract.ts';
import type { DeliveryHealth } from './domain/delivery-health.ts';
import { nextSlotAt, openSlot } from './domain/digest-schedule.ts';
import { earlier, plusMinutes } from './domain/instant.ts';
import type { Clock } from './ports/clock.ts';
import {
  CLAIM_MINUTES,
  claimEnd,
  type DigestMarks,
  heartbeatReader,
  isDone,
  outcomeOf,
  type StoredMark,
} from './ports/digest-store.ts';
import type { Directory } from './ports/directory.ts';
import { type Conversation, type Conversations, lossIn, type Notifier } from './ports/notifier.ts';
import { type Operator, operatorsOf } from './ports/operators.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf'>;
  readonly conversations: Pick<Conversations, 'find' | 'forget'>;
  readonly notifier: Pick<Notifier, 'tell'>;
  readonly marks: DigestMarks;
  readonly health: () => Promise<DeliveryHealth>;
  /** `who`: the object id of an operator. */
  readonly failed: (who: string, why: unknown) => void;
}

/** Whoever becomes an operator, or comes within reach, is noticed so much later at most. */
const LOOK_AGAIN_MINUTES = 60;

/**
 * Tells operators once a working day, when work begins where they are, that the bot runs and how delivery stands. Any
 * number of processes may do so at once: each message is claimed first.
 */
export function createHeartbeats(needs: Needs) {
  /** When this process looks again; lost with it. */
  let nextAt = '';
  return {
    /** No call to anything until then. Rejects when store or directory do not answer. */
    run: async (): Promise<void> => {
      const now = needs.clock.now();
      if (now < nextAt) return;
      const { contract } = await needs.policy.current();
      if (contract === undefined) return;
      const waits: string[] = [];
      for (const operator of await operatorsOf(needs, contract)) waits.push(await beat(needs, contract, operator, now));
      nextAt = waits.reduce(earlier, plusMinutes(now, LOOK_AGAIN_MINUTES));
    },
  };
}

/** When to look at this one again. */
async function beat(needs: Needs, contract: Contract, { oid, to }: Operator, now: string): Promise<string> {
  const { calendar: own, digest } = contract;
  const calendar = to?.zone === undefined ? own : { ...own, timezone: to.zone };
  const slot = openSlot(calendar, digest.quiet, now);
  const next = nextSlotAt(calendar, digest.quiet, now);
  if (slot === undefined) return next;
  const before = await needs.marks.of(heartbeatReader(oid));
  if (isDone(before?.mark, slot)) return next;
  const claimedUntil = claimEnd(before?.mark, slot);
  if (claimedUntil !== undefined && now < claimedUntil) return claimedUntil;
  const mark = { reader: heartbeatReader(oid), date: slot.date, at: now, told: [] };
  if (to === undefined) {
    const isNoted = before?.mark.outcome === 'unreachable' && before.mark.date === slot.date;
    if (!isNoted) await needs.marks.put([{ mark: { ...mark, outcome: 'unreachable' }, before }]);
    return next;
  }
  const [claim] = await needs.marks.put([{ mark: { ...mark, outcome: 'claimed' }, before }]);
  const isSent = claim !== undefined && (await send(needs, oid, to, claim));
  return isSent ? next : plusMinutes(now, CLAIM_MINUTES);
}

/** False: it stays claimed, and is tried again. */
async function send(needs: Needs, oid: string, to: Conversation, claim: StoredMark): Promise<boolean> {
  const sent = await needs.notifier.tell(to, { heartbeat: await needs.health(), to: oid });
  const loss = lossIn(sent);
  if (loss !== undefined) await needs.conversations.forget({ kind: 'person', oid }, loss);
  if (sent.kind !== 'sent') needs.failed(oid, 'code' in sent ? sent.code : sent.kind);
  const outcome = outcomeOf(sent);
  if (outcome === undefined) return false;
  await needs.marks.put([{ mark: { ...claim.mark, ...outcome, at: needs.clock.now() }, before: claim }]);
  return outcome.outcome !== 'unreachable';
}
