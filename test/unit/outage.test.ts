import { expect, test } from 'vitest';
import type { Gate } from '../../services/domain/gate.ts';
import { hitBy } from '../../services/domain/outage.ts';
import { aGate } from '../builders.ts';

const OUTAGE = { from: '2026-11-24T09:00:00.000Z', until: '2026-11-24T12:00:00.000Z' };
const BEFORE = '2026-11-24T08:00:00.000Z';
const LATER = '2026-11-24T12:01:00.000Z';

test.each<[string, Partial<Gate>, 'failed' | 'waiting' | undefined]>([
  ['still waits for people', { state: 'asked' }, 'waiting'],
  ['still waits for a fix', { state: 'blocked' }, 'waiting'],
  ['expired meanwhile', { state: 'expired', toldAt: LATER }, 'failed'],
  ['waited for a fix in vain', { state: 'failed', toldAt: LATER }, 'failed'],
  ['went on without us', { state: 'abandoned' }, 'failed'],
  ['was rejected by people', { state: 'rejected', toldAt: LATER }, undefined],
  ['was let through', { state: 'approved', toldAt: LATER }, undefined],
  ['was told before it', { state: 'failed', toldAt: '2026-11-24T08:59:59.000Z' }, undefined],
  ['came after it', { state: 'asked', receivedAt: LATER }, undefined],
])('of an outage a stage that %s is listed as it stands, or not at all', (_, over, where) => {
  const { failed, waiting } = hitBy(OUTAGE, [aGate({ receivedAt: BEFORE, ...over })]);
  expect([failed.length, waiting.length]).toEqual([Number(where === 'failed'), Number(where === 'waiting')]);
});
