import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Asker, type Exception, type ExceptionVote, expiryOf, isWithin } from '../../services/domain/exception.ts';
import { joined, type Narrowing, narrowed, voted } from '../../services/domain/exception-life.ts';
import type { Person } from '../../services/domain/person.ts';
import { ANN, BOB, CARLA, DAN, TENANT } from '../builders.ts';
import { anAsker, aRecord, aWideRecord } from '../exceptions.ts';
import { aContract } from './judge-input.ts';

const { calendar } = aContract();
const NOW = '2026-11-24T10:00:00.000Z';

/** For two secrets, until the 18th of December; nobody has decided. */
function requested(over: Parameters<typeof aRecord>[0] = {}): Exception {
  const { grantedAt: _, ...record } = aRecord({
    target: { fingerprints: ['a', 'b'] },
    state: 'requested',
    votes: [],
    ...over,
  });
  return record;
}

const actorOf = ({ oid, name }: Person) => ({ kind: 'person' as const, tenant: TENANT, oid, name });
const by = (person: Person, comment = ''): ExceptionVote => ({
  ...{ by: actorOf(person), at: NOW, comment },
  accounts: [person.oid, person.upn],
});
const asks = (person: Person, over: Partial<Asker> = {}) =>
  anAsker({ by: actorOf(person), accounts: [person.oid, person.upn], ...over });

function approved(exception: Exception, person: Person, quorum: number, narrowing?: Narrowing): Exception {
  const attempt = { verdict: 'approve' as const, vote: by(person), ...(narrowing === undefined ? {} : { narrowing }) };
  const next = voted(exception, attempt, { quorum }, calendar);
  if ('code' in next) throw new Error(JSON.stringify(next));
  return next;
}

test('one approval of one puts it in force, from then on and with its first review', () => {
  const { votes, ...next } = approved(requested(), BOB, 1);
  expect(next).toEqual({
    ...{ ...requested(), votes: undefined },
    ...{ state: 'active', grantedAt: NOW },
    reviews: { missed: 0, snoozed: 0, nextAt: '2026-12-01T08:00:00.000Z' },
  });
  expect(votes).toEqual([by(BOB)]);
});

test('of two approvals the first leaves it requested, the second puts it in force', () => {
  const once = approved(requested(), BOB, 2);
  expect(once).toEqual({ ...requested(), votes: [by(BOB)] });
  expect(approved(once, CARLA, 2)).toMatchObject({ state: 'active', revision: 1, votes: [by(BOB), by(CARLA)] });
});

test('what the control asks for counts when the word is given', () => {
  expect(approved(approved(requested(), BOB, 3), CARLA, 2).state).toBe('active');
  expect(approved(approved(requested(), BOB, 2), CARLA, 3).state).toBe('requested');
});

test('the first rejection ends it, whatever was approved before, and says why', () => {
  const once = approved(requested(), BOB, 2);
  const vote = by(CARLA, 'mend it instead');
  const next = voted(once, { verdict: 'reject', vote }, { quorum: 2 }, calendar);
  expect(next).toMatchObject({ state: 'rejected', end: { at: NOW, by: vote.by, why: 'mend it instead' } });
  expect(next).not.toHaveProperty('grantedAt');
});

test('whoever narrows it approves what is left; earlier approvals were for more, and are void', () => {
  const once = approved(requested(), BOB, 2);
  const less = approved(once, CARLA, 2, { until: '2026-11-30' });
  expect(less).toMatchObject({ state: 'requested', revision: 2, votes: [by(CARLA)], terms: { until: '2026-11-30' } });
  expect(approved(less, BOB, 2)).toMatchObject({ state: 'active', revision: 2, votes: [by(CARLA), by(BOB)] });
});

test('of one approval the one that narrows it is enough, and its review is that of what is left', () => {
  const less = approved(requested(), BOB, 1, { until: '2026-11-30', fingerprints: ['b'] });
  expect(less).toMatchObject({ state: 'active', revision: 2, target: { fingerprints: ['b'] } });
  expect(less.reviews).not.toHaveProperty('nextAt');
});

