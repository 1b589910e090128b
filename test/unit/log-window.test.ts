import { expect, test } from 'vitest';
import { afterPage, nextWindow } from '../../services/domain/log-window.ts';

const NOW = '2026-11-24T09:00:00.000Z';

test('where nothing was read before the last day is', () => {
  expect(nextWindow(undefined, NOW)).toEqual({ from: '2026-11-23T09:00:00.000Z', until: NOW });
});

test('the last hour before the end of what was read is read again', () => {
  expect(nextWindow({ through: '2026-11-24T08:55:00.000Z' }, NOW)).toEqual({
    from: '2026-11-24T07:55:00.000Z',
    until: NOW,
  });
});

test('a window that was begun is gone on with, with its ends and where it stopped', () => {
  const window = { from: '2026-11-24T07:50:00.000Z', until: '2026-11-24T08:50:00.000Z' };
  const cursor = afterPage({ through: '2026-11-24T08:45:00.000Z' }, window, 'page 2');

  expect(nextWindow(cursor, NOW)).toEqual({ ...window, next: 'page 2' });
  expect(cursor.through).toBe('2026-11-24T08:45:00.000Z');
  expect(afterPage(cursor, window, undefined)).toEqual({ through: window.until });
});

test('one that was begun hours ago is begun anew, from where all was read', () => {
  const window = { from: '2026-11-24T05:00:00.000Z', until: '2026-11-24T06:00:00.000Z' };
  const cursor = afterPage({ through: '2026-11-24T05:55:00.000Z' }, window, 'page 2');

  expect(nextWindow(cursor, NOW)).toEqual({ from: '2026-11-24T04:55:00.000Z', until: NOW });
});

test('what is kept no more is not asked for, and no window ends before it begins', () => {
  expect(nextWindow({ through: '2026-01-01T00:00:00.000Z' }, NOW).from).toBe('2026-08-27T09:00:00.000Z');
  expect(nextWindow({ through: '2027-01-01T00:00:00.000Z' }, NOW)).toEqual({
    from: '2026-11-24T08:00:00.000Z',
    until: NOW,
  });
});
