import type { DueIndex } from '../ports/due-index.ts';
import type { Bookkeeping, CardReference, GateStore, OutboxItem, StoredGate } from '../ports/gate-store.ts';
import { ConflictError, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { CARDS, cardRow, deadLetterRow, gatePartition, outboxRow } from './gate-codec.ts';
import { pointToDeadLetters } from './open-index.ts';

interface Needs {
  readonly table: Table;
  readonly due: DueIndex;
  readonly read: GateStore['read'];
}

/** Each conflict means that another pass got on with the same work; two of them seldom do it three times. */
const TIDY_TRIES = 4;

/** What an outbox pass leaves behind, written on top of what others may have done meanwhile; see GateStore.tidy. */
export async function tidyGate(
  needs: Needs,
  from: StoredGate,
  bookkeeping: Bookkeeping,
): Promise<StoredGate | undefined> {
  const { org, id } = from.gate;
  const waiting = bookkeeping.retry.filter((item) => !item.dead);
  await Promise.all(waiting.map((item) => needs.due.remind({ kind: 'gate', org, id }, item.dueAt)));
  if (waiting.length < bookkeeping.retry.length) await pointToDeadLetters(needs.table, from.gate);
  let left = bookkeeping;
  for (let n = 0; n < TIDY_TRIES; n += 1) {
    const writes = tidyWrites(left);
    if (writes.length === 0) return undefined;
    if (await isWritten(needs.table, from, isAboutCards(bookkeeping) ? [...writes, cardsWrite(from)] : writes))
      return undefined;
    const now = await needs.read(org, id);
    if (now !== undefined && isAboutCards(bookkeeping) && now.cardsEtag !== from.cardsEtag)
      return withUnsure(now, bookkeeping);
    left = stillThere(bookkeeping, now);
  }
  throw new StoreUnavailableError(`request ${id} changed again and again while its outbox was cleared`);
}

/** False when something of it is not as it was read. */
async function isWritten(table: Table, { gate }: StoredGate, writes: readonly Write[]): Promise<boolean> {
  try {
    await table.commit('gate', gatePartition(gate.org, gate.id), writes);
    return true;
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
}

function isAboutCards({ done, retry, cards, droppedCards }: Bookkeeping): boolean {
  return cards.length > 0 || droppedCards.length > 0 || [...done, ...retry].some(({ kind }) => kind === 'card');
}

/** Two passes at once know nothing of what the other sent: the second one must look again. */
function cardsWrite({ cardsEtag: etag, cards }: StoredGate): Write {
  const values = { cards: cards.length };
  return etag === undefined ? { kind: 'create', row: CARDS, values } : { kind: 'replace', row: CARDS, values, etag };
}

/** Whose message came last is open where both passes sent something: it is shown anew, and what only we sent is kept. */
function withUnsure(now: StoredGate, { cards }: Bookkeeping): StoredGate {
  const sent = new Map(cards.filter(({ activityId }) => activityId !== '').map((card) => [cardRow(card), card]));
  const theirs = now.cards.map((card) => (sent.has(cardRow(card)) ? { ...card, shows: '' } : card));
  const known = new Set(now.cards.map(cardRow));
  const ours = [...sent].filter(([row]) => !known.has(row)).map(([, card]) => ({ ...card, shows: '' }));
  return { ...now, cards: [...theirs, ...ours] };
}

/** Another pass completed some of these items: the others must not be forgotten with them. */
function stillThere(bookkeeping: Bookkeeping, now: StoredGate | undefined): Bookkeeping {
  const items = new Set(now?.outbox.map((item) => `${outboxRow(item)} ${item.etag}`));
  const isThere = (item: OutboxItem) => items.has(`${outboxRow(item)} ${item.etag}`);
  return { ...bookkeeping, done: bookkeeping.done.filter(isThere), retry: bookkeeping.retry.filter(isThere) };
}

function tidyWrites(bookkeeping: Bookkeeping): Write[] {
  return [
    ...bookkeeping.done.map((item): Write => ({ kind: 'delete', row: outboxRow(item), etag: item.etag })),
    ...bookkeeping.retry.flatMap(retryWrites),
    ...bookkeeping.droppedCards.map((card): Write => ({ kind: 'delete', row: cardRow(card) })),
    ...bookkeeping.cards.map(cardWrite),
  ];
}

function retryWrites(item: OutboxItem & { readonly dead: boolean }): Write[] {
  const values = { attempts: item.attempts, dueAt: item.dueAt };
  if (!item.dead) return [{ kind: 'replace', row: outboxRow(item), values, etag: item.etag }];
  return [
    { kind: 'delete', row: outboxRow(item), etag: item.etag },
    { kind: 'put', row: deadLetterRow(item), values },
  ];
}

function cardWrite(card: CardReference): Write {
  return { kind: 'put', row: cardRow(card), values: { card: JSON.stringify(card) } };
}
