import { expect, test } from 'vitest';
import type { Digest } from '../../services/domain/digest.ts';
import { sectionCounts } from '../digests.ts';
import { createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { passing, reconciled, rulesOf, sentTo } from '../fakes/digest-scene.ts';
import { actor, ask, CAST, exceptionOf, grant } from '../fakes/exception-scene.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// A world begins on a Tuesday at 10:00 in Berlin: work has begun.
const DAY = 1_440;
const commit = (n: number) => n.toString(16).padStart(40, 'd');

test('the first import of a large backlog is one message', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await world.meet(CAST.diego);
  await scanned(world, rulesOf(2_000));
  await reconciled(world);
  expect([sentTo(world, PEOPLE.adele).length, sentTo(world, CAST.diego).length]).toEqual([1, 1]);
  expect(world.posted).toEqual([]);
});

test('two processes at once send each digest once', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  const other = world.restart();
  await Promise.all([world.core.reconcile(), other.reconcile()]);
  expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
});

test('a process that another has overtaken since it looked sends nothing', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  const other = world.restart();
  const { views } = world.ports.scopes;
  let overtaken = false;
  world.ports.scopes.views = async (...about) => {
    if (!overtaken) {
      overtaken = true;
      await other.reconcile();
      expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
    }
    return views(...about);
  };
  await reconciled(world);
  expect(overtaken).toBe(true);
  expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
});

test('two processes through 48 hours: no digest twice and none left out', async () => {
  const world = await createCoreWorld();
  for (const oid of Object.values(CAST)) await world.meet(oid);
  await scanned(world, ['weak-random']);
  world.now = '2026-11-24T00:00:00.000Z';
  await passing(world, 2 * DAY, [world.core, world.restart()]);
  for (const oid of [PEOPLE.adele, CAST.diego, PEOPLE.alex, PEOPLE.megan, PEOPLE.lee])
    expect(sentTo(world, oid).map(({ at }) => at)).toEqual(['2026-11-24T08:00:00.000Z', '2026-11-25T08:00:00.000Z']);
});

test('after three days without the bot one digest tells of everything since the last that was sent', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  const last = world.now;
  world.advance(DAY);
  await scanned(world, ['eval'], { commit: commit(2), tool: 'codeql' });
  world.advance(DAY);
  await scanned(world, ['xpath'], { commit: commit(3), tool: 'bandit' });
  await reconciled(world, '2026-11-27T12:00:00.000Z');
  const [, merged, ...more] = sentTo(world, PEOPLE.adele);
  expect(more).toEqual([]);
  expect(merged?.since).toBe(last);
  expect(sectionCounts(merged as Digest)).toEqual({ new: 2, open: 1 });
});

test('what somebody was told is not new to them once more, and still is when they ask for that digest', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  const seen = await world.core.digestViews.today(actor(PEOPLE.adele));
  expect(seen.kind === 'digest' && sectionCounts(seen.digest)).toEqual({ new: 1 });
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  expect(sectionCounts(sentTo(world, PEOPLE.adele)[1] as Digest)).toEqual({ open: 1 });
});

test('a digest whose process died is sent by the next one ten minutes later', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  const claim = { reader: `user:${PEOPLE.adele}`, date: '2026-11-24', outcome: 'claimed', at: world.now, told: [] };
  await world.ports.digestMarks.put([{ mark: { ...claim, outcome: 'claimed' }, before: undefined }]);
  await passing(world, 5);
  expect(sentTo(world, PEOPLE.adele)).toEqual([]);
  await passing(world, 10);
  expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
});

test('while Teams takes nothing a digest stays due, and then comes once', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  world.teams.answer = () => ({ kind: 'unavailable' });
  await passing(world, 30);
  world.teams.answer = () => undefined;
  await passing(world, 60);
  expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
  expect(sectionCounts(sentTo(world, PEOPLE.adele)[0] as Digest)).toEqual({ new: 1 });
});

test('whoever flies from east to west gets no second digest of a date', async () => {
  const world = await createCoreWorld();
  const met = (zone: string) =>
    world.core.reached([{ kind: 'person', oid: PEOPLE.adele }], { ...personal(PEOPLE.adele), zone });
  await scanned(world, ['weak-random']);
  await met('Pacific/Auckland');
  await reconciled(world, '2026-11-24T20:00:00.000Z');
  await met('Pacific/Honolulu');
  await passing(world, 2 * DAY);
  const dates = sentTo(world, PEOPLE.adele).map(({ at }) => at);
  // The 25th in Auckland; of the 24th and 25th in Honolulu nothing, then the 26th there.
  expect(dates).toEqual(['2026-11-24T20:00:00.000Z', '2026-11-26T19:00:00.000Z']);
});

