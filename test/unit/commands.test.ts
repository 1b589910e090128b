import { beforeEach, expect, test } from 'vitest';
import type { Answer, TurnPerson } from '../../bot/answer.ts';
import { commandTable, createRunCommand } from '../../bot/commands.ts';
import manifest from '../../manifest/manifest.json' with { type: 'json' };
import { ANN, TENANT } from '../builders.ts';

const ann: TurnPerson = { kind: 'person', tenant: TENANT, oid: ANN.oid, name: ANN.name };

/** What was asked of which handler. */
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

const table = commandTable({
  help: (commands) => ({ text: commands.map(({ usage, meaning }) => `${usage}: ${meaning}`).join('\n') }),
  list: heard('list'),
  view: heard('view'),
  decide: heard('decide'),
  bypass: heard('bypass'),
  confirm: heard('confirm'),
  whoApproves: heard('whoApproves'),
  status: heard('status'),
  contract: heard('contract'),
  calibration: heard('calibration'),
  trends: heard('trends'),
  show: heard('show'),
  posture: heard('posture'),
  drift: heard('drift'),
  audit: heard('audit'),
  evidence: heard('evidence'),
  findings: heard('findings'),
  finding: heard('finding'),
  claim: heard('claim'),
  unclaim: heard('unclaim'),
  snooze: heard('snooze'),
  assign: heard('assign'),
  exceptions: {
    list: heard('exceptions'),
    unmanaged: heard('unmanaged'),
    request: heard('request'),
    renew: heard('renew'),
    decide: heard('decide exception'),
    review: heard('review'),
    revoke: heard('revoke'),
    withdraw: heard('withdraw'),
    handOver: heard('hand over'),
    view: heard('exception'),
  },
  cover: heard('cover'),
  delegate: heard('delegate'),
  remind: heard('remind'),
  digest: heard('digest'),
  subscribe: heard('subscribe'),
});
const runCommand = createRunCommand(table);
const say = (text: string) => runCommand(ann, text, 'op-1');

