import { expect, test } from 'vitest';
import { PEOPLE, personal } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { meetAll } from '../fakes/exception-scene.ts';
import type { Edit } from '../fakes/policy-folder.ts';

// An environment that is observed: judged and recorded as any other, and nothing is stopped.

const OBSERVE: Edit = ['contract.yaml', 'enforce: true', 'enforce: observe, until: 2026-12-31'];

test('what would be blocked is let through, told so, and recorded as observed', async () => {
  const life = await aLife(OBSERVE);
  const { world } = life;
  await meetAll(world);
  await world.report('gitleaks-orders.sarif');
  const id = await life.deploy();
  expect(await life.gate(id)).toMatchObject({ state: 'passed', observed: true, judgement: { verdict: 'block' } });
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);
  expect(world.told[0]?.lines.join('\n')).toContain('observed, not enforced: the deployment would have been blocked');
  const judged = await life.said(id, 'judged');
  expect(judged).toMatchObject({ observed: true, verdict: 'block', counts: { block: 1 } });
  expect(await life.said(id, 'verdict-sealed')).toMatchObject({ result: 'succeeded', reason: 'observed' });
  expect(world.posted.map(({ to }) => to)).toEqual([personal(PEOPLE.adele).id]);
});

test('where nothing blocks nobody is asked either', async () => {
  const life = await aLife(OBSERVE);
  const id = await life.deploy();
  expect(await life.gate(id)).toMatchObject({ state: 'passed', observed: true, judgement: { counts: { block: 0 } } });
  expect(life.world.told).toMatchObject([{ result: 'succeeded' }]);
});

test('from its last day on the next deployment is stopped', async () => {
  const life = await aLife(OBSERVE);
  const { world } = life;
  world.now = '2026-12-30T23:59:59.000Z';
  await world.report('gitleaks-orders.sarif');
  const before = await life.gate(await life.deploy());
  world.now = '2026-12-31T00:00:00.000Z';
  const after = await life.gate(await life.deploy({ run: 101 }));
  expect([before.state, after.state]).toEqual(['passed', 'blocked']);
  expect(world.told.map(({ result }) => result)).toEqual(['succeeded']);
});
