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
const ago = (minutes: number) => plusMinutes(NOW, -minutes);
const aState = (target: string, over: Partial<SectionState> = {}): SectionState => ({
  ...{ kind: 'environments', target, nextAt: ago(1), isProduction: false, hints: [] },
  ...over,
});
const start = (over: Partial<SectionState>) => beginning(aState('one', over), NOW);
const targets = (all: readonly SectionState[]) => dueSections(all, NOW).map(({ target }) => target);

describe('what is read now', () => {
  test('is what was hinted at, then production, then what has waited longest', () => {
    const all = [
      aState('late', { nextAt: ago(30) }),
      aState('later', { nextAt: ago(60) }),
      aState('prod', { isProduction: true }),
      aState('hinted', { nextAt: plusMinutes(NOW, 30), hints: [{ at: ago(1) }] }),
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
        nextAt: fc.constantFrom(ago(1), ago(5), plusMinutes(NOW, 5)),
        isProduction: fc.boolean(),
        kind: fc.constantFrom<SectionKind>('environments', 'branches'),
        hints: fc.constantFrom([], [{ at: ago(1) }]),
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
    const begun = { at: ago(11 * 60), isThorough: true };
    expect(start({ begun })).toEqual({ at: begun.at, isThorough: true, things: [], goesOn: true });
    expect(start({ begun: { at: ago(12 * 60) } }).goesOn).toBe(false);
    expect(start({ begun: { at: plusMinutes(NOW, 1) } }).goesOn).toBe(false);
  });

  test('takes nothing from before when it is the day’s turn, and when it was hinted at', () => {
    expect(start({}).isThorough).toBe(true);
    expect(start({ thoroughAt: ago(60) }).isThorough).toBe(false);
    expect(start({ thoroughAt: ago(1_440) }).isThorough).toBe(true);
    expect(start({ thoroughAt: ago(60), hints: [{ at: ago(1) }] }).isThorough).toBe(true);
  });

  test('of which single things have changed takes all others from before, unless anything may have', () => {
    const hints = ['2', '1', '2'].map((thing) => ({ at: ago(1), thing }));
    const recent = { thoroughAt: ago(60) };
    expect(start({ ...recent, hints })).toMatchObject({ isThorough: false, things: ['1', '2'] });
    expect(start({ ...recent, hints: [...hints, { at: ago(2) }] })).toMatchObject({ isThorough: true, things: [] });
    const begun = { at: ago(5), things: ['3'] };
    expect(start({ ...recent, begun, hints })).toMatchObject({ things: ['3'], goesOn: true });
  });

  test('that was begun before a hint ends, and does not count for it', () => {
    const hints = [{ at: ago(5) }];
    const begun = start({ begun: { at: ago(10) }, hints });
    expect(begun.goesOn).toBe(true);
    expect(isHeeded(ago(5), begun.at)).toBe(false);
    expect(isHeeded(ago(5), start({ hints }).at)).toBe(true);
  });

  test('comes again at its own minute, within ten of its interval, and never at once', () => {
    const keys = Array.from({ length: 200 }, (_, n) => ({ kind: 'environments', target: String(n) }) as const);
    const minutes = keys.map((key) => (Date.parse(nextRead(key, 60, NOW, NOW)) - Date.parse(NOW)) / 60_000);
    expect(Math.min(...minutes)).toBe(55);
    expect(Math.max(...minutes)).toBe(64);
    expect(nextRead({ kind: 'people', target: '-' }, 60, ago(600), NOW)).toBe(plusMinutes(NOW, 5));
  });

  test('of what decides on production comes every hour, and of foreign projects once a day', () => {
    expect(everyMinutes({ kind: 'environments' }, true)).toBe(60);
    expect(everyMinutes({ kind: 'project' }, false)).toBe(1_440);
    expect(everyMinutes({ kind: 'people' }, true)).toBe(1_440);
  });
});
