import { expect, test } from 'vitest';
import { sentOf } from '../../bot/teams/sent.ts';

function answered(statusCode: number, code?: string, headers: Record<string, string> = {}): Error {
  const details = code === undefined ? {} : { error: { code } };
  return Object.assign(new Error(code), { statusCode, details, response: { headers: new Headers(headers) } });
}

test.each([
  [403, 'BotNotInConversationRoster'],
  [403, 'ConversationBlockedByUser'],
  [403, 'ForbiddenOperationException'],
  [403, 'BotDisabledByAdmin'],
  [403, 'MessageWritesBlocked'],
  [403, 'InvalidBotApiHost'],
])('%i %s is a refusal by this reader, with its code', (status, code) => {
  expect(sentOf(answered(status, code))).toEqual({ kind: 'refused', code });
});

test.each([
  [400, 'Bad Argument', true],
  [403, 'NotEnoughPermissions', true],
  [413, 'MessageSizeTooBig', true],
  [405, 'MethodNotAllowed', true],
  [401, 'BotNotRegistered', false],
])('%i %s is our own fault and no refusal of the reader; final: %s', (status, code, isFinal) => {
  expect(sentOf(answered(status, code))).toEqual({ kind: 'failed', code, isFinal });
});

test('the finer code of an answer counts as well', () => {
  const details = { error: { code: 'Forbidden', subCode: 'NotEnoughPermissions' } };
  expect(sentOf(Object.assign(new Error('no'), { statusCode: 403, details }))).toMatchObject({ kind: 'failed' });
});

test('a refusal without a code tells its status', () => {
  expect(sentOf(answered(403))).toEqual({ kind: 'refused', code: 'HTTP 403' });
});

test('404 means gone', () => {
  expect(sentOf(answered(404, 'ActivityNotFoundInConversation'))).toEqual({ kind: 'gone' });
});

test.each([412, 429, 500, 502, 503, 504])('%i is worth another try', (status) => {
  expect(sentOf(answered(status))).toEqual({ kind: 'unavailable' });
});

test('no answer is worth another try', () => {
  expect(sentOf(Object.assign(new Error('reset'), { code: 'ECONNRESET' }))).toEqual({ kind: 'unavailable' });
});

test('the wait that Teams asks for is passed on, in seconds or as a date', () => {
  const date = { 'retry-after': 'Sun, 22 Nov 2026 10:00:30 GMT', date: 'Sun, 22 Nov 2026 10:00:00 GMT' };

  expect(sentOf(answered(429, 'Throttled', { 'retry-after': '7' }))).toEqual({ kind: 'unavailable', retryAfter: 7 });
  expect(sentOf(answered(503, undefined, date))).toEqual({ kind: 'unavailable', retryAfter: 30 });
  expect(sentOf(answered(429, 'Throttled', { 'retry-after': 'soon' }))).toEqual({ kind: 'unavailable' });
});
