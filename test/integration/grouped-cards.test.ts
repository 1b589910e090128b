import { expect, test } from 'vitest';
import { ORG } from '../builders.ts';
import { textById } from '../cards/read.ts';
import type { PostedCard } from '../fakes/core-notifier.ts';
import { type CoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { edited } from '../fakes/policy-folder.ts';
import {
  aWorldOfRegions,
  cardsOf,
  decide,
  deploys,
  LEADS,
  MANAGERS,
  offered,
  personOf,
  REGIONS,
  receiveStage,
  shown,
} from '../fakes/run-scene.ts';

const stateOf = async (world: CoreWorld, id: string) => (await world.core.approvals.find(id))?.state;
const leftOver = async (world: CoreWorld, ids: readonly string[]) =>
  (await Promise.all(ids.map((id) => world.ports.gates.read(ORG, id)))).flatMap((stored) => stored?.outbox ?? []);

test('five regions of one run are one card with one confirmation, and each check is told its own verdict', async () => {
  const world = await aWorldOfRegions();
  const ids = await deploys(world, REGIONS);

  const [card, ...more] = cardsOf(world, PEOPLE.alex);
  expect(more).toEqual([]);
  expect(cardsOf(world, PEOPLE.megan)).toHaveLength(1);
  if (card === undefined) throw new Error('no card');
  expect(offered(card)).toEqual([...ids].sort());
  for (const region of REGIONS) expect(textById(shown(card), 'gate')).toContain(`${region} · Deploy ${region}`);

  const answers = await decide(world, ids);
  expect(answers.map(({ kind }) => kind)).toEqual(ids.map(() => 'decided'));
  expect(world.told.map(({ result }) => result)).toEqual(ids.map(() => 'succeeded'));
  expect(new Set(world.told.map(({ check }) => check.taskInstanceId)).size).toBe(5);
  expect(offered(card)).toEqual([]);
  expect(textById(shown(card), 'state')).toContain('5 approved');
  expect(cardsOf(world, PEOPLE.alex)).toHaveLength(1);
  expect(await leftOver(world, ids)).toEqual([]);
});

test('a stage whose card another one holds is nobody who cannot be reached', async () => {
  const world = await aWorldOfRegions();
  await deploys(world, REGIONS);

  expect((await world.core.status.deliveryHealth()).unreachable).toEqual([]);
});

test('two checks of one stage attempt are one card', async () => {
  const world = await aWorldOfRegions();
  const ids = await Promise.all([receiveStage(world, 'prod', 'Deploy'), receiveStage(world, 'prod', 'Deploy')]);
  for (const id of ids) await world.core.outbox.drain(ORG, id);
  await world.settle();

  expect(cardsOf(world, PEOPLE.alex).map(offered)).toEqual([[...ids].sort()]);
});

test('stages that ask other people, or of another run, have cards of their own', async () => {
  const world = await aWorldOfRegions({ 'prod-eu': [MANAGERS] });
  const [prod = '', eu = ''] = await deploys(world, ['prod', 'prod-eu']);
  world.azureDevOps.run = { ...world.azureDevOps.run, id: 8, pipeline: { ...world.azureDevOps.run.pipeline, id: 99 } };
  const [other = ''] = await deploys(world, ['prod']);

  expect(cardsOf(world, PEOPLE.alex).map(offered)).toEqual([[prod], [other]]);
  expect(cardsOf(world, PEOPLE.isaiah).map(offered)).toEqual([[eu]]);
});

test('one that is decided by itself leaves the question and stays on the card, whether it holds the card or not', async () => {
  const world = await aWorldOfRegions();
  const ids = await deploys(world, REGIONS.slice(0, 3));
  const [card] = cardsOf(world, PEOPLE.megan);
  if (card === undefined) throw new Error('no card');

  for (const [index, id] of ids.entries()) {
    await decide(world, [id], { verdict: 'reject' });
    expect(offered(card)).toEqual(ids.slice(index + 1).sort());
    expect(textById(shown(card), 'state')).toContain(`${index + 1} rejected`);
  }
  expect(cardsOf(world, PEOPLE.megan)).toHaveLength(1);
  expect(await leftOver(world, ids)).toEqual([]);
});

test('one that is blocked later leaves the card, and joins it again once it asks anew', async () => {
  const world = await aWorldOfRegions();
  const ids = await deploys(world, ['prod', 'prod-eu', 'prod-us']);
  const [, eu = ''] = ids;
  const [card] = cardsOf(world, PEOPLE.alex);
  if (card === undefined) throw new Error('no card');

  world.advance(1);
  await world.report('gitleaks-orders.sarif', { environment: 'prod-eu' });
  await world.settle();
  expect(await stateOf(world, eu)).toBe('blocked');
  expect(offered(card)).toEqual(ids.filter((id) => id !== eu).sort());
  expect(textById(shown(card), 'gate')).not.toContain('prod-eu ·');

  world.advance(1);
  await world.report('gitleaks-clean.sarif', { environment: 'prod-eu' });
  await world.settle();
  expect(await stateOf(world, eu)).toBe('asked');
  expect(offered(card)).toEqual([...ids].sort());
  const cards = cardsOf(world, PEOPLE.alex).filter(({ notice }) => notice.about === undefined);
  expect(cards).toHaveLength(1);
});

async function asksManagersNow(environment: string) {
  const world = await aWorldOfRegions();
  const ids = await deploys(world, ['prod', 'prod-eu', 'prod-us']);
  const route = `environment: ${environment}, service: payments-api }\n    levels: [`;
  await edited(world.policyDir, ['routes.yaml', `${route}${LEADS}`, `${route}${MANAGERS}`]);
  world.advance(2);
  await world.report('gitleaks-clean.sarif', { environment });
  await world.settle();
  const cards = (oid: string) => cardsOf(world, oid).filter(({ notice }) => notice.about === undefined);
  return { ids, offers: (oid: string) => cards(oid).map(offered) };
}

test('one that asks others from now on leaves the card, and they have their own', async () => {
  const { ids, offers } = await asksManagersNow('prod-eu');
  const [prod = '', eu = '', us = ''] = ids;

  expect(offers(PEOPLE.alex)).toEqual([[prod, us].sort()]);
  expect(offers(PEOPLE.megan)).toEqual([[prod, us].sort(), [eu]]);
  expect(offers(PEOPLE.isaiah)).toEqual([[eu]]);
});

test('when the one that holds the card asks others, nobody is offered what they are not asked', async () => {
  const { ids, offers } = await asksManagersNow('prod');
  const [prod = '', eu = '', us = ''] = ids;

  expect(offers(PEOPLE.alex)).toEqual([[eu, us].sort()]);
  expect(offers(PEOPLE.megan)).toEqual([[...ids].sort()]);
  expect(offers(PEOPLE.isaiah)).toEqual([[prod]]);
});

test('what asks its next level of other people has a card there, and the first card still tells how it ends', async () => {
  const world = await aWorldOfRegions(Object.fromEntries(REGIONS.map((name) => [name, [LEADS, MANAGERS]])));
  const ids = await deploys(world, ['prod', 'prod-eu', 'prod-us']);
  await decide(world, ids);
  const later = cardsOf(world, PEOPLE.isaiah);
  expect(later.map(offered)).toEqual([[...ids].sort()]);

  await decide(world, ids, { oid: PEOPLE.isaiah });
  expect(world.told.map(({ result }) => result)).toEqual(['succeeded', 'succeeded', 'succeeded']);
  for (const oid of [PEOPLE.alex, PEOPLE.isaiah])
    for (const card of cardsOf(world, oid)) expect(offered(card)).toEqual([]);
  expect(textById(shown(cardsOf(world, PEOPLE.alex)[0] as PostedCard), 'state')).toContain('3 approved');
  expect(await leftOver(world, ids)).toEqual([]);
});

test('one that is refused keeps no other from being decided, and each has its own answer', async () => {
  const world = await aWorldOfRegions();
  const [prod = '', eu = '', us = ''] = await deploys(world, ['prod', 'prod-eu', 'prod-us']);
  await decide(world, [eu], { oid: PEOPLE.megan, verdict: 'reject' });

  const by = { verdict: 'approve', comment: '', by: personOf(PEOPLE.alex) } as const;
  const answers = await world.core.approvals.decideMany([
    { ...by, requestId: prod, revision: 1, op: 'a' },
    { ...by, requestId: eu, revision: 1, op: 'b' },
    { ...by, requestId: us, revision: 9, op: 'c' },
    { ...by, requestId: 'aaaaaaaaaaaaaaaa', revision: 1, op: 'd' },
  ]);
  expect(answers.map((answer) => ('refusal' in answer ? answer.refusal : answer.kind))).toEqual([
    'decided',
    'already-decided',
    'stale-revision',
    'unknown-request',
  ]);
  expect(await stateOf(world, us)).toBe('asked');
});

test('two processes that receive the stages at once post one card, and both answers change it', async () => {
  const world = await aWorldOfRegions();
  const other = world.restart();
  const ids = await Promise.all(REGIONS.map((region) => receiveStage(world, region)));
  await Promise.all(ids.map((id, index) => (index % 2 === 0 ? world.core : other).outbox.drain(ORG, id)));
  await other.idle();
  world.advance(2);
  await world.settle();

  const cards = cardsOf(world, PEOPLE.alex);
  expect(cards.map(offered)).toEqual([[...ids].sort()]);
  await other.approvals.decide({
    requestId: ids[3] ?? '',
    revision: 1,
    verdict: 'approve',
    comment: '',
    by: personOf(PEOPLE.alex),
    op: 'x',
  });
  await other.idle();
  world.advance(2);
  await world.settle();
  expect(cards.map(offered)).toEqual([ids.filter((_, index) => index !== 3).sort()]);
});

test('a run that asks again after its card was settled asks aloud', async () => {
  const world = await aWorldOfRegions();
  const ids = await deploys(world, ['prod', 'prod-eu']);
  await decide(world, ids, { verdict: 'reject' });
  const [late = ''] = await deploys(world, ['prod-us']);

  expect(cardsOf(world, PEOPLE.alex).map(offered)).toEqual([[], [late]]);
});

test('whom the bot meets only later gets the one card of all', async () => {
  const world = await aWorldOfRegions();
  await world.core.left([{ kind: 'person', oid: PEOPLE.alex }], personal(PEOPLE.alex));
  const ids = await deploys(world, ['prod', 'prod-eu', 'prod-us']);
  expect(cardsOf(world, PEOPLE.alex)).toEqual([]);

  await world.meet(PEOPLE.alex);
  await world.settle();
  expect(cardsOf(world, PEOPLE.alex).map(offered)).toEqual([[...ids].sort()]);
});

test('whom the bot meets only after the first stage is decided still gets the card of the others', async () => {
  const world = await aWorldOfRegions();
  await world.core.left([{ kind: 'person', oid: PEOPLE.alex }], personal(PEOPLE.alex));
  const ids = await deploys(world, ['prod', 'prod-eu', 'prod-us']);
  for (const [index, id] of ids.slice(0, 2).entries())
    await decide(world, [id], { oid: PEOPLE.megan, verdict: index === 0 ? 'approve' : 'reject' });

  await world.meet(PEOPLE.alex);
  await world.settle();
  expect(cardsOf(world, PEOPLE.alex).map(offered)).toEqual([ids.slice(2)]);
});
