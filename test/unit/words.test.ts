import { expect, test } from 'vitest';
import { refusalSentence } from '../../cards/words.ts';
import { REFUSALS } from '../../services/domain/refusal.ts';
import { aDecision, aGate, anApprovedGate, BOB } from '../builders.ts';

const WAYS_OUT =
  /type|ask|try|write|keep|read|fix|run|wait|switch|cancel|these people may decide|by you|you approved|Bob Baker/i;

test('every refusal is a sentence that says that nothing was done and what can be done, with and without a gate', () => {
  for (const refusal of REFUSALS) {
    for (const about of [{}, { gate: aGate() }, { gate: anApprovedGate() }]) {
      const sentence = refusalSentence(refusal, about);

      expect(sentence, refusal).toMatch(/^Nothing was (recorded|changed|done)/);
      expect(sentence, refusal).toMatch(/[.]$/);
    }
    expect(refusalSentence(refusal, { gate: anApprovedGate() }), refusal).toMatch(WAYS_OUT);
  }
});

test('somebody who may not decide reads who may', () => {
  expect(refusalSentence('not-an-approver', { gate: aGate() })).toBe(
    'Nothing was recorded: you are not an approver of the prod deployment of payments-api 20261123.4. ' +
      'These people may decide: Bob Baker and Carla Cruz.',
  );
});

test('somebody eligible reads which group to activate', () => {
  expect(refusalSentence('activate-membership', { gate: aGate(), group: 'payments-leads' })).toBe(
    'Nothing was recorded: you are eligible for payments-leads, which may decide on the prod deployment of payments-api ' +
      '20261123.4, but your membership is not active. Activate it in Microsoft Entra (Privileged Identity Management), ' +
      'then try again.',
  );
});

test('the person who asked reads that somebody else has to decide', () => {
  expect(refusalSentence('own-deployment', { gate: aGate() })).toContain('somebody else has to decide');
});

test('a late click reads who decided and when, and "you" only for one’s own decision', () => {
  const gate = anApprovedGate({ decision: aDecision() });

  expect(refusalSentence('already-decided', { gate })).toBe(
    'Nothing was changed: Bob Baker approved it on Mon 23 Nov 2026, 10:05 UTC.',
  );
  expect(refusalSentence('already-decided', { gate, viewer: { oid: BOB.oid } })).toContain('you approved it');
});

test('a click on a gate that ended by itself reads how it ended', () => {
  const { decision: _, ...gate } = anApprovedGate({ state: 'abandoned' });

  expect(refusalSentence('already-decided', { gate })).toBe(
    'Nothing was changed: the run ended or was cancelled in Azure DevOps.',
  );
});

test('a name from outside is cleaned in a refusal', () => {
  const gate = aGate({ services: ['<at>All</at>\u202e'] });

  expect(refusalSentence('stale-revision', { gate })).not.toMatch(/<at>|\u202e/);
});
