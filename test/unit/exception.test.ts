import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  EXCEPTION_STATES,
  type ExceptionState,
  type ExceptionTarget,
  expiryOf,
  isOver,
  isSameTarget,
  isWithin,
  latestUntil,
  mayBecome,
  mustNameFindings,
  overlaps,
} from '../../services/domain/exception.ts';
import { CATEGORIES } from '../../services/domain/finding.ts';

/** Written out a second time: whoever allows a move says so twice. */
const ALLOWED: Readonly<Record<ExceptionState, readonly ExceptionState[]>> = {
  requested: ['active', 'rejected', 'withdrawn', 'expired'],
  active: ['suspended', 'expired', 'revoked', 'closed'],
  suspended: ['expired', 'revoked', 'closed'],
  rejected: [],
  withdrawn: [],
  expired: [],
  revoked: [],
  closed: [],
};

const MOVES = EXCEPTION_STATES.flatMap((from) =>
  EXCEPTION_STATES.map((to) => [ALLOWED[from].includes(to) ? 'may' : 'may not', from, to] as const),
);

test.each(MOVES)('it %s go from %s to %s', (may, from, to) => {
  expect(mayBecome(from, to)).toBe(may === 'may');
});

test('nothing comes back into force, and what is over stays over', () => {
  for (const from of EXCEPTION_STATES) {
    expect(mayBecome(from, 'active')).toBe(from === 'requested');
    expect(mayBecome(from, 'requested')).toBe(false);
    expect(isOver(from)).toBe(!['requested', 'active', 'suspended'].includes(from));
    if (isOver(from)) for (const to of EXCEPTION_STATES) expect(mayBecome(from, to)).toBe(false);
  }
});

test('its last day counts to its end in UTC, and so does the latest that is allowed', () => {
  expect(expiryOf({ until: '2026-11-30' })).toBe('2026-12-01T00:00:00.000Z');
  expect(expiryOf({ until: '2028-02-28' })).toBe('2028-02-29T00:00:00.000Z');
  expect(expiryOf({ until: '2026-12-31' })).toBe('2027-01-01T00:00:00.000Z');
  expect(latestUntil('2026-11-24T00:00:00.000Z', 7)).toBe('2026-12-01');
  expect(latestUntil('2026-11-24T23:59:59.999Z', 7)).toBe('2026-12-01');
  expect(latestUntil('2026-11-24T12:00:00.000Z', 0)).toBe('2026-11-24');
});

test('only secrets and provenance are excepted finding by finding', () => {
  expect(CATEGORIES.filter(mustNameFindings)).toEqual(expect.arrayContaining(['secret', 'provenance']));
  expect(CATEGORIES.filter(mustNameFindings)).toHaveLength(2);
});

const PRINTS = ['a', 'b', 'c'];
const anyTarget: fc.Arbitrary<ExceptionTarget> = fc
  .record({
    control: fc.constantFrom('secret-scanning', 'sast'),
    service: fc.constantFrom('payments-api', 'orders-api'),
    environment: fc.constantFrom('prod', 'staging'),
    prints: fc.option(fc.subarray(PRINTS, { minLength: 1 }), { nil: undefined }),
  })
  .map(({ prints, ...place }) => ({ ...place, ...(prints === undefined ? {} : { fingerprints: prints }) }));
/** Those of one place meet far more often. */
const anyHere = anyTarget.map((target) => ({
  ...target,
  control: 'sast',
  service: 'payments-api',
  environment: 'prod',
}));
const anyTwo = fc.oneof(fc.tuple(anyTarget, anyTarget), fc.tuple(anyHere, anyHere));

/** What a target covers, finding by finding; `later` is one that nobody knows yet. */
function covered({ control, service, environment, fingerprints }: ExceptionTarget): Set<string> {
  return new Set((fingerprints ?? [...PRINTS, 'later']).map((one) => [control, service, environment, one].join(' ')));
}

test('one is within another exactly if it covers nothing that the other does not', () => {
  fc.assert(
    fc.property(anyTwo, ([a, b]) => {
      expect(isWithin(a, b)).toBe([...covered(a)].every((one) => covered(b).has(one)));
      expect(isWithin(a, a)).toBe(true);
    }),
  );
});

test('two overlap exactly if some finding could be covered by both, whichever comes first', () => {
  fc.assert(
    fc.property(anyTwo, ([a, b]) => {
      expect(overlaps(a, b)).toBe([...covered(a)].some((one) => covered(b).has(one)));
      expect(overlaps(b, a)).toBe(overlaps(a, b));
      if (isWithin(a, b)) expect(overlaps(a, b)).toBe(true);
    }),
  );
});

test('two that are within each other are the same, and being within passes on', () => {
  fc.assert(
    fc.property(anyHere, anyHere, anyHere, (a, b, c) => {
      expect(isSameTarget(a, b)).toBe(isWithin(a, b) && isWithin(b, a));
      if (isWithin(a, b) && isWithin(b, c)) expect(isWithin(a, c)).toBe(true);
    }),
  );
});

test.each(['control', 'service', 'environment'] as const)('nothing reaches into another %s', (part) => {
  const target = { control: 'sast', service: 'payments-api', environment: 'prod' };
  const other = { ...target, [part]: `${target[part]}-2` };
  expect(isWithin(other, target)).toBe(false);
  expect(overlaps(other, target)).toBe(false);
});
