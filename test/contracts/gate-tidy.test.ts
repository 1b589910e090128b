import { describe, expect, test } from 'vitest';
import type { OutboxItem, StoredGate } from '../../services/ports/gate-store.ts';
import { createGateStore } from '../../services/tables/gate-store.ts';
import { ORG } from '../builders.ts';
import { freshTables } from './fresh-tables.ts';
import { AT, aCard, anAskedGate, itemOf, kindsOf, LATER, NOTHING, random, rowsOf, setScene } from './gate-scene.ts';

describe.each(freshTables())('%s', (_, newTable) => {
  test('tidying completes, puts off, puts aside and remembers in one go', async () => {
    const { table, gates, due } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    const [index, judge] = asked.outbox as [OutboxItem, OutboxItem];
    const card = itemOf(asked, 'card');
    await gates.tidy(asked, {
      done: [index],
      retry: [
        { ...card, attempts: 1, dueAt: LATER, dead: false },
        { ...judge, attempts: 30, dueAt: LATER, dead: true },
      ],
      cards: [aCard('a:bob')],
      droppedCards: [],
    });
    const stored = await gates.read(ORG, asked.gate.id);
    expect(kindsOf(stored)).toEqual(['2 card', '2 index']);
    expect(stored).toMatchObject({
      outbox: [{ kind: 'card', attempts: 1, dueAt: LATER }, { kind: 'index' }],
      deadLetters: [{ kind: 'judge', attempts: 30 }],
      cards: [aCard('a:bob')],
    });
    expect((await due.take(LATER)).map(({ place }) => place.row)).toContainEqual(expect.stringContaining('T094000'));
    expect(await rowsOf(table)).toContain('dl~0000000001~judge');
  });

  test('items that another pass completed keep none of the others from being completed', async () => {
    const { gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    const [first, ...others] = asked.outbox as [OutboxItem, ...OutboxItem[]];
    await gates.tidy(asked, { ...NOTHING, done: [first] });
    await gates.tidy(asked, { ...NOTHING, done: [first, ...others], cards: [aCard('a:bob')] });
    const stored = await gates.read(ORG, asked.gate.id);
    expect(stored?.outbox).toEqual([]);
    expect(stored?.cards).toEqual([aCard('a:bob')]);
  });

  test('an item that was wished for anew meanwhile is not completed with the old one', async () => {
    const { gates } = await setScene(newTable);
    const { gate } = await anAskedGate(gates);
    await gates.enqueue(gate, 'card', AT);
    const read = (await gates.read(ORG, gate.id)) as StoredGate;
    await gates.enqueue(gate, 'card', LATER);
    await gates.tidy(read, { ...NOTHING, done: read.outbox });
    expect(await gates.read(ORG, gate.id)).toMatchObject({ outbox: [{ seq: 0, kind: 'card', dueAt: LATER }] });
  });

  test.each(['after', 'after-conflict'] as const)(
    'a tidying whose answer is lost (%s) loses no card',
    async (fault) => {
      const { table, gates } = await setScene(newTable);
      const asked = await anAskedGate(gates);
      table.failNextCommit('gate', fault);
      await gates.tidy(asked, { ...NOTHING, done: asked.outbox, cards: [aCard('a:bob')] }).catch(() => undefined);
      expect(await gates.read(ORG, asked.gate.id)).toMatchObject({ outbox: [], cards: [aCard('a:bob')] });
    },
  );

  test('a card that moved stands under its new conversation only, however often it is tidied', async () => {
    const { gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    await gates.tidy(asked, { ...NOTHING, cards: [aCard('a:old')] });
    const move = { ...NOTHING, cards: [aCard('a:new', 'user:bob', 'm2')], droppedCards: [aCard('a:old')] };
    const shown = (await gates.read(ORG, asked.gate.id)) ?? asked;
    expect(await gates.tidy(shown, move)).toBeUndefined();
    const moved = (await gates.read(ORG, asked.gate.id)) ?? asked;
    expect(await gates.tidy(moved, { ...NOTHING, done: moved.outbox })).toBeUndefined();
    expect(await gates.read(ORG, asked.gate.id)).toMatchObject({ outbox: [], cards: move.cards });
  });

  test('a pass over the cards that another came before writes nothing, and learns what must be looked at again', async () => {
    const { gates } = await setScene(newTable);
    const asked = await anAskedGate(gates);
    await gates.tidy(asked, { ...NOTHING, cards: [aCard('a:bob')] });
    const there = await gates.read(ORG, asked.gate.id);

    const late = {
      ...NOTHING,
      done: asked.outbox,
      cards: [aCard('a:bob', 'user:bob', 'm2'), aCard('a:ann', 'user:ann')],
    };
    const overtaken = await gates.tidy(asked, late);

    expect(overtaken?.cards).toEqual([
      { ...aCard('a:bob'), shows: '' },
      { ...aCard('a:ann', 'user:ann'), shows: '' },
    ]);
    expect(overtaken?.outbox).toEqual(asked.outbox);
    expect(await gates.read(ORG, asked.gate.id)).toEqual(there);
  });

  test('what another process has just put there is left to it for a minute', async () => {
    const { table, due, gates } = await setScene(newTable);
    const other = createGateStore({
      table,
      due,
      clock: { now: () => AT },
      random,
      orgs: [ORG],
      instance: 'another process',
    });
    const { gate, outbox } = await anAskedGate(gates);
    const dueFor = async (store: typeof gates) =>
      (await store.read(ORG, gate.id))?.outbox.map(({ dueAt }) => Date.parse(dueAt) - Date.parse(AT));

    expect(await dueFor(gates)).toEqual(outbox.map(() => 0));
    expect(await dueFor(other)).toEqual(outbox.map(() => 60_000));
  });
});
