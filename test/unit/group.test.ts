import { expect, test } from 'vitest';
import type { Ask } from '../../services/domain/gate.ts';
import { askeesOf, asks, isStillOn, questionOf } from '../../services/domain/group.ts';
import { ANN, aGate, aLevel, anApprovedGate, anAsk, aVote, BOB } from '../builders.ts';

const two = [aLevel(), aLevel({ from: ['group:release-managers'], eligible: [ANN] })];
const asking = (over: Partial<Ask> = {}) => askeesOf(aGate({ ask: anAsk(over) }));

test('a gate asks a question only while it waits for people, and another one with every revision and level', () => {
  const gate = aGate({ ask: anAsk({ levels: two }) });
  const next = { ...gate, votes: [aVote({ levels: [0] })] };

  expect(questionOf(anApprovedGate())).toBeUndefined();
  expect(new Set([gate, next, { ...gate, revision: 2 }].map(questionOf)).size).toBe(3);
});

test('who has approved a level with others to come changes neither the question nor whom it is put to', () => {
  const gate = aGate({ ask: anAsk({ levels: [aLevel({ quorum: 2 })] }) });
  const voted = { ...gate, votes: [aVote({ levels: [0] })] };

  expect(questionOf(voted)).toBe(questionOf(gate));
  expect(askeesOf(voted)).toBe(askeesOf(gate));
});

test('the same people in the same places under the same rules are equal, whatever the deployment', () => {
  expect(askeesOf(aGate({ environment: 'prod-eu', stage: 'EU', services: ['other'], revision: 4 }))).toBe(asking());
});

test.each<[string, Partial<Ask>]>([
  ['another group', { levels: [aLevel({ from: ['group:others'] })] }],
  ['another person in the group', { levels: [aLevel({ eligible: [ANN] })] }],
  ['another channel', { channels: ['payments/releases'] }],
  ['no card of their own', { dm: false }],
  ['a comment that is required', { comment: { approve: 'required', reject: 'required' } }],
])('%s makes a card of its own', (_what, over) => {
  expect(asking(over)).not.toBe(asking());
});

test('a card keeps what is settled or superseded, and loses what is blocked or asks anew', () => {
  const gate = aGate();
  const question = questionOf(gate) ?? '';

  expect(isStillOn({ ...gate, state: 'rejected' }, question)).toBe(true);
  expect(isStillOn({ ...gate, state: 'superseded', revision: 2 }, question)).toBe(true);
  expect(isStillOn({ ...gate, state: 'blocked' }, question)).toBe(false);
  expect(isStillOn({ ...gate, revision: 2 }, question)).toBe(false);
});

test('whoever is asked in some level, or has approved, is concerned', () => {
  const gate = aGate({ ask: anAsk({ levels: [aLevel({ eligible: [BOB] })] }) });

  expect(asks(gate, BOB.oid)).toBe(true);
  expect(asks(gate, ANN.oid)).toBe(false);
  expect(asks({ ...gate, votes: [aVote({ by: { ...aVote().by, oid: ANN.oid } })] }, ANN.oid)).toBe(true);
});