test.each<[string, unknown[]]>([
  ['approvals', ['list', ann, { mine: true }]],
  ['approvals mine', ['list', ann, { mine: true }]],
  ['approvals ALL', ['list', ann, { mine: false }]],
  ['approvals Payments-API', ['list', ann, { mine: false, scope: 'payments-api' }]],
  ['approve abcdefghij234567', ['decide', ann, 'abcdefghij234567', 'approve', '', 'op-1']],
  ['Approve ABCDEFGHIJ234567 looks good', ['decide', ann, 'abcdefghij234567', 'approve', 'looks good', 'op-1']],
  ['reject abcdefghij234567 Not today.', ['decide', ann, 'abcdefghij234567', 'reject', 'Not today.', 'op-1']],
  ['reject abcdefghij234567', ['decide', ann, 'abcdefghij234567', 'reject', '', 'op-1']],
  ['approve abcdefghij234567 first\nsecond', ['decide', ann, 'abcdefghij234567', 'approve', 'first\nsecond', 'op-1']],
  [
    'explain ABCDEFGHIJ234567 INC-1 nobody could be\nreached',
    [
      'bypass',
      {
        requestId: 'abcdefghij234567',
        explanation: { ticket: 'INC-1', reason: 'nobody could be\nreached' },
        by: ann,
        op: 'op-1',
      },
    ],
  ],
  ['Confirm ABCDEFGHIJ234567', ['bypass', { requestId: 'abcdefghij234567', by: ann, op: 'op-1' }]],
  ['withdraw Abcdefghij234567', ['decide', ann, 'abcdefghij234567', 'withdraw', '', 'op-1']],
  [
    'Delegate ABCDEFGHIJ234567 to Bob Baker',
    ['delegate', ann, 'abcdefghij234567', { kind: 'typed', text: 'Bob Baker' }, 'op-1'],
  ],
  ['remind abcdefghij234567', ['remind', ann, 'abcdefghij234567', undefined, 'op-1']],
  [
    'remind abcdefghij234567 bob@contoso.example',
    ['remind', ann, 'abcdefghij234567', { kind: 'typed', text: 'bob@contoso.example' }, 'op-1'],
  ],
  ['findings', ['findings', ann, {}]],
  [
    'Findings Payments-API PROD Warn',
    ['findings', ann, { service: 'Payments-API', environment: 'PROD', decision: 'warn' }],
  ],
  ['findings monitor', ['findings', ann, { decision: 'monitor' }]],
  ['findings prod', ['findings', ann, { service: 'prod' }]],
  ['Audit', ['audit', ann]],
  ['show payments-api', ['show', ann, { service: 'payments-api' }]],
  ['Show Payments-API PROD', ['show', ann, { service: 'Payments-API', environment: 'PROD' }]],
  ['posture payments-api', ['posture', ann, { service: 'payments-api' }]],
  ['Posture Payments-API PROD', ['posture', ann, { service: 'Payments-API', environment: 'PROD' }]],
  ['finding 0123abcd payments-api', ['finding', ann, { fingerprint: '0123abcd', service: 'payments-api' }]],
  [
    'finding 0123abcd payments-api prod',
    ['finding', ann, { fingerprint: '0123abcd', service: 'payments-api', environment: 'prod' }],
  ],
  ['Claim 0123ABCD', ['claim', ann, { fingerprint: '0123ABCD' }, 'op-1']],
  ['unclaim 0123abcd payments-api', ['unclaim', ann, { fingerprint: '0123abcd', service: 'payments-api' }, 'op-1']],
  ['snooze 0123abcd until Friday', ['snooze', ann, { fingerprint: '0123abcd' }, 'op-1', 'Friday']],
  [
    'snooze 0123abcd until until end of sprint',
    ['snooze', ann, { fingerprint: '0123abcd', service: 'until' }, 'op-1', 'end of sprint'],
  ],
  [
    'assign 0123abcd payments-api to Bob Baker',
    ['assign', ann, { fingerprint: '0123abcd', service: 'payments-api' }, 'op-1', { kind: 'typed', text: 'Bob Baker' }],
  ],
  ['cover', ['cover', ann, '', 'op-1', { mentions: [] }]],
  ['Cover me Bob until Friday', ['cover', ann, 'me Bob until Friday', 'op-1', { mentions: [] }]],
  [
    'approve abcdefghij234567 ABCDEFGHIJ234566',
    ['confirm', ann, ['abcdefghij234567', 'abcdefghij234566'], 'approve', ''],
  ],
  [
    'reject abcdefghij234567 abcdefghij234566 abcdefghij234565 not today',
    ['confirm', ann, ['abcdefghij234567', 'abcdefghij234566', 'abcdefghij234565'], 'reject', 'not today'],
  ],
  [
    'approve abcdefghij234567 abcdefghij234566 see abcdefghij234565',
    ['confirm', ann, ['abcdefghij234567', 'abcdefghij234566'], 'approve', 'see abcdefghij234565'],
  ],
  [
    'approve abcdefghij234567 see abcdefghij234566',
    ['decide', ann, 'abcdefghij234567', 'approve', 'see abcdefghij234566', 'op-1'],
  ],
  ['why Abcdefghij234567', ['view', ann, 'abcdefghij234567']],
  ['exceptions', ['exceptions', ann, { which: 'open' }]],
  ['Exceptions MINE', ['exceptions', ann, { which: 'mine' }]],
  ['exceptions payments-api', ['exceptions', ann, { which: 'open', service: 'payments-api' }]],
  ['exceptions ended Payments-API', ['exceptions', ann, { which: 'ended', service: 'Payments-API' }]],
  ['exceptions unused', ['exceptions', ann, { which: 'unused' }]],
  ['who approves payments-api prod', ['whoApproves', ann, 'payments-api', 'prod']],
  ['WHO Approves Payments-API Prod', ['whoApproves', ann, 'Payments-API', 'Prod']],
  ['status', ['status', ann]],
  ['  /status  ', ['status', ann]],
  ['calibration', ['calibration', ann, undefined]],
  ['Calibration SAST', ['calibration', ann, 'SAST']],
  ['trends', ['trends', ann, undefined]],
  ['Trends prod', ['trends', ann, 'prod']],
])('%j is understood', async (text, call) => {
  await say(text);
  expect(asked).toEqual([call]);
});

