import { expect, test } from 'vitest';
import { createCover } from '../../bot/handlers/cover.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { cover } from '../fakes/cover-chat.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { aWaitingGate, by, wish } from '../fakes/waiting-gate.ts';

const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
const TWO = [
  'routes.yaml',
  'quorum: 1, from: ["group:payments-leads"]',
  'quorum: 2, from: ["group:payments-leads"]',
] as const;

test('a cover is not handed on: who covers the cover decides nothing', async () => {
  const { world, id } = await aWaitingGate();
  await cover(world, PEOPLE.isaiah, 'me Diego Siciliani until Friday');

  const text = await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');

  expect(text).toContain(
    'Diego Siciliani covers Isaiah Langer until Fri 27 Nov 2026, 23:00 UTC, but a cover is not handed on',
  );
  expect((await world.core.approvals.find(id))?.ask?.levels[0]?.eligible.map(({ oid }) => oid)).not.toContain(DIEGO);
  expect(await world.core.approvals.decide(wish(id, DIEGO))).toMatchObject({ refusal: 'not-an-approver' });
});

test('whoever asked for the deployment decides nothing as the cover of an approver', async () => {
  const { world, id } = await aWaitingGate();

  await cover(world, PEOPLE.alex, 'me Adele Vance until Friday');

  expect((await world.core.approvals.find(id))?.ask?.levels[0]?.eligible.map(({ oid }) => oid)).not.toContain(
    PEOPLE.adele,
  );
  expect(await world.core.approvals.decide(wish(id, PEOPLE.adele))).toMatchObject({ refusal: 'own-deployment' });
});

test('of a quorum of two, an approver and their cover are one', async () => {
  const { world, id } = await aWaitingGate({ policyDir: await policyFolder(TWO) });
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');

  await world.core.approvals.decide(wish(id, PEOPLE.isaiah));
  const second = await world.core.approvals.decide(wish(id, PEOPLE.alex));

  expect(second).toMatchObject({ kind: 'refused', refusal: 'already-voted', gate: { state: 'asked' } });
  await world.core.approvals.decide(wish(id, PEOPLE.megan));
  await world.settle();
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);
});

test('a cover that ends between click and seal carries no approval: people are asked anew', async () => {
  const { world, id } = await aWaitingGate();
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until today');
  const { commit } = world.ports.gates;
  Object.assign(world.ports.gates, {
    commit: async (...change: Parameters<typeof commit>) => {
      const committed = await commit(...change);
      if (change[1].evidence.kind === 'decided')
        await createCover(world.core.covering)(by(PEOPLE.alex), 'me off', 'late', { mentions: [] });
      return committed;
    },
  });

  const answered = await world.core.approvals.decide(wish(id, PEOPLE.isaiah));
  await world.settle();

  expect(answered).toMatchObject({ kind: 'decided' });
  expect(world.told).toEqual([]);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked', revision: 2 });
});

test('a cover is over at the end of its last day without anybody doing anything', async () => {
  const { world, id } = await aWaitingGate({
    policyDir: await policyFolder(['routes.yaml', /deadline: 8h/g, 'deadline: 40h']),
  });
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until today');

  world.now = '2026-11-24T23:00:00.000Z';

  expect(await world.core.approvals.decide(wish(id, PEOPLE.isaiah))).toMatchObject({ refusal: 'not-an-approver' });
});

test('a cover that ended elsewhere gives no right a minute later', async () => {
  const { world, id } = await aWaitingGate();
  const other = world.restart();
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');
  await other.covering.list(by(PEOPLE.isaiah));
  await cover(world, PEOPLE.alex, 'me off');

  world.advance(1);

  expect(await other.approvals.decide(wish(id, PEOPLE.isaiah))).toMatchObject({ refusal: 'not-an-approver' });
});
