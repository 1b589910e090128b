import { expect, test } from 'vitest';
import { createViewGate } from '../../bot/handlers/view-gate.ts';
import { createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { edited, policyFolder } from '../fakes/policy-folder.ts';
import { by } from '../fakes/waiting-gate.ts';

test('whoever asks about a stage that failed hears that a newer contract is in force by now', async () => {
  const policyDir = await policyFolder();
  const world = await createCoreWorld({ policyDir });
  const id = await world.deliver();
  const view = createViewGate(world.core.views, world.core.viewOffPath);
  await edited(policyDir, ['contract.yaml', 'version: 1', 'version: 2']);
  world.advance(61);
  expect((await view(by(PEOPLE.alex), id)).text).not.toContain('run the stage again to be judged');
  await world.settle();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'failed' });
  await edited(policyDir, ['contract.yaml', 'version: 2', 'version: 3']);
  world.advance(1);

  const { text } = await view(by(PEOPLE.alex), id);

  expect(text).toMatch(
    /Judged by version [12] of the contract; version 3 is in force: run the stage again to be judged/,
  );
});
