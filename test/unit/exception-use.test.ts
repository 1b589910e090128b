import { expect, test } from 'vitest';
import type { Exception } from '../../services/domain/exception.ts';
import { answered, outgrown } from '../../services/domain/exception-life.ts';
import { nextLookAt } from '../../services/domain/exception-schedule.ts';
import { counted, type Idle, idleOf, isCountDue, useOf } from '../../services/domain/exception-use.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { aJudgedGroup } from '../builders.ts';
import { anAsker, aRecord, aWideRecord } from '../exceptions.ts';
import { aContract, aControl, aService, fingerprint, NOW } from './judge-input.ts';

const CALENDAR = aContract().calendar;
const DAY = 1_440;
const ONE = aRecord();
const open = (over: Parameters<typeof aJudgedGroup>[0] = {}) =>
  aJudgedGroup({ fingerprints: [fingerprint(1)], ...over });

test('an exception hides what of it would block without it, each finding once', () => {
  const two = aRecord({ target: { fingerprints: [fingerprint(1), fingerprint(2)] } });

  expect(useOf(two, [open({ fingerprints: [fingerprint(1), fingerprint(3)] }), open()])).toEqual({ count: 1 });
  expect(useOf(aWideRecord(), [open({ fingerprints: [fingerprint(1), fingerprint(3)] })])).toEqual({ count: 2 });
});

test('what only warns, or is of another control or finding, is not hidden by it', () => {
  expect(useOf(ONE, [open({ decision: 'warn' })])).toEqual({ count: 0 });
  expect(useOf(ONE, [open({ fingerprints: [fingerprint(2)] })])).toEqual({ count: 0 });
  expect(useOf(aWideRecord(), [open({ control: 'sast' })])).toEqual({ count: 0 });
  expect(useOf(ONE, [open({ decision: 'warn', blocksFrom: '2027-01-15' })])).toEqual({ count: 1 });
});

test('what has become worse than it was granted for, or belongs to another control, has outgrown it', () => {
  expect(useOf(ONE, [open({ severity: 'critical' })])).toEqual({ count: 0, outgrown: 'severity' });
  expect(useOf(ONE, [open({ severity: 'low' })])).toEqual({ count: 1 });
  expect(useOf(ONE, [open({ control: 'sast' })])).toEqual({ count: 0, outgrown: 'control' });
});

test('since when it hides nothing is noted once, and forgotten as soon as it hides something again', () => {
  const [day1, day2, day3] = [1, 2, 3].map((days) => plusMinutes(NOW, days * DAY)) as [string, string, string];
  const first = counted(ONE, { count: 0 }, day1);
  const second = counted(first, { count: 0 }, day2);

  expect(first.hides).toEqual({ count: 0, at: day1, noneSince: day1 });
  expect(second.hides).toEqual({ count: 0, at: day2, noneSince: day1 });
  expect(counted(second, { count: 2 }, day3).hides).toEqual({ count: 2, at: day3 });
});

test('what cannot be counted is neither zero nor one', () => {
  expect(counted(ONE, undefined, NOW).hides).toEqual({ count: 1, at: NOW });
});

test('the owner of what was outgrown is asked at once, once until it is mended', () => {
  const asked = outgrown(ONE, NOW, CALENDAR, 'control') ?? ONE;
  expect(asked.reviews).toMatchObject({ askedAt: NOW, outgrown: 'control' });
  const last = { answer: 'keep', by: anAsker().by, why: 'It moves back' } as const;
  const kept = answered(asked, last, NOW, CALENDAR);
  expect(kept.reviews.askedAt).toBeUndefined();
  expect(outgrown(kept, NOW, CALENDAR, 'control')).toBeUndefined();
  expect(counted(kept, { count: 0, outgrown: 'control' }, NOW).reviews.outgrown).toBe('control');

  const mended = counted(kept, { count: 1 }, NOW);
  expect(outgrown(mended, NOW, CALENDAR)?.reviews).toMatchObject({ askedAt: NOW, outgrown: 'severity' });
});

