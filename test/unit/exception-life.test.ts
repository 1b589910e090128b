import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Calendar } from '../../services/domain/contract.ts';
import { type Exception, expiryOf } from '../../services/domain/exception.ts';
import {
  answered,
  ended,
  granted,
  handedOver,
  MOST_SNOOZED,
  outgrown,
  type Passed,
  passed,
  snoozed,
} from '../../services/domain/exception-life.ts';
import { nextLookAt } from '../../services/domain/exception-schedule.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { BOB, TENANT } from '../builders.ts';
import { aRecord } from '../exceptions.ts';
import { aContract } from './judge-input.ts';

const { calendar: BERLIN } = aContract();
const EVERY_DAY = [1, 2, 3, 4, 5, 6, 7];
const bob = { kind: 'person' as const, tenant: TENANT, oid: BOB.oid, name: BOB.name };

/** Granted on Monday the 23rd of November at 10:30 in Berlin, until the 18th of December, reviewed every two days. */
const GRANTED_AT = '2026-11-23T09:30:00.000Z';
function inForce(over: Parameters<typeof aRecord>[0] = {}, calendar = BERLIN): Exception {
  const { terms, ...rest } = over;
  return granted(
    aRecord({ state: 'requested', ...rest, terms: { review: { everyDays: 2 }, ...terms } }),
    GRANTED_AT,
    calendar,
  );
}

/** No warning is near. */
const LONG = { terms: { until: '2027-01-29' } };

/** Everything that time has done by now. */
function looked(exception: Exception, now: string, calendar: Calendar): { after: Exception; what: Passed[] } {
  const what: Passed[] = [];
  let after = exception;
  for (let step = passed(after, now, calendar); step !== undefined; step = passed(after, now, calendar)) {
    what.push(step.what);
    after = step.exception;
    if (what.length > 8) throw new Error(`it goes on and on: ${what.join(', ')}`);
  }
  return { after, what };
}

test('its owner is asked, the first missed review is noted, the second one in a row suspends it', () => {
  let one = inForce();
  const story = ['2026-11-25', '2026-11-27', '2026-11-30'].flatMap((day) => {
    const before = looked(one, `${day}T07:59:59.999Z`, BERLIN);
    const { after, what } = looked(before.after, `${day}T08:00:00.000Z`, BERLIN);
    one = after;
    return [before.what, what];
  });
  expect(story).toEqual([[], ['review-asked'], [], ['review-missed'], [], ['exception-suspended']]);
  expect(one).toMatchObject({ state: 'suspended', end: { at: '2026-11-30T08:00:00.000Z' }, reviews: { missed: 2 } });
  expect(one.reviews).not.toHaveProperty('nextAt');
});

test('nobody misses what they were not asked: after a standstill of weeks the question is put first', () => {
  const { after, what } = looked(inForce(), '2026-12-14T20:00:00.000Z', BERLIN);
  expect(what).toEqual(['review-asked', 'ending-warned']);
  expect(after).toMatchObject({ state: 'active', reviews: { missed: 0, askedAt: '2026-12-14T20:00:00.000Z' } });
  expect(after.reviews.nextAt).toBe('2026-12-16T08:00:00.000Z');
});

test('a standstill after the question costs one review, not all that were due meanwhile', () => {
  const asked = looked(inForce(), '2026-11-25T08:00:00.000Z', BERLIN).after;
  const { after, what } = looked(asked, '2026-12-14T20:00:00.000Z', BERLIN);
  expect(what).toEqual(['review-missed', 'ending-warned']);
  expect(after).toMatchObject({ state: 'active', reviews: { missed: 1 } });
});

test('an answer ends the row of missed reviews, and asks again a period later', () => {
  const missed = looked(
    looked(inForce(LONG), '2026-11-25T08:00:00.000Z', BERLIN).after,
    '2026-11-27T08:00:00.000Z',
    BERLIN,
  );
  const word = { answer: 'keep', by: bob, why: 'the fix is late' } as const;
  const kept = answered(missed.after, word, '2026-11-27T10:00:00.000Z', BERLIN);
  expect(kept.reviews).toEqual({
    ...{ missed: 0, snoozed: 0, nextAt: '2026-11-30T08:00:00.000Z' },
    last: { ...word, at: '2026-11-27T10:00:00.000Z' },
  });
  expect(looked(kept, '2026-11-30T08:00:00.000Z', BERLIN).what).toEqual(['review-asked']);
});

test('a question is put off to the next working morning, twice; then it has to be answered', () => {
  const asked = looked(inForce(LONG), '2026-11-27T08:00:00.000Z', BERLIN).after;
  const once = snoozed(asked, '2026-11-27T15:00:00.000Z', BERLIN) as Exception;
  expect(once.reviews).toEqual({ missed: 0, snoozed: 1, nextAt: '2026-11-30T08:00:00.000Z' });
  const again = looked(once, '2026-11-30T08:00:00.000Z', BERLIN);
  expect(again.what).toEqual(['review-asked']);
  const twice = snoozed(again.after, '2026-11-30T09:00:00.000Z', BERLIN) as Exception;
  expect(twice.reviews).toMatchObject({ snoozed: 2, nextAt: '2026-12-01T08:00:00.000Z' });
  const last = looked(twice, '2026-12-01T08:00:00.000Z', BERLIN).after;
  expect(snoozed(last, '2026-12-01T09:00:00.000Z', BERLIN)).toBeUndefined();
});

