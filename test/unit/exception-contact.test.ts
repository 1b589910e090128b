import { expect, test } from 'vitest';
import { ownedStill, reached } from '../../services/domain/exception-contact.ts';
import { aRecord } from '../exceptions.ts';

const NOW = '2026-11-24T10:00:00.000Z';
const asked = aRecord({ state: 'requested', votes: [] });
const active = aRecord();
const SENT = { topic: 'ask', conversation: 'a:1' };
const PARKED = { topic: 'ask', conversation: '' };

test('approvers of whom none has a conversation, or of whom there are none, are noted as out of reach once', () => {
  for (const messages of [[], [PARKED], [PARKED, { topic: 'unanswered', conversation: 'a:2' }]]) {
    const noted = reached(asked, messages, NOW);
    expect(noted).toMatchObject({ what: 'approvers-unreachable', exception: { silence: { unreachedAt: NOW } } });
    expect(reached(noted?.exception ?? asked, messages, NOW)).toBeUndefined();
  }
});

test('one approver who can be reached is enough, and that is noted as well', () => {
  expect(reached(asked, [PARKED, SENT], NOW)).toBeUndefined();
  const unreached = { ...asked, silence: { remindedAt: NOW, unreachedAt: NOW } };
  const noted = reached(unreached, [PARKED, SENT], NOW);
  expect(noted).toMatchObject({ what: 'approvers-reached', exception: { silence: { remindedAt: NOW } } });
  expect(noted?.exception.silence).not.toHaveProperty('unreachedAt');
});

test('once it is decided nobody has to be reached', () => {
  expect(reached(active, [PARKED], NOW)).toBeUndefined();
});

test('an owner who is gone is noted once, and so is one who is back', () => {
  const gone = ownedStill(active, false, NOW);
  expect(gone).toMatchObject({ what: 'owner-gone', exception: { ownerGoneAt: NOW } });
  expect(ownedStill(gone?.exception ?? active, false, NOW)).toBeUndefined();
  const back = ownedStill(gone?.exception ?? active, true, NOW);
  expect(back).toEqual({ what: 'owner-back', exception: active });
  expect(ownedStill(active, true, NOW)).toBeUndefined();
});

test('what is asked for or over needs no owner', () => {
  for (const state of ['requested', 'expired', 'revoked'] as const)
    expect(ownedStill({ ...active, state }, false, NOW)).toBeUndefined();
});
