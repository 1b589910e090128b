import { BOT_REMOVED } from '../services/domain/unreachable.ts';
import type { Outbox } from '../services/outbox.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { GateStore } from '../services/ports/gate-store.ts';
import type { Conversation, Conversations, Reachable, Recipient, TeamsUser } from '../services/ports/notifier.ts';

interface Ports {
  readonly clock: Clock;
  readonly gates: GateStore;
  readonly conversations: Conversations;
}

interface Exceptions {
  /** Notes it; sends by what is returned. */
  showAgain(id: string): Promise<() => Promise<void>>;
}

/** What Teams tells of whom it lets us reach. */
export function createReach(
  ports: Ports,
  outbox: Pick<Outbox, 'drain'>,
  exceptions: Exceptions,
  met: (recipients: readonly Recipient[]) => Promise<void>,
) {
  return {
    /** Somebody can be reached from now on: what was parked for them is sent. `by` is who did something there. */
    reached: async (recipients: readonly Recipient[], conversation: Conversation, by?: TeamsUser) =>
      met(await reached(ports, { outbox, exceptions }, { recipients, conversation }, by)),
    /** These are all channels of the team; none when the bot was removed from it. */
    listed: async (team: string, channels: readonly Reachable[]): Promise<void> =>
      sendParked(ports, { outbox, exceptions }, await ports.conversations.rememberTeam(team, channels)),
    /** The bot was removed there, or there is nothing any more, as `code` says: what is sent from now on is parked. */
    left: (recipients: readonly Recipient[], conversation: Conversation, code = BOT_REMOVED) =>
      left(ports, recipients, conversation, code),
  };
}

async function reached(
  ports: Ports,
  senders: Senders,
  { recipients, conversation }: Reachable,
  by: TeamsUser | undefined,
): Promise<readonly Recipient[]> {
  const { conversations } = ports;
  const user = by === undefined ? undefined : conversations.rememberUser(by);
  const [learnt] = await Promise.all([conversations.remember(recipients, conversation), user]);
  await sendParked(ports, senders, learnt);
  return learnt;
}

async function left(
  { conversations }: Ports,
  recipients: readonly Recipient[],
  conversation: Conversation,
  code: string,
) {
  await Promise.all(recipients.map((recipient) => conversations.forget(recipient, code, conversation)));
}

interface Senders {
  readonly outbox: Pick<Outbox, 'drain'>;
  readonly exceptions: Exceptions;
}

async function sendParked(
  ports: Ports,
  { outbox, exceptions }: Senders,
  recipients: readonly Recipient[],
): Promise<void> {
  for (const recipient of recipients) {
    for (const request of await ports.conversations.parked(recipient)) {
      const send = await noted(ports, { outbox, exceptions }, request);
      await ports.conversations.unpark(recipient, request);
      await send();
    }
    ports.conversations.released(recipient);
  }
}

/** Written down before it is taken out of what is parked: a process that dies in between leaves it to the due index. */
async function noted(
  { gates, clock }: Ports,
  { outbox, exceptions }: Senders,
  request: { readonly org: string; readonly id: string },
): Promise<() => Promise<void>> {
  if (request.id.startsWith('EX-')) return exceptions.showAgain(request.id);
  await gates.enqueue(request, 'card', clock.now());
  return () => outbox.drain(request.org, request.id);
}