test('what is in force is counted once a day at most and once a week at least', () => {
  const { at } = ONE.hides;
  expect(isCountDue(ONE, plusMinutes(at, DAY - 1))).toBe(false);
  expect(isCountDue(ONE, plusMinutes(at, DAY))).toBe(true);
  expect(isCountDue(aRecord({ state: 'suspended' }), plusMinutes(at, DAY))).toBe(false);
  expect(nextLookAt(ONE, CALENDAR)).toBe(plusMinutes(at, 7 * DAY));
});

const context = (...others: readonly Exception[]) => ({
  contract: aContract(),
  catalog: { services: new Map([['payments-api', aService()]]), broken: new Map<string, string>() },
  others,
  now: NOW,
});
const idle = (exception: Exception, over: Partial<ReturnType<typeof context>> = {}, ...others: Exception[]): Idle[] =>
  idleOf(exception, { ...context(...others), ...over });
const none = (days: number) => ({ count: 0, at: NOW, noneSince: plusMinutes(NOW, -days * DAY) });

test('unused is what hides nothing for fourteen days', () => {
  expect(idle(aRecord({ hides: none(14) }))).toEqual([{ code: 'unused', since: none(14).noneSince }]);
  expect(idle(aRecord({ hides: none(13) }))).toEqual([]);
});

test('an exception whose control, service or environment is gone is an orphan; what cannot be read is not gone', () => {
  const { catalog } = context();
  expect(idle(ONE)).toEqual([]);
  expect(idle(ONE, { contract: aContract(aControl({ name: 'sast' })) })).toEqual([{ code: 'orphan', gone: 'control' }]);
  expect(idle(ONE, { catalog: { ...catalog, services: new Map() } })).toEqual([{ code: 'orphan', gone: 'service' }]);
  expect(idle(aRecord({ target: { environment: 'old' } }))).toEqual([{ code: 'orphan', gone: 'environment' }]);
  const broken = { services: new Map(), broken: new Map([['payments-api', 'not readable']]) };
  expect(idle(ONE, { catalog: broken })).toEqual([]);
});

test('an exception is shadowed when another one in force covers all of it as long and as severe', () => {
  const wide = (over = {}) => aWideRecord({ id: 'EX-20', ...over });
  expect(idle(ONE, {}, ONE, wide())).toEqual([{ code: 'shadowed', by: 'EX-20' }]);
  expect(idle(ONE, {}, wide({ terms: { until: '2026-12-17' } }))).toEqual([]);
  expect(idle(ONE, {}, wide({ severity: 'low' }))).toEqual([]);
  expect(idle(ONE, {}, wide({ state: 'requested' }))).toEqual([]);
  expect(idle(ONE, {}, wide({ org: 'other' }))).toEqual([]);
  expect(idle(ONE, {}, wide({ target: { environment: 'staging' } }))).toEqual([]);
});

test('of two that cover the same only the younger one is shadowed', () => {
  const twin = aRecord({ id: 'EX-100' });
  expect(idle(ONE, {}, twin)).toEqual([]);
  expect(idle(twin, {}, ONE)).toEqual([{ code: 'shadowed', by: 'EX-12' }]);
});

test('what is not in force is not idle, whatever is noted of it', () => {
  const over = { hides: none(30), reviews: { missed: 0, snoozed: 0, outgrown: 'severity' as const } };
  expect(idle(aRecord(over)).map(({ code }) => code)).toEqual(['unused', 'outgrown']);
  expect(idle(aRecord({ ...over, state: 'suspended' }))).toEqual([]);
  expect(idle(aRecord({ ...over, terms: { until: '2026-11-22' } }))).toEqual([]);
});

test('an exception that names what another tool calls a finding hides it once, and is outgrown by the worst of them', () => {
  const duplicates = [{ of: fingerprint(1), tool: 'grype', rule: 'GHSA-aaaa-bbbb-cccc', fingerprint: fingerprint(9) }];
  const own = aRecord({ target: { fingerprints: [fingerprint(9)] } });
  const both = aRecord({ target: { fingerprints: [fingerprint(1), fingerprint(9)] } });
  expect(useOf(own, [open({ duplicates })])).toEqual({ count: 1 });
  expect(useOf(both, [open({ duplicates })])).toEqual({ count: 1 });
  expect(useOf(own, [open({ duplicates, severity: 'critical' })])).toEqual({ count: 0, outgrown: 'severity' });
  expect(useOf(own, [open({ fingerprints: [fingerprint(2)] })])).toEqual({ count: 0 });
});
