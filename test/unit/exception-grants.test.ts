import fc from 'fast-check';
import { expect, test } from 'vitest';
import { asJudged, covers } from '../../services/domain/active-exception.ts';
import { type Exception, type ExceptionTarget, expiryOf, latestUntil } from '../../services/domain/exception.ts';
import { continued, type Grant, withGrant } from '../../services/domain/exception-grants.ts';
import { ended, narrowed } from '../../services/domain/exception-life.ts';
import { plusDays } from '../../services/domain/instant.ts';
import { aRecord, aWideRecord } from '../exceptions.ts';

const NOON = 'T12:00:00.000Z';
const FIRST = '2026-11-23';
const day = (n: number) => `${plusDays(FIRST, n)}${NOON}`;
const RULES = { maxDays: 3, renewals: 1 };
const PRINTS = ['a', 'b', 'c'];

interface Asked {
  readonly kind: 'ask' | 'get';
  readonly fingerprints?: readonly string[];
  readonly days: number;
}

type Step =
  | Asked
  | { readonly kind: 'wait'; readonly days: number }
  | { readonly kind: 'grant' | 'revoke'; readonly nth: number }
  | {
      readonly kind: 'shrink';
      readonly nth: number;
      readonly fingerprints?: readonly string[];
      readonly days?: number;
    };

const anyPrints = fc.subarray(PRINTS, { minLength: 1 });
// The newest are the likely ones.
const nth = fc.nat({ max: 3 }).map((n) => n % 3);
/** Nobody is asked to grant it, or somebody grants it at once. */
const anyAsk = fc.constantFrom('ask' as const, 'get' as const, 'get' as const);
const anyStep: fc.Arbitrary<Step> = fc.oneof(
  fc.record({ kind: fc.constant('wait' as const), days: fc.constantFrom(1, 2, 3, 3, 4) }),
  fc.record({ kind: anyAsk, days: fc.nat({ max: 3 }) }),
  fc.record({ kind: anyAsk, days: fc.constant(3), fingerprints: anyPrints }),
  fc.record({ kind: fc.constant('grant' as const), nth }),
  fc.record({ kind: fc.constant('revoke' as const), nth }),
  fc.record({ kind: fc.constant('shrink' as const), nth, fingerprints: anyPrints }),
  fc.record({ kind: fc.constant('shrink' as const), nth, days: fc.nat({ max: 3 }) }),
);

/** One control of one service, as the store keeps it, on day `n`. */
interface World {
  readonly all: Exception[];
  grants: Grant[];
  n: number;
}

function take(world: World, step: Step): void {
  const now = day(world.n);
  if (step.kind === 'wait') return;
  if (!('nth' in step)) {
    if (ask(world, step, now) && step.kind === 'get') take(world, { kind: 'grant', nth: 0 });
    return;
  }
  const one = world.all.at(-1 - step.nth);
  if (one === undefined || now >= expiryOf(one.terms)) return;
  if (step.kind === 'grant' && one.state === 'requested') note(world, { ...one, state: 'active', grantedAt: now });
  if (one.state !== 'active') return;
  if (step.kind === 'revoke') note(world, ended(one, 'revoked', { at: now, why: 'no more' }));
  if (step.kind === 'shrink') shrink(world, one, step);
}

function ask({ all, grants }: World, { fingerprints, days }: Asked, now: string): boolean {
  const { fingerprints: _, ...place } = aRecord().target;
  const target: ExceptionTarget = fingerprints === undefined ? place : { ...place, fingerprints };
  const before = continued(grants, target, RULES.maxDays, now);
  const number = before === undefined ? 0 : before.number + 1;
  if (number > RULES.renewals) return false;
  const { grantedAt: __, ...record } = aRecord({
    id: `EX-${all.length + 1}`,
    terms: { until: latestUntil(now, days) },
  });
  all.push({ ...record, target, state: 'requested', renewal: { number, of: RULES.renewals } });
  return true;
}

function shrink(world: World, one: Exception, { fingerprints, days }: Extract<Step, { kind: 'shrink' }>): void {
  const now = day(world.n);
  const until = days === undefined ? {} : { until: plusDays(now.slice(0, 10), days) };
  const less = narrowed(one, { ...(fingerprints === undefined ? {} : { fingerprints }), ...until }, now);
  if (!('code' in less)) note(world, less);
}

function note(world: World, exception: Exception): void {
  world.all[world.all.findIndex(({ id }) => id === exception.id)] = exception;
  world.grants = withGrant(world.grants, exception, RULES.maxDays, day(world.n));
}

function isCovered({ all, n }: World, fingerprint: string): boolean {
  const finding = { ...aRecord().target, fingerprint, severity: 'high' as const };
  return all.some((one) => one.state === 'active' && covers(asJudged(one), finding, day(n)));
}

/** Days on which it was covered in a row, however often it was interrupted for less than a longest period. */
function longest(covered: readonly boolean[]): number {
  let [most, sum, gap] = [0, 0, 0];
  for (const is of covered) {
    gap = is ? 0 : gap + 1;
    if (gap >= RULES.maxDays) sum = 0;
    if (is) sum += 1;
    most = Math.max(most, sum);
  }
  return most;
}

