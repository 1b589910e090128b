import { expect, test } from 'vitest';
import { EXCEPTION_STATES, type Exception } from '../../services/domain/exception.ts';
import { lookOf, topicsOf } from '../../services/domain/exception-topics.ts';
import { BOB, TENANT } from '../builders.ts';
import { anAsker, aRecord } from '../exceptions.ts';

const { grantedAt: _, ...asked } = aRecord({ state: 'requested', votes: [] });
const active = aRecord();
const topics = (exception: Exception) => topicsOf(exception).map(({ topic, to }) => `${topic}: ${to.join(', ')}`);
const END_AT = '2026-12-01T09:00:00.000Z';
const END = { at: END_AT, why: 'mended' };

test.each<[string, Exception, string[]]>([
  ['asked for', asked, ['ask: approvers']],
  ['reminded of', { ...asked, silence: { remindedAt: END_AT } }, ['ask: approvers', 'remind: approvers']],
  ['unanswered', { ...asked, silence: { unansweredAt: END_AT } }, ['ask: approvers', 'unanswered: control-owner']],
  [
    'asked for in vain',
    { ...asked, silence: { unreachedAt: END_AT } },
    ['ask: approvers', 'unanswered: control-owner'],
  ],
  [
    'decided after all',
    { ...active, silence: { remindedAt: END_AT, unansweredAt: END_AT } },
    ['outcome: askers', 'owned: owner'],
  ],
  ['withdrawn', { ...asked, state: 'withdrawn', end: END }, []],
  ['rejected', { ...asked, state: 'rejected', end: END }, ['outcome: askers']],
  ['over before anybody decided', { ...asked, state: 'expired', end: END }, ['outcome: askers']],
  ['granted', active, ['outcome: askers', 'owned: owner']],
  ['suspended', { ...active, state: 'suspended', end: END }, ['outcome: askers', 'over: owner, askers']],
  ['expired', { ...active, state: 'expired', end: END }, ['outcome: askers', 'over: owner, askers']],
  ['revoked', { ...active, state: 'revoked', end: END }, ['outcome: askers', 'over: owner, askers']],
  ['closed by its owner', { ...active, state: 'closed', end: END }, ['outcome: askers']],
])('who hears of what is %s', (_state, exception, expected) => {
  expect(topics(exception)).toEqual(expected);
});

test('its owner hears of each question and of each warning by itself, and is told once of each', () => {
  const question = { ...active, reviews: { ...active.reviews, askedAt: '2026-11-27T08:00:00.000Z' } };
  const later = { ...active, reviews: { ...active.reviews, askedAt: '2026-12-01T08:00:00.000Z' } };
  const keysOf = (exception: Exception) => topicsOf(exception).map(({ key }) => key);
  expect(keysOf(question)).toContain('review 2026-11-27T08:00:00.000Z');
  expect(keysOf(later)).toContain('review 2026-12-01T08:00:00.000Z');
  expect(keysOf({ ...active, warned: [14] })).toContain('ending 14');
  expect(keysOf({ ...active, warned: [14, 7] }).filter((key) => key.startsWith('ending'))).toEqual(['ending 7']);
  expect(keysOf({ ...active, terms: { ...active.terms, owner: 'user:new' } })).toContain('owned user:new');
});

test('of what is over nobody is asked or warned any more', () => {
  const told = { reviews: { ...active.reviews, askedAt: '2026-11-27T08:00:00.000Z' }, warned: [14] };
  for (const state of EXCEPTION_STATES.filter((one) => one !== 'active'))
    expect(topics({ ...active, ...told, state, end: END }).join()).not.toMatch(/review|ending|owned/);
});

test('who owns the control hears that more is wanted than it grants', () => {
  expect(topics({ ...active, overdrawnAt: END.at })).toContain('overdrawn: control-owner');
});

test('no two messages have the same key', () => {
  const all: Exception = {
    ...active,
    reviews: { ...active.reviews, askedAt: END.at },
    warned: [14],
    overdrawnAt: END.at,
  };
  for (const state of EXCEPTION_STATES) {
    const keys = topicsOf({ ...all, state }).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  }
});

const by = { kind: 'person' as const, tenant: TENANT, oid: BOB.oid, name: BOB.name };

test.each<[string, Partial<Exception>]>([
  ['its state', { state: 'suspended' }],
  ['what is asked for', { revision: 2 }],
  ['an approval', { votes: [] }],
  ['who asks', { askers: [anAsker(), anAsker({ requestId: 'abcdefghijklmnop' })] }],
  ['a question', { reviews: { ...active.reviews, askedAt: END.at } }],
  ['a missed review', { reviews: { ...active.reviews, missed: 1 } }],
  ['a question put off', { reviews: { ...active.reviews, snoozed: 1 } }],
  ['an end', { end: { ...END, by } }],
  ['its owner', { terms: { ...active.terms, owner: 'user:new' } }],
  ['how much it hides', { hides: { count: 2, at: END.at } }],
  ['silence', { silence: { unansweredAt: END_AT } }],
  ['who can be reached', { silence: { unreachedAt: END_AT } }],
  ['an owner who is gone', { ownerGoneAt: END_AT }],
  ['what took its place', { renewal: { ...active.renewal, renewedBy: 'EX-13' } }],
])('a message is shown anew after a change of %s', (_what, over) => {
  expect(lookOf({ ...active, ...over }, 'owned')).not.toBe(lookOf(active, 'owned'));
});

test('a message is not shown anew for what it does not show', () => {
  expect(lookOf({ ...active, warned: [14], hides: { ...active.hides, at: END.at } }, 'owned')).toBe(
    lookOf(active, 'owned'),
  );
  expect(lookOf(active, 'ask')).not.toBe(lookOf(active, 'owned'));
});
