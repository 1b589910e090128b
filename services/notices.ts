import { isBypass } from './domain/completed-elsewhere.ts';
import type { Call, Gate } from './domain/gate.ts';
import type { JudgedGroup } from './domain/judgement.ts';
import type { Principal } from './domain/person.ts';
import { askedNow } from './domain/quorum.ts';
import type { Directory } from './ports/directory.ts';
import type { CardReference, StoredGate } from './ports/gate-store.ts';
import type { Conversation, Conversations, Notice, Notifier, Recipient } from './ports/notifier.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly policy: Policy;
  readonly directory: Directory;
  readonly notifier: Notifier;
  readonly conversations: Conversations;
}

/** What one pass over a gate's cards did. */
export interface CardPass {
  readonly cards: readonly CardReference[];
  readonly dropped: readonly CardReference[];
  /** Set when some card must be tried again; seconds, when Teams named them. */
  readonly retry?: { readonly afterSeconds?: number };
  /** Some card was not taken for a fault of ours that another try does not mend. */
  readonly hopeless: boolean;
  /** Recipients that take nothing from us now, with Teams' code. */
  readonly refused: readonly { readonly recipient: string; readonly code: string }[];
}

export function createNotices(needs: Needs) {
  return {
    /** Brings every copy of the gate's card in line with its record, and posts it to those who have none yet. */
    show: (stored: StoredGate): Promise<CardPass> => show(needs, stored),
    /** Says aloud, to everybody whose answer is missing, that the gate waits for them (still, or anew). */
    call: (stored: StoredGate, about: Call): Promise<CardPass> => call(needs, stored, about),
  };
}

/** What this recipient's card shows; two equal ones need no update. Who may decide can change without a new revision. */
function shownBy(gate: Gate, recipient: Recipient): string {
  const asked = gate.state === 'asked' && recipient.kind === 'person';
  const buttons = asked && !isAsked(gate, recipient.oid) ? ['reads'] : [];
  const votes = gate.votes.map(({ by }) => by.oid);
  const told = gate.toldAt === undefined ? '-' : gate.stageResult === undefined ? 'told' : 'ended';
  return [gate.state, gate.revision, gate.verdict?.result ?? '-', told, ...votes, ...buttons].join(' ');
}

function isAsked({ ask, votes }: Gate, reader: string): boolean {
  return ask !== undefined && askedNow(ask, votes).some(({ oid }) => oid === reader);
}

async function show(needs: Needs, stored: StoredGate): Promise<CardPass> {
  const { gate } = stored;
  const recipients = await recipientsOf(needs, gate);
  const wanted = new Set(recipients.map(nameOf));
  // Somebody who never saw the card and is no longer concerned is spared it.
  const stale = stored.cards.filter((card) => card.shows === PARKED && !wanted.has(card.recipient));
  const known = new Map(stored.cards.filter((card) => !stale.includes(card)).map((card) => [card.recipient, card]));
  for (const recipient of recipients) {
    if (!known.has(nameOf(recipient))) known.set(nameOf(recipient), unsent(recipient));
  }
  const outdated = [...known.values()].filter((card) => card.shows !== shownBy(gate, recipientNamed(card.recipient)));
  const found = await Promise.all(
    outdated.map(async (card) => ({
      card,
      to: await reach(needs.conversations, recipientNamed(card.recipient), gate),
    })),
  );
  const parked = found.flatMap(({ card, to }) => (to === undefined ? [parkedPass(card)] : []));
  const reachable = found.flatMap(({ card, to }) => (to === undefined ? [] : [{ card, to }]));
  const sent = await Promise.all(
    onePerConversation(stored.cards, reachable).map(({ card, to }) => sendOrPark(needs, gate, card, to)),
  );
  return [...parked, ...sent].reduce(joinPasses, { ...NOTHING, dropped: stale });
}

/** A message of its own, which makes a sound where a changed card makes none. Who cannot be reached has a parked card. */
async function call(needs: Needs, stored: StoredGate, about: Call): Promise<CardPass> {
  const { gate } = stored;
  if (gate.state !== 'asked') return NOTHING;
  const everybody = await approversOf(needs, gate);
  const people = everybody.filter(({ kind }) => kind === 'person');
  const sent = await Promise.all(
    (people.length > 0 ? people : everybody).map(async (recipient) => {
      const to = await needs.conversations.find(recipient);
      if (to === undefined) return NOTHING;
      const answer = await needs.notifier.post(to, { gate, audience: recipient, about });
      if (answer.kind !== 'unavailable') return NOTHING;
      const { retryAfter } = answer;
      return { ...NOTHING, retry: retryAfter === undefined ? {} : { afterSeconds: retryAfter } };
    }),
  );
  return sent.reduce(joinPasses, NOTHING);
}

