import { describe, expect, test } from 'vitest';
import type { Gate } from '../../services/domain/gate.ts';
import type { Bookkeeping, GateChange, GateStore, OutboxItem, StoredGate } from '../../services/ports/gate-store.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createGateStore } from '../../services/tables/gate-store.ts';
import { aGate, ORG } from '../builders.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const AT = '2026-11-23T09:30:00.000Z';
const SOON = '2026-11-23T09:31:00.000Z';
const LATER = '2026-11-23T09:40:00.000Z';
const OTHER_ORG = 'otherorg22';
const NOTHING: Bookkeeping = { done: [], retry: [], cards: [], droppedCards: [] };

interface Scene {
  readonly table: FaultyTable;
  readonly gates: GateStore;
  readonly due: ReturnType<typeof createDueIndex>;
}

async function setScene(newTable: () => Promise<FaultyTable>): Promise<Scene> {
  const table = await newTable();
  const clock = { now: () => AT };
  const due = createDueIndex({ table, clock });
  const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };
  return {
    table,
    due,
    gates: createGateStore({ table, due, clock, random, orgs: [OTHER_ORG, ORG], instance: 'this process' }),
  };
}

async function aStoredGate(gates: GateStore, over: Partial<Gate> = {}, outbox: GateChange['outbox'] = ['card']) {
  const evidence = { kind: 'told', actor: { kind: 'countersign' }, data: {} } as const;
  const change = { op: 'told', gate: aGate(over), evidence, outbox, at: AT, token: 'sealed' };
  return (await gates.create(change)).stored;
}

const giveUp = (gates: GateStore, stored: StoredGate, items: readonly OutboxItem[] = stored.outbox) =>
  gates.tidy(stored, { ...NOTHING, retry: items.map((item) => ({ ...item, attempts: 30, dead: true })) });

async function aGateWithDeadLetters(
  gates: GateStore,
  over: Partial<Gate> = {},
  outbox: GateChange['outbox'] = ['card'],
) {
  const stored = await aStoredGate(gates, over, outbox);
  await giveUp(gates, stored);
  return readAgain(gates, stored);
}

async function readAgain(gates: GateStore, { gate }: StoredGate): Promise<StoredGate> {
  const stored = await gates.read(gate.org, gate.id);
  return stored ?? expect.fail('the request is gone');
}

const pointers = async (table: FaultyTable, org = ORG) =>
  (await table.list('open', `${org}~dead`)).map(({ row }) => row);
const idsOf = (found: readonly StoredGate[]) => found.map(({ gate }) => gate.id);

describe.each(freshTables())('%s', (_, newTable) => {
  test('requests with dead letters are found in every organization, told or not', async () => {
    const { gates } = await setScene(newTable);
    await aGateWithDeadLetters(gates, { toldAt: AT });
    await aGateWithDeadLetters(gates, { id: 'other', org: OTHER_ORG });
    await aStoredGate(gates, { id: 'fine' });
    expect(idsOf(await gates.withDeadLetters())).toEqual(['other', aGate().id]);
  });

  test('the pointer stands before the dead letter does, and outlives a commit that never came', async () => {
    const { table, gates } = await setScene(newTable);
    const stored = await aStoredGate(gates);
    let before: readonly string[] = [];
    table.beforeNextWrite('gate', async () => {
      before = await pointers(table);
    });
    table.failNextCommit('gate', 'before');
    await expect(giveUp(gates, stored)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect(before).toEqual([stored.gate.id]);
    expect(await pointers(table)).toEqual([stored.gate.id]);
  });

  test('a look between pointer and dead letter does not take the pointer away', async () => {
    const { table, gates } = await setScene(newTable);
    const stored = await aStoredGate(gates);
    table.beforeNextWrite('gate', async () => expect(await gates.withDeadLetters()).toEqual([]));
    await giveUp(gates, stored);
    expect(idsOf(await gates.withDeadLetters())).toEqual([stored.gate.id]);
  });

  test('a pointer that was written again while it was looked at stays', async () => {
    const { table, gates } = await setScene(newTable);
    const first = await aGateWithDeadLetters(gates);
    await gates.replay(first.gate, first.deadLetters, AT);
    const replayed = await readAgain(gates, first);
    await gates.tidy(replayed, { ...NOTHING, done: replayed.outbox });
    table.beforeNextWrite('open', async () => {
      await gates.enqueue(first.gate, 'card', AT);
      await giveUp(gates, await readAgain(gates, first));
    });
    expect(await gates.withDeadLetters()).toEqual([]);
    expect(idsOf(await gates.withDeadLetters())).toEqual([first.gate.id]);
  });

  test('once replayed and done, a request is pointed to no more', async () => {
    const { table, gates } = await setScene(newTable);
    const dead = await aGateWithDeadLetters(gates);
    await gates.replay(dead.gate, dead.deadLetters, AT);
    const replayed = await readAgain(gates, dead);
    await gates.tidy(replayed, { ...NOTHING, done: replayed.outbox });
    expect(await gates.withDeadLetters()).toEqual([]);
    expect(await pointers(table)).toEqual([]);
  });

  test('what is replayed is due at once with its tries forgotten, and a hint says so', async () => {
    const { gates, due } = await setScene(newTable);
    const dead = await aGateWithDeadLetters(gates, {}, ['card', 'index']);
    for (const item of await due.take(SOON)) await due.done(item);
    await gates.replay(dead.gate, dead.deadLetters, SOON);
    expect(await readAgain(gates, dead)).toMatchObject({
      deadLetters: [],
      outbox: [
        { kind: 'card', attempts: 0, dueAt: SOON },
        { kind: 'index', attempts: 0, dueAt: SOON },
      ],
    });
    expect(await due.take(SOON)).toMatchObject([{ hint: { id: dead.gate.id } }]);
  });

  test('a hint stands before the replay: a process that dies after it leaves nothing that nobody finds', async () => {
    const { table, gates, due } = await setScene(newTable);
    const dead = await aGateWithDeadLetters(gates);
    for (const item of await due.take(SOON)) await due.done(item);
    table.failNextCommit('gate', 'before');
    await expect(gates.replay(dead.gate, dead.deadLetters, AT)).rejects.toBeInstanceOf(StoreUnavailableError);
    expect((await readAgain(gates, dead)).deadLetters).toHaveLength(1);
    expect(await due.take(LATER)).toHaveLength(1);
  });

  test.each(['after', 'after-conflict'] as const)('a replay whose answer is lost (%s) has happened', async (fault) => {
    const { table, gates } = await setScene(newTable);
    const dead = await aGateWithDeadLetters(gates);
    table.failNextCommit('gate', fault);
    await gates.replay(dead.gate, dead.deadLetters, AT);
    expect(await readAgain(gates, dead)).toMatchObject({ deadLetters: [], outbox: [{ kind: 'card' }] });
  });

  test('two who replay the same replay it once, and each what the other left', async () => {
    const { table, gates } = await setScene(newTable);
    const dead = await aGateWithDeadLetters(gates, {}, ['card', 'index']);
    const [card] = dead.deadLetters as [OutboxItem];
    table.beforeNextWrite('gate', async () => {
      await gates.replay(dead.gate, [card], AT);
      await gates.tidy(await readAgain(gates, dead), { ...NOTHING, done: (await readAgain(gates, dead)).outbox });
    });
    await gates.replay(dead.gate, dead.deadLetters, AT);
    expect(await readAgain(gates, dead)).toMatchObject({ deadLetters: [], outbox: [{ kind: 'index' }] });
  });
});
