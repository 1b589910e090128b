import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Cadence } from '../../services/domain/contract.ts';
import { expiryOf, latestUntil, REASON_CLASSES } from '../../services/domain/exception.ts';
import { REQUIRED_FIELDS } from '../../services/domain/exception-refusal.ts';
import {
  LONGEST_TEXT,
  missingFields,
  principalOf,
  proposedReview,
  readTerms,
  readUntil,
  type TermsBasis,
  type TermsWish,
} from '../../services/domain/exception-terms.ts';
import { plusDays } from '../../services/domain/instant.ts';
import { aControl } from './judge-input.ts';

const { expiry: EXPIRY } = aControl();
const SPRINT: Cadence = { everyDays: 14, from: '2026-11-02' };
const CADENCES = new Map([
  ['Sprint', SPRINT],
  ['monthly', { everyDays: 28 }],
]);

function aBasis({
  expiry,
  ...over
}: Partial<Omit<TermsBasis, 'expiry'>> & { expiry?: Partial<TermsBasis['expiry']> } = {}) {
  return {
    ...{ now: '2026-11-24T12:00:00.000Z', timezone: 'Europe/Berlin', cadences: CADENCES },
    ...over,
    expiry: { maxDays: 30, minReason: 20, reviewEveryDays: 14, ...expiry },
  };
}

const WISH: Required<Omit<TermsWish, 'mitigation' | 'ticket'>> = {
  owner: 'group:payments-owners',
  reasonClass: 'fix-scheduled',
  reason: 'The vendor fixes it with the next release',
  until: '2026-12-18',
  reviewEvery: '1 week',
};
const read = (over: TermsWish = {}, basis: TermsBasis = aBasis()) => readTerms({ ...WISH, ...over }, basis);
const refused = (why: object) => ({ kind: 'refused', why });

test('what is written well is read, trimmed, without the owner; what is blank and not required is left out', () => {
  expect(read({ reason: `  ${WISH.reason}\n`, mitigation: ' ', ticket: ' PAY-7 ' })).toEqual({
    kind: 'terms',
    terms: {
      reasonClass: 'fix-scheduled',
      reason: WISH.reason,
      until: '2026-12-18',
      review: { everyDays: 7 },
      ticket: 'PAY-7',
    },
  });
  expect(read({ mitigation: 'behind the WAF' })).toMatchObject({ terms: { mitigation: 'behind the WAF' } });
});

test('everything that is missing is named at once, in the order of the form', () => {
  const anyBlank = fc.constantFrom('', ' ', '\n\t ', undefined);
  fc.assert(
    fc.property(fc.subarray([...REQUIRED_FIELDS], { minLength: 1 }), anyBlank, (fields, blank) => {
      const wish = { ...WISH, ...Object.fromEntries(fields.map((field) => [field, blank])) };
      expect(missingFields(wish)).toEqual(fields);
      expect(readTerms(wish, aBasis())).toEqual(refused({ code: 'field-missing', fields }));
    }),
  );
  expect(readTerms({}, aBasis())).toEqual(refused({ code: 'field-missing', fields: REQUIRED_FIELDS }));
  expect(missingFields(WISH)).toEqual([]);
});

test('the class of a reason is one of six, however it is spelt', () => {
  for (const known of REASON_CLASSES)
    expect(read({ reasonClass: known })).toMatchObject({ terms: { reasonClass: known } });
  expect(read({ reasonClass: ' No  fix YET ' })).toMatchObject({ terms: { reasonClass: 'no-fix-yet' } });
  for (const other of ['wontfix', 'constructor', 'fix', '-'])
    expect(read({ reasonClass: other })).toEqual(refused({ code: 'reason-class-unknown', known: REASON_CLASSES }));
});

test('a reason has its least length, in characters as people count them', () => {
  expect(read({ reason: `  ${'é'.repeat(19)}  ` })).toEqual(
    refused({ code: 'reason-too-short', least: 20, given: 19 }),
  );
  expect(read({ reason: '𝒳'.repeat(19) })).toEqual(refused({ code: 'reason-too-short', least: 20, given: 19 }));
  expect(read({ reason: '🔑'.repeat(20) })).toMatchObject({ kind: 'terms' });
  expect(read({ reason: '漏洞'.repeat(10) })).toMatchObject({ kind: 'terms' });
});