test('whatever is asked for, granted, narrowed and revoked: nothing is covered for longer than its renewals allow without a whole period in between', () => {
  fc.assert(
    fc.property(fc.array(anyStep, { minLength: 10, maxLength: 60 }), (steps) => {
      const world: World = { all: [], grants: [], n: 0 };
      const covered = new Map(PRINTS.map((print) => [print, [] as boolean[]]));
      for (const step of [...steps, { kind: 'wait', days: 1 } as const]) {
        take(world, step);
        for (let left = step.kind === 'wait' ? step.days : 0; left > 0; left -= 1) {
          for (const [print, log] of covered) log.push(isCovered(world, print));
          world.n += 1;
        }
      }
      for (const log of covered.values())
        expect(longest(log)).toBeLessThanOrEqual((RULES.maxDays + 1) * (RULES.renewals + 1));
    }),
    { numRuns: 2_000 },
  );
});

const grantOf = (exception: Exception, now = day(0)) => withGrant([], exception, 7, now);
const A_WEEK = { id: 'EX-1', grantedAt: day(0), terms: { until: plusDays(FIRST, 7) } };

test('asking for a part, for the whole control or for the same goes on from what was granted', () => {
  const grants = grantOf(aRecord({ ...A_WEEK, target: { fingerprints: ['a', 'b'] } }));
  for (const target of [{ ...aRecord().target, fingerprints: ['b', 'z'] }, aWideRecord().target])
    expect(continued(grants, target, 7, day(8))).toMatchObject({ id: 'EX-1', number: 0 });
  expect(continued(grants, { ...aRecord().target, fingerprints: ['z'] }, 7, day(8))).toBeUndefined();
  expect(continued(grants, { ...aRecord().target, environment: 'staging' }, 7, day(8))).toBeUndefined();
});

test('what was taken out of an exception has been excepted all the same', () => {
  const whole = aRecord({ ...A_WEEK, target: { fingerprints: ['a', 'b'] } });
  const less = narrowed(whole, { fingerprints: ['b'] }, day(2)) as Exception;
  const grants = withGrant(grantOf(whole), less, 7, day(2));
  const [a, b] = ['a', 'b'].map((print) => ({ ...whole.target, fingerprints: [print] }));
  expect(continued(grants, a as ExceptionTarget, 7, day(3))).toMatchObject({ id: 'EX-1', endsAt: day(2) });
  expect(continued(grants, b as ExceptionTarget, 7, day(3))).toMatchObject({
    id: 'EX-1',
    endsAt: expiryOf(less.terms),
  });
  expect(continued(grants, a as ExceptionTarget, 7, day(9))).toBeUndefined();
});

test('a longest period after its end a request starts anew, not an instant before', () => {
  const grants = grantOf(aRecord(A_WEEK));
  const { target } = aRecord();
  expect(continued(grants, target, 7, `${plusDays(FIRST, 14)}T23:59:59.999Z`)).toMatchObject({ id: 'EX-1' });
  expect(continued(grants, target, 7, `${plusDays(FIRST, 15)}T00:00:00.000Z`)).toBeUndefined();
});

test('what was revoked is counted from then on', () => {
  const gone = ended(aRecord(A_WEEK), 'revoked', { at: day(1), why: 'mended' });
  const grants = grantOf(gone, day(1));
  expect(grants).toMatchObject([{ id: 'EX-1', endsAt: day(1) }]);
  expect(continued(grants, gone.target, 7, day(7))).toMatchObject({ id: 'EX-1' });
  expect(continued(grants, gone.target, 7, day(8))).toBeUndefined();
});

test('of several the one renewed most often is gone on from', () => {
  const grants = ['EX-1', 'EX-2', 'EX-3'].flatMap((id, n) =>
    grantOf(aRecord({ ...A_WEEK, id, renewal: { number: n === 1 ? 2 : 1, of: 3 } })),
  );
  expect(continued(grants, aRecord().target, 7, day(3))).toMatchObject({ id: 'EX-2', number: 2 });
});

test('what was never granted is none, and what nobody can go on from any more is forgotten', () => {
  const { grantedAt: _, ...asked } = aRecord({ id: 'EX-2', state: 'requested' });
  expect(withGrant([], asked, 7, day(0))).toEqual([]);
  const old = grantOf(aRecord({ ...A_WEEK, target: { fingerprints: ['z'] } }));
  expect(withGrant(old, aRecord({ ...A_WEEK, id: 'EX-9' }), 7, day(14)).map(({ id }) => id)).toEqual(['EX-1', 'EX-9']);
  expect(withGrant(old, aRecord({ ...A_WEEK, id: 'EX-9' }), 7, day(15)).map(({ id }) => id)).toEqual(['EX-9']);
});

test('the same exception is noted once, however often it is written', () => {
  const one = aRecord(A_WEEK);
  expect(withGrant(grantOf(one), one, 7, day(1))).toEqual(grantOf(one));
});

test('however often one is narrowed, what is noted of it fits its row: each finding is noted once', () => {
  const prints = Array.from({ length: 1_000 }, (_, n) => n.toString(16).padStart(32, '0'));
  const first = aRecord({ target: { fingerprints: prints } });
  let grants = withGrant([], first, 90, day(0));
  for (let n = 1; n < 60; n += 1)
    grants = withGrant(grants, aRecord({ target: { fingerprints: prints.slice(n * 10) } }), 90, day(0));
  const noted = grants.flatMap(({ target }) => target.fingerprints ?? []);
  expect(noted.sort()).toEqual(prints);
  expect(continued(grants, { ...first.target, fingerprints: prints.slice(0, 1) }, 90, day(1))).toMatchObject({
    id: first.id,
  });
});
