import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Checkpoints } from '../../services/checkpoints.ts';
import type { Table } from '../../services/ports/table.ts';
import { createCheckpointWorld } from '../fakes/checkpoint-world.ts';

const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      kind: fc.constant('write' as const),
      name: fc.constantFrom('a', 'b', 'c'),
      process: fc.nat(1),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('lead' as const), process: fc.nat(1) }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), minutes: fc.constantFrom(0.3, 1, 3, 5, 400) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('die' as const), process: fc.nat(1) }) },
);

/** How long nothing is wrong before every change must be under a checkpoint. */
const WITHIN_MINUTES = 10;

test('I10: whatever fails or dies between any two calls, with two leaders and two writers, the log never forks, skips or goes back, and ten minutes after the last fault every change is under it', async () => {
  const scenario = fc.tuple(fc.array(step, { minLength: 5, maxLength: 25 }), fc.infiniteStream(fc.nat(99)), fc.nat(30));
  await fc.assert(
    fc.asyncProperty(scenario, async ([steps, dice, faultRate]) => {
      await playedOut(steps, dice, faultRate);
    }),
    { numRuns: 100 },
  );
});

type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** Every call waits for its turn; who has one is drawn, and a process that dies never has another. */
async function playedOut(steps: readonly Step[], dice: Iterator<number>, faultRate: number): Promise<void> {
  const draw = () => dice.next().value as number;
  let rate = faultRate;
  const waiting: { readonly owner: object; readonly go: () => void }[] = [];
  const turn = (owner: object) => new Promise<void>((go) => void waiting.push({ owner, go }));
  const faultNow = () => (draw() < rate ? (draw() < 50 ? 'before' : 'after') : 'ok');
  const world = createCheckpointWorld({ fault: faultNow, logFault: faultNow });
  const inTurn =
    (life: object) =>
    (inner: Table): Table => ({
      ...inner,
      commit: async (...given) => {
        await turn(life);
        return await inner.commit(...given);
      },
      list: async (...given) => {
        await turn(life);
        return await inner.list(...given);
      },
      get: async (...given) => {
        await turn(life);
        return await inner.get(...given);
      },
    });
  const born = () => {
    const life = {};
    return { life, write: world.writer(inTurn(life)), leader: world.leader(inTurn(life)) };
  };
  const processes = [born(), born()];
  const dead = new Set<object>();
  /** As in the product, of a process one round at a time. */
  const leading = new Set<object>();
  const running = new Map<Promise<unknown>, object>();
  const begin = (life: object, work: Promise<unknown>) => {
    const done: Promise<unknown> = work
      .catch(() => undefined)
      .finally(() => {
        running.delete(done);
        leading.delete(life);
      });
    running.set(done, life);
  };
  const lead = ({ life, leader }: { readonly life: object; readonly leader: Checkpoints }) => {
    if (leading.has(life) || !leader.isDue()) return;
    leading.add(life);
    begin(life, leader.run());
  };
  const someTurns = async (count: number) => {
    const isAlive = (life: object) => !dead.has(life);
    for (let n = 0; n < count && [...running.values()].some(isAlive); n += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      const living = waiting.filter((one) => isAlive(one.owner));
      const next = living[draw() % Math.max(1, living.length)];
      if (next === undefined) continue;
      waiting.splice(waiting.indexOf(next), 1);
      next.go();
    }
  };
  for (const one of steps) {
    if (one.kind === 'wait') world.advance(one.minutes);
    const at = one.kind === 'wait' ? undefined : processes[one.process];
    if (at !== undefined && one.kind === 'write') begin(at.life, at.write(one.name));
    if (at !== undefined && one.kind === 'lead') lead(at);
    if (at !== undefined && one.kind === 'die' && 'process' in one) {
      dead.add(at.life);
      processes[one.process] = born();
    }
    await someTurns(draw() % 8);
  }
  rate = 0;
  await someTurns(Number.POSITIVE_INFINITY);
  for (let minute = 0; minute < WITHIN_MINUTES; minute += 1) {
    world.advance(1);
    for (const process of processes) lead(process);
    await someTurns(Number.POSITIVE_INFINITY);
  }
  const heads = await world.heads();
  for (const { name, seq, hash } of world.landed) {
    const head = heads.get(`org ${name}`);
    expect(head?.seq ?? 0).toBeGreaterThanOrEqual(seq);
    if (head?.seq === seq) expect(head.hash).toBe(hash);
  }
  expect(world.alarms).toEqual([]);
}
