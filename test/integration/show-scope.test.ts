import { expect, test } from 'vitest';
import { handlersOf } from '../../bot/handlers-of.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { actor, ask, CAST, exceptionOf, grant, meetAll, nextOp, pass } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';
import { wish } from '../fakes/waiting-gate.ts';

const say = async (world: CoreWorld, text: string, oid: string = CAST.adele) =>
  (await handlersOf(world.core).runCommand(actor(oid), text, nextOp())).text;

/** payments-api was let into prod, a scan then found something else, and the next run waits. */
async function aBusyScope() {
  const world = await createCoreWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  await scanned(world, ['weak-random']);
  await world.report('gitleaks-clean.sarif');
  const first = await world.deliver();
  await world.settle();
  await world.core.approvals.decide(wish(first, PEOPLE.alex));
  await world.settle();
  world.advance(60);
  await scanned(world, ['weak-random', 'another']);
  return { world, first };
}

test('approvals, findings, exceptions and what happened stand on one card, in the order of time', async () => {
  const { world, first } = await aBusyScope();
  const text = await say(world, 'show Payments-API prod');

  expect(text).toMatch(/^payments-api in prod/);
  expect(text).toContain('No request waits');
  expect(text).toContain('Findings: 2 warn');
  expect(text).toContain('No exception');
  const found = text.indexOf('semgrep found 1 finding for the first time');
  const released = text.indexOf(`was let through (${first}) in prod`);
  expect(found).toBeGreaterThan(0);
  expect(released).toBeGreaterThan(found);
});

test('another environment shows what is its own, and what counts for all', async () => {
  const { world, first } = await aBusyScope();
  const text = await say(world, 'show payments-api staging');

  expect(text).not.toContain(first);
  expect(text).toContain('semgrep found 1 finding for the first time');
});

test('a request that waits is there, and one of another environment only where all are asked for', async () => {
  const world = await createCoreWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  const id = await world.deliver();
  await world.settle();

  expect(await say(world, 'show payments-api')).toContain(`"why ${id}"`);
  expect(await say(world, 'show payments-api prod')).toContain(`"why ${id}"`);
  expect(await say(world, 'show payments-api staging')).toContain('No request waits');
});

test('an exception in force is listed until it is over, and what became of it stays in the history', async () => {
  const world = await createCoreWorld();
  await meetAll(world);
  await world.report('gitleaks-orders.sarif');
  const requestId = await world.deliver();
  await world.settle();
  const { id } = exceptionOf(await ask(world, { requestId }));
  await grant(world, id);

  const active = await say(world, 'show payments-api prod', CAST.isaiah);
  expect(active).toContain('1 exception');
  expect(active).toContain(`${id} came into force in prod`);
  await pass(world, 8);
  const over = await say(world, 'show payments-api prod', CAST.isaiah);
  expect(over).toContain('No exception');
  expect(over).toContain(`${id}: ended in prod`);
});

test.each([
  ['show nothing', /service/],
  ['show prod', /service/],
  ['show payments-api moon', /environment/],
])('%s is refused with what there is', async (text, said) => {
  const { world } = await aBusyScope();
  const answer = await say(world, text);
  expect(answer).toMatch(said);
  expect(answer).not.toContain('Last 30 days');
});

test('nobody from outside the directory sees anything', async () => {
  const { world } = await aBusyScope();
  const text = await say(world, 'show payments-api', '10000000-0000-4000-8000-000000000009');
  expect(text).not.toContain('payments-api');
});
