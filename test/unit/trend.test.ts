import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { JudgedGroup } from '../../services/domain/judgement.ts';
import { countPrompts, heldBackSince, type PromptCounts, promptsOf } from '../../services/domain/prompts.ts';
import { trendsChecksum } from '../../services/domain/trend.ts';
import { aGate, aLevel, anAsk, BOB, CARLA } from '../builders.ts';
import { aLife, daysAgo } from '../calibrations.ts';
import { aGrantedException, anException, someTerms } from '../cards/shown-exceptions.ts';
import { aSastLife, aTally, counted, secrets, seen, someTrends } from '../trends.ts';
import { NOW } from './judge-input.ts';

const place = (environment: string, ...groups: readonly JudgedGroup[]) => ({ environment, groups });

test('each week has what appeared and came back less what is gone, and the total is what piled up', () => {
  const lives = [aLife(50, 20, 1), aSastLife(10), aSastLife(3), aSastLife(60, 3)];
  const { weeks } = someTrends([aTally({ lives })]);

  expect(weeks.map(({ appeared, back, gone, total }) => [appeared, back, gone, total])).toEqual([
    [1, 0, 0, 1],
    [0, 0, 0, 1],
    [0, 0, 0, 1],
    [0, 0, 0, 1],
    [0, 0, 0, 1],
    [0, 0, 1, 0],
    [1, 0, 0, 1],
    [2, 1, 1, 2],
  ]);
  expect([weeks[0]?.from, weeks[7]?.from]).toEqual(['2026-09-28', '2026-11-16']);
});

test('a finding counts once for its service, by the strictest class that it has anywhere, and in each place for clusters', () => {
  const places = [place('prod', secrets(1, 2)), place('staging', secrets(1, 3, { decision: 'monitor' }))];
  const { classes, clusters } = someTrends([aTally({ places })]);

  expect(classes.map(({ decision, open }) => [decision, open])).toEqual([
    ['block', 2],
    ['warn', 0],
    ['monitor', 1],
  ]);
  expect(clusters.map(({ environment, counts }) => [environment, counts.block, counts.monitor])).toEqual([
    ['staging', 0, 3],
    ['prod', 2, 0],
  ]);
});

test('ages are percentiles by nearest rank; new is what was seen first in the last seven days, and an unknown age is said', () => {
  const ages = [0, 6, 7, 10, 20, 30, 40, 50, 100, 300];
  const { classes } = someTrends([aTally({ places: [place('prod', counted(1, 12))], pasts: seen(ages) })]);

  expect(classes.find(({ decision }) => decision === 'monitor')).toEqual({
    decision: 'monitor',
    open: 12,
    fresh: 2,
    medianDays: 20,
    slowDays: 100,
    oldestDays: 300,
    ageUnknown: 2,
  });
  expect(classes.find(({ decision }) => decision === 'block')).toEqual({
    decision: 'block',
    open: 0,
    fresh: 0,
    ageUnknown: 0,
  });
});

test('findings that are too many to be listed count as many as they are, without an age', () => {
  const groups = [secrets(1, 0, { fingerprints: [], unlisted: 'ab', count: 30_000 })];
  const { classes } = someTrends([aTally({ places: [place('prod', ...groups), place('staging', ...groups)] })]);

  expect(classes[0]).toMatchObject({ open: 30_000, ageUnknown: 30_000 });
});

test('the largest clusters of team, service, environment and control come first; of the others the number is told', () => {
  const groups = Array.from({ length: 12 }, (_, n) => counted(100 * n, n + 1, { owner: `group:team-${n}` }));
  const { clusters, moreClusters } = someTrends([aTally({ places: [place('prod', ...groups)] })]);

  expect(clusters.map(({ team }) => team).slice(0, 2)).toEqual(['group:team-11', 'group:team-10']);
  expect([clusters.length, moreClusters]).toEqual([10, 2]);
});

test('an owner of whom nobody active is left is a gap, over all its services; findings without a control are counted', () => {
  const { control: _, ...stray } = secrets(50, 4, { owner: 'group:devsecops' });
  const ghosts = counted(1, 3, { owner: 'group:ghosts' });
  const tallies = [
    aTally({ places: [place('prod', ghosts, stray)] }),
    aTally({ service: 'orders-api', places: [place('prod', ghosts)] }),
  ];
  const { gaps, unmatched } = someTrends(tallies, { vacant: new Set(['group:ghosts'] as const) });

  expect(gaps).toEqual([{ owner: 'group:ghosts', count: 6, services: 2 }]);
  expect(unmatched).toBe(4);
});

test('a control fails again and again when something appeared in three weeks, or what was mended came back', () => {
  const once = [aSastLife(50), aSastLife(40)];
  expect(someTrends([aTally({ lives: once })]).recurring).toEqual([]);
  const { recurring } = someTrends([aTally({ lives: [...once, aSastLife(3), aLife(70, 20, 10)] })]);

  expect(recurring).toEqual([
    { control: 'sast', weeks: 3, appeared: 3, back: 0 },
    { control: 'secret-scanning', weeks: 1, appeared: 1, back: 1 },
  ]);
});