test('help names every command with what it is for', async () => {
  const { text } = await say('help');
  for (const { usage, meaning } of table) expect(text).toContain(`${usage}: ${meaning}`);
});

test.each([
  ['please approve abcdefghij234567'],
  ['approve'],
  ['approve '],
  ['approveabcdefghij234567'],
  ["don't approve abcdefghij234567"],
  ['approve abcdefghij234567'.replace(' ', '\u00a0\u00a0')],
  [`approve ${'a'.repeat(41)}`],
  ['explain abcdefghij234567 INC-1'],
  ['confirm'],
  ['claim'],
  ['snooze 0123abcd'],
  ['assign 0123abcd to'],
  ['finding 0123abcd'],
  ['findings a b c d'],
  ['confirm abcdefghij234567 now'],
  ['why'],
  ['withdraw'],
  ['withdraw abcdefghij234567 now'],
  ['delegate abcdefghij234567'],
  ['delegate to Bob'],
  ['remind'],
  ['coverme Bob until Friday'],
  ['why abcdefghij234567 now'],
  ['who approves payments-api'],
  ['who approves payments-api prod now'],
  [`who approves payments-api ${'a'.repeat(101)}`],
  ['status now'],
  ['calibration of sast'],
  ['statusapprove abcdefghij234567'],
  ['help\napprove abcdefghij234567'],
  ['> approve abcdefghij234567'],
  [''],
])('%j decides nothing and asks nothing', async (text) => {
  const answer = await say(text);
  expect(asked).toEqual([]);
  expect(answer.text).toMatch(/^Nothing was done: (I do not know that command\.|write it as)/);
});

test.each([
  ['aprove abcdefghij234567', '"approve ID [comment]"'],
  ['approve', '"approve ID [comment]"'],
  ['aprovals', '"approvals [mine|all|SCOPE]"'],
  ['why', '"why ID"'],
  ['who approves', '"who approves SERVICE ENV"'],
  ['STATUS now', '"status"'],
  ['good morning', '"help"'],
  ['__proto__', '"help"'],
  ['constructor', '"help"'],
])('%j is answered with the nearest command, %s', async (text, usage) => {
  expect((await say(text)).text).toContain(usage);
});

test('a command without its words is answered with how it is written, and where its id stands', async () => {
  expect((await say('Withdraw')).text).toBe(
    'Nothing was done: write it as "withdraw ID". "approvals all" shows the ids.',
  );
  expect((await say('status now')).text).toBe('Nothing was done: write it as "status".');
});

test('what was typed is not repeated in the answer', async () => {
  expect((await say('<script>alert(1)</script> [x](https://evil.example)')).text).not.toMatch(/script|evil/);
});

test('every command begins with a word of its own, and its usage is understood once the words are filled in', async () => {
  const first = table.map(({ usage }) => usage.split(' ')[0]);
  expect(new Set(first).size).toBe(table.length);
  for (const { usage, pattern } of table) {
    const filled = usage
      .replace(/ \[.*\]/, '')
      .replace('ID', 'abcdefghij234567')
      .replace('EX-n', 'EX-12');
    expect(filled.replace(/\|\S+/, '')).toMatch(pattern);
  }
});

test('what the manifest offers in Teams are commands, or how some begin', () => {
  const leads = table.map(({ usage }) => /^[a-z ]*[a-z]/.exec(usage)?.[0]);
  for (const { scopes, commands } of manifest.bots[0]?.commandLists ?? [])
    for (const { title } of commands) {
      const isWhole = table.some(({ pattern }) => pattern.test(title));
      expect([title, scopes, isWhole || leads.includes(title)]).toEqual([title, scopes, true]);
    }
});
