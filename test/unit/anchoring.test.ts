import { expect, test } from 'vitest';
import { checkpointHealth, type EvidenceTrouble } from '../../services/domain/anchoring.ts';

const NOW = '2026-11-28T12:00:00.000Z';
const last = (at: string) => ({ number: 3, at, through: at });
const since = '2026-11-28T11:00:00.000Z';
const inChain: EvidenceTrouble = {
  id: 'a',
  since: '2026-01-01T00:00:00.000Z',
  about: { kind: 'chain', aggregate: 'a', table: 'gate', partition: 'p', prefix: 'e', problem: 'broken' },
};
const inLog = (at: string): EvidenceTrouble => ({
  id: 'b',
  since: at,
  about: { kind: 'log', day: '2026-11-28', number: 1, problem: 'missing' },
});

test.each([
  ['ok', { last: last('2026-11-28T10:46:00.000Z'), troubles: [] }, true],
  ['late', { last: last('2026-11-28T10:44:00.000Z'), troubles: [] }, true],
  ['none-yet', { troubles: [] }, true],
  ['off', { last: last(NOW), troubles: [] }, false],
  ['failing', { last: last(NOW), failure: { since, why: 'x' }, troubles: [] }, true],
  ['broken', { last: last(NOW), failure: { since, why: 'x' }, troubles: [inChain] }, true],
  ['broken', { troubles: [inChain] }, false],
] as const)('it is %s', (state, anchoring, isConfigured) => {
  expect(checkpointHealth(anchoring, isConfigured, NOW).state).toBe(state);
});

test('a chain that is broken is told until it is whole, what a log has lost for thirty days', () => {
  const told = (trouble: EvidenceTrouble) => checkpointHealth({ troubles: [trouble] }, true, NOW).troubles.length;
  expect([told(inChain), told(inLog('2026-10-30T12:00:00.000Z')), told(inLog('2026-10-29T12:00:00.000Z'))]).toEqual([
    1, 1, 0,
  ]);
});
