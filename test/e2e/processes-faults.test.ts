import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SimulatedRun } from '../fakes/azure-devops-model.ts';
import { type Call, FAULTS, type Fault } from '../fakes/fault-proxy.ts';
import {
  approve,
  build,
  type Deployment,
  deploy,
  expectApproved,
  forgetCards,
  meetPeople,
  nameOf,
  noteEvent,
  reportClean,
} from '../fakes/process-stories.ts';
import { type ProcessWorld, startProcessWorld } from '../fakes/process-world.ts';

/** Some fifty approvals for each fault. */
const LONG = 1_200_000;

let world: ProcessWorld;
let built: SimulatedRun;
beforeAll(async () => {
  world = await startProcessWorld();
  await meetPeople(world);
  built = build(world);
  await reportClean(world, built);
}, LONG);
afterAll(() => world?.close());

/** The n-th call from now on goes wrong; gives the call, if it came. */
function failAt(n: number, fault: Fault, deployment: Deployment): { call?: Call } {
  const failed: { call?: Call } = {};
  let count = 0;
  world.fate = (call) => {
    count += 1;
    if (count !== n) return undefined;
    failed.call = call;
    return fault;
  };
  world.effect = (call) => noteEvent(deployment, call);
  return failed;
}

test.each(FAULTS)(
  'whichever call of an approval goes wrong (%s), it is told in time, once, and nobody hears what is not true',
  async (fault) => {
    let n = 1;
    for (; ; n += 1) {
      const deployment = deploy(world, built);
      const failed = failAt(n, fault, deployment);
      const shown = await approve(world, deployment);
      await expectApproved(world, deployment, shown, () => `${fault} at call ${n}: ${nameOf(failed.call)}`);
      forgetCards(world);
      if (failed.call === undefined) break;
    }
    expect(n).toBeGreaterThan(40);
  },
  LONG,
);

test('no job token was stored, shown or logged', () => {
  expect(world.leaks()).toEqual([]);
});
