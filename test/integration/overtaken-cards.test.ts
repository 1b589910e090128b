import { expect, test } from 'vitest';
import { createOutbox, type SideResult } from '../../services/outbox.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createGateStore } from '../../services/tables/gate-store.ts';
import { ORG } from '../builders.ts';
import { AT, aCard, anAskedGate, itemOf, NOTHING, random } from '../contracts/gate-scene.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';

const ALEX = aCard('a:alex', 'user:alex', 'm1');
const MEGAN = aCard('a:megan', 'user:megan', 'm2');

/** Another process shows a card to Alex while this one shows one to Megan, and completes the item first. */
async function overtaken(secondLook: () => Promise<SideResult>) {
  const table = createInMemoryTable();
  const clock = { now: () => AT };
  const due = createDueIndex({ table, clock });
  const gates = createGateStore({ table, due, clock, random, orgs: [ORG], instance: 'this process' });
  const other = createGateStore({ table, due, clock, random, orgs: [ORG], instance: 'another process' });
  const { gate } = await anAskedGate(gates, { outbox: ['card'] });
  const looks: (readonly string[])[] = [];
  const outbox = createOutbox({
    clock,
    gates,
    handlers: {
      moving: {},
      side: {
        card: async (stored) => {
          looks.push(stored.cards.map(({ activityId, shows }) => `${activityId} ${shows}`));
          if (looks.length > 1) return secondLook();
          await other.tidy(stored, { ...NOTHING, done: [itemOf(stored, 'card')], cards: [ALEX] });
          return { cards: [MEGAN] };
        },
        index: async () => ({}),
      },
    },
    close: async (stored) => stored,
    reassess: async (stored) => stored,
    failed: () => {},
  });
  await outbox.drain(ORG, gate.id);
  const stored = await gates.read(ORG, gate.id);
  return { looks, cards: stored?.cards, left: stored?.outbox.filter(({ kind }) => kind === 'card') };
}

test('what two passes sent at once is looked at again, and every card is known', async () => {
  const { looks, cards, left } = await overtaken(async () => ({ cards: [MEGAN] }));

  expect(looks).toEqual([[], ['m1 asked 1', 'm2 ']]);
  expect(cards).toEqual([ALEX, MEGAN]);
  expect(left).toEqual([]);
});

test.each([
  ['fails', () => Promise.reject(new Error('the directory does not answer'))],
  ['must wait for Teams', async () => ({ retry: {} })],
])('a second look that %s forgets no card that was sent, and comes again', async (_, secondLook) => {
  const { cards, left } = await overtaken(secondLook);

  expect(cards).toEqual([ALEX, { ...MEGAN, shows: '' }]);
  expect(left).toMatchObject([{ attempts: 1 }]);
});
