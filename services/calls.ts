import type { Call, Gate } from './domain/gate.ts';
import { plusMinutes } from './domain/instant.ts';
import { JOIN_MINUTES } from './domain/nudge.ts';
import { aboutGate, approvalNudge, timedSlot } from './domain/nudge-about.ts';
import { askedNow } from './domain/quorum.ts';
import { type CalledFor, lastReminder } from './ports/called-for.ts';
import type { CardGroups } from './ports/card-groups.ts';
import type { Clock } from './ports/clock.ts';
import type { GateStore, StoredGate } from './ports/gate-store.ts';
import type { Conversation, Conversations, Notice, Notifier, Recipient, Sent } from './ports/notifier.ts';
import type { Nudges } from './ports/nudges.ts';

interface Needs {
  readonly clock: Clock;
  readonly notifier: Pick<Notifier, 'post'>;
  readonly conversations: Conversations;
  readonly groups: CardGroups;
  readonly nudges: Nudges;
  readonly gates: Pick<GateStore, 'read'>;
  readonly recipientsOf: (gate: Gate) => Promise<readonly Recipient[]>;
}

/** Set when somebody must be called again; seconds, when they are known. */
export interface Called {
  readonly retry?: { readonly afterSeconds?: number };
}

export type Calls = ReturnType<typeof createCalls>;

/**
 * Messages of their own about a gate, which make a sound where a changed card makes none. Reminders that nobody asked for go
 * by the policy of all nudges; that people are asked anew, or by name, is said at once.
 */
export function createCalls(needs: Needs) {
  return {
    /** Says aloud, to everybody whose answer is missing or to the one who is meant, that the gate waits for them. */
    call: (stored: StoredGate, about: Call, meant: CalledFor = {}): Promise<Called> =>
      call(needs, stored, about, meant),
    /** Whoever need not answer any more is not reminded of it. Costs nothing unless somebody was. */
    answered: (stored: StoredGate): Promise<void> => answered(needs, stored),
  };
}

async function answered({ nudges }: Needs, stored: StoredGate): Promise<void> {
  const { gate } = stored;
  const isReminded = gate.remindedAt !== undefined || lastReminder(stored) !== undefined;
  if (!isReminded || (gate.state === 'asked' && gate.votes.length === 0)) return;
  await nudges.settled(aboutGate(gate), (_, reader) => gate.state !== 'asked' || !isAsked(gate, reader));
}

/** One for all that the same people are called to within a few minutes. Who cannot be reached has a parked card. */
async function call(needs: Needs, stored: StoredGate, about: Call, meant: CalledFor): Promise<Called> {
  const { gate } = stored;
  const { to, by } = meant;
  if (gate.state !== 'asked') return {};
  const everybody: readonly Recipient[] =
    to === undefined ? await needs.recipientsOf(gate) : [{ kind: 'person', oid: to }];
  const people = everybody.filter((reader) => reader.kind === 'person' && reader.oid !== by?.oid);
  // What somebody asks for is about this gate, and is said however much was said before.
  const [, ...others] = by === undefined ? await needs.groups.askedWith(stored) : [gate];
  const sent = await Promise.all(
    (people.length > 0 ? people : everybody).map((recipient) =>
      callOne(needs, gate, { about, by, recipient, besides: others.filter((other) => isAsked(other, recipient)) }),
    ),
  );
  if (sent.some((one) => one?.kind === 'kept')) {
    // Whoever decided meanwhile may have found nothing that waits yet.
    const latest = await needs.gates.read(gate.org, gate.id);
    if (latest !== undefined) await answered(needs, latest);
  }
  const waits = sent.flatMap((one) => (one?.kind === 'unavailable' ? [one.retryAfter] : []));
  if (waits.length === 0) return {};
  const seconds = waits.filter((wait) => wait !== undefined);
  return { retry: seconds.length === 0 ? {} : { afterSeconds: Math.max(...seconds) } };
}

interface Calling {
  readonly about: Call;
  readonly by: CalledFor['by'];
  readonly recipient: Recipient;
  readonly besides: readonly Gate[];
}

async function callOne(needs: Needs, gate: Gate, calling: Calling) {
  const { about, by, recipient, besides } = calling;
  const conversation = await needs.conversations.find(recipient);
  if (conversation === undefined) return undefined;
  if (by !== undefined) return callForSomebody(needs, gate, calling, conversation);
  const post = (isUrgent: boolean) => needs.notifier.post(conversation, noticeOf(gate, calling, isUrgent));
  if (about !== 'reminder') {
    // That an approval is void has to name the run.
    const isFirst = await needs.conversations.saysFirst(recipient, { kind: about, runId: gate.run.id }, gate);
    return isFirst ? post(false) : undefined;
  }
  const soon = plusMinutes(needs.clock.now(), JOIN_MINUTES);
  const together = besides.filter(({ remindAt }) => remindAt !== undefined && remindAt <= soon);
  const nudges = together.map((other) => approvalNudge(other, timedSlot(other)));
  return needs.nudges.say({ recipient, conversation }, approvalNudge(gate, timedSlot(gate)), post, nudges);
}

/** A person's own word is never held; what it says counts among the messages of the day. */
async function callForSomebody(needs: Needs, gate: Gate, calling: Calling, to: Conversation): Promise<Sent> {
  const sent = await needs.notifier.post(to, noticeOf(gate, calling, false));
  if (sent.kind === 'sent' && calling.about === 'reminder') {
    const nudge = approvalNudge(gate, `asked for ${needs.clock.now()}`);
    await needs.nudges.said({ recipient: calling.recipient, conversation: to }, nudge);
  }
  return sent;
}

function noticeOf(gate: Gate, { about, by, recipient, besides }: Calling, isUrgent: boolean): Notice {
  return {
    gate,
    audience: recipient,
    about,
    ...(by === undefined ? {} : { from: by.name }),
    ...(besides.length === 0 ? {} : { besides }),
    ...(isUrgent ? { isUrgent } : {}),
  };
}

function isAsked({ ask, votes }: Gate, reader: Recipient): boolean {
  if (ask === undefined) return false;
  return reader.kind === 'person'
    ? askedNow(ask, votes).some(({ oid }) => oid === reader.oid)
    : ask.channels.includes(reader.channel);
}
