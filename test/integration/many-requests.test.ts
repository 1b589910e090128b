import { expect, test } from 'vitest';
import { ORG } from '../builders.ts';
import { buttonById, textById } from '../cards/read.ts';
import type { PostedCard } from '../fakes/core-notifier.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import {
  aWorldOfRegions,
  cardsOf,
  decide,
  deploys,
  offered,
  REGIONS,
  receiveStage,
  shown,
} from '../fakes/run-scene.ts';

test('those to whom silence is escalated get the one card of all, and no other reader gets a second one', async () => {
  const world = await aWorldOfRegions();
  const ids = await deploys(world, ['prod', 'prod-eu', 'prod-us']);
  world.advance(200);
  await world.settle();

  const cards = (oid: string) => cardsOf(world, oid).filter(({ notice }) => notice.about === undefined);
  for (const oid of [PEOPLE.alex, PEOPLE.megan, PEOPLE.isaiah])
    expect(cards(oid).map(offered)).toEqual([[...ids].sort()]);
});

test('500 requests of as many runs in one minute are one card each, changed once each by their decision, and one reminder', async () => {
  const world = await aWorldOfRegions();
  const count = 500;
  const ids: string[] = [];
  for (let n = 0; n < count; n += 1) {
    const { run } = world.azureDevOps;
    world.azureDevOps.run = { ...run, id: 1_000 + n, pipeline: { ...run.pipeline, id: n } };
    ids.push(await receiveStage(world, 'prod'));
    world.advance(1 / count);
  }
  await Promise.all(ids.map((id) => world.core.outbox.drain(ORG, id)));
  await world.settle();
  const cards = cardsOf(world, PEOPLE.alex);
  expect(cards).toHaveLength(count);
  expect(new Set(cards.flatMap(offered))).toEqual(new Set(ids));
  expect(cards.filter(({ updates }) => updates > 0)).toEqual([]);

  world.advance(70);
  await world.settle();
  const reminders = cardsOf(world, PEOPLE.alex).filter(({ notice }) => notice.about !== undefined);
  expect(reminders).toHaveLength(1);

  const some = ids.slice(0, 20);
  await decide(world, some);
  expect(cards.filter(({ updates }) => updates > 0)).toHaveLength(some.length);
  expect(cards.filter(({ updates }) => updates > 1)).toEqual([]);
  expect(cardsOf(world, PEOPLE.alex)).toHaveLength(count + 1);
});

test('100 stages of one run in one minute are one card, which is changed at most once for each', async () => {
  const world = await aWorldOfRegions();
  const ids: string[] = [];
  for (let n = 0; n < 100; n += 1) ids.push(await receiveStage(world, REGIONS[n % 5] ?? 'prod', `Deploy ${n}`));
  await Promise.all(ids.map((id) => world.core.outbox.drain(ORG, id)));
  await world.settle();

  const [card, ...more] = cardsOf(world, PEOPLE.alex);
  expect(more).toEqual([]);
  if (card === undefined) throw new Error('no card');
  expect(card.updates).toBeLessThanOrEqual(ids.length);
  expect(offered(card)).toHaveLength(20);
  expect(textById(shown(card), 'gate')).toContain('and 80 more');
  await decide(world, offered(card));
  expect(offered(card)).toHaveLength(20);
});

test('the silent are reminded of all stages of a run by one message', async () => {
  const world = await aWorldOfRegions();
  const ids = await deploys(world, REGIONS);
  world.posted.length = 0;
  world.advance(70);
  await world.settle();

  const reminders = cardsOf(world, PEOPLE.alex);
  expect(reminders.map(({ notice }) => notice.about)).toEqual(['reminder']);
  const [reminder] = reminders;
  const data = buttonById(shown(reminder as PostedCard), 'show')?.data ?? {};
  expect([...(data['requestIds'] as readonly string[])].sort()).toEqual([...ids].sort());
});
