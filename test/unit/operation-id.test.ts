import { expect, test } from 'vitest';
import { operationIdOf } from '../../bot/teams/operation-id.ts';

const click = {
  type: 'invoke',
  id: 'f:1',
  replyToId: 'card-1',
  conversation: { id: 'a:ann' },
  value: { action: { verb: 'approval.decide', data: { requestId: 'r', revision: 1, comment: '' } } },
};
const withData = (data: object) => ({ ...click, value: { action: { verb: 'approval.decide', data } } });

test('a click that Teams sends again is the same operation, whatever its time and order of data', () => {
  const again = { ...withData({ comment: '', revision: 1, requestId: 'r' }), timestamp: 'later' };

  expect(operationIdOf(again, 'ann')).toBe(operationIdOf(click, 'ann'));
});

test.each([
  ['click of the same button', { ...click, id: 'f:2' }, 'ann'],
  ['card', { ...click, replyToId: 'card-2' }, 'ann'],
  ['conversation', { ...click, conversation: { id: 'a:bob' } }, 'ann'],
  ['person', click, 'bob'],
  ['revision', withData({ requestId: 'r', revision: 2, comment: '' }), 'ann'],
  ['request', withData({ requestId: 's', revision: 1, comment: '' }), 'ann'],
])('another %s is another operation', (_what, activity, oid) => {
  expect(operationIdOf(activity, oid)).not.toBe(operationIdOf(click, 'ann'));
});

test.each([
  ['with data', click.value.action],
  ['without data', { verb: 'approval.view' }],
])('a click %s is the same operation once it brings along a sign-in', (_what, action) => {
  const [before, after] = [{ action }, { action, state: '123456', authentication: { token: 't' } }];
  const idOf = (value: object) => operationIdOf({ ...click, value }, 'ann');

  expect(idOf(after)).toBe(idOf(before));
});

test('a message is known by its own id', () => {
  const message = { type: 'message', id: '17', conversation: { id: 'a:ann' }, text: 'approve r' };

  expect(operationIdOf({ ...message, timestamp: 'later' }, 'ann')).toBe(operationIdOf(message, 'ann'));
  expect(operationIdOf({ ...message, id: '18' }, 'ann')).not.toBe(operationIdOf(message, 'ann'));
});

test('numbers that are no integers and unknown members are taken as they come', () => {
  expect(operationIdOf(withData({ x: 1.5, y: [{ b: 1, a: null }] }), 'ann')).toMatch(/^[0-9a-f]{64}$/);
});
