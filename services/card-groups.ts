import { sha256Base32 } from './domain/checksum.ts';
import type { Gate } from './domain/gate.ts';
import { askeesOf, isStillOn, questionOf } from './domain/group.ts';
import { type CardGroups, holderOf, type OnCard, type Place, requestReference } from './ports/card-groups.ts';
import type { Clock } from './ports/clock.ts';
import type { CardReference, GateStore, StoredGate } from './ports/gate-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly gates: GateStore;
  /** Called once the cards of this request must be shown again. */
  readonly changed: (org: string, id: string) => void;
}

export function createCardGroups(needs: Needs): CardGroups {
  return {
    placeOf: (stored) => placeOf(needs, stored),
    tellHolders: (stored, place) => tellHolders(needs, stored, place),
    askedWith: (stored) => askedWith(needs, stored),
  };
}

async function placeOf({ gates }: Needs, stored: StoredGate): Promise<Place> {
  const question = questionOf(stored.gate);
  const members = await membersOf(gates, stored);
  if (question === undefined) return { members };
  const asking = stored.cards.filter((card) => card.question === question);
  const holder = asking.length === 0 ? await findHolder(gates, stored.gate) : heldBy(stored, question);
  return { question, members, ...(holder === undefined ? {} : { holder }) };
}

/** Whose card asks this question of the gate; undefined for its own. */
function heldBy({ cards }: StoredGate, question: string | undefined): string | undefined {
  return cards
    .filter((card) => card.question === question)
    .map(holderOf)
    .find((holder) => holder !== undefined);
}

async function membersOf(gates: GateStore, { gate, members }: StoredGate): Promise<OnCard[]> {
  const found = await Promise.all(
    members.map(async ({ id, question }) => {
      const member = (await gates.read(gate.org, id))?.gate;
      if (member === undefined || !isStillOn(member, question)) return [];
      return [{ gate: member, isAskedHere: questionOf(member) === question }];
    }),
  );
  return found.flat().sort((a, b) => (orderOf(a.gate) < orderOf(b.gate) ? -1 : 1));
}

function orderOf({ receivedAt, id }: Gate): string {
  return `${receivedAt} ${id}`;
}

/** Each lost race means that another request has just taken the card over. */
const CLAIMS = 3;

/** The first request of a run that asks these people holds the card, until it has nothing to ask any more. */
async function findHolder(gates: GateStore, gate: Gate): Promise<string | undefined> {
  const askees = askeesOf(gate);
  let holder = await gates.claimCard(gate, askees);
  for (let n = 0; n < CLAIMS && holder !== gate.id; n += 1) {
    const other = await gates.read(gate.org, holder);
    if (other !== undefined && isHolding(other, askees)) return holder;
    holder = await gates.claimCard(gate, askees, holder);
  }
  // A card too many rather than none.
  return undefined;
}

/** Not when a third one's card asks for it: two that wait for each other would ask nobody. */
function isHolding(stored: StoredGate, askees: string): boolean {
  const question = questionOf(stored.gate);
  if (question === undefined || askeesOf(stored.gate) !== askees) return false;
  return heldBy(stored, question) === undefined;
}

async function tellHolders(needs: Needs, stored: StoredGate, place: Place): Promise<CardReference[]> {
  const { gate } = stored;
  const shows = shownToHolders(gate);
  const outdated = referencesOf(stored, place).filter((card) => card.shows !== shows);
  for (const card of outdated) {
    const holder = { org: gate.org, id: holderOf(card) ?? '' };
    const member = { id: gate.id, question: card.question ?? '' };
    await needs.gates.enqueue(holder, 'card', needs.clock.now(), member);
    needs.changed(holder.org, holder.id);
  }
  return outdated.map((card) => ({ ...card, shows }));
}

function referencesOf({ cards }: StoredGate, { holder, question = '' }: Place): CardReference[] {
  const known = cards.filter((card) => holderOf(card) !== undefined);
  if (holder === undefined || known.some((card) => holderOf(card) === holder && card.question === question))
    return known;
  const recipient = requestReference(holder);
  const joined = { conversation: '', recipient, activityId: '', shows: '', question };
  return [...known.filter((card) => card.recipient !== recipient), joined];
}

/** Whatever of a gate its holder's card depends on. */
function shownToHolders({ ask, state, revision, votes, withdrawals, verdict, toldAt }: Gate): string {
  const asked = sha256Base32(
    JSON.stringify([ask ?? null, votes.map(({ by }) => by.oid), ...(withdrawals === undefined ? [] : [withdrawals])]),
  ).slice(0, 8);
  return [state, revision, asked, verdict?.result ?? '-', toldAt === undefined ? '-' : 'told'].join(' ');
}

async function askedWith({ gates }: Needs, stored: StoredGate): Promise<Gate[]> {
  const { gate } = stored;
  const id = heldBy(stored, questionOf(gate));
  const holder = id === undefined ? stored : await gates.read(gate.org, id);
  if (holder === undefined) return [gate];
  const members = (await membersOf(gates, holder)).filter(({ isAskedHere }) => isAskedHere);
  const others = [holder.gate, ...members.map((member) => member.gate)].filter((other) => other.id !== gate.id);
  return [gate, ...others.filter((other) => questionOf(other) !== undefined)];
}
