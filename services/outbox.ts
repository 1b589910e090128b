import { type Gate, tokenEnd } from './domain/gate.ts';
import { plusSeconds } from './domain/instant.ts';
import { AzureDevOpsUnavailableError } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';
import type { CardReference, GateStore, OutboxItem, OutboxKind, StoredGate } from './ports/gate-store.ts';

/** Moves the gate on, by commits of its own that complete the item, and returns it as it then is. */
export type MovingHandler = (stored: StoredGate, item: OutboxItem) => Promise<StoredGate>;

/** Does something outside the gate; what it leaves behind is written in one go at the end of the pass. */
export type SideHandler = (stored: StoredGate, item: OutboxItem) => Promise<SideResult>;

export interface SideResult {
  readonly cards?: readonly CardReference[];
  readonly droppedCards?: readonly CardReference[];
  readonly retry?: { readonly afterSeconds?: number };
  /** No further try of the same can help: put aside at once, unless `retry` wants one for something else. */
  readonly hopeless?: boolean;
}

export interface Handlers {
  readonly moving: Readonly<Partial<Record<OutboxKind, MovingHandler>>>;
  readonly side: Readonly<Partial<Record<OutboxKind, SideHandler>>>;
}

interface Needs {
  readonly clock: Clock;
  readonly gates: GateStore;
  readonly handlers: Handlers;
  /** Ends what has waited too long; the gate as it then is. */
  readonly close: (stored: StoredGate) => Promise<StoredGate>;
  /** Judges again what still waits; the gate as it then is. */
  readonly reassess: (stored: StoredGate) => Promise<StoredGate>;
  readonly failed: (item: OutboxItem, gateId: string, error: unknown) => void;
}

export interface Start {
  /** The gate as just committed: saves reading it. */
  readonly known?: StoredGate | undefined;
  /** Something that the gate was judged on has changed. */
  readonly reassess?: boolean;
  /** Where there is no such gate. */
  readonly absent?: () => Promise<void>;
}

export type Outbox = ReturnType<typeof createOutbox>;

/** Carries out what was committed, and nothing else (storage.md rule 1). One pass at a time for each gate in this process. */
export function createOutbox(needs: Needs) {
  const running = new Map<string, Promise<void>>();

  /**
   * Rejects when the store does not answer, or when a wished-for new judgement could not be made: the due index then
   * brings the gate back.
   */
  function drain(org: string, id: string, start: Start = {}): Promise<void> {
    const before = running.get(id);
    // What was known is out of date once another pass has run.
    const pass = (before ?? Promise.resolve())
      .catch(() => undefined)
      .then(() => drainOnce(needs, org, id, before === undefined ? start : { ...start, known: undefined }));
    running.set(id, pass);
    const forget = () => {
      if (running.get(id) === pass) running.delete(id);
    };
    pass.then(forget, forget);
    return pass;
  }

  return {
    drain,
    /** Resolves when no pass is under way any more. */
    idle: async (): Promise<void> => {
      while (running.size > 0) await Promise.allSettled(running.values());
    },
  };
}

async function drainOnce(needs: Needs, org: string, id: string, start: Start): Promise<void> {
  const read = start.known ?? (await needs.gates.read(org, id));
  if (read === undefined) return start.absent?.();
  const closed = await needs.close(read);
  const stored = start.reassess === true ? await needs.reassess(closed) : closed;
  const early: Early = new Map();
  const moved = await runMoving(needs, stored, early);
  await runSide(needs, moved, early);
  await remindOf(needs, moved.gate, early);
}

/** Items that this pass found before their time, by key. */
type Early = Map<string, OutboxItem>;

/** Whether the item's time has come; if not, it is noted. */
function isDue(needs: Needs, item: OutboxItem, early: Early): boolean {
  if (item.dueAt > needs.clock.now()) early.set(keyOf(item), item);
  else early.delete(keyOf(item));
  return !early.has(keyOf(item));
}

/**
 * What is not due yet, or held by another process, is looked at when it is: the hint that brought us here goes with this
 * pass, and whoever holds the item may have counted on it.
 */
async function remindOf(needs: Needs, gate: Gate, early: Early): Promise<void> {
  const [next] = [...early.values()].map(({ dueAt }) => dueAt).sort();
  if (next !== undefined) await needs.gates.remind(gate, next);
}

const MOVES_IN_A_PASS = 8;

/** State changes first, each seeing what the one before it left. */
async function runMoving(needs: Needs, start: StoredGate, early: Early): Promise<StoredGate> {
  let stored = start;
  const tried = new Set<string>();
  for (let n = 0; n < MOVES_IN_A_PASS; n += 1) {
    const item = nextMoving(needs, stored, tried, early);
    const handler = item === undefined ? undefined : needs.handlers.moving[item.kind];
    if (item === undefined || handler === undefined) return stored;
    tried.add(keyOf(item));
    let fault: unknown;
    try {
      stored = await handler(stored, item);
    } catch (error) {
      fault = error;
      needs.failed(item, stored.gate.id, error);
    }
    // Failed, or somebody else moved the gate meanwhile: the hint that brought us here must not be the last one.
    const left = stored.outbox.find((other) => keyOf(other) === keyOf(item));
    if (left !== undefined) {
      await needs.gates.tidy(stored, {
        done: [],
        retry: [later(needs, stored.gate, left, askedBy(fault))],
        cards: [],
        droppedCards: [],
      });
    }
  }
  return stored;
}

/** Seconds, when Azure DevOps said how long to wait. */
function askedBy(fault: unknown): number | undefined {
  return fault instanceof AzureDevOpsUnavailableError ? fault.retryAfter : undefined;
}