test('what is over in time expires, whatever its state before, and nothing else happens to it', () => {
  const last = expiryOf(inForce().terms);
  for (const state of ['requested', 'active', 'suspended'] as const) {
    const one = { ...inForce(), state };
    expect(looked(one, plusMinutes(last, -1), BERLIN).what).not.toContain('exception-expired');
    const { after, what } = looked(one, last, BERLIN);
    expect(what).toEqual(['exception-expired']);
    expect(after).toMatchObject({ state: 'expired', end: { at: last } });
    expect(after.end).not.toHaveProperty('by');
    expect(after.reviews).not.toHaveProperty('nextAt');
  }
  for (const state of ['rejected', 'withdrawn', 'expired', 'revoked', 'closed'] as const)
    expect(passed({ ...inForce(), state }, last, BERLIN)).toBeUndefined();
});

test('of what is asked for or suspended nothing is reviewed or warned of', () => {
  const at = '2026-12-17T20:00:00.000Z';
  expect(looked({ ...inForce(), state: 'suspended' }, at, BERLIN).what).toEqual([]);
  expect(looked({ ...inForce(), state: 'requested' }, at, BERLIN).what).toEqual(['approvers-reminded']);
});

test('a request that nobody decides: its approvers are reminded after a working day, then it counts as unanswered, once each', () => {
  // Asked for on Friday the 20th at 10:00 in Berlin.
  let one = aRecord({ state: 'requested' });
  const story = ['2026-11-23', '2026-11-24'].flatMap((day) => {
    const before = looked(one, `${day}T08:59:59.999Z`, BERLIN);
    const { after, what } = looked(before.after, `${day}T09:00:00.000Z`, BERLIN);
    one = after;
    return [before.what, what];
  });
  expect(story).toEqual([[], ['approvers-reminded'], [], ['request-unanswered']]);
  expect(looked(one, '2026-12-17T20:00:00.000Z', BERLIN).what).toEqual([]);
});

test('after a standstill its approvers are reminded first, and have a working day', () => {
  const { after, what } = looked(aRecord({ state: 'requested' }), '2026-12-01T10:00:00.000Z', BERLIN);
  expect(what).toEqual(['approvers-reminded']);
  expect(looked(after, '2026-12-02T09:59:59.999Z', BERLIN).what).toEqual([]);
  expect(looked(after, '2026-12-02T10:00:00.000Z', BERLIN).what).toEqual(['request-unanswered']);
});

test('what is decided is neither reminded of nor unanswered', () => {
  for (const state of ['active', 'rejected', 'withdrawn'] as const)
    expect(looked(aRecord({ state, ...LONG }), '2026-11-24T10:00:00.000Z', BERLIN).what.join()).not.toMatch(
      /remind|unanswered/,
    );
});

test('whoever takes it over is there: that its owner is gone is forgotten', () => {
  const gone = { ...inForce(), ownerGoneAt: GRANTED_AT };
  expect(handedOver(gone, { owner: 'user:new' })).not.toHaveProperty('ownerGoneAt');
});

test('warnings come once each; after a standstill one message stands for all that came too late', () => {
  const rare = { terms: { review: { everyDays: 99 } } };
  let one = inForce(rare);
  const told = ['2026-11-30', '2026-12-09', '2026-12-17'].map((day) => {
    expect(looked(one, `${day}T07:59:59.999Z`, BERLIN).what).toEqual([]);
    one = looked(one, `${day}T08:00:00.000Z`, BERLIN).after;
    return [...one.warned];
  });
  expect(told).toEqual([[14], [14, 7], [14, 7, 1]]);
  const late = looked(inForce(rare), '2026-12-17T08:00:00.000Z', BERLIN);
  expect(late.what).toEqual(['ending-warned']);
  expect(late.after.warned).toEqual([14, 7, 1]);
});

test('what has become worse is asked about at once, once, and only while it is in force', () => {
  const now = '2026-11-24T12:00:00.000Z';
  const asked = outgrown(inForce(), now, BERLIN) as Exception;
  expect(asked.reviews).toMatchObject({ askedAt: now, outgrown: 'severity', nextAt: '2026-11-26T08:00:00.000Z' });
  expect(outgrown(asked, now, BERLIN)).toBeUndefined();
  expect(outgrown({ ...inForce(), state: 'suspended' }, now, BERLIN)).toBeUndefined();
});

