import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Ask, Vote } from '../../services/domain/gate.ts';
import { askedNow, type Demand, openLevels, principalsOf, unfilledLevel } from '../../services/domain/quorum.ts';
import { aLevel, anAsk, aVote, BOB, CARLA, DAN } from '../builders.ts';

const aDemand = (overrides: Partial<Demand> = {}): Demand => ({ route: 'a', quorum: 1, humans: ['bob'], ...overrides });

const eligible = [BOB, CARLA].map(({ oid, name }) => ({ oid, name }));

test('of each route the first level without its approvals is open', () => {
  const ask: Ask = anAsk({
    levels: [
      aLevel({ route: 'a', quorum: 2 }),
      aLevel({ route: 'a' }),
      aLevel({ route: 'b' }),
      aLevel({ route: 'b', quorum: 2 }),
    ],
  });

  expect(openLevels(ask, [])).toEqual([0, 2]);
  expect(openLevels(ask, [aVote()])).toEqual([0, 2]);
  expect(openLevels(ask, [aVote(), aVote()])).toEqual([1, 2]);
  expect(openLevels(ask, [aVote(), aVote({ levels: [0, 2] })])).toEqual([1, 3]);
  expect(openLevels(ask, [aVote(), aVote(), aVote({ levels: [1] })])).toEqual([2]);
});

test('whoever is eligible in an open level is asked once, until they approved with any account', () => {
  const level = aLevel({ eligible });
  const ask = anAsk({ levels: [{ ...level, quorum: 2 }, { ...level, route: 'b' }, level] });
  const askedBy = (...votes: Vote[]) => askedNow(ask, votes).map(({ oid }) => oid);

  expect(askedBy()).toEqual([BOB.oid, CARLA.oid]);
  expect(askedBy(aVote())).toEqual([CARLA.oid]);
  expect(askedBy(aVote({ accounts: ['another', CARLA.oid] }))).toEqual([BOB.oid]);
  expect(askedNow(anAsk({ levels: [{ ...level, eligible: [{ oid: DAN.oid, name: 'Dan' }] }] }), [aVote()])).toEqual([]);
});

test('those to whom a level was escalated may decide in it, and are named once', () => {
  const from = ['group:payments-leads'] as const;

  expect(principalsOf({ from })).toEqual(from);
  expect(principalsOf({ from, escalatedTo: 'group:platform-leads' })).toEqual([...from, 'group:platform-leads']);
  expect(principalsOf({ from, escalatedTo: 'group:payments-leads' })).toEqual(from);
});

test.each<[string, readonly Demand[], number | undefined]>([
  ['nothing is asked for', [], undefined],
  ['a level asks for one of one', [aDemand()], undefined],
  ['a level has nobody', [aDemand({ humans: [] })], 0],
  ['a level asks for two of one', [aDemand({ quorum: 2 })], 0],
  ['two levels of a route ask for the same one', [aDemand(), aDemand()], 1],
  ['levels of two routes ask for the same one', [aDemand(), aDemand({ route: 'b' })], undefined],
  ['one who is needed later can be spared', [aDemand({ humans: ['bob', 'carla'] }), aDemand()], undefined],
  [
    'two have to be moved',
    [aDemand({ humans: ['bob', 'carla'] }), aDemand({ humans: ['bob', 'dan'] }), aDemand()],
    undefined,
  ],
  ['the same human is named twice', [aDemand({ quorum: 2, humans: ['bob', 'bob'] })], 0],
])('whether every level can be filled is told when %s', (_, demands, expected) => {
  expect(unfilledLevel(demands)).toBe(expected);
});

/** By trying every human for every seat. */
function canFill(seats: readonly Demand[], taken: readonly string[] = []): boolean {
  const [seat, ...rest] = seats;
  if (seat === undefined) return true;
  return seat.humans
    .map((human) => `${seat.route} ${human}`)
    .some((place) => !taken.includes(place) && canFill(rest, [...taken, place]));
}

test('the first level that cannot be filled is found as by trying everything', () => {
  const anyDemand = fc.record({
    route: fc.constantFrom('a', 'b'),
    quorum: fc.integer({ min: 1, max: 3 }),
    humans: fc.subarray(['ann', 'bob', 'carla', 'dan']),
  });
  fc.assert(
    fc.property(fc.array(anyDemand, { maxLength: 4 }), (demands) => {
      const fillsUpTo = (last: number) =>
        canFill(demands.slice(0, last + 1).flatMap((demand) => Array.from({ length: demand.quorum }, () => demand)));
      const first = demands.findIndex((_, index) => !fillsUpTo(index));
      expect(unfilledLevel(demands)).toBe(first < 0 ? undefined : first);
    }),
    { numRuns: 1_000 },
  );
});