test('an approval of just what was asked for narrows nothing', () => {
  const once = approved(requested(), BOB, 2);
  const same = { until: '2026-12-18', fingerprints: ['b', 'a', 'b'] };
  expect(approved(once, CARLA, 2, same)).toMatchObject({ state: 'active', revision: 1, votes: [by(BOB), by(CARLA)] });
});

const REFUSED: readonly [string, Narrowing, object][] = [
  ['a later day', { until: '2026-12-19' }, { code: 'wider-than-requested' }],
  ['another finding', { fingerprints: ['a', 'c'] }, { code: 'wider-than-requested' }],
  ['no finding', { fingerprints: [] }, { code: 'wider-than-requested' }],
  ['fewer findings for longer', { fingerprints: ['a'], until: '2027-01-01' }, { code: 'wider-than-requested' }],
  ['a day that is over', { until: '2026-11-23' }, { code: 'date', why: { code: 'date-past', date: '2026-11-23' } }],
  ['no date', { until: '0' }, { code: 'date', why: { code: 'date-unreadable' } }],
  ['a date that no calendar has', { until: '2026-02-30' }, { code: 'date', why: { code: 'date-unreadable' } }],
];

test.each(REFUSED)('nobody approves it for %s', (_, narrowing, why) => {
  const attempt = { verdict: 'approve' as const, vote: by(BOB), narrowing };
  expect(voted(requested(), attempt, { quorum: 1 }, calendar)).toEqual(why);
});

test('today is a day to narrow it to as long as it lasts', () => {
  expect(narrowed(requested(), { until: '2026-11-24' }, '2026-11-24T23:59:59.999Z')).toMatchObject({
    terms: { until: '2026-11-24' },
  });
});

test('of a whole control any findings are fewer', () => {
  const whole = { ...aWideRecord({ state: 'requested' }), category: 'sast' as const };
  expect(narrowed(whole, { fingerprints: ['b', 'a'] }, NOW)).toMatchObject({ target: { fingerprints: ['a', 'b'] } });
});

test('what is narrowed is never wider, in findings or in time, and narrowing it to itself changes nothing', () => {
  const anyDay = fc.integer({ min: 1, max: 28 }).map((day) => `2026-12-${String(day).padStart(2, '0')}`);
  const anyNarrowing: fc.Arbitrary<Narrowing> = fc.record(
    { until: anyDay, fingerprints: fc.subarray(['a', 'b', 'c']) },
    { requiredKeys: [] },
  );
  fc.assert(
    fc.property(
      fc.constantFrom(requested(), aWideRecord({ state: 'requested' })),
      anyNarrowing,
      (before, narrowing) => {
        const after = narrowed(before, narrowing, NOW);
        if ('code' in after) return;
        expect(isWithin(after.target, before.target)).toBe(true);
        expect(expiryOf(after.terms) <= expiryOf(before.terms)).toBe(true);
        expect(after.target.fingerprints).not.toEqual([]);
        expect(narrowed(after, narrowing, NOW)).toBe(after);
      },
    ),
  );
});

test('who joins is told, is one of them once for each request, and changes nothing that approvers decide on', () => {
  const joining = asks(DAN, { requestId: 'abcdefghijklmnop' });
  const both = joined(requested(), joining) as Exception;
  expect(both).toEqual({ ...requested(), askers: [anAsker(), joining] });
  expect(joined(both, { ...joining, at: NOW })).toBeUndefined();
  expect(joined(both, asks(ANN))).toBeUndefined();
  expect(joined(both, asks(ANN, { requestId: 'abcdefghijklmnop' }))).toMatchObject({ askers: { length: 3 } });
});

test('who approved it and then asks for it too has approved nothing, by whichever account', () => {
  const once = approved(approved(requested(), BOB, 3), CARLA, 3);
  expect(joined(once, asks(BOB))).toMatchObject({ votes: [by(CARLA)] });
  expect(joined(once, anAsker({ by: actorOf(DAN), accounts: ['dan', CARLA.upn] }))).toMatchObject({ votes: [by(BOB)] });
});
