import { expect, test } from 'vitest';
import { byEnd, byService, endingSoon, hasEnded, isLive, isOf, listed } from '../../services/domain/exception-list.ts';
import type { Principal } from '../../services/domain/person.ts';
import { ANN, BOB } from '../builders.ts';
import { aRecord } from '../exceptions.ts';
import { aContract, NOW } from './judge-input.ts';

const CALENDAR = aContract().calendar;
const until = (date: string, over = {}) => aRecord({ ...over, terms: { until: date } });

test('one whose last day is over has expired, before anything noted it', () => {
  const late = until('2026-11-22');
  expect(listed(late, NOW).standing).toBe('expired');
  expect([isLive(late, NOW), hasEnded(late, NOW), endingSoon(NOW)(late, CALENDAR)]).toEqual([false, true, false]);
  expect(listed(until('2026-11-23'), NOW).standing).toBe('active');
});

test('it ends soon from the morning fourteen working days before its end', () => {
  const december11 = until('2026-12-11');
  expect(endingSoon('2026-11-23T07:59:59.999Z')(december11, CALENDAR)).toBe(false);
  expect(endingSoon('2026-11-23T08:00:00.000Z')(december11, CALENDAR)).toBe(true);
  expect(endingSoon('2026-12-11T23:59:59.999Z')(december11, CALENDAR)).toBe(true);
  expect(endingSoon('2026-12-12T00:00:00.000Z')(december11, CALENDAR)).toBe(false);
});

test('a suspended one covers nothing and is not over', () => {
  const suspended = aRecord({ state: 'suspended' });
  expect([isLive(suspended, NOW), hasEnded(suspended, NOW)]).toEqual([true, true]);
});

test('mine is what I own, what a group of mine owns, and what I asked for', () => {
  const groups = new Set<Principal>(['group:payments-team']);
  const others = aRecord({ terms: { owner: 'group:others' } });
  expect(isOf(aRecord(), BOB.oid, groups)).toBe(true);
  expect(isOf(others, BOB.oid, groups)).toBe(false);
  expect(isOf(others, ANN.oid.toUpperCase(), new Set())).toBe(true);
  expect(isOf(aRecord({ terms: { owner: `user:${BOB.oid.toUpperCase()}` } }), BOB.oid, new Set())).toBe(true);
});

test('live ones are sorted by service and end, ended ones by when they ended, the last on top', () => {
  const ids = (all: readonly { readonly id: string }[]) => all.map(({ id }) => id);
  const other = { target: { service: 'a-first' } };
  const live = [
    until('2026-12-02', { id: 'EX-10' }),
    until('2026-12-02', { id: 'EX-9' }),
    until('2026-12-09', { id: 'EX-1', ...other }),
  ];
  expect(ids([...live].sort(byService))).toEqual(['EX-1', 'EX-9', 'EX-10']);

  const revoked = aRecord({ id: 'EX-3', state: 'revoked', end: { at: '2026-11-10T00:00:00.000Z', why: 'x' } });
  expect(ids([revoked, until('2026-11-10', { id: 'EX-2' })].sort(byEnd))).toEqual(['EX-2', 'EX-3']);
});

test('of many that end on one day it is worked out once when that is near', () => {
  let looks = 0;
  const calendar = {
    ...CALENDAR,
    get workingDays() {
      looks += 1;
      return CALENDAR.workingDays;
    },
  };
  const endsSoon = endingSoon(NOW);
  endsSoon(aRecord(), calendar);
  const once = looks;
  for (let n = 0; n < 1_000; n += 1) endsSoon(aRecord({ id: `EX-${n}` }), calendar);
  expect(looks).toBe(once);
});