test.each(['reason', 'mitigation', 'ticket'] as const)('a text has its greatest length: %s', (field) => {
  const most = LONGEST_TEXT[field];
  expect(read({ [field]: `${'🔑'.repeat(most)}\n` })).toMatchObject({ terms: { [field]: '🔑'.repeat(most) } });
  expect(read({ [field]: 'x'.repeat(most + 1) })).toEqual(refused({ code: 'text-too-long', field, most }));
});

describe('until', () => {
  test.each([
    ['today', '2026-11-24'],
    ['tomorrow', '2026-11-25'],
    ['Friday', '2026-11-27'],
    ['tue', '2026-12-01'],
    ['in 2 weeks', '2026-12-08'],
    ['end of sprint', '2026-11-29'],
    ['next  SPRINT', '2026-11-30'],
    ['2026-12-24', '2026-12-24'],
  ])('%s is %s', (text, date) => {
    expect(readUntil(text, aBasis())).toBe(date);
  });

  test.each([
    ['someday', { code: 'date-unreadable' }],
    ['24.12.2026', { code: 'date-unreadable' }],
    ['03/04/2027', { code: 'date-unreadable' }],
    ['2026-11-31', { code: 'date-unreadable' }],
    ['t', { code: 'date-unreadable' }],
    ['in -3 days', { code: 'date-unreadable' }],
    ['end of quarter', { code: 'cadence-unknown', cadences: ['Sprint', 'monthly'] }],
    ['end of monthly', { code: 'cadence-without-start', cadence: 'monthly' }],
    ['2026-11-23', { code: 'date-past', date: '2026-11-23' }],
    ['0001-01-01', { code: 'date-past', date: '0001-01-01' }],
  ])('%s is refused, and why is said', (text, why) => {
    expect(readUntil(text, aBasis())).toEqual({ code: 'date', why });
  });

  test.each(['2026-12-25', 'in 31 days', 'in 9999 weeks', '9999-12-31'])(
    '%s is too far, and the latest day is said, of the control and not of all calendars',
    (text) => {
      expect(readUntil(text, aBasis())).toEqual({ code: 'until-too-far', latest: '2026-12-24', maxDays: 30 });
    },
  );

  test('today is allowed until its end in UTC, and is past from then on', () => {
    const at = (now: string) => readUntil('2026-11-24', aBasis({ now, timezone: 'UTC' }));
    expect(at('2026-11-24T23:59:59.999Z')).toBe('2026-11-24');
    expect(at('2026-11-25T00:00:00.000Z')).toMatchObject({ why: { code: 'date-past' } });
  });

  test('in Auckland, where it is tomorrow already, words mean days there and the limit is in UTC', () => {
    const basis = aBasis({ now: '2026-11-24T22:00:00.000Z', timezone: 'Pacific/Auckland', expiry: { maxDays: 1 } });
    expect(readUntil('today', basis)).toBe('2026-11-25');
    expect(readUntil('tomorrow', basis)).toEqual({ code: 'until-too-far', latest: '2026-11-25', maxDays: 1 });
    expect(readUntil('2026-11-24', basis)).toBe('2026-11-24');
    expect(readUntil('2026-11-23', basis)).toMatchObject({ why: { code: 'date-past', date: '2026-11-23' } });
  });

  test('in Honolulu, where it is yesterday still, that day is over in UTC and so for everybody', () => {
    const basis = aBasis({ now: '2026-11-25T03:00:00.000Z', timezone: 'Pacific/Honolulu' });
    expect(readUntil('today', basis)).toEqual({ code: 'date', why: { code: 'date-past', date: '2026-11-24' } });
    expect(readUntil('tomorrow', basis)).toBe('2026-11-25');
  });

  test('wherever it is written, a date is taken exactly from today to the latest day in UTC', () => {
    const zones = fc.constantFrom(
      'Pacific/Auckland',
      'Pacific/Honolulu',
      'Europe/Berlin',
      'Pacific/Kiritimati',
      'Pacific/Niue',
    );
    const instants = fc
      .date({ min: new Date('2026-01-01'), max: new Date('2028-12-31'), noInvalidDate: true })
      .map((date) => date.toISOString());
    fc.assert(
      fc.property(
        zones,
        instants,
        fc.nat({ max: 200 }),
        fc.integer({ min: -3, max: 210 }),
        (timezone, now, maxDays, days) => {
          const date = plusDays(now.slice(0, 10), days);
          const isTaken = now < expiryOf({ until: date }) && date <= latestUntil(now, maxDays);
          expect(readUntil(date, aBasis({ now, timezone, expiry: { maxDays } })) === date).toBe(isTaken);
        },
      ),
    );
  });
});