test('exceptions count as opened once granted and as closed once they end, by the clock too; what was refused is neither', () => {
  const until = (date: string) => ({ terms: someTerms({ until: date }), grantedAt: daysAgo(20) });
  const exceptions = [
    aGrantedException(until('2026-12-04')),
    aGrantedException(until('2026-11-20')),
    aGrantedException({ ...until('2026-12-04'), state: 'closed', end: { at: daysAgo(2), why: 'mended' } }),
    aGrantedException({ ...until('2026-12-04'), grantedAt: daysAgo(80) }),
    anException({ state: 'rejected', end: { at: daysAgo(2), why: 'no' } }),
  ];

  expect(someTrends([], { exceptions }).flows).toEqual([
    { control: 'secret-scanning', opened: 3, closed: 2, inForce: 2 },
  ]);
});

test('what asked somebody at the very beginning of these days counts, what never asked anybody does not', () => {
  const counted = (gate: Parameters<typeof aGate>[0]) => {
    const counts: PromptCounts = new Map();
    countPrompts(counts, aGate({ ask: anAsk(), ...gate }), daysAgo(7));
    return [...counts.values()].map(({ count }) => count);
  };
  expect(new Set(counted({ askedAt: daysAgo(7) }))).toEqual(new Set([1]));
  expect(counted({})).toEqual([]);
});

test('prompts are each request that asked somebody in these days, and once more for a reminder', () => {
  const counts: PromptCounts = new Map();
  const since = daysAgo(7);
  const ofBob = anAsk({ levels: [aLevel({ eligible: [{ oid: BOB.oid, name: BOB.name }] })] });
  countPrompts(counts, aGate({ askedAt: daysAgo(1), remindedAt: daysAgo(0) }), since);
  countPrompts(counts, aGate({ askedAt: daysAgo(2), ask: ofBob }), since);
  countPrompts(counts, aGate({ askedAt: daysAgo(9), ask: ofBob }), since);

  expect(promptsOf(counts)).toEqual({
    people: 2,
    median: 2,
    most: [
      { name: BOB.name, count: 3 },
      { name: CARLA.name, count: 2 },
    ],
  });
  expect(promptsOf(new Map())).toEqual({ people: 0, median: 0, most: [] });
});

test('what was held back is counted for each of the last days and named with whom it was held back from', () => {
  const day = (daysBefore: number, heldBack: number) => ({ date: daysAgo(daysBefore).slice(0, 10), said: 6, heldBack });
  const records = [
    { reader: `user:${BOB.oid}`, days: [day(9, 5), day(6, 2), day(0, 1)] },
    { reader: 'channel:Payments', days: [day(1, 4)] },
    { reader: `user:${CARLA.oid}`, days: [day(1, 0)] },
  ];
  const counts: PromptCounts = new Map([[BOB.oid, { name: BOB.name, count: 9 }]]);
  expect(promptsOf(counts, heldBackSince(records, daysAgo(7).slice(0, 10)))).toMatchObject({
    most: [{ name: BOB.name, count: 9, heldBack: 3 }],
    heldBack: { count: 7, people: 2 },
  });
});

test('the order of services changes nothing, and other figures have another checksum', () => {
  const tallies = Array.from({ length: 6 }, (_, n) =>
    aTally({
      service: `service-${n}`,
      places: [place('prod', counted(1, n + 1), secrets(90, n % 3))],
      pasts: seen([n, 2 * n]),
      lives: [aSastLife(7 * n), aLife(3 * n)],
    }),
  );
  const whole = trendsChecksum(someTrends(tallies));
  fc.assert(
    fc.property(fc.shuffledSubarray(tallies, { minLength: tallies.length }), (shuffled) => {
      expect(trendsChecksum(someTrends(shuffled))).toBe(whole);
    }),
    { numRuns: 50 },
  );
  expect(trendsChecksum(someTrends(tallies.slice(1)))).not.toBe(whole);
  expect(someTrends(tallies).at).toBe(NOW);
});

test('a finding of two tools is one, whichever of them stands for it in an environment', () => {
  const [one, other] = [1, 2].map((n) => n.toString(16).padStart(32, '0')) as [string, string];
  const named = (own: string, tool: string, fingerprint: string) => ({
    fingerprints: [own],
    duplicates: [{ of: own, tool, rule: 'any', fingerprint }],
  });
  const places = [
    place('prod', secrets(1, 2, named(one, 'trufflehog', other))),
    place('staging', secrets(1, 2, named(other, 'gitleaks', one))),
  ];
  expect(someTrends([aTally({ places })]).classes[0]).toMatchObject({ decision: 'block', open: 1 });
});
