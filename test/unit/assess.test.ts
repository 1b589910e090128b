import { expect, test } from 'vitest';
import { type Assessment, reassessed } from '../../services/domain/assess.ts';
import type { Obstacle } from '../../services/domain/judgement.ts';
import { aBlockedGate, aJudgement, aRunSources, aVote } from '../builders.ts';

// What a blocked gate is stopped by besides findings, judged again.

const NOW = '2026-11-23T10:00:00.000Z';
const missing = (why: string): Obstacle => ({ kind: 'missing-signal', detail: `provenance (payments-api): ${why}` });
const unread: Obstacle = { kind: 'missing-signal', detail: 'changes' };
const blockedBy = (...obstacles: readonly Obstacle[]) => aJudgement({ verdict: 'block', obstacles });

const gate = aBlockedGate({ judgement: blockedBy(missing('absent'), unread), votes: [aVote()] });
const again = (...obstacles: readonly Obstacle[]) => {
  const { subjectChecksum = '' } = gate;
  const assessment: Assessment = {
    ...{ outcome: 'block', observed: false, judgement: { ...blockedBy(...obstacles), at: NOW } },
    ...{ sources: aRunSources(), subjectChecksum, predecessors: [], blockWaitMinutes: 60 },
  };
  return reassessed(gate, assessment, NOW);
};

test('a nearer miss is written down for the card, with the same revision, votes and wait', () => {
  const next = again(missing('other-artifact'), unread);
  expect(next?.judgement?.obstacles).toEqual([missing('other-artifact'), unread]);
  const { revision, votes, waitUntil, state } = gate;
  expect(next).toMatchObject({ revision, votes, waitUntil, state });
});

test('what a card would say in the same words is not written again, in whichever order it was found', () => {
  expect(again(missing('absent'), unread)).toBeUndefined();
  expect(again(unread, missing('absent'))).toBeUndefined();
  expect(again(unread, { ...missing('absent'), tell: 'group:other' })).toBeUndefined();
});
