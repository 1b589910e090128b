import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type History, playHistory } from '../bench/history.ts';
import { OPERATIONS } from '../bench/operations.ts';
import { type Scene, setScene } from '../bench/scene.ts';
import { countedInAzurite, countedInMemory } from '../fakes/counted-tables.ts';

// Calls of the table store as it bills them; docs/storage.md, "Budgets", says why each constant is what it is.

const SIZES = [100, 1_000];

let histories: readonly History[];
beforeAll(async () => {
  histories = await playHistory(SIZES);
});

function historyOf(requests: number): History {
  const history = histories.find((one) => one.requests === requests);
  if (history === undefined) throw new Error(`there is no history of ${requests} requests`);
  return history;
}

describe.each([
  ['at the port of the table in memory', countedInMemory],
  ['by a proxy before Azurite', countedInAzurite],
])('counted %s', (_where, counted) => {
  describe.each(SIZES)('after %i requests and as many reports', (requests) => {
    let scene: Scene;
    beforeAll(async () => {
      scene = await setScene(historyOf(requests), counted);
    });
    afterAll(() => scene.counted.close());

    test.each(OPERATIONS)('$name', async (operation) => {
      for (const { what, made, allowed } of await operation.run(scene)) expect(made, what).toEqual(allowed);
    });
  });
});
