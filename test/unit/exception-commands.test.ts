import { beforeEach, expect, test } from 'vitest';
import type { Answer, TurnPerson } from '../../bot/answer.ts';
import { createRunCommand } from '../../bot/commands.ts';
import { exceptionCommands } from '../../bot/exception-commands.ts';
import { ANN, TENANT } from '../builders.ts';

const ann: TurnPerson = { kind: 'person', tenant: TENANT, oid: ANN.oid, name: ANN.name };

/** What was asked of which handler. */
let asked: unknown[];
beforeEach(() => {
  asked = [];
});

const heard =
  (name: string) =>
  async (_by: TurnPerson, ...given: readonly unknown[]): Promise<Answer> => {
    asked.push([name, ...given]);
    return { text: name };
  };

const runCommand = createRunCommand(
  exceptionCommands({
    list: heard('list'),
    unmanaged: heard('unmanaged'),
    request: heard('request'),
    renew: heard('renew'),
    decide: heard('decide'),
    review: heard('review'),
    revoke: heard('revoke'),
    withdraw: heard('withdraw'),
    handOver: heard('hand over'),
    view: heard('view'),
  }),
);
const said = { mentions: [{ text: '@Bob', userId: '29:bob', oid: async () => 'b0b' }] };
const say = (text: string) => runCommand(ann, text, 'op-1', said);
const ID = { exceptionId: 'EX-12' };
const PRINT = '0123456789abcdef0123456789abcdef';

test.each<[string, unknown[]]>([
  ['request exception', ['request', {}, 'op-1']],
  [
    'Request Exception iac payments-api prod until Friday because no fix yet',
    [
      'request',
      {
        control: 'iac',
        place: { service: 'payments-api', environment: 'prod' },
        until: 'Friday',
        reason: 'no fix yet',
      },
      'op-1',
    ],
  ],
  ['renew ex-12', ['renew', ID, 'op-1']],
  [
    'renew EX-12 until Friday because no fix yet',
    ['renew', { ...ID, terms: { until: 'Friday', reason: 'no fix yet' } }, 'op-1'],
  ],
  ['renew EX-12 because no fix yet', ['renew', { ...ID, terms: { reason: 'no fix yet' } }, 'op-1']],
  ['grant Ex-12', ['decide', { ...ID, verdict: 'approve' }, 'op-1']],
  ['grant EX-12 fine', ['decide', { ...ID, verdict: 'approve', comment: 'fine' }, 'op-1']],
  ['grant EX-12 until Friday', ['decide', { ...ID, verdict: 'approve', until: 'Friday' }, 'op-1']],
  [
    'refuse EX-12 mend it until Friday',
    ['decide', { ...ID, verdict: 'reject', comment: 'mend it until Friday' }, 'op-1'],
  ],
  ['refuse EX-12', ['decide', { ...ID, verdict: 'reject', comment: '' }, 'op-1']],
  [
    'review EX-12 keep because we wait until Friday',
    ['review', { ...ID, answer: 'keep', comment: 'we wait until Friday' }, 'op-1'],
  ],
  [
    'Review EX-12 SHRINK until Friday because less will do',
    ['review', { ...ID, answer: 'shrink', until: 'Friday', comment: 'less will do' }, 'op-1'],
  ],
  ['grant EX-12 only PRINT', ['decide', { ...ID, verdict: 'approve', only: PRINT }, 'op-1']],
  [
    'grant EX-12 ONLY PRINT, PRINT until Friday because less will do',
    [
      'decide',
      { ...ID, verdict: 'approve', only: `${PRINT},${PRINT}`, until: 'Friday', comment: 'less will do' },
      'op-1',
    ],
  ],
  ['grant EX-12 "only this once"', ['decide', { ...ID, verdict: 'approve', comment: 'only this once' }, 'op-1']],
  [
    'review EX-12 shrink PRINT,PRINT because less will do',
    ['review', { ...ID, answer: 'shrink', only: `${PRINT},${PRINT}`, comment: 'less will do' }, 'op-1'],
  ],
  ['review EX-12 snooze', ['review', { ...ID, answer: 'snooze' }, 'op-1']],
  ['review EX-12 close', ['review', { ...ID, answer: 'close' }, 'op-1']],
  ['revoke EX-12 because it is exploited', ['revoke', { ...ID, comment: 'it is exploited' }, 'op-1']],
  ['revoke EX-12', ['revoke', ID, 'op-1']],
  [
    'hand over EX-12 to @Bob',
    ['hand over', { ...ID, to: '@Bob', meant: { kind: 'mention', userId: '29:bob', oid: 'b0b' } }, 'op-1'],
  ],
  ['hand over EX-12 to group:payments-leads', ['hand over', { ...ID, to: 'group:payments-leads' }, 'op-1']],
  ['hand over EX-12 to Bob Baker', ['hand over', { ...ID, to: 'Bob Baker' }, 'op-1']],
  ['hand over EX-12', ['hand over', ID, 'op-1']],
  ['exception ex-12', ['view', 'EX-12']],
])('%j is understood', async (text, call) => {
  await say(text.replaceAll('PRINT', PRINT));
  expect(asked).toEqual([call]);
});

test.each([
  ['request exception iac', 'request exception [FP|[baseline] CONTROL SERVICE ENV]'],
  ['renew EX-12 Friday', 'renew EX-n'],
  ['renew', 'renew EX-n'],
  ['review EX-12', 'review EX-n'],
  ['review EX-12 extend', 'review EX-n'],
  ['review EX-12 keep we still need it', 'review EX-n'],
  ['review EX-12 keep until Friday because x', 'review EX-n'],
  ['review EX-12 snooze until Friday', 'review EX-n'],
  ['review EX-12 shrink Friday', 'review EX-n'],
  ['review EX-12 shrink 0123456789abcdef because it is short', 'review EX-n'],
  [`review EX-12 keep ${PRINT} because x`, 'review EX-n'],
  ['revoke EX-12 it is exploited', 'revoke EX-n'],
  ['exception', 'exception EX-n'],
  ['exception EX-12 now', 'exception EX-n'],
  ['hand over EX-12 Bob', 'hand over EX-n'],
  ['grant', 'grant EX-n'],
])('%j does nothing and says how it is written', async (text, usage) => {
  const read = await say(text);
  expect(asked).toEqual([]);
  expect(read.text).toMatch(/^Nothing was done: write it as "/);
  expect(read.text).toContain(usage);
});

test.each([
  'grant EX-12 fine until Friday',
  'grant EX-12 until',
  'grant EX-12 only until then',
  'grant EX-12 only',
  'grant EX-12 only this once',
  'grant EX-12 only 0123456789abcdef because it is short',
])('%j grants nothing: nobody grants more than they mean', async (text) => {
  expect((await say(text)).text).toMatch(/^Nothing was granted: .*"grant EX-n until DATE because …"/);
  expect(asked).toEqual([]);
});
