import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Call } from '../fakes/fault-proxy.ts';
import {
  approve,
  approveAsked,
  blockAndRelease,
  build,
  type Deployment,
  deploy,
  expectApproved,
  forgetCards,
  meetPeople,
  nameOf,
  noteEvent,
  reportClean,
  reportLeak,
} from '../fakes/process-stories.ts';
import { type ProcessWorld, startProcessWorld } from '../fakes/process-world.ts';

type Moment = 'before' | 'after';

/** A process start for each kill: minutes. */
const LONG = 1_200_000;
const MOMENTS: readonly Moment[] = ['before', 'after'];

let world: ProcessWorld;
beforeAll(async () => {
  world = await startProcessWorld({ spares: 2 });
  await meetPeople(world);
}, LONG);
afterAll(() => world?.close());

/**
 * Kills the bot at its n-th call that has an effect; gives the call, if it came. A death around a call that only reads
 * leaves the world as the death before the next call with an effect does.
 */
function killAt(n: number, moment: Moment, deployment: Deployment): { call?: Call } {
  const killed: { call?: Call } = {};
  let count = 0;
  world.fate = (call) => {
    if (call.method !== 'GET') count += 1;
    if (call.method === 'GET' || count !== n) return undefined;
    killed.call = call;
    if (moment === 'after') return 'cut';
    world.kill();
    return 'drop';
  };
  world.effect = (call) => {
    noteEvent(deployment, call);
    if (moment === 'after' && call === killed.call) world.kill();
  };
  return killed;
}

/** Plays the story again and again, with a death one call later each time, until a whole story sees none. */
async function killEverywhere(
  moment: Moment,
  begin: () => Promise<Deployment>,
  play: (deployment: Deployment, disarm: () => void) => ReturnType<typeof approve>,
): Promise<number> {
  for (let n = 1; ; n += 1) {
    const deployment = await begin();
    const killed = killAt(n, moment, deployment);
    const shown = await play(deployment, () => {
      world.fate = () => undefined;
    });
    await expectApproved(world, deployment, shown, () => `killed ${moment} call ${n}: ${nameOf(killed.call)}`);
    forgetCards(world);
    if (killed.call === undefined) return n - 1;
  }
}

test.each(MOMENTS)(
  'a bot killed %s any call of an approval leaves it to another: one verdict in time, and true answers',
  async (moment) => {
    const built = build(world);
    await reportClean(world, built);

    const deaths = await killEverywhere(
      moment,
      async () => deploy(world, built),
      (deployment) => approve(world, deployment),
    );

    expect(deaths).toBeGreaterThan(20);
  },
  LONG,
);

test.each(MOMENTS)(
  'a bot killed %s any call of a block and its release leaves it to another: nobody has to ask again',
  async (moment) => {
    const deaths = await killEverywhere(
      moment,
      async () => {
        const built = build(world);
        await reportLeak(world, built);
        return deploy(world, built);
      },
      async (deployment, disarm) => {
        await blockAndRelease(world, deployment);
        disarm();
        return approveAsked(world, deployment);
      },
    );

    expect(deaths).toBeGreaterThan(20);
  },
  LONG,
);

test('no job token was stored, shown or logged', () => {
  expect(world.leaks()).toEqual([]);
});
