import { expect, test } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { aCheck, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import type { Fault } from '../fakes/in-memory-table.ts';

const FAULTS: readonly Exclude<Fault, 'ok'>[] = ['before', 'after', 'after-conflict'];
/** More than the whole story makes, which the last test checks. */
const CALLS = 52;
let reached = 0;

interface Story {
  readonly world: CoreWorld;
  readonly id: string | undefined;
  readonly answer: string;
}

/** Reports, check and click, with one call of the store failing; then everything that is due until nothing moves. */
async function play(failing: number, fault: Exclude<Fault, 'ok'>): Promise<Story> {
  let count = 0;
  let counting = false;
  const world = await createCoreWorld({
    fault: () => {
      if (!counting) return 'ok';
      count += 1;
      return count === failing ? fault : 'ok';
    },
  });
  const during = async <T>(phase: () => Promise<T>): Promise<T> => {
    counting = true;
    const outcome = await phase();
    await world.core.idle();
    counting = false;
    await heal(world);
    return outcome;
  };
  await prepare(world);
  const id = await during(() => receiveUntilTaken(world));
  const answer = await during(() => clickOnce(world, id));
  reached = Math.max(reached, count);
  return { world, id, answer };
}

async function prepare(world: CoreWorld): Promise<void> {
  await world.meet(PEOPLE.alex);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
}

/** Azure DevOps delivers again what was not answered with 200. */
async function receiveUntilTaken(world: CoreWorld): Promise<string | undefined> {
  for (let n = 0; n < 3; n += 1) {
    const receipt = await world.core.deliveries
      .receive({ check: aCheck(), jobToken: 'token', runId: 7, stage: 'Deploy', environment: 'prod' })
      .catch(() => undefined);
    if (receipt?.kind === 'accepted') {
      world.core.accepted(receipt);
      return receipt.requestId;
    }
  }
  return undefined;
}

async function clickOnce(world: CoreWorld, requestId = ''): Promise<string> {
  const by = { kind: 'person' as const, tenant: TENANT, oid: PEOPLE.alex, name: 'Alex' };
  const answered = await world.core.approvals
    .decide({ requestId, revision: 1, verdict: 'approve', comment: '', by, op: 'click' })
    .catch(() => undefined);
  if (answered === undefined) return 'fault';
  return answered.kind === 'decided' ? 'decided' : answered.refusal;
}

/** Lets time pass until every hint and every retry has had its turn. */
async function heal(world: CoreWorld): Promise<void> {
  for (let minutes = 0; minutes < 12; minutes += 2) {
    await world.settle();
    world.advance(2);
  }
}

test.each(FAULTS)(
  'whichever call of the store fails (%s), a click is answered truly and told exactly once',
  async (fault) => {
    for (let failing = 1; failing <= CALLS; failing += 1) {
      const { world, id, answer } = await play(failing, fault);
      const stored = id === undefined ? undefined : await world.ports.gates.locate(id);
      const where = `call ${failing} ${fault}: answer ${answer}`;
      expect(stored?.gate.toldAt !== undefined || answer !== 'decided', where).toBe(true);
      expect(
        new Set(world.told.map(({ result, lines }) => `${result} ${lines.join()}`)).size,
        where,
      ).toBeLessThanOrEqual(1);
      expect(stored?.gate.decision === undefined, where).toBe(answer !== 'decided' && world.told.length === 0);
      expect(firstBrokenEntry(stored?.evidence ?? []), where).toBeUndefined();
      if (stored?.gate.decision !== undefined) {
        // Nobody else clicked: to be told that somebody was first would be a lie.
        expect(['decided', 'fault'], where).toContain(answer);
        expect(world.told[0], where).toMatchObject({ result: 'succeeded' });
        expect(stored.outbox, where).toEqual([]);
        expect(stored.token, where).toBeUndefined();
      }
    }
  },
);

/** The process dies at one call of the store: nothing it does afterwards has any effect, until another takes over. */
async function dieAndGoOn(failing: number, lastCall: 'before' | 'after'): Promise<Story> {
  let count = 0;
  const switches = { armed: false, dead: false };
  const world = await createCoreWorld({
    fault: () => {
      if (switches.dead) return 'before';
      if (!switches.armed) return 'ok';
      count += 1;
      if (count !== failing) return 'ok';
      switches.dead = true;
      world.azureDevOps.down = true;
      world.teams.answer = () => ({ kind: 'unavailable' });
      return lastCall;
    },
  });
  const takeOver = async () => {
    await world.core.idle();
    Object.assign(switches, { armed: false, dead: false });
    world.azureDevOps.down = false;
    world.teams.answer = () => undefined;
    await heal(world);
    switches.armed = true;
  };
  await prepare(world);
  switches.armed = true;
  let id = await receiveUntilTaken(world);
  await takeOver();
  id ??= await receiveUntilTaken(world);
  await takeOver();
  let answer = await clickOnce(world, id);
  await takeOver();
  // Teams sends a click again that nobody answered.
  if (answer === 'fault') answer = await clickOnce(world, id);
  await takeOver();
  switches.armed = false;
  return { world, id, answer };
}

test.each(['before', 'after'] as const)(
  'a process that dies %s any call of the store leaves nothing undone and nothing done twice',
  async (lastCall) => {
    for (let failing = 1; failing <= CALLS; failing += 1) {
      const { world, id, answer } = await dieAndGoOn(failing, lastCall);
      const stored = id === undefined ? undefined : await world.ports.gates.locate(id);
      const where = `death ${lastCall} call ${failing}: answer ${answer}`;
      expect(answer, where).toBe('decided');
      expect(new Set(world.told.map(({ result, lines }) => `${result} ${lines.join()}`)).size, where).toBe(1);
      expect(world.told[0], where).toMatchObject({ result: 'succeeded' });
      expect(stored?.gate.toldAt, where).toBeDefined();
      expect(stored?.outbox, where).toEqual([]);
      expect(stored?.token, where).toBeUndefined();
      expect(await world.ports.gates.open(), where).toEqual([]);
      expect(world.posted.filter(({ to }) => to === `a:${PEOPLE.alex}`).at(-1)?.notice.gate, where).toMatchObject({
        state: 'approved',
      });
    }
  },
);

test('the story makes fewer calls than are failed, and enough of them to be worth it', () => {
  expect(reached).toBeGreaterThan(15);
  expect(reached).toBeLessThan(CALLS);
});
