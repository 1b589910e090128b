import { expect, test } from 'vitest';
import {
  type CheckIds,
  GATE_STATES,
  type GateState,
  isSettled,
  latestClose,
  mayMove,
  orgOf,
  requestIdOf,
  tupleOf,
} from '../../services/domain/gate.ts';
import { aCheck, ORG, ORGANIZATION, TENANT } from '../builders.ts';

const WAITING = ['received', 'blocked', 'asked'] as const;

const ELSEWHERE = ['abandoned', 'bypassed'] as const;

const MOVES: Readonly<Record<GateState, readonly GateState[]>> = {
  received: ['blocked', 'asked', 'passed', 'failed', 'expired', 'superseded', ...ELSEWHERE],
  blocked: ['asked', 'passed', 'failed', 'expired', 'superseded', ...ELSEWHERE],
  asked: ['blocked', 'approved', 'rejected', 'passed', 'failed', 'expired', 'superseded', ...ELSEWHERE],
  approved: ['blocked', 'asked', 'passed', 'failed', 'expired', 'superseded', ...ELSEWHERE],
  passed: ['blocked', 'asked', 'failed', 'expired', 'superseded', ...ELSEWHERE],
  rejected: ELSEWHERE,
  failed: ELSEWHERE,
  expired: ELSEWHERE,
  superseded: ELSEWHERE,
  abandoned: [],
  bypassed: [],
};

const PAIRS = GATE_STATES.flatMap((from) => GATE_STATES.filter((to) => to !== from).map((to) => [from, to] as const));

test.each(PAIRS)('whether a gate may go from %s to %s is as the table says', (from, to) => {
  expect(mayMove(from, to)).toBe(MOVES[from].includes(to));
});

test('only people who were asked approve or reject, and nothing else leads there', () => {
  for (const to of ['approved', 'rejected'] as const)
    expect(GATE_STATES.filter((from) => from !== to && mayMove(from, to))).toEqual(['asked']);
});

test('a gate is settled unless it was just received, is blocked or asks people', () => {
  expect(GATE_STATES.filter((state) => !isSettled(state))).toEqual(WAITING);
});

test('a gate is answered at the latest 46 hours after it was received, in wall time', () => {
  expect(latestClose('2026-03-28T12:00:00.000Z')).toBe('2026-03-30T10:00:00.000Z');
});

test('every delivery of one evaluation has the same request id', () => {
  const loud = Object.fromEntries(Object.entries(aCheck()).map(([id, value]) => [id, value.toUpperCase()]));

  expect(requestIdOf(ORG, aCheck(), 1)).toMatch(/^[a-z2-7]{16}$/);
  expect(requestIdOf(ORG, loud as unknown as CheckIds, 1)).toBe(requestIdOf(ORG, aCheck(), 1));
});

test.each([['projectId'], ['planId'], ['jobId'], ['taskInstanceId']])('another %s is another request', (id) => {
  expect(requestIdOf(ORG, aCheck({ [id]: 'another' }), 1)).not.toBe(requestIdOf(ORG, aCheck(), 1));
});

test('another attempt and another organization are other requests', () => {
  expect(requestIdOf(ORG, aCheck(), 2)).not.toBe(requestIdOf(ORG, aCheck(), 1));
  expect(requestIdOf('other', aCheck(), 1)).not.toBe(requestIdOf(ORG, aCheck(), 1));
});

test('the request id leaves out what names no evaluation: hub, timeline and the way the organization is written', () => {
  const other = aCheck({ hub: 'release', timelineId: 'x', organization: 'https://contoso.visualstudio.com' });

  expect(requestIdOf(ORG, other, 1)).toBe(requestIdOf(ORG, aCheck(), 1));
});

test('what a request id stands for can be compared', () => {
  expect(tupleOf(ORG, aCheck({ planId: 'ABC' }), 3)).toEqual([
    ORG,
    aCheck().projectId,
    'abc',
    aCheck().jobId,
    aCheck().taskInstanceId,
    3,
  ]);
});

test('a native approval is one request, whatever its attempt, and never that of a check', () => {
  const ids = { organization: ORGANIZATION, projectId: aCheck().projectId, id: 'abc' };

  expect(requestIdOf(ORG, { ...ids, id: 'ABC' }, 2)).toBe(requestIdOf(ORG, ids, 1));
  expect(requestIdOf(ORG, { ...ids, id: 'other' }, 1)).not.toBe(requestIdOf(ORG, ids, 1));
});

test('ids that are cut at another place are another request', () => {
  const one = aCheck({ planId: 'a', jobId: 'bc' });
  const other = aCheck({ planId: 'ab', jobId: 'c' });

  expect(requestIdOf(ORG, one, 1)).not.toBe(requestIdOf(ORG, other, 1));
});

test('an organization of a tenant has one short id, whatever its case, and shares it with no other', () => {
  expect(orgOf(TENANT, ORGANIZATION)).toMatch(/^[a-z2-7]{10}$/);
  expect(orgOf(TENANT.toUpperCase(), ORGANIZATION.toUpperCase())).toBe(orgOf(TENANT, ORGANIZATION));
  expect(orgOf(TENANT, `${ORGANIZATION}2`)).not.toBe(orgOf(TENANT, ORGANIZATION));
  expect(orgOf('another-tenant', ORGANIZATION)).not.toBe(orgOf(TENANT, ORGANIZATION));
});
