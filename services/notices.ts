import { placeless } from './domain/changes.ts';
import { sha256Base32 } from './domain/checksum.ts';
import type { Gate } from './domain/gate.ts';
import { asks } from './domain/group.ts';
import { type CardGroups, holderOf, type Place } from './ports/card-groups.ts';
import { afterPass, type CardPass, joinPasses, NOTHING } from './ports/card-pass.ts';
import type { Detour } from './ports/detour.ts';
import type { CardReference, StoredGate } from './ports/gate-store.ts';
import {
  type Conversation,
  type Conversations,
  distinct,
  lossIn,
  type Notice,
  type Notifier,
  nameOf,
  type Recipient,
  reach,
  recipientNamed,
} from './ports/notifier.ts';

interface Needs {
  readonly notifier: Notifier;
  readonly conversations: Conversations;
  readonly groups: CardGroups;
  readonly recipientsOf: (gate: Gate) => Promise<readonly Recipient[]>;
  /** Who gets them in the place of those whom they do not reach. */
  readonly detourOf: (gate: Gate, recipients: readonly Recipient[]) => Promise<Detour | undefined>;
}

export function createNotices(needs: Needs) {
  return {
    /** Brings every copy of the gate's card in line with its record, and posts it to those who have none yet. */
    show: (stored: StoredGate): Promise<CardPass> => show(needs, stored),
  };
}

/** What the cards of a gate are to be like. */
interface Plan {
  readonly gate: Gate;
  readonly place: Place;
  /** Those whom the gate itself concerns, whoever else is asked by its cards. */
  readonly own: readonly Recipient[];
  readonly detour?: Detour | undefined;
}

/** The gates that this recipient's card is about, in the order in which they came; at least one. */
function shownTo({ gate, place, own }: Plan, recipient: Recipient): readonly [Gate, ...Gate[]] {
  const name = nameOf(recipient);
  const isOwn = own.some((one) => nameOf(one) === name);
  const mine = isOwn || (isOn(gate, recipient) && gate.state !== 'blocked' && gate.state !== 'received') ? [gate] : [];
  const theirs = place.members.map((member) => member.gate).filter((member) => isOn(member, recipient));
  const [first = gate, ...others] = [...mine, ...theirs].sort((a, b) => (a.receivedAt < b.receivedAt ? -1 : 1));
  return [first, ...others];
}

function isOn(gate: Gate, recipient: Recipient): boolean {
  return recipient.kind === 'person'
    ? asks(gate, recipient.oid)
    : gate.ask?.channels.includes(recipient.channel) === true;
}

/** What this recipient's card shows; two equal ones need no update. Who may decide can change without a new revision. */
function shownBy(plan: Plan, recipient: Recipient): string {
  const shown = shownTo(plan, recipient);
  const looks = shown.map((gate) => (gate === plan.gate ? lookOf(gate) : `${gate.id} ${lookOf(gate)}`));
  return [...looks, ...insteadIn(plan, recipient).map((one) => `${one.recipient} ${one.why}`)].join(', ');
}

function insteadIn({ detour }: Plan, recipient: Recipient): Detour['instead'] {
  return detour?.to.some((one) => nameOf(one) === nameOf(recipient)) === true ? detour.instead : [];
}

function lookOf(gate: Gate): string {
  const { awaits = [] } = gate;
  const votes = gate.votes.map(({ by }) => by.oid);
  const people = gate.state === 'asked' ? [sha256Base32(JSON.stringify(placeless(gate.ask)?.levels)).slice(0, 8)] : [];
  return [gate.state, gate.revision, gate.verdict?.result ?? '-', endOf(gate), ...votes, ...people, ...awaits].join(
    ' ',
  );
}

function endOf({ toldAt, bypass, stageResult }: Gate): string {
  if (toldAt === undefined) return '-';
  if (bypass?.confirmed !== undefined) return 'confirmed';
  return stageResult === undefined ? 'told' : 'ended';
}

async function show(needs: Needs, stored: StoredGate): Promise<CardPass> {
  const { gate } = stored;
  const place = await needs.groups.placeOf(stored);
  // Told before anything is posted: what fails here is tried again, and nobody has two cards of it.
  const told = await needs.groups.tellHolders(stored, place);
  const asked = place.members.filter(({ isAskedHere }) => isAskedHere);
  const own = place.holder === undefined ? await needs.recipientsOf(gate) : [];
  const theirs = await Promise.all(asked.map((member) => needs.recipientsOf(member.gate)));
  const recipients = distinct([...own, ...theirs.flat()]);
  const pass = await showAround(needs, stored, { gate, place, own }, recipients);
  return { ...pass, cards: [...told, ...pass.cards] };
}

/** Whoever is found out of reach by this very pass is gone around at once. */
async function showAround(needs: Needs, stored: StoredGate, plan: Plan, recipients: readonly Recipient[]) {
  const wayTo = async (known: StoredGate) => {
    const detour = await needs.detourOf(plan.gate, recipients);
    return showTo(needs, known, { ...plan, detour }, distinct([...recipients, ...(detour?.to ?? [])]));
  };
  const first = await wayTo(stored);
  if (first.refused.length === 0) return first;
  const changed = new Map([...stored.cards, ...first.cards].map((card) => [card.recipient, card]));
  return afterPass(first, await wayTo({ ...stored, cards: [...changed.values()] }));
}