test('somebody who has blocked the bot is noted as out of reach, and nothing they missed counts as told', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  world.teams.answer = ({ id }) =>
    id === personal(PEOPLE.adele).id ? { kind: 'refused', code: 'blocked' } : undefined;
  await reconciled(world);
  expect(await world.ports.conversations.find({ kind: 'person', oid: PEOPLE.adele })).toBeUndefined();
  expect((await world.ports.digestMarks.of(`user:${PEOPLE.adele}`))?.mark.outcome).toBe('unreachable');
  world.teams.answer = () => undefined;
  await world.meet(PEOPLE.adele);
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  expect(sentTo(world, PEOPLE.adele).map(sectionCounts)).toEqual([{ new: 1 }]);
});

test('whoever can be reached later that day gets the digest then', async () => {
  const world = await createCoreWorld();
  await scanned(world, ['weak-random']);
  await passing(world, 60);
  await world.meet(PEOPLE.adele);
  await passing(world, 65);
  expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
});

test('while nobody’s time has come nothing is read', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  await world.core.idle();
  world.advance(5);
  const calls: string[] = [];
  const readIn = (what: string) => () => {
    calls.push(what);
    return Promise.reject(new Error('read'));
  };
  Object.assign(world.ports.scopes, { view: readIn('view'), views: readIn('views') });
  world.ports.digestMarks.all = () => {
    calls.push('marks');
    return Promise.reject(new Error('read'));
  };
  await world.core.reconcile();
  expect(calls).toEqual([]);
});

test('what time makes of a warning is told one digest ahead', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  const told: [string, object][] = [];
  for (const day of ['2026-12-04', '2026-12-07', '2026-12-08', '2026-12-09']) {
    await reconciled(world, `${day}T10:00:00.000Z`);
    told.push([day, sectionCounts(sentTo(world, PEOPLE.adele).at(-1) as Digest)]);
  }
  // Due on 8 December at 9:00.
  expect(told).toEqual([
    ['2026-12-04', { new: 1 }],
    ['2026-12-07', { escalating: 1 }],
    ['2026-12-08', { overdue: 1 }],
    ['2026-12-09', { overdue: 1 }],
  ]);
});

test('the day from which a rule blocks is told once to those who own findings of it', async () => {
  const policyDir = await policyFolder([
    'contract.yaml',
    /then: warn\n {8}because: "Needs calibration: code findings.*\n {8}due: 14d\n {8}decideBy: .*\n {8}escalate:\n.*\n.*\n/g,
    'then: block\n        group: release-integrity\n        from: 2027-01-15\n',
  ]);
  const world = await createCoreWorld({ policyDir });
  await world.meet(PEOPLE.adele);
  await world.meet(PEOPLE.isaiah);
  await scanned(world, ['weak-random']);
  for (const day of [24, 25, 26]) await reconciled(world, `2026-11-${day}T10:00:00.000Z`);
  expect(sentTo(world, PEOPLE.adele).map(sectionCounts)).toEqual([{ announced: 1 }, { open: 1 }, { open: 1 }]);
  expect(sentTo(world, PEOPLE.isaiah).map(sectionCounts)).toEqual([{}, {}, {}]);
  await reconciled(world, '2027-01-14T10:00:00.000Z');
  expect(sectionCounts(sentTo(world, PEOPLE.adele)[3] as Digest)).toEqual({ escalating: 1 });
});

test('exceptions that are to be reviewed or end soon are in the digest of their owner', async () => {
  const world = await createCoreWorld();
  for (const oid of Object.values(CAST)) await world.meet(oid);
  await scanned(world, ['generic-api-key'], { tool: 'gitleaks' });
  const requestId = await world.deliver();
  await world.settle();
  const exception = exceptionOf(await ask(world, { requestId }));
  await grant(world, exception.id);
  await world.settle();
  await reconciled(world);
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  // Granted on Tuesday, to be reviewed every two days.
  const said = sentTo(world, PEOPLE.adele).map(({ exceptions }) =>
    exceptions.map((one) => [one.exception.id, one.why]),
  );
  expect(said).toEqual([[[exception.id, 'ending']], [[exception.id, 'review']]]);
});

test('somebody who subscribes to a service has everything of it in their digest, until they do not want it', async () => {
  const world = await createCoreWorld();
  // Whoever owns it is told themselves: an operator stands in for nobody.
  for (const oid of [PEOPLE.isaiah, PEOPLE.adele, PEOPLE.alex]) await world.meet(oid);
  await scanned(world, ['weak-random']);
  expect(await world.core.subscribing.subscribe(actor(PEOPLE.isaiah), 'Payments-API')).toMatchObject({
    kind: 'subscribed',
    scope: 'payments-api',
  });
  await reconciled(world);
  expect(sectionCounts(sentTo(world, PEOPLE.isaiah)[0] as Digest)).toEqual({ new: 1 });
  expect(await world.core.subscribing.unsubscribe(actor(PEOPLE.isaiah), 'payments-api')).toMatchObject({
    kind: 'unsubscribed',
    all: [],
  });
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  expect(sectionCounts(sentTo(world, PEOPLE.isaiah)[1] as Digest)).toEqual({});
});
