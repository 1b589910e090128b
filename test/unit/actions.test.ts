import { beforeEach, expect, test } from 'vitest';
import { createRunAction } from '../../bot/actions.ts';
import type { Answer, TurnPerson } from '../../bot/answer.ts';
import { ANN, TENANT } from '../builders.ts';

const ann: TurnPerson = { kind: 'person', tenant: TENANT, oid: ANN.oid, name: ANN.name };
const REQUEST = { requestId: 'abcdefghij234567', revision: 2 };
const PLACE = { service: 'a', environment: 'prod', control: 'sast' };
const EXCEPTION = { exceptionId: 'EX-12', revision: 1 };
const DRIFT = { org: 'abcdefghij', service: 'payments-api', environment: 'prod', revision: 3 };
const DATA = {
  'approval.view': { verb: 'approval.view', ...REQUEST },
  'approval.decide': { verb: 'approval.decide', ...REQUEST, verdict: 'approve', comment: 'fine' },
  'approval.delegate': { verb: 'approval.delegate', ...REQUEST, to: ANN.oid },
  'approval.remind': { verb: 'approval.remind', ...REQUEST },
  'approval.viewMany': { verb: 'approval.viewMany', requestIds: ['abcdefghij234567', 'abcdefghij234566'] },
  'approval.decideMany': { verb: 'approval.decideMany', items: [REQUEST], verdict: 'reject', comment: 'no' },
  'exception.request': { verb: 'exception.request', ...PLACE },
  'exception.submit': { verb: 'exception.submit', ...PLACE, shown: 'abcdefghij234567', owner: '', until: '2026-12-01' },
  'exception.decide': { verb: 'exception.decide', ...EXCEPTION, verdict: 'approve', comment: '', until: '' },
  'exception.renew': { verb: 'exception.renew', ...EXCEPTION },
  'exception.review': { verb: 'exception.review', ...EXCEPTION, answer: 'keep', comment: 'not mended yet' },
  'exception.revoke': { verb: 'exception.revoke', ...EXCEPTION, comment: 'mended' },
  'exception.handover': { verb: 'exception.handover', ...EXCEPTION, to: 'group:payments-team' },
  'exception.withdraw': { verb: 'exception.withdraw', ...EXCEPTION },
  'exception.view': { verb: 'exception.view', ...EXCEPTION },
  'review.record': { verb: 'review.record', reviewId: '2026-11-23', revision: 1 },
  'drift.accept': { verb: 'drift.accept', ...DRIFT, only: 'a'.repeat(32) },
  'drift.except': { verb: 'drift.except', ...DRIFT },
  'trend.promote': { verb: 'trend.promote', control: 'sast', revision: 7 },
} as const;

let asked: unknown[];
beforeEach(() => {
  asked = [];
});

const heard =
  (name: string) =>
  async (...given: readonly unknown[]): Promise<Answer> => {
    asked.push([name, ...given]);
    return { text: name };
  };

const HEARD = {
  'approval.view': heard('approval.view'),
  'approval.decide': heard('approval.decide'),
  'approval.delegate': heard('approval.delegate'),
  'approval.remind': heard('approval.remind'),
  'approval.viewMany': heard('approval.viewMany'),
  'approval.decideMany': heard('approval.decideMany'),
  'exception.request': heard('exception.request'),
  'finding.claim': heard('finding.claim'),
  'finding.snooze': heard('finding.snooze'),
  'finding.assign': heard('finding.assign'),
  'exception.submit': heard('exception.submit'),
  'exception.decide': heard('exception.decide'),
  'exception.renew': heard('exception.renew'),
  'exception.review': heard('exception.review'),
  'exception.revoke': heard('exception.revoke'),
  'exception.handover': heard('exception.handover'),
  'exception.withdraw': heard('exception.withdraw'),
  'exception.view': heard('exception.view'),
  'review.record': heard('review.record'),
  'trend.promote': heard('trend.promote'),
  'drift.accept': heard('drift.accept'),
  'drift.except': heard('drift.except'),
  'bypass.explain': heard('bypass.explain'),
  'bypass.confirm': heard('bypass.confirm'),
  'digest.show': heard('digest.show'),
  'digest.more': heard('digest.more'),
  'finding.why': heard('finding.why'),
};
const runAction = createRunAction(HEARD);
const press = (verb: string, data: unknown) => runAction(ann, { verb, data, op: 'op-1' });