async function showTo(
  needs: Needs,
  stored: StoredGate,
  plan: Plan,
  recipients: readonly Recipient[],
): Promise<CardPass> {
  const wanted = new Set(recipients.map(nameOf));
  const sentBefore = stored.cards.filter((card) => holderOf(card) === undefined);
  // Somebody who never saw the card and is no longer concerned is spared it.
  const stale = sentBefore.filter((card) => card.shows === PARKED && !wanted.has(card.recipient));
  const known = new Map(sentBefore.filter((card) => !stale.includes(card)).map((card) => [card.recipient, card]));
  for (const recipient of recipients) {
    if (!known.has(nameOf(recipient))) known.set(nameOf(recipient), unsent(recipient));
  }
  const outdated = [...known.values()].filter((card) => card.shows !== shownBy(plan, recipientNamed(card.recipient)));
  const found = await Promise.all(
    outdated.map(async (card) => ({
      card,
      to: await reach(needs.conversations, recipientNamed(card.recipient), plan.gate),
    })),
  );
  const parked = found.flatMap(({ card, to }) => (to === undefined ? [parkedPass(plan, card)] : []));
  const reachable = found.flatMap(({ card, to }) => (to === undefined ? [] : [{ card, to }]));
  const sent = await Promise.all(
    onePerConversation(sentBefore, reachable).map(({ card, to }) => sendOrPark(needs, plan, card, to)),
  );
  return [...parked, ...sent].reduce(joinPasses, { ...NOTHING, dropped: stale });
}

function besidesOf(besides: readonly Gate[]): Pick<Notice, 'besides'> {
  return besides.length === 0 ? {} : { besides };
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

function unsent(recipient: Recipient): CardReference {
  return { conversation: '', recipient: nameOf(recipient), activityId: '', shows: '' };
}

/** What the reference of a card shows that waits for a conversation with its reader. */
const PARKED = 'parked';

function parkedPass(plan: Plan, card: CardReference): CardPass {
  const parked = { ...card, ...questionIn(plan, card), shows: PARKED };
  return JSON.stringify(parked) === JSON.stringify(card) ? NOTHING : { ...NOTHING, cards: [parked] };
}

/** A card that asks the gate's question is how the gate knows that it has one. */
function questionIn({ place, own }: Plan, { recipient }: CardReference): Pick<CardReference, 'question'> {
  const isAsking = place.question !== undefined && own.some((one) => nameOf(one) === recipient);
  return isAsking ? { question: place.question } : {};
}

/** Who was reachable and is not any more waits like somebody who never was: the next thing they write releases it. */
async function sendOrPark(needs: Needs, plan: Plan, card: CardReference, to: Conversation): Promise<CardPass> {
  const pass = await bringInLine(needs, plan, card, to);
  if (pass.refused.length === 0) return pass;
  const recipient = recipientNamed(card.recipient);
  await needs.conversations.forget(recipient, pass.refused[0]?.code);
  await needs.conversations.park(recipient, { org: plan.gate.org, id: plan.gate.id });
  const parked = parkedPass(plan, { ...card, conversation: '', activityId: '' });
  return { ...pass, cards: parked.cards, dropped: card.activityId === '' ? [] : [card] };
}

async function bringInLine(
  needs: Needs,
  plan: Plan,
  card: CardReference,
  conversation: Conversation,
): Promise<CardPass> {
  const audience = recipientNamed(card.recipient);
  const [gate, ...others] = shownTo(plan, audience);
  const instead = insteadIn(plan, audience);
  const notice: Notice = { gate, audience, ...besidesOf(others), ...(instead.length === 0 ? {} : { instead }) };
  if (card.activityId !== '') {
    const updated = await needs.notifier.update(conversation, card.activityId, notice);
    if (updated.kind !== 'gone') return passOf(updated, plan, card, conversation);
  }
  // A lost card is posted anew, and a settled gate's first card still tells how it ended.
  return passOf(await needs.notifier.post(conversation, notice), plan, card, conversation);
}

function passOf(
  sent: Awaited<ReturnType<Notifier['post']>>,
  plan: Plan,
  card: CardReference,
  to: Conversation,
): CardPass {
  if (sent.kind === 'sent') {
    const now = {
      ...card,
      ...questionIn(plan, card),
      conversation: to.id,
      activityId: sent.activityId,
      shows: shownBy(plan, recipientNamed(card.recipient)),
    };
    const elsewhere = card.shows !== '' && card.conversation !== to.id;
    return { ...NOTHING, cards: [now], dropped: elsewhere ? [card] : [] };
  }
  if (sent.kind === 'failed' && sent.isFinal) return { ...NOTHING, hopeless: true };
  const refused = lossIn(sent);
  if (refused !== undefined) return { ...NOTHING, refused: [{ recipient: card.recipient, code: refused }] };
  const afterSeconds = sent.kind === 'unavailable' ? sent.retryAfter : undefined;
  return { ...NOTHING, retry: afterSeconds === undefined ? {} : { afterSeconds } };
}
