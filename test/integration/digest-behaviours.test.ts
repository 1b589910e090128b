import { expect, test } from 'vitest';
import { digestCard } from '../../cards/digest-card.ts';
import { type Digest, isEmpty } from '../../services/domain/digest.ts';
import { sectionCounts } from '../digests.ts';
import { createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { passing, reconciled, rulesOf, sentTo } from '../fakes/digest-scene.ts';
import { actor, CAST } from '../fakes/exception-scene.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// What users expect of digests, 23 to 25, 43 and 44; each has a test of its name. A world begins on a Tuesday at 10:00 in Berlin.
const DAY = 1_440;

test('behaviour 23: hundreds of findings are one message for each owner, with the rest on demand', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, rulesOf(300));
  await reconciled(world);
  const [digest, ...more] = sentTo(world, PEOPLE.adele);
  expect(more).toEqual([]);
  expect(sectionCounts(digest as Digest)).toEqual({ new: 300 });
  expect(digest?.parts[0]?.first).toHaveLength(5);
  const seen = await world.core.digestViews.more(actor(PEOPLE.adele), { service: 'payments-api', section: 'new' });
  expect(seen.kind === 'more' && seen.warnings.length).toBe(300);
});

test('behaviour 43: a digest comes when work begins where its reader is, and once a day', async () => {
  const world = await createCoreWorld();
  const conversation = { ...personal(PEOPLE.adele), zone: 'America/New_York' };
  await world.core.reached([{ kind: 'person', oid: PEOPLE.adele }], conversation);
  await world.meet(CAST.diego);
  await scanned(world, ['weak-random']);
  await reconciled(world, '2026-11-24T13:55:00.000Z');
  expect([sentTo(world, CAST.diego).length, sentTo(world, PEOPLE.adele).length]).toEqual([1, 0]);
  await reconciled(world, '2026-11-24T14:00:00.000Z');
  expect([sentTo(world, CAST.diego).length, sentTo(world, PEOPLE.adele).length]).toEqual([1, 1]);
  await passing(world, 6 * 60);
  expect([sentTo(world, CAST.diego).length, sentTo(world, PEOPLE.adele).length]).toEqual([1, 1]);
});

test('behaviour 43: nothing on weekends and holidays', async () => {
  const policyDir = await policyFolder(['contract.yaml', 'holidays: [2026-12-25', 'holidays: [2026-11-27, 2026-12-25']);
  const world = await createCoreWorld({ policyDir });
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  world.now = '2026-11-26T23:00:00.000Z';
  await passing(world, 3 * DAY);
  expect(sentTo(world, PEOPLE.adele)).toEqual([]);
  await reconciled(world, '2026-11-30T08:00:00.000Z');
  expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
});

test('behaviour 44: with nothing new a reader gets one line', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  const [, second] = sentTo(world, PEOPLE.adele);
  expect(second && isEmpty(second)).toBe(true);
  expect(JSON.stringify(digestCard(second as Digest))).toContain('Nothing new: 1 warning open, none overdue');
});

test('behaviour 44: or nothing, where the contract says so, and the operator sees that the job ran', async () => {
  const policyDir = await policyFolder(['contract.yaml', 'empty: line', 'empty: silence']);
  const world = await createCoreWorld({ policyDir });
  await world.meet(PEOPLE.adele);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  expect(sentTo(world, PEOPLE.adele)).toHaveLength(1);
  const marks = await world.ports.digestMarks.all();
  const mark = marks.find((one) => one.mark.reader === `user:${PEOPLE.adele}`)?.mark;
  expect(mark).toMatchObject({ date: '2026-11-25', outcome: 'silent', at: world.now });
  expect((await world.core.status.deliveryHealth()).digests).toMatchObject({ silent: expect.any(Number) });
});

test("behaviour 25: what is overdue is in the lead's digest too", async () => {
  const world = await createCoreWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.adele]) await world.meet(oid);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  expect(sectionCounts(sentTo(world, PEOPLE.alex)[0] as Digest)).toEqual({});
  await reconciled(world, '2026-12-09T09:00:00.000Z');
  expect(sectionCounts(sentTo(world, PEOPLE.alex)[1] as Digest)).toEqual({ overdue: 1 });
});

test('behaviour 24: what nobody owns is listed as such for whom the contract belongs to', async () => {
  const policyDir = await policyFolder(
    ['directory.yaml', /\n {2}payments-owners:\n(?: {4}.*\n)+/g, '\n'],
    ['directory.yaml', /\n {2}orders-owners:\n(?: {4}.*\n)+/g, '\n'],
  );
  const world = await createCoreWorld({ policyDir });
  await world.meet(PEOPLE.lee);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  const [digest] = sentTo(world, PEOPLE.lee);
  expect(sectionCounts(digest as Digest)).toEqual({ unowned: 1 });
  expect(JSON.stringify(digestCard(digest as Digest))).toContain('no owner: nobody is left in payments-owners');
});
