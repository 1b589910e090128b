import { expect, test } from 'vitest';
import { plusMinutes } from '../../services/domain/instant.ts';
import { MOST_WITHDRAWN } from '../../services/domain/withdrawal.ts';
import { ORG } from '../builders.ts';
import { blocked } from '../fakes/blocked-life.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { actor, ask, exceptionOf, nextOp } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';

test('who has asked for something and taken it back three times within a day asks for it no more until that day is over', async () => {
  const { world, requestId } = await blocked();
  const withdraw = async (id: string) => {
    await world.core.exceptionDecisions.withdraw({ id, by: actor(PEOPLE.adele), op: nextOp(), why: '' });
    await world.core.idle();
  };
  const first = world.now;
  for (let n = 0; n < MOST_WITHDRAWN; n += 1) await withdraw(exceptionOf(await ask(world, { requestId })).id);

  const from = plusMinutes(first, 1_440);
  expect(await ask(world, { requestId })).toMatchObject({ why: { code: 'withdrawn-too-often', from }, offer: {} });
  expect(await ask(world)).toMatchObject({ kind: 'refused' });
  const { by, op } = { by: actor(PEOPLE.adele), op: nextOp() };
  const place = { service: 'payments-api', environment: 'prod', control: 'secret-scanning' };
  const form = { by, op, requestId, ...place, terms: {} };
  expect(await world.core.exceptionRequests.offer(form)).toMatchObject({ code: 'withdrawn-too-often' });
  const others = exceptionOf(await ask(world, { by: actor(PEOPLE.isaiah), requestId }));
  expect(await ask(world, { requestId })).toMatchObject({ kind: 'joined', exception: { id: others.id } });
  await world.core.exceptionDecisions.withdraw({ id: others.id, by: actor(PEOPLE.isaiah), op: nextOp(), why: '' });
  await world.core.idle();
  expect(await ask(world, { requestId })).toMatchObject({ why: { code: 'withdrawn-too-often' } });

  world.advance(1_441);
  expect(await ask(world, { requestId })).toMatchObject({ kind: 'requested' });
});

test('withdrawals at the same moment all count', async () => {
  const { world } = await blocked();
  await scanned(world, ['CKV_1', 'CKV_2', 'CKV_3'], { tool: 'checkov', score: '8.0' });
  const scope = { org: ORG, service: 'payments-api', environment: 'prod' };
  const { heads } = await world.ports.scopes.view({ ...scope, environment: '-' }, 'any');
  const prints = heads
    .flatMap(({ groups }) => groups)
    .flatMap((one) => (one.rule.startsWith('CKV') ? one.fingerprints : []));
  const asked = [];
  for (const print of prints) {
    const wish = { control: 'iac', fingerprints: [print] };
    asked.push(exceptionOf(await ask(world, wish, { reviewEvery: '7d' })).id);
  }
  const other = world.restart();
  const by = actor(PEOPLE.adele);
  await Promise.all(
    asked.map((id, n) => {
      const { exceptionDecisions } = n % 2 === 0 ? world.core : other;
      return exceptionDecisions.withdraw({ id, by, op: nextOp(), why: '' });
    }),
  );
  await world.core.idle();
  await other.idle();
  expect((await world.ports.exceptions.scope(scope)).withdrawn.get('iac')?.withdrawn).toHaveLength(3);
});