interface Addressed {
  readonly card: CardReference;
  readonly to: Conversation;
}

/** A channel goes by several names: what has a card already gets no second one for another of them. */
function onePerConversation(sent: readonly CardReference[], addressed: readonly Addressed[]): Addressed[] {
  const taken = new Map(sent.map((card) => [card.conversation, card.recipient]));
  return addressed.filter(({ card, to }) => {
    const holder = taken.get(to.id) ?? card.recipient;
    taken.set(to.id, holder);
    return holder === card.recipient;
  });
}

function joinPasses(a: CardPass, b: CardPass): CardPass {
  const waits = [a.retry, b.retry].filter((retry) => retry !== undefined);
  const seconds = waits.flatMap((retry) => (retry.afterSeconds === undefined ? [] : [retry.afterSeconds]));
  const retry = seconds.length === 0 ? {} : { afterSeconds: Math.max(...seconds) };
  return {
    cards: [...a.cards, ...b.cards],
    dropped: [...a.dropped, ...b.dropped],
    refused: [...a.refused, ...b.refused],
    hopeless: a.hopeless || b.hopeless,
    ...(waits.length === 0 ? {} : { retry }),
  };
}

function unsent(recipient: Recipient): CardReference {
  return { conversation: '', recipient: nameOf(recipient), activityId: '', shows: '' };
}

/** What the reference of a card shows that waits for a conversation with its reader. */
const PARKED = 'parked';

const NOTHING: CardPass = { cards: [], dropped: [], refused: [], hopeless: false };

function parkedPass(card: CardReference): CardPass {
  return card.shows === PARKED ? NOTHING : { ...NOTHING, cards: [{ ...card, shows: PARKED }] };
}

/** Who was reachable and is not any more waits like somebody who never was: the next thing they write releases it. */
async function sendOrPark(needs: Needs, gate: Gate, card: CardReference, to: Conversation): Promise<CardPass> {
  const pass = await bringInLine(needs, gate, card, to);
  if (pass.refused.length === 0) return pass;
  const recipient = recipientNamed(card.recipient);
  await needs.conversations.forget(recipient);
  await needs.conversations.park(recipient, { org: gate.org, id: gate.id });
  const parked = parkedPass({ ...card, conversation: '', activityId: '' });
  return { ...pass, cards: parked.cards, dropped: card.activityId === '' ? [] : [card] };
}

async function bringInLine(
  needs: Needs,
  gate: Gate,
  card: CardReference,
  conversation: Conversation,
): Promise<CardPass> {
  const notice: Notice = { gate, audience: recipientNamed(card.recipient) };
  if (card.activityId !== '') {
    const updated = await needs.notifier.update(conversation, card.activityId, notice);
    if (updated.kind !== 'gone') return passOf(updated, gate, card, conversation);
  }
  // A lost card is posted anew, and a settled gate's first card still tells how it ended.
  return passOf(await needs.notifier.post(conversation, notice), gate, card, conversation);
}

function passOf(
  sent: Awaited<ReturnType<Notifier['post']>>,
  gate: Gate,
  card: CardReference,
  to: Conversation,
): CardPass {
  if (sent.kind === 'sent') {
    const now = {
      ...card,
      conversation: to.id,
      activityId: sent.activityId,
      shows: shownBy(gate, recipientNamed(card.recipient)),
    };
    const elsewhere = card.shows !== '' && card.conversation !== to.id;
    return { ...NOTHING, cards: [now], dropped: elsewhere ? [card] : [] };
  }
  if (sent.kind === 'failed' && sent.isFinal) return { ...NOTHING, hopeless: true };
  // A new card for which there is no conversation any more: whoever it was for must open one.
  const refused = sent.kind === 'gone' ? 'ConversationNotFound' : sent.kind === 'refused' ? sent.code : undefined;
  if (refused !== undefined) return { ...NOTHING, refused: [{ recipient: card.recipient, code: refused }] };
  const afterSeconds = sent.kind === 'unavailable' ? sent.retryAfter : undefined;
  return { ...NOTHING, retry: afterSeconds === undefined ? {} : { afterSeconds } };
}