test.each(Object.entries(DATA))('%s reaches its own handler, with the person of the turn', async (verb, data) => {
  await press(verb, data);
  expect(asked).toEqual([[verb, ann, data, 'op-1']]);
});

test.each([
  '',
  'approval',
  'approval.Decide',
  'approval.decide ',
  '__proto__',
  'constructor',
  'toString',
  'hasOwnProperty',
])('the verb %j is known to nobody', async (verb) => {
  expect((await press(verb, { ...DATA['approval.decide'], verb })).text).toMatch(/not known here/);
  expect(asked).toEqual([]);
});

test('a verb with the data of another does nothing', async () => {
  for (const verb of Object.keys(DATA)) {
    for (const data of Object.values(DATA)) if (data.verb !== verb) await press(verb, data);
  }
  expect(asked).toEqual([]);
});

test('a client that acts by itself may look and nothing else', async () => {
  for (const [verb, data] of Object.entries(DATA)) await runAction(ann, { verb, data, op: 'op-1', automatic: true });
  expect(asked).toEqual([
    ['approval.view', ann, DATA['approval.view'], 'op-1'],
    ['approval.viewMany', ann, DATA['approval.viewMany'], 'op-1'],
  ]);
});

const decision = DATA['approval.decide'];

test.each<[string, unknown, string]>([
  ['a foreign request id', { ...decision, requestId: 'EX-1' }, 'requestId'],
  ['a revision as text', { ...decision, revision: '2' }, 'revision'],
  ['another verdict', { ...decision, verdict: 'succeeded' }, 'verdict'],
  ['a comment that is none', { ...decision, comment: { $ne: '' } }, 'comment'],
])('data with %s does nothing, and the answer names the field', async (_what, data, field) => {
  expect((await press('approval.decide', data)).text).toContain(`(${field})`);
  expect(asked).toEqual([]);
});

test.each(['EX-0', 'EX-012', 'ex-12', 'EX-12 ', 'EX-12345678901', '12'])(
  'the exception id %j that nobody was given does nothing',
  async (exceptionId) => {
    const answer = await press('exception.decide', { ...DATA['exception.decide'], exceptionId });
    expect(answer.text).toContain('(exceptionId)');
    expect(asked).toEqual([]);
  },
);

const many = DATA['approval.decideMany'];
const distinctItems = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ requestId: `abcdefghijklmno${'abcdefghijklmnopqrstu'[n]}`, revision: 1 }));

test.each<[string, unknown, string]>([
  ['no request', { ...many, items: [] }, 'items'],
  ['21 requests', { ...many, items: distinctItems(21) }, 'items'],
  ['one request twice', { ...many, items: [REQUEST, { ...REQUEST, revision: 3 }] }, 'items'],
  ['an id that is none', { ...many, items: [REQUEST, { requestId: '../h', revision: 1 }] }, 'items.1.requestId'],
  ['a verdict inside an item', { ...many, items: [{ ...REQUEST, verdict: 'approve' }] }, 'items.0'],
  ['a withdrawal', { ...many, verdict: 'withdraw' }, 'verdict'],
])('a confirmation of several with %s does nothing, and the answer names the field', async (_what, data, field) => {
  expect((await press('approval.decideMany', data)).text).toContain(`(${field})`);
  expect(asked).toEqual([]);
});

test('20 requests are the most that one confirmation can list', async () => {
  expect(new Set(distinctItems(20).map(({ requestId }) => requestId)).size).toBe(20);
  expect((await press('approval.decideMany', { ...many, items: distinctItems(20) })).text).toBe('approval.decideMany');
});

test.each<[string, unknown]>([
  ['one key more', { ...decision, oid: 'somebody-else' }],
  ['a list of approvals', { ...decision, approvals: [{ oid: 'x' }] }],
  ['no data', undefined],
  ['null', null],
  ['a text', 'approval.decide'],
  ['a list', [decision]],
  ['a key that reaches a prototype', JSON.parse('{"__proto__":{"verb":"approval.decide"}}')],
])('data that is or has %s does nothing', async (_what, data) => {
  expect((await press('approval.decide', data)).text).toMatch(/^This button carries something .* Nothing was done\.$/);
  expect(asked).toEqual([]);
});

test('a handler that fails is not mistaken for a wrong button', async () => {
  const fails = createRunAction({ ...HEARD, 'approval.view': () => Promise.reject(new Error('no store')) });
  await expect(fails(ann, { verb: 'approval.view', data: DATA['approval.view'], op: 'op-1' })).rejects.toThrow(
    'no store',
  );
});
