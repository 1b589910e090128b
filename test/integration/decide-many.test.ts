import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import { createConfirmMany } from '../../bot/handlers/confirm-many.ts';
import { createDecideMany } from '../../bot/handlers/decide-many.ts';
import { createViewMany } from '../../bot/handlers/view-many.ts';
import type { ActionData } from '../../cards/actions.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { ORG } from '../builders.ts';
import { buttonById, textById } from '../cards/read.ts';
import { type CoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { aWorldOfRegions, deploys, personOf } from '../fakes/run-scene.ts';

const alex = personOf(PEOPLE.alex);
const guest = personOf('78f1bdf8-c249-4648-bb9a-88502761ba65');
const stateOf = async (world: CoreWorld, id: string) => (await world.core.approvals.find(id))?.state;

async function aScene() {
  const world = await aWorldOfRegions();
  const ids = await deploys(world, ['prod', 'prod-eu', 'prod-us']);
  const { approvals, views } = world.core;
  const decide = createDecideMany(approvals, views);
  return { world, ids, decide, confirm: createConfirmMany(views), view: createViewMany(views) };
}

const wanting = (ids: readonly string[], over: Partial<ActionData<'approval.decideMany'>> = {}) => ({
  verb: 'approval.decideMany' as const,
  items: ids.map((requestId) => ({ requestId, revision: 1 })),
  verdict: 'approve' as const,
  ...over,
});
const textOf = (card: IAdaptiveCard | undefined, id: string) => (card === undefined ? undefined : textById(card, id));

test('several typed ids are listed and decided by the button alone', async () => {
  const { world, ids, decide, confirm } = await aScene();
  const { card } = await confirm(alex, ids, 'approve', 'checked');
  expect(world.told).toEqual([]);
  for (const id of ids) expect(await stateOf(world, id)).toBe('asked');

  const data = buttonById(card as IAdaptiveCard, 'approve')?.data as ActionData<'approval.decideMany'>;
  const answer = await decide(alex, data, 'op');
  await world.core.idle();
  expect(textOf(answer.card, 'title')).toBe('3 deployments of payments-api 20261123.4');
  expect(textOf(answer.card, 'error')).toBeUndefined();
  expect(world.told.map(({ result }) => result)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  const [first = ''] = ids;
  expect((await world.core.approvals.find(first))?.decision).toMatchObject({ comment: 'checked' });
});

test('typed in a channel they can be confirmed there, and whoever else clicks decides nothing', async () => {
  const { world, ids, decide, confirm } = await aScene();
  const { card } = await confirm({ ...alex, isPublic: true }, ids, 'approve', 'checked');

  expect(textOf(card, 'title')).toBe('Approve 3 requests?');
  const data = buttonById(card as IAdaptiveCard, 'approve')?.data as ActionData<'approval.decideMany'>;
  await decide(personOf(PEOPLE.isaiah), data, 'op of a stranger');
  for (const id of ids) expect(await stateOf(world, id)).toBe('asked');
  await decide(alex, data, 'op');
  for (const id of ids) expect(await stateOf(world, id)).toBe('approved');
});

test('what cannot be decided is named beside what was, and the same click again changes nothing', async () => {
  const { world, ids, decide } = await aScene();
  const [prod = '', eu = '', us = ''] = ids;
  const by = personOf(PEOPLE.megan);
  await world.core.approvals.decide({ requestId: eu, revision: 1, verdict: 'reject', comment: 'no', by, op: 'm' });
  const items = [prod, eu, us, 'aaaaaaaaaaaaaaaa'].map((requestId) => ({
    requestId,
    revision: requestId === us ? 9 : 1,
  }));

  const first = await decide(alex, wanting([], { items }), 'op');
  const again = await decide(alex, wanting([], { items }), 'op');
  for (const { card } of [first, again]) {
    expect(textOf(card, 'error')).toContain(
      'prod-eu · Deploy prod-eu · payments-api: Nothing was changed: Megan Bowen',
    );
    expect(textOf(card, 'error')).toContain('prod-us · Deploy prod-us · payments-api: Nothing was recorded');
    expect(textOf(card, 'error')).toContain('aaaaaaaaaaaaaaaa: Nothing was done');
    expect(textOf(card, 'error')).not.toContain('prod · Deploy');
    expect(textOf(card, 'gate')).toContain('✓ Approved by you');
  }
  const decided = (await world.ports.gates.read(ORG, prod))?.evidence.filter(({ entry }) =>
    entry.includes('"decided"'),
  );
  expect(decided).toHaveLength(1);
});

test('somebody who is asked about none of them decides none, whatever their click claims', async () => {
  const { world, ids, decide } = await aScene();
  for (const oid of [PEOPLE.isaiah, PEOPLE.adele]) {
    const answer = await decide(personOf(oid), wanting(ids), `op ${oid}`);
    expect(textOf(answer.card, 'error')).toContain('Nothing was recorded');
    expect(buttonById(answer.card as IAdaptiveCard, 'approve')).toBeUndefined();
  }
  for (const id of ids) expect(await stateOf(world, id)).toBe('asked');
});

test('who may read nothing is shown nothing of several either', async () => {
  const { ids, decide, confirm, view } = await aScene();
  const requestIds = [...ids];
  const answers = [
    await decide(guest, wanting(ids), 'op'),
    await confirm(guest, ids, 'approve', ''),
    await view(guest, { verb: 'approval.viewMany', requestIds }),
  ];
  for (const { card, text } of answers) {
    expect(card).toBeUndefined();
    expect(text).toMatch(/guest/);
    expect(text).not.toContain('prod');
  }
});

test('when the store does not answer for one of them, nothing is claimed of it', async () => {
  const { world, ids } = await aScene();
  const [prod = '', eu = ''] = ids;
  const { approvals, views } = world.core;
  const decide = createDecideMany(
    {
      ...approvals,
      decideMany: async (wishes) => {
        const [first] = await approvals.decideMany(wishes.slice(0, 1));
        return first === undefined ? [] : [first, { kind: 'unanswered' }];
      },
    },
    views,
  );
  const { card } = await decide(alex, wanting([prod, eu]), 'op');
  expect(textOf(card, 'error')).toContain(`${eu}: the store did not answer`);
  expect(textOf(card, 'gate')).not.toContain('prod-eu');
});

test('a store that fails for one request keeps no other from its decision', async () => {
  const world = await aWorldOfRegions();
  const ids = await deploys(world, ['prod', 'prod-eu']);
  const { locate } = world.ports.gates;
  Object.assign(world.ports.gates, {
    locate: (id: string) => (id === ids[1] ? Promise.reject(new StoreUnavailableError('lost')) : locate(id)),
  });
  const wishes = ids.map(
    (requestId) => ({ requestId, verdict: 'approve', comment: '', by: alex, op: requestId }) as const,
  );
  expect((await world.core.approvals.decideMany(wishes)).map(({ kind }) => kind)).toEqual(['decided', 'unanswered']);
});

test('more than twenty ids are refused in a sentence', async () => {
  const { confirm } = await aScene();
  const ids = Array.from({ length: 21 }, (_, n) => `abcdefghijklmno${'abcdefghijklmnopqrstu'[n]}`);
  expect(await confirm(alex, ids, 'approve', '')).toEqual({ text: expect.stringContaining('21 requests') });
});

test('the refresh of a card of several shows them as they are now', async () => {
  const { ids, decide, view } = await aScene();
  await decide(alex, wanting(ids.slice(0, 1)), 'op');
  const { card } = await view(alex, { verb: 'approval.viewMany', requestIds: [...ids] });
  expect(textOf(card, 'title')).toContain('Approve 2 of 3 deployments');
});