describe('reviews', () => {
  test.each([
    ['daily', { everyDays: 1 }],
    ['Weekly', { everyDays: 7 }],
    ['3d', { everyDays: 3 }],
    ['every 10 days', { everyDays: 10 }],
    ['1w', { everyDays: 7 }],
    ['2 weeks', { everyDays: 14 }],
    ['sprint', { everyDays: 14, cadence: 'Sprint' }],
  ])('%s is read', (reviewEvery, review) => {
    expect(read({ reviewEvery })).toMatchObject({ terms: { review } });
  });

  test.each(['never', '0d', '0 weeks', '-1d', '1000d', '1.5d', '2 months', '1 constructor', 'every', 'd'])(
    '%s is no cadence; those of the calendar are named',
    (reviewEvery) => {
      expect(read({ reviewEvery })).toEqual(refused({ code: 'review-unreadable', cadences: ['Sprint', 'monthly'] }));
    },
  );

  test('it is never rarer than the control allows, by name or number', () => {
    for (const reviewEvery of ['15d', '3 weeks', 'monthly'])
      expect(read({ reviewEvery })).toEqual(refused({ code: 'review-too-rare', mostDays: 14, why: 'control' }));
  });

  test('it is never rarer than it lasts, but the most that the control allows is shortened to that', () => {
    const until = '2026-11-27';
    expect(read({ until, reviewEvery: '4d' })).toMatchObject({ terms: { review: { everyDays: 4 } } });
    expect(read({ until, reviewEvery: '5d' })).toEqual(
      refused({ code: 'review-too-rare', mostDays: 4, why: 'expiry' }),
    );
    expect(read({ until, reviewEvery: '14d' })).toMatchObject({ terms: { review: { everyDays: 4 } } });
    expect(read({ until, reviewEvery: 'sprint' })).toMatchObject({ terms: { review: { cadence: 'Sprint' } } });
    expect(read({ until: '2026-11-24', reviewEvery: 'daily' })).toMatchObject({ terms: { review: { everyDays: 1 } } });
  });

  test('the form proposes what the contract says, as it says it, and that is always taken', () => {
    expect(proposedReview({ ...EXPIRY, reviewEveryDays: 14, reviewCadence: 'Sprint' })).toBe('Sprint');
    expect(proposedReview({ ...EXPIRY, reviewEveryDays: 5 })).toBe('5d');
    for (let days = 1; days <= 31; days += 1) {
      const expiry = { ...EXPIRY, maxDays: 30, reviewEveryDays: days };
      const reviewEvery = proposedReview(expiry);
      for (const until of ['2026-11-24', '2026-11-30', '2026-12-24'])
        expect(read({ until, reviewEvery }, aBasis({ expiry }))).toMatchObject({ kind: 'terms' });
    }
  });
});

test('an owner is a user or a group, as policy files write them', () => {
  expect(principalOf(' group: payments-owners ')).toBe('group:payments-owners');
  expect(principalOf('user:ann@contoso.example')).toBe('user:ann@contoso.example');
  for (const text of [
    'payments-owners',
    'group:',
    'group:  ',
    'team:payments',
    'GROUP:payments',
    `user:${'x'.repeat(201)}`,
  ])
    expect(principalOf(text)).toBeUndefined();
});