/** Parked first, looked up again after: an install in between finds the parked row, or we find the conversation. */
async function reach(
  conversations: Conversations,
  recipient: Recipient,
  gate: Gate,
): Promise<Conversation | undefined> {
  const found = await conversations.find(recipient);
  if (found !== undefined) return found;
  await conversations.park(recipient, { org: gate.org, id: gate.id });
  const again = await conversations.find(recipient);
  if (again !== undefined) await conversations.unpark(recipient, { org: gate.org, id: gate.id });
  return again;
}

/** Approvers while people are asked; the requester and the owners of what blocks while it is blocked; the requester when it ended. */
async function recipientsOf(needs: Needs, gate: Gate): Promise<Recipient[]> {
  if (gate.state === 'received') return [];
  if (gate.state === 'asked' && gate.ask !== undefined) return approversOf(needs, gate);
  // What passed without anybody is no news to anybody; an observed environment's requester learns what would have been.
  if (gate.state === 'passed' && !gate.observed) return [];
  const requesters = await requestersOf(needs, gate);
  if (isBypass(gate)) return distinct([...requesters, ...(await contractOwners(needs))]);
  const blocked = gate.state === 'blocked' || gate.state === 'failed';
  const owners = blocked ? await ownersOf(needs, gate) : [];
  const all = distinct([...requesters, ...owners]);
  if (all.length > 0 || !blocked) return all;
  return contractOwners(needs);
}

async function contractOwners(needs: Needs): Promise<Recipient[]> {
  const { contract } = await needs.policy.current();
  return contract === undefined ? [] : groupOrLead(needs, contract.owner, undefined);
}

const MAX_DIRECT = 15;

async function approversOf(needs: Needs, gate: Gate): Promise<Recipient[]> {
  const { contract } = await needs.policy.current();
  const limit = contract?.limits.maxApprovers ?? MAX_DIRECT;
  const { ask } = gate;
  if (ask === undefined) return [];
  const people = ask.dm ? askedNow(ask, gate.votes).slice(0, limit) : [];
  return [
    ...people.map(({ oid }) => person(oid)),
    ...ask.channels.map((channel) => ({ kind: 'channel' as const, channel })),
  ];
}

async function requestersOf(needs: Needs, gate: Gate): Promise<Recipient[]> {
  const matches = await Promise.all(
    (gate.sources?.requesters ?? [gate.run.requestedFor, gate.run.requestedBy]).map((identity) =>
      needs.directory.matching(identity),
    ),
  );
  return matches.flat().map(({ oid }) => person(oid));
}

async function ownersOf(needs: Needs, gate: Gate): Promise<Recipient[]> {
  const { catalog } = await needs.policy.current();
  const blocks: readonly Pick<JudgedGroup, 'owner' | 'service'>[] = gate.judgement?.blocks ?? [];
  const recipients = await Promise.all(
    blocks.map(({ owner, service }) => {
      const entry = catalog.services.get(service);
      if (entry?.channel !== undefined && entry.owner === owner)
        return [{ kind: 'channel' as const, channel: entry.channel }];
      return groupOrLead(needs, owner, entry?.lead);
    }),
  );
  const told = await Promise.all(
    (gate.judgement?.obstacles ?? []).map(({ tell }) =>
      tell === undefined ? [] : groupOrLead(needs, tell, undefined),
    ),
  );
  return [...recipients.flat(), ...told.flat()];
}

const GROUP_LIMIT = 5;

/** A group of at most five is told itself, a larger one through its lead (contract.md, Blocked). */
async function groupOrLead(needs: Needs, owner: Principal, lead: Principal | undefined): Promise<Recipient[]> {
  const members = await needs.directory.membersOf(owner);
  if (members.length <= GROUP_LIMIT) return members.map(({ oid }) => person(oid));
  const leads = lead === undefined ? [] : await needs.directory.membersOf(lead);
  return (leads.length > 0 ? leads : members).slice(0, GROUP_LIMIT).map(({ oid }) => person(oid));
}

function person(oid: string): Recipient {
  return { kind: 'person', oid };
}

function distinct(recipients: readonly Recipient[]): Recipient[] {
  return [...new Map(recipients.map((recipient) => [nameOf(recipient), recipient])).values()];
}

/** How card references name whom they were sent to. */
export function nameOf(recipient: Recipient): string {
  return recipient.kind === 'person' ? `user:${recipient.oid}` : `channel:${recipient.channel}`;
}

function recipientNamed(name: string): Recipient {
  return name.startsWith('user:')
    ? { kind: 'person', oid: name.slice('user:'.length) }
    : { kind: 'channel', channel: name.slice('channel:'.length) };
}
