import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { withUnknown } from '../drift-platforms.ts';
import { personal } from '../fakes/core-world.ts';
import { checked, findingsIn, kindsOf, OWNER, SCOPE, setDriftScene } from '../fakes/drift-scene.ts';

test('of two processes that compare at once one tells the owner', async () => {
  const scene = await setDriftScene();
  await scene.release();
  const other = scene.world.restart();
  scene.world.advance(30);
  scene.reads(checked({ isDisabled: true }));
  await Promise.all([scene.world.core.reconcile(), other.reconcile()]);
  await scene.world.settle();
  await other.idle();

  expect(scene.cards).toHaveLength(1);
  expect(await findingsIn(scene)).toEqual(['check-changed']);
});

test('what the store does not take at a deployment is tried again, and taken once', async () => {
  const scene = await setDriftScene();
  const { commit } = scene.world.table;
  let failures = 3;
  scene.world.table.commit = async (table, partition, writes) => {
    const isBaseline = writes.some(({ row }) => row === 'b');
    if (isBaseline && failures > 0) {
      failures -= 1;
      throw new StoreUnavailableError('no connection');
    }
    return commit(table, partition, writes);
  };
  await scene.release();
  expect((await scene.world.ports.baselines.read(SCOPE)).baseline).toBeUndefined();
  for (let n = 0; n < 6; n += 1) {
    scene.world.advance(2);
    await scene.world.settle();
  }

  expect(await kindsOf(scene)).toEqual(['baseline-taken']);
});

test('an owner whom Teams does not reach now is told with a later round, and nothing is lost meanwhile', async () => {
  const scene = await setDriftScene();
  await scene.release();
  scene.world.advance(30);
  scene.reads(checked({ isDisabled: true }));
  scene.world.teams.answer = (to) => (to.id === personal(OWNER).id ? { kind: 'unavailable' } : undefined);
  await scene.round();
  expect(scene.cards).toEqual([]);
  expect(await findingsIn(scene)).toEqual(['check-changed']);

  scene.world.teams.answer = () => undefined;
  scene.world.advance(5);
  await scene.round();
  expect(scene.cards).toHaveLength(1);
});

test('what is taken only later is told once more, and where Teams is silent it is said with the next comparison', async () => {
  const scene = await setDriftScene();
  scene.readsAs((sections) => withUnknown(sections, 'reach'));
  scene.world.teams.answer = (to) => (to.id === personal(OWNER).id ? { kind: 'unavailable' } : undefined);
  await scene.release();
  scene.world.teams.answer = () => undefined;
  expect(scene.announced).toEqual([]);
  scene.world.advance(10);
  await scene.world.settle();
  await scene.round();
  expect(scene.announced).toHaveLength(1);

  scene.world.advance(30);
  scene.reads();
  await scene.round();
  const later = await scene.release();
  await scene.round();
  expect(scene.announced.map(({ drifted }) => drifted.taken.requestId).slice(1)).toEqual([later]);
});