test('whoever takes it over is accountable, and nothing else changes', () => {
  const handed = handedOver(inForce(), { owner: 'user:someone', ownerName: 'Some One' });
  expect(handed).toEqual({
    ...inForce(),
    terms: { ...inForce().terms, owner: 'user:someone', ownerName: 'Some One' },
  });
  expect(handedOver(handed, { owner: 'group:x' }).terms).toEqual({ ...inForce().terms, owner: 'group:x' });
});

test('before it is granted approvals were for another owner: they are void, as is what was shown', () => {
  const vote = { by: bob, at: GRANTED_AT, comment: '', accounts: [BOB.oid] };
  const requested = aRecord({ state: 'requested', votes: [vote] });
  expect(handedOver(requested, { owner: 'user:someone' })).toMatchObject({
    votes: [],
    revision: requested.revision + 1,
  });
});

test('an end says who, when and why, and leaves no question open', () => {
  const asked = looked(inForce(), '2026-11-25T08:00:00.000Z', BERLIN).after;
  const end = { at: '2026-11-25T09:00:00.000Z', by: bob, why: 'mended' };
  expect(ended(asked, 'closed', end)).toEqual({ ...asked, state: 'closed', end, reviews: { missed: 0, snoozed: 0 } });
});

const ZONES = [
  'Europe/Berlin',
  'Pacific/Auckland',
  'Pacific/Honolulu',
  'Asia/Kolkata',
  'America/New_York',
  'Pacific/Kiritimati',
];
const anyCalendar: fc.Arbitrary<Calendar> = fc.record({
  timezone: fc.constantFrom(...ZONES),
  workingDays: fc.subarray(EVERY_DAY, { minLength: 1 }),
  workingMinutes: fc.constantFrom([540, 1050] as const, [0, 1440] as const, [1_200, 1_439] as const),
  holidays: fc.subarray(['2026-11-26', '2026-12-07', '2026-12-08', '2026-12-17']),
});
const anyReview = fc.record({ everyDays: fc.integer({ min: 1, max: 9 }) });
/** Minutes between two looks. */
const anyLooks = fc.array(fc.integer({ min: 1, max: 4_000 }), { minLength: 1, maxLength: 60 });
const REVIEWS: readonly Passed[] = ['review-asked', 'review-missed', 'exception-suspended'];

test('whenever it is looked at: at most one thing happens to its review, nothing is missed that was not asked, each warning comes once', () => {
  fc.assert(
    fc.property(anyCalendar, anyReview, anyLooks, (calendar, review, looks) => {
      let [one, now] = [inForce({ terms: { review } }, calendar), GRANTED_AT];
      let wasAsked = false;
      for (const minutes of looks) {
        now = plusMinutes(now, minutes);
        const { after, what } = looked(one, now, calendar);
        const reviews = what.filter((event) => REVIEWS.includes(event));
        expect(reviews.length).toBeLessThanOrEqual(1);
        if (reviews[0] !== undefined) expect(reviews[0] === 'review-asked').toBe(!wasAsked);
        if (reviews[0] === 'exception-suspended') expect(one.reviews.missed).toBe(1);
        expect(what.filter((event) => event === 'ending-warned').length).toBeLessThanOrEqual(1);
        expect(new Set(after.warned).size).toBe(after.warned.length);
        expect(passed(after, now, calendar)).toBeUndefined();
        wasAsked ||= reviews.length > 0;
        one = after;
      }
    }),
    { numRuns: 60 },
  );
});

test('after a look the next one lies ahead; none is wanted of what is over', () => {
  fc.assert(
    fc.property(anyCalendar, anyReview, anyLooks, (calendar, review, looks) => {
      let now = GRANTED_AT;
      // Counted just now, as its owner hears of it.
      let one = inForce({ terms: { review } }, calendar);
      for (const minutes of looks) {
        now = plusMinutes(now, minutes);
        one = { ...looked(one, now, calendar).after, hides: { count: 1, at: now } };
        const next = nextLookAt(one, calendar);
        if (one.state === 'expired') expect(next).toBeUndefined();
        else expect(next !== undefined && next > now).toBe(true);
      }
    }),
    { numRuns: 40 },
  );
});

test('putting questions off is no escape: who never answers is suspended, in any calendar', () => {
  fc.assert(
    fc.property(anyCalendar, anyReview, fc.integer({ min: 0, max: 900 }), (calendar, review, late) => {
      let [one, now, putOff] = [inForce({ terms: { review, until: '2027-11-23' } }, calendar), GRANTED_AT, 0];
      while (one.state === 'active') {
        now = plusMinutes(one.reviews.nextAt ?? '', late);
        one = looked(one, now, calendar).after;
        const later = one.reviews.askedAt === undefined ? undefined : snoozed(one, now, calendar);
        putOff += later === undefined ? 0 : 1;
        one = later ?? one;
      }
      expect(one.state).toBe('suspended');
      expect(putOff).toBe(2 * MOST_SNOOZED);
    }),
    { numRuns: 100 },
  );
});
