import { expect, test } from 'vitest';
import { countedInMemory } from '../fakes/counted-tables.ts';
import { setPlatformWorld } from '../fakes/platform-world.ts';

// Calls of the table store; docs/storage.md, "Budgets". One project is seen, with both environments of payments-api.

function tally(calls: readonly string[]): Readonly<Record<string, number>> {
  const own = calls.filter((call) => /^(?:find|scope) /.test(call));
  return Object.fromEntries([...Map.groupBy(own, (call) => call)].map(([call, all]) => [call, all.length]));
}

async function setScanned() {
  const counted = countedInMemory([]);
  const scene = await setPlatformWorld(counted.table);
  await scene.scan(scene.world.core, 2);
  counted.made();
  return { ...scene, counted };
}

test('a round in which nothing is due takes two calls for each organization, one of drift, and nothing for its places', async () => {
  const { scan, counted } = await setScanned();
  await scan();
  const made = counted.made();

  // What the last round read was compared when that ended.
  expect(tally(made)).toEqual({});
  // Pulls have a list of their own, and no source of theirs is set up here. The third is what drift compares with.
  expect(made.filter((call) => call.startsWith('sys '))).toEqual(['sys list', 'sys list', 'sys list']);
});

test('a section that was hinted at and says the same again takes a hint, a write and the hint taken away', async () => {
  const { scan, counted, world, simulator } = await setScanned();
  await world.core.eventReceived({
    ...{ id: 'e1', eventType: 'check-updated', kind: 'platform' },
    ...{ projectId: simulator.project.id, sections: ['environments'] },
  });
  await scan();
  const made = counted.made().filter((call) => !call.endsWith('list'));

  expect(tally(made)).toEqual({});
  expect(made.filter((call) => call.startsWith('sys '))).toEqual([...['sys commit', 'sys commit', 'sys remove']]);
});

test('what changed is stored for each place, as a pull is', async () => {
  const { scan, counted, world, guard } = await setScanned();
  guard();
  world.advance(60);
  counted.made();
  await scan();
  const made = counted.made();
  // Project, environments, branches, connections and hooks.
  expect(made.filter((call) => call === 'sys commit')).toHaveLength(5);
  // Eight of the pull, and which baselines there are.
  expect(tally(made)['find list']).toBe(9);
});