function nextMoving(
  needs: Needs,
  stored: StoredGate,
  tried: ReadonlySet<string>,
  early: Early,
): OutboxItem | undefined {
  return stored.outbox.find(
    (item) => needs.handlers.moving[item.kind] !== undefined && !tried.has(keyOf(item)) && isDue(needs, item, early),
  );
}

function keyOf(item: OutboxItem): string {
  return `${item.seq} ${item.kind}`;
}

const LOOKS_IN_A_PASS = 4;

/** What another pass has done to the cards meanwhile is looked at again. */
async function runSide(needs: Needs, start: StoredGate, early: Early): Promise<void> {
  let stored: StoredGate | undefined = start;
  for (let n = 0; n < LOOKS_IN_A_PASS && stored !== undefined; n += 1) {
    const overtaken = await runSideOnce(needs, stored, early);
    if (overtaken === undefined) return;
    stored = await keepWhatWasSent(needs, overtaken);
  }
  throw new Error(`the cards of request ${start.gate.id} changed again and again while they were shown`);
}

/** Written down before anything else can fail: no later pass would know of these messages, or look at them. */
async function keepWhatWasSent(needs: Needs, overtaken: StoredGate): Promise<StoredGate | undefined> {
  const { org, id } = overtaken.gate;
  await needs.gates.enqueue(overtaken.gate, 'card', needs.clock.now());
  let stored: StoredGate | undefined = overtaken;
  for (let n = 0; n < LOOKS_IN_A_PASS && stored !== undefined; n += 1) {
    const cards = stored.cards.filter(({ shows }) => shows === '');
    stored = await needs.gates.tidy(stored, { done: [], retry: [], cards, droppedCards: [] });
  }
  // The item above may have been carried out by another process before it could know of these.
  await needs.gates.enqueue(overtaken.gate, 'card', needs.clock.now());
  return needs.gates.read(org, id);
}

async function runSideOnce(needs: Needs, stored: StoredGate, early: Early): Promise<StoredGate | undefined> {
  const due = stored.outbox.filter((item) => needs.handlers.side[item.kind] !== undefined && isDue(needs, item, early));
  if (due.length === 0) return undefined;
  // Each kind looks at the whole record: several items of one kind are one piece of work, but for those about one person.
  const byKind = Map.groupBy(due, (item) => (item.kind === 'delegate' ? keyOf(item) : item.kind));
  const results = await Promise.all([...byKind.values()].map((items) => runOne(needs, stored, items)));
  return needs.gates.tidy(stored, {
    done: results.flatMap((result) => result.done),
    retry: results.flatMap((result) => result.retry),
    cards: results.flatMap((result) => result.cards),
    droppedCards: results.flatMap((result) => result.droppedCards),
  });
}

async function runOne(needs: Needs, stored: StoredGate, items: readonly OutboxItem[]) {
  const newest = items.reduce((a, b) => (b.seq > a.seq ? b : a));
  const older = items.filter((item) => item !== newest);
  try {
    const result = (await needs.handlers.side[newest.kind]?.(stored, newest)) ?? {};
    const retry = retryOf(needs, stored.gate, newest, result);
    const done = retry.length === 0 ? items : older;
    return { done, retry, cards: result.cards ?? [], droppedCards: result.droppedCards ?? [] };
  } catch (error) {
    needs.failed(newest, stored.gate.id, error);
    return { done: older, retry: [later(needs, stored.gate, newest)], cards: [], droppedCards: [] };
  }
}

function retryOf(needs: Needs, gate: Gate, item: OutboxItem, { retry, hopeless }: SideResult) {
  if (retry !== undefined) return [later(needs, gate, item, retry.afterSeconds)];
  return hopeless === true ? [{ ...item, attempts: item.attempts + 1, dead: true }] : [];
}

const FIRST_WAIT_SECONDS = 5;
/** What moves a gate is tried again within a minute after the trouble has ended, a card within ten. */
const LONGEST_WAIT_SECONDS: Readonly<Record<OutboxKind, number>> = {
  judge: 60,
  verdict: 60,
  supersede: 60,
  card: 600,
  index: 600,
  remind: 600,
  'ask-again': 600,
  delegate: 600,
  stage: 600,
  released: 600,
};
/** What an answer asks for at most: an absurd Retry-After must not silence a request for days. */
const LONGEST_ASKED_SECONDS = 3_600;
const MOST_ATTEMPTS = 30;

function later(needs: Needs, gate: Gate, item: OutboxItem, afterSeconds?: number) {
  const attempts = item.attempts + 1;
  const asked = Math.min(afterSeconds ?? 0, LONGEST_ASKED_SECONDS);
  const wait = Math.max(asked, Math.min(FIRST_WAIT_SECONDS * 2 ** (attempts - 1), LONGEST_WAIT_SECONDS[item.kind]));
  const dueAt = plusSeconds(needs.clock.now(), wait);
  return { ...item, attempts, dueAt, dead: isHopeless(gate, { ...item, attempts }, dueAt) };
}

/**
 * Judgement and verdict are tried as long as the job's token lives: until it is judged, a gate is closed in time by
 * these tries alone. Anything else for several hours. Then it is put aside, visibly.
 */
function isHopeless(gate: Gate, { kind, attempts }: OutboxItem, dueAt: string): boolean {
  return kind === 'verdict' || kind === 'judge' ? dueAt >= tokenEnd(gate.receivedAt) : attempts >= MOST_ATTEMPTS;
}
