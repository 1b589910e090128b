import { expect, test } from 'vitest';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { actor, ask, CAST, exceptionOf, kindsOf, meetAll, toldOf } from '../fakes/exception-scene.ts';

/** Adele's deployment of payments-api, blocked by a secret. */
async function blocked() {
  const life = await aLife();
  await life.world.report('gitleaks-orders.sarif');
  return { ...life, requestId: await life.deploy() };
}

test('the same request again is answered as before and asks for nothing more, also when it was rejected meanwhile', async () => {
  const { world, requestId } = await blocked();
  await meetAll(world);
  const wish = { requestId, op: 'one click' };
  const joins = { requestId, op: 'another click', by: actor(CAST.diego) };
  const { id } = exceptionOf(await ask(world, wish));
  expect(await ask(world, joins)).toMatchObject({ kind: 'joined', exception: { id } });
  const rejected = { id, by: actor(PEOPLE.megan), op: 'no', verdict: 'reject' as const, comment: 'mend it' };
  expect(await world.core.exceptionDecisions.decide(rejected)).toMatchObject({ kind: 'done' });
  await world.settle();

  expect(await ask(world, wish)).toMatchObject({ kind: 'requested', exception: { id, state: 'rejected' } });
  expect(await ask(world, joins)).toMatchObject({ kind: 'joined', exception: { id, state: 'rejected' } });
  expect(await kindsOf(world, id)).toEqual(['exception-requested', 'exception-joined', 'exception-rejected']);
  expect(exceptionOf(await ask(world, { requestId, op: 'a new click' })).id).not.toBe(id);
});

test('the same word again is answered as before, also when the directory does not answer any more', async () => {
  const { world, requestId } = await blocked();
  const { id } = exceptionOf(await ask(world, { requestId }));
  const word = { id, by: actor(PEOPLE.megan), op: 'one click', verdict: 'approve' as const, comment: '' };
  await world.core.exceptionDecisions.decide(word);
  Object.assign(world.ports.directory, {
    person: () => Promise.reject(new Error('nobody is asked who was answered before')),
  });

  expect(await world.core.exceptionDecisions.decide(word)).toMatchObject({
    kind: 'done',
    exception: { state: 'active' },
  });
});

test('what is parked for somebody is not forgotten by a process that dies when they can be reached', async () => {
  const { world, requestId } = await blocked();
  const { id } = exceptionOf(await ask(world, { requestId }));
  const { notifier } = world.ports;
  const tell = notifier.tell;
  Object.assign(notifier, { tell: () => Promise.reject(new Error('it dies')) });
  await world.meet(PEOPLE.megan).catch(() => undefined);
  Object.assign(notifier, { tell });
  world.advance(2);
  await world.settle();

  expect(toldOf(world, PEOPLE.megan)).toMatchObject([{ topic: 'ask', exception: { id } }]);
});
