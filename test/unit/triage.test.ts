import { describe, expect, test } from 'vitest';
import {
  isOverdue,
  isSnoozed,
  isUnowned,
  latestSnooze,
  latestWord,
  prefixOf,
  type Snooze,
  type Triaged,
  triaged,
} from '../../services/domain/triage.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const aWarning = (over: Partial<Triaged> = {}): Triaged => ({ decision: 'warn', ...over });
const isQuiet = (snoozed: Snooze | undefined, finding = aWarning(), now = NOW) =>
  isSnoozed(snoozed === undefined ? {} : { snoozed }, finding, now);

describe('a snooze until a day', () => {
  test('keeps quiet for the whole of that day (UTC), and not a moment longer', () => {
    expect(isQuiet({ until: '2026-11-24' }, aWarning(), '2026-11-24T23:59:59.999Z')).toBe(true);
    expect(isQuiet({ until: '2026-11-24' }, aWarning(), '2026-11-25T00:00:00.000Z')).toBe(false);
  });

  test('ends when the warning is overdue, whatever day it names', () => {
    const due = aWarning({ dueAt: '2026-11-24T12:00:00.000Z' });
    expect(isQuiet({ until: '2027-01-01' }, due, '2026-11-24T11:59:59.999Z')).toBe(true);
    expect(isQuiet({ until: '2027-01-01' }, due, '2026-11-24T12:00:00.000Z')).toBe(false);
  });

  test.each(['block', 'monitor'] as const)('keeps nothing quiet that is %s', (decision) => {
    expect(isQuiet({ until: '2027-01-01' }, aWarning({ decision }))).toBe(false);
  });
});

test('a snooze until a fix exists ends when a report says so, and when it is overdue', () => {
  expect(isQuiet({ untilFix: true })).toBe(true);
  expect(isQuiet({ untilFix: true }, aWarning({ fixAvailable: false }))).toBe(true);
  expect(isQuiet({ untilFix: true }, aWarning({ fixAvailable: true }))).toBe(false);
  expect(isQuiet({ untilFix: true }, aWarning({ dueAt: NOW }))).toBe(false);
});

test('what nobody put off is not quiet', () => {
  expect(isQuiet(undefined)).toBe(false);
});

test('behaviour 27: a warning without a date is never overdue, however old', () => {
  expect(isOverdue(aWarning(), '2099-01-01T00:00:00.000Z')).toBe(false);
  expect(isOverdue(aWarning({ dueAt: NOW }), NOW)).toBe(true);
  expect(isOverdue({ decision: 'block', dueAt: NOW }, NOW)).toBe(false);
});

test('the latest day of a snooze is 30 days away, or the due date where that is later', () => {
  expect(latestSnooze('2026-11-24', [])).toBe('2026-12-24');
  expect(latestSnooze('2026-11-24', ['2026-12-01T10:00:00.000Z'])).toBe('2026-12-24');
  expect(latestSnooze('2026-11-24', ['2026-12-01T10:00:00.000Z', '2027-02-22T10:00:00.000Z'])).toBe('2027-02-22');
});

test('a finding is unowned when whoever had it is gone, though its owners are there', () => {
  const gone = { isActive: () => false, hasOwner: true };
  const there = { isActive: () => true, hasOwner: true };
  expect(isUnowned({ assignee: 'a' }, gone)).toBe(true);
  expect(isUnowned({ assignee: 'a' }, there)).toBe(false);
  expect(isUnowned({}, gone)).toBe(false);
  expect(isUnowned(undefined, gone)).toBe(false);
});

test('a finding that nobody claimed is unowned when nobody is left of its owners', () => {
  expect(isUnowned(undefined, { isActive: () => true, hasOwner: false })).toBe(true);
  expect(isUnowned({ assignee: 'a' }, { isActive: () => true, hasOwner: false })).toBe(false);
});

test('a new assignee leaves the snooze, a new snooze the assignee', () => {
  const first = triaged(undefined, 'f', { assignee: 'a', by: 'a', at: NOW });
  const second = triaged(first, 'f', { snoozed: { untilFix: true }, by: 'b', at: NOW });
  expect(second).toEqual({ fingerprint: 'f', assignee: 'a', snoozed: { untilFix: true }, by: 'b', at: NOW });
});

test.each([
  ['0123abcd', '0123abcd'],
  [' 0123ABCD ', '0123abcd'],
  ['0123456789abcdef0123456789abcdef', '0123456789abcdef0123456789abcdef'],
  ['0123abc', undefined],
  ['0123456789abcdef0123456789abcdef0', undefined],
  ['0123abcg', undefined],
  ['', undefined],
  ['0123abcd\u0000', undefined],
  ['a'.repeat(100_000), undefined],
])('%j is read as the beginning of a fingerprint: %j', (written, prefix) => {
  expect(prefixOf(written)).toBe(prefix);
});

test('of what was said of a finding under several names the latest counts', () => {
  const word = (fingerprint: string, at: string) => [fingerprint, { fingerprint, by: 'oid', at }] as const;
  const words = new Map([word('a', '2026-11-24T09:00:00.000Z'), word('b', '2026-11-24T10:00:00.000Z')]);
  expect(latestWord(words, ['a', 'b', 'c'])).toBe(words.get('b'));
  expect(latestWord(words, ['a'])).toBe(words.get('a'));
  expect(latestWord(words, ['c'])).toBeUndefined();
});
