import fc from 'fast-check';
import { expect, test } from 'vitest';
import { isObserved } from '../../services/domain/contract.ts';
import { type JudgeInput, judge } from '../../services/domain/judge.ts';
import { anyInput, INSTANTS, isNotMilder, mapRules, mapServices } from './any-judge-input.ts';
import { anEnvironment } from './judge-input.ts';

const RUNS = { numRuns: 400 };

/** Around every day and instant that the inputs know. */
const TIMES = [
  '2026-10-01T00:00:00.000Z',
  ...INSTANTS,
  '2026-11-22T23:59:59.999Z',
  '2026-11-23T00:00:00.000Z',
  '2026-11-23T23:59:59.999Z',
  '2026-11-24T00:00:00.000Z',
  '2027-06-01T00:00:00.000Z',
].sort();

/** Two instants, the earlier first. */
const anySpan = fc.tuple(fc.nat(TIMES.length - 1), fc.nat(TIMES.length - 1)).map(([a, b]) => {
  return [TIMES[Math.min(a, b)] ?? '', TIMES[Math.max(a, b)] ?? ''] as const;
});

test('as time passes a judgement only gets stricter: rules come into force and exceptions end', () => {
  fc.assert(
    fc.property(anyInput, anySpan, (input, [now, later]) => {
      expect(isNotMilder(judge({ ...input, now: later }), judge({ ...input, now }))).toBe(true);
    }),
    RUNS,
  );
});

test('without days, steps and exceptions the time of a judgement decides nothing', () => {
  const timeless = (input: JudgeInput): JudgeInput => {
    const undated = mapRules(input, ({ from: _, ...rule }) => ({ ...rule, escalate: [] }));
    return mapServices(undated, (service) => ({ ...service, exceptions: [] }));
  };
  fc.assert(
    fc.property(anyInput.map(timeless), anySpan, (input, [now, later]) => {
      expect(judge({ ...input, now: later })).toEqual({ ...judge({ ...input, now }), at: later });
    }),
    RUNS,
  );
});

test('evidence only grows old: a later check never turns what was unknown into known', () => {
  fc.assert(
    fc.property(anyInput, anySpan, (input, [arrivedAt, later]) => {
      const [before, after] = [judge({ ...input, arrivedAt }), judge({ ...input, arrivedAt: later })];
      after.signals.forEach(({ state }, index) => {
        if (before.signals[index]?.state === 'unknown') expect(state).toBe('unknown');
      });
      expect(isNotMilder(after, before)).toBe(true);
      expect([after.blocks, after.warns, after.counts]).toEqual([before.blocks, before.warns, before.counts]);
    }),
    RUNS,
  );
});

test('an environment that enforces is never observed again', () => {
  fc.assert(
    fc.property(fc.constantFrom('2026-11-23', '2026-11-24', '2027-01-01'), anySpan, (observeUntil, [now, later]) => {
      const environment = anEnvironment({ observeUntil });
      if (!isObserved(environment, now)) expect(isObserved(environment, later)).toBe(false);
    }),
    RUNS,
  );
  expect(isObserved(anEnvironment({ observeUntil: '2026-11-24' }), '2026-11-23T23:59:59.999Z')).toBe(true);
  expect(isObserved(anEnvironment({ observeUntil: '2026-11-24' }), '2026-11-24T00:00:00.000Z')).toBe(false);
  expect(isObserved(anEnvironment(), '2020-01-01T00:00:00.000Z')).toBe(false);
});
