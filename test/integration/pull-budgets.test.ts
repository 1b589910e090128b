import { expect, test } from 'vitest';
import { countedInMemory } from '../fakes/counted-tables.ts';
import { anEvent, aState, ORDERS, PAYMENTS, setSignalScene, vault } from '../fakes/signal-scene.ts';

// Calls of the table store; docs/storage.md, "Budgets". Two subscriptions are seen, each with one environment of the catalog.

/** How often each was made, of the tables that signals lie in: other rounds have calls of their own. */
function tally(calls: readonly string[]): Readonly<Record<string, number>> {
  const own = calls.filter((call) => /^(?:find|scope|due) /.test(call));
  return Object.fromEntries([...Map.groupBy(own, (call) => call)].map(([call, all]) => [call, all.length]));
}

const A_PLACE = { 'find list': 4, 'scope list': 1, 'due commit': 1 };
const twice = (one: Readonly<Record<string, number>>) =>
  Object.fromEntries(Object.entries(one).map(([call, count]) => [call, 2 * count]));

async function setPulled() {
  const counted = countedInMemory([]);
  const scene = await setSignalScene(counted.table);
  scene.azure.world.states = { [PAYMENTS]: [aState()], [ORDERS]: [] };
  await scene.pull();
  counted.made();
  return { ...scene, counted };
}

test('a list that says the same again takes 8 calls for each environment, and none for the gates', async () => {
  const { world, pull, counted } = await setPulled();
  world.advance(70);
  await pull();

  expect(tally(counted.made())).toEqual(twice({ ...A_PLACE, 'find commit': 1, 'scope commit': 1 }));
});

test('a round in which nothing is due takes one call, and asks Azure nothing', async () => {
  const { world, pull, counted, azure } = await setPulled();
  const asked = azure.requests.length;
  world.advance(6);
  await pull();
  const made = counted.made();

  expect(tally(made)).toEqual({});
  expect(made.filter((call) => call.startsWith('sys '))).toEqual(['sys list']);
  expect(azure.requests).toHaveLength(asked);
});

test('what is sent takes 13 calls before it is answered, and 3 for its wake-up; the same again 7', async () => {
  const { world, send, counted } = await setPulled();
  const events = [anEvent('NonCompliant', world.now, vault('b'))];
  await send(...events);
  await world.core.idle();
  const woken = { 'scope list': 3, 'scope commit': 1, 'scope remove': 1 };
  const first = counted.made();
  expect(tally(first)).toEqual({ ...A_PLACE, 'find commit': 4, ...woken });
  expect(first.filter((call) => call === 'log commit')).toHaveLength(1);
  expect(first).toHaveLength(16);

  await send(...events);
  await world.core.idle();
  const again = counted.made();
  expect(tally(again)).toEqual(A_PLACE);
  expect(again).toHaveLength(7);
});
