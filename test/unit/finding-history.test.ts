import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  GONE_KEPT,
  type History,
  type HistoryScan,
  instantOf,
  minuteOf,
  NO_HISTORY,
  next,
  reachedAt,
  SCANS_KEPT,
  sightings,
  type Track,
} from '../../services/domain/finding-history.ts';
import { atOnce } from '../../services/domain/steps.ts';
import { fingerprint } from './judge-input.ts';

const START = minuteOf('2026-11-01T00:00:00.000Z');
const DAY = 1_440;

const scanOf = (n: number, minute: number, numbers: readonly number[]): HistoryScan => ({
  id: `scan-${n}`,
  at: instantOf(START + minute),
  fingerprints: numbers.map(fingerprint),
});

/** One scan a day, each with these findings. */
const daily = (...scans: readonly (readonly number[])[]): History =>
  scans.reduce((history, numbers, n) => atOnce(next(history, scanOf(n, n * DAY, numbers))).history, NO_HISTORY);

function trackOf(history: History, n: number): Track {
  const track = history.present.get(fingerprint(n)) ?? history.gone.get(fingerprint(n));
  if (track === undefined) throw new Error(`nothing is known of ${n}`);
  return track;
}

const anyScans = fc.array(fc.record({ after: fc.nat(3 * DAY), numbers: fc.uniqueArray(fc.nat(7), { maxLength: 8 }) }), {
  minLength: 1,
  maxLength: 12,
});

function played(scans: readonly { readonly after: number; readonly numbers: readonly number[] }[]): HistoryScan[] {
  let minute = 0;
  return scans.map(({ after, numbers }, n) => {
    minute += after;
    return scanOf(n, minute, numbers);
  });
}

const all = (scans: readonly HistoryScan[]) =>
  scans.reduce((history, scan) => atOnce(next(history, scan)).history, NO_HISTORY);

test('a scan says what appeared, is known, is gone and is back', () => {
  const history = daily([1, 2, 3], [2, 3]);
  const step = atOnce(next(history, scanOf(9, 9 * DAY, [3, 1, 4])));
  expect(step).toMatchObject({
    moves: true,
    appeared: [fingerprint(4)],
    known: 1,
    gone: [fingerprint(2)],
    reopened: [fingerprint(1)],
  });
});

test('the same scan again changes nothing', () => {
  fc.assert(
    fc.property(anyScans, (scans) => {
      const history = all(played(scans));
      const last = played(scans).at(-1) as HistoryScan;
      expect(atOnce(next(history, last))).toMatchObject({ moves: false, history });
      expect(atOnce(next(history, last)).history).toBe(history);
    }),
  );
});

test('a scan counts after the one before it, whatever the clock of its process says', () => {
  const { history } = atOnce(next(daily([1], [1]), scanOf(7, 0, [1, 2])));
  expect(history).toMatchObject({ seq: 3, last: { id: 'scan-7', at: instantOf(START + DAY) } });
  expect(history.scanned).toEqual([START, START + DAY, START + DAY]);
  expect(trackOf(history, 2).firstSeen).toBe(START + DAY);
});

test('the order of findings in a scan is irrelevant', () => {
  fc.assert(
    fc.property(anyScans, (scans) => {
      const turned = scans.map(({ after, numbers }) => ({ after, numbers: numbers.toReversed() }));
      expect(JSON.stringify(entriesOf(all(played(turned))))).toBe(JSON.stringify(entriesOf(all(played(scans)))));
    }),
  );
});

const entriesOf = ({ present, gone, ...rest }: History) => ({ ...rest, present: [...present], gone: [...gone] });

test('whatever was seen once keeps when it was seen first, and is never counted less', () => {
  fc.assert(
    fc.property(anyScans, (scans) => {
      const first = new Map<string, number>();
      const total = new Map<string, number>();
      let history = NO_HISTORY;
      for (const scan of played(scans)) {
        for (const one of scan.fingerprints) {
          if (!first.has(one)) first.set(one, minuteOf(scan.at));
          total.set(one, (total.get(one) ?? 0) + 1);
        }
        history = atOnce(next(history, scan)).history;
        for (const [one, track] of [...history.present, ...history.gone])
          expect(track).toMatchObject({ firstSeen: first.get(one), total: total.get(one) });
        expect(history.present.size + history.gone.size).toBe(first.size);
      }
    }),
  );
});

test('one that comes back has its first day, its count and its gap, and is no new one', () => {
  const history = daily([1], [1], [], [], [1]);
  expect(trackOf(history, 1)).toEqual({ firstSeen: START, total: 3, goneAt: 3, backAt: 5 });
  expect(trackOf(daily([1], [1], []), 1)).toEqual({ firstSeen: START, total: 2, goneAt: 3, backAt: 0 });
});

test('what has been gone longest is forgotten first, when more is gone than is kept', () => {
  const many = Array.from({ length: GONE_KEPT }, (_, n) => n + 10);
  const history = daily([1, ...many], many, []);
  expect(history.gone.has(fingerprint(1))).toBe(false);
  expect(history.gone.size).toBe(GONE_KEPT);
});

test.each([
  [undefined, 3],
  [30, 3],
  [1, 1],
  [3, 2],
  [2, 1],
])('in a window of %s days, scans that missed it do not count', (days, count) => {
  const history = daily([1], [1], [], [], [1]);
  expect(sightings(history, trackOf(history, 1), days)).toBe(count);
});

test('scans before it was first seen do not count', () => {
  const history = daily([], [], [2], [2]);
  expect(sightings(history, trackOf(history, 2), 30)).toBe(2);
});

test('in a window there are never more sightings than in all', () => {
  fc.assert(
    fc.property(anyScans, fc.integer({ min: 1, max: 40 }), (scans, days) => {
      const history = all(played(scans));
      for (const track of history.present.values())
        expect(sightings(history, track, days)).toBeLessThanOrEqual(sightings(history, track));
    }),
  );
});

const hourly = (count: number): History =>
  Array.from({ length: count }, (_, n) => scanOf(n, n * 60, [1])).reduce(
    (history, scan) => atOnce(next(history, scan)).history,
    NO_HISTORY,
  );

test('of sightings whose times are not kept any more, none is lost', () => {
  const history = hourly(SCANS_KEPT + 100);
  expect(history.scanned).toHaveLength(SCANS_KEPT);
  expect(sightings(history, trackOf(history, 1))).toBe(SCANS_KEPT + 100);
  expect(sightings(history, trackOf(history, 1), 365)).toBe(SCANS_KEPT + 100);
  expect(sightings(history, trackOf(history, 1), 1)).toBe(25);
  expect(reachedAt(history, trackOf(history, 1), { seen: SCANS_KEPT + 50, withinDays: 365 })).toBeDefined();
});

test.each([
  [{ seen: 3 }, 2 * DAY],
  [{ seen: 3, withinDays: 2 }, 2 * DAY],
  [{ seen: 3, withinDays: 1 }, undefined],
  [{ seen: 4, withinDays: 30 }, 6 * DAY],
  [{ seen: 5 }, undefined],
])('%j is reached by the scan that makes it so often, and stays reached', (recurrence, minutes) => {
  const history = daily([1], [1], [1], [], [], [], [1]);
  const expected = minutes === undefined ? undefined : START + minutes;
  expect(reachedAt(history, trackOf(history, 1), recurrence)).toBe(expected);
});
