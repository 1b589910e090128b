import { expect, test } from 'vitest';
import type { TermsWish } from '../../services/domain/exception-terms.ts';
import type { NudgeNews } from '../../services/ports/notifier.ts';
import { ORG } from '../builders.ts';
import { type CoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { reconciled, sentTo } from '../fakes/digest-scene.ts';
import {
  actor,
  ask,
  CAST,
  exceptionAt,
  exceptionOf,
  grant,
  meetAll,
  nextOp,
  toldOf,
} from '../fakes/exception-scene.ts';
import { edited } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// How people are told again of exceptions, and of trends: by the same policy as of approvals.

/** Of a world that begins on Tuesday, 24 November 2026 at 10:00 in Berlin. */
const THURSDAY_MORNING = '2026-11-26T08:00:00.000Z';

/** As many exceptions in force, whose owners (Adele and Diego) are asked on Thursday morning whether they still need them. */
async function granted(
  count: number,
  terms: TermsWish = { until: '2026-11-30' },
): Promise<{ readonly world: CoreWorld; readonly ids: readonly string[] }> {
  const { world, deploy } = await aLife(['contract.yaml', 'exceptionsPerService: 5', 'exceptionsPerService: 100']);
  await meetAll(world);
  const rules = Array.from({ length: count }, (_, n) => `key-${n}`);
  await scanned(world, rules, { tool: 'gitleaks', level: 'warning' });
  const requestId = await deploy();
  const { heads } = await world.ports.scopes.view({ org: ORG, service: 'payments-api', environment: '-' }, 'any');
  const ids: string[] = [];
  const secrets = heads.filter(({ tool }) => tool === 'gitleaks');
  for (const print of secrets.flatMap(({ groups }) => groups.flatMap(({ fingerprints }) => fingerprints))) {
    const { id } = exceptionOf(await ask(world, { requestId, fingerprints: [print] }, terms));
    exceptionOf(await grant(world, id));
    ids.push(id);
  }
  await world.settle();
  return { world, ids };
}

const listsFor = ({ news }: Pick<CoreWorld, 'news'>, oid: string) =>
  news.filter((one) => 'nudges' in one && one.conversation === personal(oid).id) as unknown as NudgeNews[];
const reviewsTo = (world: CoreWorld, oid: string) => toldOf(world, oid).filter(({ topic }) => topic === 'review');
const keep = (world: CoreWorld, id: string) =>
  world.core.exceptionReviews.review({ id, by: actor(CAST.diego), op: nextOp(), answer: 'close', why: 'mended' });

async function at(world: CoreWorld, now: string): Promise<void> {
  world.now = now;
  await world.settle();
}

test('behaviour 28: twelve reviews on one morning are one question with its buttons and one list of the others', async () => {
  const { world, ids } = await granted(12);
  await at(world, THURSDAY_MORNING);
  expect(reviewsTo(world, CAST.diego)).toHaveLength(1);
  expect(listsFor(world, CAST.diego)).toEqual([]);
  await at(world, '2026-11-26T08:06:00.000Z');
  expect(reviewsTo(world, CAST.diego)).toHaveLength(1);
  const [list, ...more] = listsFor(world, CAST.diego);
  expect(more).toEqual([]);
  const asked = [reviewsTo(world, CAST.diego)[0]?.exception.id, ...(list?.nudges ?? []).map(({ id }) => id)];
  const reviews = (list?.nudges ?? []).filter(({ kind }) => kind === 'review');
  expect(reviews).toHaveLength(11);
  expect(new Set(asked)).toEqual(new Set(ids));
});

test('what its owner answers is taken out of the list, and what was not said yet is not said any more', async () => {
  const { world } = await granted(3);
  await at(world, THURSDAY_MORNING);
  const first = reviewsTo(world, CAST.diego)[0]?.exception.id;
  const record = async () => (await world.ports.nudgeRecords.of(`user:${CAST.diego}`))?.record;
  const waits = ((await record())?.waiting ?? []).map(({ id }) => id).filter((id) => id !== first);
  const [one = '', other = ''] = [...new Set(waits)];
  exceptionOf(await keep(world, one));
  await world.settle();
  await at(world, '2026-11-26T08:06:00.000Z');
  expect(listsFor(world, CAST.diego).map(({ nudges }) => [...new Set(nudges.map(({ id }) => id))])).toEqual([[other]]);
  exceptionOf(await keep(world, other));
  await world.settle();
  await at(world, '2026-11-26T08:08:00.000Z');
  expect(listsFor(world, CAST.diego)).toMatchObject([{ nudges: [] }]);
  expect(reviewsTo(world, CAST.diego)).toHaveLength(1);
});

test('a request, its outcome and its end are never held, whatever the hour; that nobody decides waits for the morning', async () => {
  const { world, deploy } = await aLife(['contract.yaml', 'max: 7d', 'max: 60d']);
  await meetAll(world);
  const conversation = { ...personal(PEOPLE.megan), zone: 'Pacific/Auckland' };
  await world.core.reached([{ kind: 'person', oid: PEOPLE.megan }], conversation);
  await scanned(world, ['a-key'], { tool: 'gitleaks' });
  const { id } = exceptionOf(await ask(world, { requestId: await deploy() }, { until: '2026-12-18' }));
  const topics = (oid: string) => toldOf(world, oid).map(({ topic }) => topic);
  expect(topics(PEOPLE.megan)).toEqual(['ask']);
  await at(world, '2026-11-25T10:00:00.000Z');
  expect([topics(PEOPLE.megan), topics(PEOPLE.lee)]).toEqual([['ask'], ['ask', 'remind']]);
  expect(listsFor(world, PEOPLE.megan)).toEqual([]);
  // Nine in the morning in Auckland.
  await at(world, '2026-11-25T20:00:00.000Z');
  expect(listsFor(world, PEOPLE.megan)).toMatchObject([{ nudges: [{ kind: 'exception', id }] }]);
  exceptionOf(await grant(world, id, PEOPLE.lee));
  await world.settle();
  expect(topics(PEOPLE.adele)).toContain('outcome');
  await at(world, '2026-11-25T20:02:00.000Z');
  expect(listsFor(world, PEOPLE.megan)).toMatchObject([{ nudges: [], settled: 1 }]);
});

test('that it ends soon waits for the morning of each who is warned, and is said once', async () => {
  const { world, deploy } = await aLife(
    ['contract.yaml', 'max: 7d', 'max: 60d'],
    ['contract.yaml', 'reviewEvery: 2d', 'reviewEvery: 60d'],
  );
  await meetAll(world);
  const conversation = { ...personal(CAST.diego), zone: 'Pacific/Auckland' };
  await world.core.reached([{ kind: 'person', oid: CAST.diego }], conversation);
  await scanned(world, ['a-key'], { tool: 'gitleaks' });
  const terms = { until: '2026-12-18', reviewEvery: '24d' };
  exceptionOf(await grant(world, exceptionOf(await ask(world, { requestId: await deploy() }, terms)).id));
  const endings = (oid: string) => toldOf(world, oid).filter(({ topic }) => topic === 'ending').length;
  await at(world, '2026-11-30T08:00:00.000Z');
  expect([endings(PEOPLE.adele), endings(CAST.diego), listsFor(world, CAST.diego)]).toEqual([1, 0, []]);
  for (const hour of ['20', '21', '22']) await at(world, `2026-11-30T${hour}:00:00.000Z`);
  expect(listsFor(world, CAST.diego)).toMatchObject([{ nudges: [{ kind: 'ending' }] }]);
  expect(endings(CAST.diego)).toBe(0);
});

test('whoever has voted while their reminder waited is not reminded', async () => {
  const { world, deploy } = await aLife(
    ['contract.yaml', 'max: 7d', 'max: 60d'],
    ['contract.yaml', 'quorum: 1', 'quorum: 2'],
  );
  await meetAll(world);
  const conversation = { ...personal(PEOPLE.megan), zone: 'Pacific/Auckland' };
  await world.core.reached([{ kind: 'person', oid: PEOPLE.megan }], conversation);
  await scanned(world, ['a-key'], { tool: 'gitleaks' });
  const { id } = exceptionOf(await ask(world, { requestId: await deploy() }, { until: '2026-12-18' }));
  await at(world, '2026-11-25T10:00:00.000Z');
  exceptionOf(await grant(world, id, PEOPLE.megan));
  await at(world, '2026-11-25T20:00:00.000Z');
  expect(listsFor(world, PEOPLE.megan)).toEqual([]);
});

test('what was held back is in the next digest, in "digest" and in "trends", and is said by nothing else after it', async () => {
  const { world } = await granted(2);
  const reader = `user:${CAST.diego}`;
  const before = await world.ports.nudgeRecords.of(reader);
  const days = [{ date: '2026-11-26', said: 6, heldBack: 0 }];
  await world.ports.nudgeRecords.put({ reader, days, said: [], waiting: [] }, before);
  await reconciled(world, '2026-11-26T08:00:00.000Z');
  await at(world, '2026-11-26T08:00:00.000Z');
  expect(reviewsTo(world, CAST.diego)).toEqual([]);
  const held = await world.core.digestViews.today(actor(CAST.diego));
  const count = held.kind === 'digest' ? held.digest.heldBack.length : 0;
  expect(count).toBeGreaterThanOrEqual(2);
  const trends = await world.core.trends.trends();
  expect(trends.kind === 'measured' && trends.trends.prompts?.heldBack).toEqual({ count, people: 1 });
  await reconciled(world, '2026-11-27T08:00:00.000Z');
  expect(sentTo(world, CAST.diego).at(-1)?.heldBack).toHaveLength(count);
  await at(world, '2026-11-27T12:00:00.000Z');
  expect([reviewsTo(world, CAST.diego), listsFor(world, CAST.diego)]).toEqual([[], []]);
  const after = await world.core.digestViews.today(actor(CAST.diego));
  expect(after.kind === 'digest' && after.digest.heldBack).toEqual([]);
});

/** Both owners have had as many messages as the contract allows on this day. */
async function full({ ports }: CoreWorld, date: string): Promise<void> {
  for (const oid of [CAST.diego, PEOPLE.adele]) {
    const reader = `user:${oid}`;
    const before = await ports.nudgeRecords.of(reader);
    await ports.nudgeRecords.put({ reader, days: [{ date, said: 6, heldBack: 0 }], said: [], waiting: [] }, before);
  }
}

const DAILY = { until: '2026-11-30', reviewEvery: '1d' };
const WEDNESDAY_MORNING = '2026-11-25T08:00:00.000Z';

test('a review whose question was held back until the next one is not missed: it is asked then', async () => {
  const { world, ids } = await granted(1, DAILY);
  const [id = ''] = ids;
  await full(world, '2026-11-25');
  await at(world, WEDNESDAY_MORNING);
  expect((await exceptionAt(world, id)).reviews).toMatchObject({ askedAt: WEDNESDAY_MORNING, missed: 0 });
  expect(reviewsTo(world, CAST.diego)).toEqual([]);
  await at(world, THURSDAY_MORNING);
  expect((await exceptionAt(world, id)).reviews).toMatchObject({ askedAt: THURSDAY_MORNING, missed: 0 });
  expect(reviewsTo(world, CAST.diego)).toHaveLength(1);
  // That one was put, and nobody has answered.
  await at(world, '2026-11-27T08:00:00.000Z');
  expect((await exceptionAt(world, id)).reviews).toMatchObject({ missed: 1 });
});

test('after a standstill what waited for its list was not asked in time, and is not missed; what was asked is', async () => {
  const { world, ids } = await granted(2, DAILY);
  await at(world, WEDNESDAY_MORNING);
  const asked = reviewsTo(world, CAST.diego).map(({ exception }) => exception.id);
  expect(asked).toHaveLength(1);
  await at(world, THURSDAY_MORNING);
  for (const id of ids)
    expect((await exceptionAt(world, id)).reviews).toMatchObject({ missed: asked.includes(id) ? 1 : 0 });
});

test('that something is worse than it was granted for is asked at once, whatever the hour', async () => {
  const { world } = await granted(1);
  world.now = '2026-11-24T22:00:00.000Z';
  await scanned(world, ['key-0'], { tool: 'gitleaks', level: 'error' });
  await world.settle();
  expect(reviewsTo(world, CAST.diego)).toMatchObject([{ exception: { reviews: { outgrown: 'severity' } } }]);
});

test('the second question in a list announces that it is the last', async () => {
  const { world } = await granted(2, DAILY);
  for (const day of ['25', '26'])
    for (const minute of ['00', '06']) await at(world, `2026-11-${day}T08:${minute}:00.000Z`);
  const listed = listsFor(world, CAST.diego).flatMap(({ nudges }) => nudges);
  expect(listed).toMatchObject([{ kind: 'review', suspendedAt: '2026-11-27T08:00:00.000Z' }]);
});

test('while Teams takes no message nobody misses a review', async () => {
  const { world, ids } = await granted(1, DAILY);
  const [id = ''] = ids;
  world.teams.answer = () => ({ kind: 'unavailable', retryAfter: 600 });
  await at(world, WEDNESDAY_MORNING);
  for (const day of ['26', '27']) await at(world, `2026-11-${day}T08:00:00.000Z`);
  expect(await exceptionAt(world, id)).toMatchObject({ state: 'active', reviews: { missed: 0 } });
});

test('that nobody can be reached is no way round a review', async () => {
  const { world, ids } = await granted(1, DAILY);
  const [id = ''] = ids;
  world.teams.answer = () => ({ kind: 'refused', code: 'BotNotInConversationRoster' });
  for (const day of ['25', '26', '27']) await at(world, `2026-11-${day}T08:00:00.000Z`);
  expect(await exceptionAt(world, id)).toMatchObject({ state: 'suspended', reviews: { missed: 2 } });
});

test('nor is that nobody is left whom to ask', async () => {
  const { world, deploy, policyDir } = await aLife();
  await meetAll(world);
  await scanned(world, ['a-key'], { tool: 'gitleaks' });
  const { id } = exceptionOf(
    await ask(world, { requestId: await deploy() }, { ...DAILY, owner: `user:${CAST.diego}` }),
  );
  exceptionOf(await grant(world, id));
  for (const name of ['Diego Siciliani', 'Megan Bowen', 'Lee Gu'])
    await edited(policyDir, ['directory.yaml', `name: ${name}\n`, `name: ${name}\n    disabled: true\n`]);
  for (const day of ['25', '26', '27']) await at(world, `2026-11-${day}T08:00:00.000Z`);
  expect(reviewsTo(world, CAST.diego)).toEqual([]);
  expect(await exceptionAt(world, id)).toMatchObject({ state: 'suspended', reviews: { missed: 2 } });
});

test('who reads no digest that day has what was held back in a list an hour after it was due', async () => {
  const { world } = await granted(2);
  const reader = `user:${CAST.diego}`;
  const before = await world.ports.nudgeRecords.of(reader);
  const days = [{ date: '2026-11-26', said: 6, heldBack: 0 }];
  await world.ports.nudgeRecords.put({ reader, days, said: [], waiting: [] }, before);
  await at(world, '2026-11-26T08:00:00.000Z');
  await at(world, '2026-11-27T08:59:00.000Z');
  expect(listsFor(world, CAST.diego)).toEqual([]);
  await at(world, '2026-11-27T09:00:00.000Z');
  expect(listsFor(world, CAST.diego).length).toBe(1);
});

test('behaviour 25: what is overdue is said by the digest of the day, to its owner and their lead, and by no other message', async () => {
  const { world } = await aLife();
  await meetAll(world);
  await scanned(world, ['weak-random']);
  const before = world.news.length;
  // Due on 8 December at 9:00.
  for (const day of ['09', '10', '11']) {
    for (const hour of ['08', '09', '12', '15']) {
      await reconciled(world, `2026-12-${day}T${hour}:30:00.000Z`);
      await world.settle();
    }
  }
  const overdue = (oid: string) => sentTo(world, oid).filter(({ counts }) => counts.overdue > 0).length;
  expect([overdue(CAST.diego), overdue(PEOPLE.alex)]).toEqual([3, 3]);
  const others = world.news.slice(before).filter((one) => !('digest' in one) && !('review' in one));
  const nudged = others.flatMap((one) => ('nudges' in one ? one.nudges : []));
  expect([nudged.filter(({ kind }) => kind !== 'trends' && kind !== 'audit'), world.posted.length]).toEqual([[], 0]);
});
