import { expect, test } from 'vitest';
import { createRecordReview } from '../../bot/handlers/record-review.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { trendsChecksum } from '../../services/domain/trend.ts';
import type { ReviewNews } from '../../services/ports/notifier.ts';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { prefixRange } from '../../services/tables/keys.ts';
import { TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';
import { by } from '../fakes/waiting-gate.ts';

const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
const PARTITION = `${TENANT.toLowerCase()}~review`;
/** Megan and Lee review, Diego and Lee own the contract. */
const NAMED = 'monitor: "group:devsecops"\n  audit: "group:devsecops"';
const REVIEWED = ['contract.yaml', NAMED, 'monitor: "group:security-leads"'] as const;

async function aWorld(options: Parameters<typeof createCoreWorld>[0] = {}): Promise<CoreWorld> {
  const world = await createCoreWorld({ policyDir: await policyFolder(REVIEWED), ...options });
  await world.meet(PEOPLE.megan);
  await world.meet(PEOPLE.lee);
  await world.meet(DIEGO);
  return world;
}

const told = ({ news }: CoreWorld) =>
  news.filter((one) => 'review' in one) as (ReviewNews & { conversation: string })[];
const topics = (world: CoreWorld) => told(world).map(({ topic }) => topic);

async function pass(world: CoreWorld, at: string): Promise<void> {
  world.now = at;
  await world.core.reconcile();
  await world.core.idle();
}

const click = (world: CoreWorld, oid: string, revision = 1, op = `click ${oid}`) =>
  createRecordReview(world.core.reviewing)({ reviewId: '2026-11-23', revision, by: by(oid), op });

test('once a week the named reviewers get the figures, however many processes there are and however often they look', async () => {
  const world = await aWorld();
  await scanned(world, ['a', 'b'], { level: 'note' });
  const others = [world.restart(), world.restart()];
  world.now = '2026-11-24T04:00:00.000Z';
  await Promise.all([world.core, ...others].map((core) => core.reviewing.run()));
  world.now = '2026-11-24T09:00:00.000Z';
  await Promise.all([world.core, ...others].map((core) => core.reviewing.run()));
  await Promise.all(others.map((core) => core.reviewing.run()));

  expect(told(world).map(({ conversation }) => conversation)).toEqual(
    [PEOPLE.megan, PEOPLE.lee].map((oid) => personal(oid).id),
  );
  expect(told(world)[0]).toMatchObject({ topic: 'send', review: { id: '2026-11-23', revision: 1 } });
  expect(told(world)[0]?.trends?.monitored).toEqual([{ control: 'sast', open: 4 }]);
  await pass(world, '2026-11-24T14:00:00.000Z');
  expect(topics(world)).toEqual(['send', 'send']);
  await pass(world, '2026-11-30T09:00:00.000Z');
  expect(told(world).filter(({ topic, review }) => topic === 'send' && review.id === '2026-11-30')).toHaveLength(2);
});

test('nothing is sent at night, on a weekend or on a holiday', async () => {
  const world = await aWorld();
  for (const at of [
    '2026-11-23T04:00:00.000Z',
    '2026-11-24T20:00:00.000Z',
    '2026-11-28T10:00:00.000Z',
    '2026-12-25T10:00:00.000Z',
  ]) {
    world.now = at;
    await world.core.reconcile();
  }

  expect(topics(world)).toEqual([]);
  expect(await world.table.list('roll', PARTITION)).toEqual([]);
});

test('a review that nobody records is reminded of after two working days, and the contract’s owner hears of it after five', async () => {
  const world = await aWorld();
  await pass(world, '2026-11-24T09:00:00.000Z');
  await pass(world, '2026-11-26T08:59:00.000Z');
  expect(topics(world)).toEqual(['send', 'send']);
  await pass(world, '2026-11-26T09:00:00.000Z');
  await pass(world, '2026-11-26T12:00:00.000Z');
  expect(topics(world).slice(2)).toEqual(['remind', 'remind']);
  await pass(world, '2026-12-01T09:00:00.000Z');
  await pass(world, '2026-12-01T12:00:00.000Z');

  const escalated = told(world).filter(({ topic }) => topic === 'escalate');
  expect(escalated.map(({ conversation }) => conversation)).toEqual([DIEGO, PEOPLE.lee].map((oid) => personal(oid).id));
});

test('the reviewer records having looked: the chain says who, when and what was seen, and every card says it is done', async () => {
  const world = await aWorld();
  await pass(world, '2026-11-24T09:00:00.000Z');
  const shown = told(world)[0]?.trends;
  const { text } = await click(world, PEOPLE.megan);
  await world.core.idle();

  expect(text).toContain('You recorded on Tue 24 Nov 2026, 09:00 UTC to have looked at it.');
  const rows = await world.table.list('roll', PARTITION, { ranges: [prefixRange('e')] });
  const chain = rows.map(decodeEvidence);
  expect(firstBrokenEntry(chain)).toBeUndefined();
  expect(JSON.parse(chain[0]?.entry ?? '')).toMatchObject({
    kind: 'trends-reviewed',
    at: '2026-11-24T09:00:00.000Z',
    actor: { kind: 'person', oid: PEOPLE.megan },
    data: { period: '2026-11-23', seen: shown === undefined ? '' : trendsChecksum(shown) },
  });
  expect(topics(world)).toEqual(['recorded', 'recorded']);
  await pass(world, '2026-12-01T09:00:00.000Z');
  expect(told(world).some(({ topic }) => topic === 'remind' || topic === 'escalate')).toBe(false);
});

test.each([
  ['if nobody has recorded it', false],
  ['not if somebody has', true],
])('a reminder waits until its reader begins, and is said then: %s', async (_, isRecorded) => {
  const world = await aWorld();
  const inNewYork = { ...personal(PEOPLE.megan), zone: 'America/New_York' };
  await world.core.reached([{ kind: 'person', oid: PEOPLE.megan }], inNewYork);
  const reminded = () =>
    world.news.filter(
      (one) => one.conversation === inNewYork.id && ('nudges' in one || ('topic' in one && one.topic === 'remind')),
    );
  await pass(world, '2026-11-24T09:00:00.000Z');
  await pass(world, '2026-11-26T09:30:00.000Z');
  if (isRecorded) expect((await click(world, PEOPLE.lee)).text).toContain('You recorded');
  await world.core.idle();
  await pass(world, '2026-11-26T13:59:00.000Z');
  await world.settle();
  expect(reminded()).toEqual([]);
  await pass(world, '2026-11-26T14:00:00.000Z');
  await world.settle();
  expect(reminded()).toHaveLength(isRecorded ? 0 : 1);
});

test('the same click twice records once; whoever is late learns who did it', async () => {
  const world = await aWorld();
  await pass(world, '2026-11-24T09:00:00.000Z');
  const [one, again] = [await click(world, PEOPLE.megan), await click(world, PEOPLE.megan)];
  expect(again.text).toBe(one.text);
  expect((await click(world, PEOPLE.lee)).text).toContain('as Teams says recorded on');
  expect(await world.table.list('roll', PARTITION, { ranges: [prefixRange('e')] })).toHaveLength(1);
});

test('only the reviewer and the contract’s owner record it; strangers and unknown or older figures are refused in a sentence', async () => {
  const world = await aWorld();
  await pass(world, '2026-11-24T09:00:00.000Z');

  expect((await click(world, PEOPLE.isaiah)).text).toBe(
    "Nothing was recorded: security-leads reviews this, or the contract's owner does.",
  );
  expect((await click(world, '99999999-0000-4000-8000-000000000009')).text).toContain('not found in the directory');
  expect((await click(world, PEOPLE.megan, 0)).text).toContain('the figures were sent once more since');
  const record = createRecordReview(world.core.reviewing);
  const unknown = await record({ reviewId: '2026-10-05', revision: 1, by: by(PEOPLE.megan), op: 'x' });
  expect(unknown.text).toContain('there is no such review any more');
  expect(await world.table.list('roll', PARTITION, { ranges: [prefixRange('e')] })).toEqual([]);
  expect((await click(world, DIEGO)).text).toContain('You recorded');
});

test('when Teams takes nothing it is sent again after ten minutes, with figures of then; a click on the older ones records nothing', async () => {
  const world = await aWorld();
  world.teams.answer = () => ({ kind: 'unavailable' });
  await pass(world, '2026-11-24T09:00:00.000Z');
  world.teams.answer = () => undefined;
  await pass(world, '2026-11-24T09:05:00.000Z');
  expect(topics(world)).toEqual([]);
  await pass(world, '2026-11-24T09:10:00.000Z');

  expect(told(world).map(({ review }) => review.revision)).toEqual([2, 2]);
  expect((await click(world, PEOPLE.megan, 1)).text).toContain('once more since');
  expect((await click(world, PEOPLE.megan, 2)).text).toContain('You recorded');
});

test('whoever cannot be reached yet is sent it in the same period, and reads every scope only then', async () => {
  const world = await createCoreWorld({ policyDir: await policyFolder(REVIEWED) });
  await pass(world, '2026-11-24T09:00:00.000Z');
  expect(topics(world)).toEqual([]);
  await world.meet(PEOPLE.lee);
  await pass(world, '2026-11-24T09:05:00.000Z');

  expect(topics(world)).toEqual(['send']);
});

test('a reviewer of whom nobody active is left is stood in for by the contract’s owner', async () => {
  const policyDir = await policyFolder(['contract.yaml', NAMED, 'monitor: "group:founders"']);
  const world = await aWorld({ policyDir });
  await pass(world, '2026-11-24T09:00:00.000Z');

  expect(told(world).map(({ conversation }) => conversation)).toEqual(
    [DIEGO, PEOPLE.lee].map((oid) => personal(oid).id),
  );
});

test('a store that does not answer sends nothing twice, and nothing is lost', async () => {
  let isDown = false;
  const world = await aWorld({
    fault: () => (isDown ? 'before' : 'ok'),
  });
  isDown = true;
  await expect(world.core.reconcile()).rejects.toThrow(StoreUnavailableError);
  isDown = false;
  await pass(world, '2026-11-24T09:05:00.000Z');

  expect(topics(world)).toEqual(['send', 'send']);
});

test('a pass beside nothing due is one list', async () => {
  const world = await aWorld();
  await pass(world, '2026-11-24T09:00:00.000Z');
  world.now = '2026-11-24T10:00:00.000Z';
  const before = { ...world.table.calls };
  await world.core.reviewing.run();

  expect(world.table.calls).toEqual({ ...before, list: before.list + 1, total: before.total + 1 });
});
