import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Deployed, deploymentStanding } from '../../services/domain/deployment-standing.ts';
import { GATE_STATES, type Gate } from '../../services/domain/gate.ts';
import { aGate } from '../builders.ts';

const NOW = '2026-11-24T12:00:00.000Z';
const minutesAgo = (minutes: number) => new Date(Date.parse(NOW) - minutes * 60_000).toISOString();
const BASE = aGate();
const deployed = (over: Partial<Deployed> = {}): Deployed => ({
  ...{ runId: BASE.run.id, stage: BASE.stage, attempt: 1, startedAt: minutesAgo(30), result: 'succeeded' },
  ...over,
});
const gate = (over: Partial<Gate> = {}) => aGate({ state: 'approved', receivedAt: minutesAgo(60), ...over });
const approval = { kind: 'approval', organization: 'o', projectId: 'p', id: 'a' } as const;
const standing = (
  one: Deployed,
  gates: readonly Gate[],
  all: readonly Deployed[] = [one],
  environment = BASE.environment,
) => deploymentStanding(one, environment, all, gates, NOW);

test('nothing here let it go on: it is off the release path', () => {
  expect(standing(deployed(), [])).toEqual({ kind: 'off-path' });
});

test.each(GATE_STATES)('a gate that is %s says how it stands', (state) => {
  const covered = ['approved', 'passed', 'bypassed'].includes(state);

  expect(standing(deployed(), [gate({ state })])).toEqual(
    covered ? { kind: 'covered' } : { kind: 'off-path', gate: { id: BASE.id, state } },
  );
});

test.each(['received', 'blocked', 'asked'] as const)(
  'while a gate is %s reconciling has eight minutes to find out',
  (state) => {
    expect(standing(deployed({ startedAt: minutesAgo(7) }), [gate({ state })])).toEqual({ kind: 'waits' });
    expect(standing(deployed({ startedAt: minutesAgo(9) }), [gate({ state })]).kind).toBe('off-path');
    expect(standing(deployed({ startedAt: minutesAgo(7) }), [])).toEqual({ kind: 'off-path' });
  },
);

test.each([
  ['another run', { run: { ...BASE.run, id: BASE.run.id + 1 } }],
  ['another environment', { environment: 'staging' }],
  ['another stage', { stage: 'Other' }],
  ['another attempt of an approval', { door: approval, attempt: 2 }],
  ['a gate that came after the deployment', { receivedAt: minutesAgo(20) }],
])('the gate of %s covers nothing', (_what, over: Partial<Gate>) => {
  expect(standing(deployed(), [gate(over)]).kind).toBe('off-path');
});

test('names are the same in any case, and an approval covers its own attempt', () => {
  const own = gate({ door: approval, attempt: 2, stage: BASE.stage.toUpperCase() });

  expect(standing(deployed({ attempt: 2 }), [own], undefined, BASE.environment.toUpperCase())).toEqual({
    kind: 'covered',
  });
});

test('a stage that is run again needs a gate that came after the job before', () => {
  const first = deployed({ startedAt: minutesAgo(50) });
  const second = deployed({ attempt: 2, startedAt: minutesAgo(10) });

  expect(standing(second, [gate()], [first, second]).kind).toBe('off-path');
  expect(standing(second, [gate(), gate({ id: 'b', receivedAt: minutesAgo(15) })], [first, second])).toEqual({
    kind: 'covered',
  });
  const rejected = gate({ id: 'b', state: 'rejected', receivedAt: minutesAgo(15) });
  expect(standing(second, [gate(), rejected], [first, second])).toMatchObject({ gate: { id: 'b', state: 'rejected' } });
});

test.each([
  [{ startedAt: undefined, result: undefined }, 'waits'],
  [{ startedAt: undefined, result: 'skipped' }, 'covered'],
  [{ startedAt: undefined, result: 'canceled' }, 'covered'],
  [{ startedAt: undefined, finishedAt: minutesAgo(5), result: 'succeeded' }, 'off-path'],
  [{ result: 'canceled' }, 'off-path'],
])('a job of %j stands as %s', (over, kind) => {
  const { startedAt, result, ...rest } = { ...deployed(), ...over };
  const one = {
    ...rest,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(result === undefined ? {} : { result }),
  };

  expect(standing(one, []).kind).toBe(kind);
});

test('the order of gates and records does not matter, nor how often they come', () => {
  const anyGate = fc
    .record({
      n: fc.integer({ min: 0, max: 5 }),
      state: fc.constantFrom(...GATE_STATES),
      ago: fc.integer({ min: 1, max: 90 }),
    })
    .map(({ n, state, ago }) => gate({ id: `g${n}`, state, receivedAt: minutesAgo(ago) }));
  const anyRecord = fc
    .record({ attempt: fc.integer({ min: 1, max: 3 }), ago: fc.integer({ min: 1, max: 90 }) })
    .map(({ attempt, ago }) => deployed({ attempt, startedAt: minutesAgo(ago) }));
  fc.assert(
    fc.property(
      fc
        .uniqueArray(anyGate, { selector: ({ id }) => id, maxLength: 5 })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      fc
        .array(anyRecord, { minLength: 1, maxLength: 5 })
        .chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length }))),
      ([gates, otherGates], [records, otherRecords]) => {
        const [one = deployed()] = records;

        expect(standing(one, otherGates, [...otherRecords, ...records])).toEqual(standing(one, gates, records));
      },
    ),
  );
});
