import { EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../domain/evidence.ts';
import { type Gate, mayMove } from '../domain/gate.ts';
import { plusSeconds } from '../domain/instant.ts';
import type { Random } from '../ports/clock.ts';
import type { DueIndex } from '../ports/due-index.ts';
import type {
  Bookkeeping,
  CardReference,
  Committed,
  GateChange,
  GateStore,
  OutboxItem,
  StoredGate,
} from '../ports/gate-store.ts';
import { ConflictError, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { evidenceWrite } from './evidence-row.ts';
import {
  cardRow,
  deadLetterRow,
  decode,
  HEADER,
  headerValues,
  onceWrites,
  outboxRow,
  outboxWrites,
  TOKEN,
} from './gate-codec.ts';
import { component, key } from './keys.ts';
import { createOpenIndex, pointToDeadLetters } from './open-index.ts';

interface Needs {
  readonly table: Table;
  readonly due: DueIndex;
  readonly random: Random;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
}

/** An outbox item whose process died is found by its hint after this time. */
const RECOVER_AFTER_SECONDS = 60;
/** Each conflict means that another pass got on with the same work; two of them seldom do it three times. */
const TIDY_TRIES = 4;

/** Gates on Table Storage: rules 1 to 4 of storage.md. */
export function createGateStore(needs: Needs): GateStore {
  const read = async (org: string, id: string) => decode(await needs.table.list('gate', partitionOf(org, id)));
  return {
    read,
    create: (change) =>
      write(needs, undefined, change, [{ kind: 'create', row: TOKEN, values: { token: change.token } }], change.token),
    commit: (from, change) => {
      const dropped: Write[] =
        change.dropToken === true && from.token !== undefined ? [{ kind: 'delete', row: TOKEN }] : [];
      return write(needs, from, change, dropped, dropped.length > 0 ? undefined : from.token);
    },
    enqueue: async ({ org, id }, kind, at) => {
      await needs.due.remind({ kind: 'gate', org, id }, plusSeconds(at, RECOVER_AFTER_SECONDS));
      // Sequence 0 belongs to no state change: there is at most one such item of a kind.
      const row = outboxRow({ seq: 0, kind });
      await needs.table.commit('gate', partitionOf(org, id), [
        { kind: 'put', row, values: { attempts: 0, dueAt: at } },
      ]);
    },
    tidy: (from, bookkeeping) => tidy(needs, from, bookkeeping),
    locate: async (id) => {
      const found = await Promise.all(needs.orgs.map((org) => read(org, id)));
      return found.find((stored) => stored !== undefined);
    },
    replay: (gate, items, at) => replay(needs, gate, items, at),
    ...createOpenIndex(needs.table, needs.orgs, read),
  };
}

function partitionOf(org: string, id: string): string {
  return key(org, 'r', component(id));
}

/** The one commit: hints first, then header, evidence, outbox and everything else together, or nothing. */
async function write(
  needs: Needs,
  from: StoredGate | undefined,
  change: GateChange,
  extra: readonly Write[],
  token: string | undefined,
): Promise<Committed> {
  const { gate } = change;
  refuseIllegalMove(from?.gate, gate);
  const entry = entryOf(needs, from, change);
  await remindBefore(needs, change);
  const values = headerValues(gate, entry);
  const header: Write =
    from === undefined
      ? { kind: 'create', row: HEADER, values }
      : { kind: 'replace', row: HEADER, values, etag: from.etag };
  const writes: Write[] = [
    header,
    evidenceWrite(['e'], entry),
    ...outboxWrites(change, entry.seq),
    ...onceWrites(from?.gate, gate, entry.seq),
    ...(change.done ?? []).map((item): Write => ({ kind: 'delete', row: outboxRow(item), etag: item.etag })),
    ...extra,
  ];
  try {
    const etags = await needs.table.commit('gate', partitionOf(gate.org, gate.id), writes);
    return { kind: 'committed', stored: after(from, change, entry, etags, token) };
  } catch (error) {
    return resolve(needs, change, entry, error);
  }
}

/** The table of moves is checked where every change passes; a breach is a fault of ours, never an answer. */
function refuseIllegalMove(before: Gate | undefined, gate: Gate): void {
  if (before === undefined || before.state === gate.state || mayMove(before.state, gate.state)) return;
  throw new Error(`request ${gate.id} may not go from ${before.state} to ${gate.state}`);
}

function entryOf(needs: Needs, from: StoredGate | undefined, change: GateChange): EvidenceEntry {
  const last = from?.evidence.at(-1);
  const salt = Buffer.from(needs.random.bytes(16)).toString('hex');
  const written = { aggregate: `${change.gate.org} ${change.gate.id}`, at: change.at, op: change.op, salt };
  return nextEntry(last ?? EMPTY_CHAIN, change.evidence, written);
}

/** A hint whose commit fails is harmless; a commit without its hint could be forgotten (rule 2). */
async function remindBefore(needs: Needs, change: GateChange): Promise<void> {
  const recover = plusSeconds(change.at, RECOVER_AFTER_SECONDS);
  const coveredAlready = (change.done ?? []).length > 0 || change.outbox.length === 0;
  const times = [...(coveredAlready ? [] : [recover]), ...(change.wakeAt ?? [])];
  const hint = { kind: 'gate', org: change.gate.org, id: change.gate.id } as const;
  await Promise.all(times.map((at) => needs.due.remind(hint, at)));
}

/** After any conflict or silence only the stored operation id says whose commit it was (rule 3). */
async function resolve(needs: Needs, change: GateChange, entry: EvidenceEntry, error: unknown): Promise<Committed> {
  if (!(error instanceof ConflictError) && !(error instanceof StoreUnavailableError)) throw error;
  const stored = decode(await needs.table.list('gate', partitionOf(change.gate.org, change.gate.id)));
  const mine = stored?.evidence.some(({ seq, op }) => seq === entry.seq && op === change.op) ?? false;
  if (stored !== undefined && mine) return { kind: 'committed', stored };
  if (stored !== undefined && error instanceof ConflictError) return { kind: 'lost', stored };
  throw error instanceof StoreUnavailableError
    ? error
    : new StoreUnavailableError('the request vanished', { cause: error });
}

function after(
  from: StoredGate | undefined,
  change: GateChange,
  entry: EvidenceEntry,
  etags: ReadonlyMap<string, string>,
  token: string | undefined,
): StoredGate {
  const done = new Set((change.done ?? []).map(outboxRow));
  const added = change.outbox.map((kind): OutboxItem => {
    const item = { kind, seq: entry.seq, attempts: 0, dueAt: change.at };
    return { ...item, etag: etags.get(outboxRow(item)) ?? '' };
  });
  return {
    gate: change.gate,
    etag: etags.get(HEADER) ?? '',
    evidence: [...(from?.evidence ?? []), entry],
    outbox: [...(from?.outbox ?? []).filter((item) => !done.has(outboxRow(item))), ...added],
    deadLetters: from?.deadLetters ?? [],
    cards: from?.cards ?? [],
    ...(token === undefined ? {} : { token }),
  };
}

async function tidy(needs: Needs, from: StoredGate, bookkeeping: Bookkeeping): Promise<void> {
  const { org, id } = from.gate;
  const waiting = bookkeeping.retry.filter((item) => !item.dead);
  await Promise.all(waiting.map((item) => needs.due.remind({ kind: 'gate', org, id }, item.dueAt)));
  if (waiting.length < bookkeeping.retry.length) await pointToDeadLetters(needs.table, from.gate);
  let left = bookkeeping;
  for (let n = 0; n < TIDY_TRIES; n += 1) {
    const writes = tidyWrites(left);
    if (writes.length === 0) return;
    try {
      await needs.table.commit('gate', partitionOf(org, id), writes);
      return;
    } catch (error) {
      if (!(error instanceof ConflictError)) throw error;
      left = stillThere(bookkeeping, decode(await needs.table.list('gate', partitionOf(org, id))));
    }
  }
  throw new StoreUnavailableError(`request ${id} changed again and again while its outbox was cleared`);
}

/** Another pass completed some of these items: the others and what was posted must not be forgotten with them. */
function stillThere(bookkeeping: Bookkeeping, now: StoredGate | undefined): Bookkeeping {
  const items = new Set(now?.outbox.map((item) => `${outboxRow(item)} ${item.etag}`));
  const isThere = (item: OutboxItem) => items.has(`${outboxRow(item)} ${item.etag}`);
  const cards = new Set(now?.cards.map(cardRow));
  return {
    done: bookkeeping.done.filter(isThere),
    retry: bookkeeping.retry.filter(isThere),
    cards: bookkeeping.cards,
    droppedCards: bookkeeping.droppedCards.filter((card) => cards.has(cardRow(card))),
  };
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

/** Hints on both sides of the commit: one found before it would find nothing to do, and be gone. */
async function replay(
  needs: Needs,
  { org, id }: Pick<Gate, 'org' | 'id'>,
  items: readonly OutboxItem[],
  at: string,
): Promise<void> {
  const hint = { kind: 'gate', org, id } as const;
  await needs.due.remind(hint, plusSeconds(at, RECOVER_AFTER_SECONDS));
  let left = items;
  for (let n = 0; n < TIDY_TRIES && left.length > 0; n += 1) {
    try {
      const writes = left.flatMap((item) => replayWrites(item, at));
      await needs.table.commit('gate', partitionOf(org, id), writes);
      left = [];
    } catch (error) {
      left = await stillDead(needs, { org, id }, items, error);
    }
  }
  if (left.length > 0) throw new StoreUnavailableError(`request ${id} changed again and again while it was replayed`);
  await needs.due.remind(hint, at);
}

function replayWrites(item: OutboxItem, at: string): Write[] {
  return [
    { kind: 'delete', row: deadLetterRow(item), etag: item.etag },
    { kind: 'put', row: outboxRow(item), values: { attempts: 0, dueAt: at } },
  ];
}

/** Whether an answer was lost or somebody else replayed the same: what is no dead letter any more need not be moved. */
async function stillDead(
  needs: Needs,
  { org, id }: Pick<Gate, 'org' | 'id'>,
  items: readonly OutboxItem[],
  error: unknown,
): Promise<readonly OutboxItem[]> {
  if (!(error instanceof ConflictError) && !(error instanceof StoreUnavailableError)) throw error;
  const now = decode(await needs.table.list('gate', partitionOf(org, id)));
  const wanted = new Set(items.map(deadLetterRow));
  const left = (now?.deadLetters ?? []).filter((item) => wanted.has(deadLetterRow(item)));
  if (left.length > 0 && error instanceof StoreUnavailableError) throw error;
  return left;
}
