import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { plusMinutes } from '../../services/domain/instant.ts';
import type { SectionKind } from '../../services/domain/platform.ts';
import {
  beginning,
  dueSections,
  everyMinutes,
  isHeeded,
  nextRead,
  type SectionState,
} from '../../services/domain/platform-schedule.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const before = (minutes: number) => plusMinutes(NOW, -minutes);
const aState = (target: string, over: Partial<SectionState> = {}): SectionState => ({
  ...{ kind: 'environments', target, nextAt: before(1), isProduction: false },
  ...over,
});
const targets = (all: readonly SectionState[]) => dueSections(all, NOW).map(({ target }) => target);

describe('what is read now', () => {
  test('is what was hinted at, then production, then what has waited longest', () => {
    const all = [
      aState('late', { nextAt: before(30) }),
      aState('later', { nextAt: before(60) }),
      aState('prod', { isProduction: true }),
      aState('hinted', { nextAt: plusMinutes(NOW, 30), hintAt: before(1) }),
    ];
    expect(targets(all)).toEqual(['hinted', 'prod', 'later', 'late']);
  });

  test('is nothing before its time, unless that time was written by a clock that was wrong', () => {
    expect(targets([aState('soon', { nextAt: plusMinutes(NOW, 1) })])).toEqual([]);
    expect(targets([aState('never', { nextAt: '2031-01-01T00:00:00.000Z' })])).toEqual(['never']);
  });

  test('is the same whatever the order in which it is asked', () => {
    const states = fc.uniqueArray(
      fc.record({
        target: fc.string({ minLength: 1, maxLength: 3 }),
        nextAt: fc.constantFrom(before(1), before(5), plusMinutes(NOW, 5)),
        isProduction: fc.boolean(),
        kind: fc.constantFrom<SectionKind>('environments', 'branches'),
      }),
      { selector: ({ kind, target }) => `${kind} ${target}` },
    );
    fc.assert(
      fc.property(states, (all) => {
        expect(dueSections(all.toReversed(), NOW)).toEqual(dueSections(all, NOW));
      }),
    );
  });
});

describe('a read', () => {
  test('goes on where it stopped, however old it is up to twelve hours, and is then begun anew', () => {
    const begun = { at: before(11 * 60), isThorough: true };
    expect(beginning({ begun }, NOW)).toEqual({ at: begun.at, isThorough: true, goesOn: true });
    expect(beginning({ begun: { at: before(12 * 60) } }, NOW).goesOn).toBe(false);
    expect(beginning({ begun: { at: plusMinutes(NOW, 1) } }, NOW).goesOn).toBe(false);
  });

  test('takes nothing from before when it is the day’s turn, and when it was hinted at', () => {
    expect(beginning({}, NOW).isThorough).toBe(true);
    expect(beginning({ thoroughAt: before(60) }, NOW).isThorough).toBe(false);
    expect(beginning({ thoroughAt: before(1_440) }, NOW).isThorough).toBe(true);
    expect(beginning({ thoroughAt: before(60), hintAt: before(1) }, NOW).isThorough).toBe(true);
  });

  test('that was begun before a hint ends, and does not count for it', () => {
    const start = beginning({ begun: { at: before(10) }, hintAt: before(5) }, NOW);
    expect(start.goesOn).toBe(true);
    expect(isHeeded(before(5), start.at)).toBe(false);
    expect(isHeeded(before(5), beginning({ hintAt: before(5) }, NOW).at)).toBe(true);
  });

  test('comes again at its own minute, within ten of its interval, and never at once', () => {
    const keys = Array.from({ length: 200 }, (_, n) => ({ kind: 'environments', target: String(n) }) as const);
    const minutes = keys.map((key) => (Date.parse(nextRead(key, 60, NOW, NOW)) - Date.parse(NOW)) / 60_000);
    expect(Math.min(...minutes)).toBe(55);
    expect(Math.max(...minutes)).toBe(64);
    expect(nextRead({ kind: 'people', target: '-' }, 60, before(600), NOW)).toBe(plusMinutes(NOW, 5));
  });

  test('of what decides on production comes every hour, and of foreign projects once a day', () => {
    expect(everyMinutes({ kind: 'environments' }, true)).toBe(60);
    expect(everyMinutes({ kind: 'project' }, false)).toBe(1_440);
    expect(everyMinutes({ kind: 'people' }, true)).toBe(1_440);
  });
});
