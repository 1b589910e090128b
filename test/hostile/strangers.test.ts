import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { aGateThatAsks, alex, approvalOf } from './asked-gate.ts';

// Accounts of the tenant that may read nothing, on the whole product: no answer has anything of a request or a person.

const SECRET = 'what-only-the-people-of-the-directory-know';
const STRANGERS = [
  ['a guest', { oid: '78f1bdf8-c249-4648-bb9a-88502761ba65', name: 'Pat Visitor' }],
  ['somebody whom the directory does not know', { oid: '00000000-0000-4000-8000-0000000000ff', name: 'Nobody' }],
] as const;
/** Of the request, its people and its rules. */
const KNOWN = new RegExp(
  `${SECRET}|payments|contoso|Alex|Megan|Adele|Wilber|Bowen|Vance|semgrep|contract|version`,
  'i',
);

let scene: CheckScene;
let id: string;
let check: string;
beforeAll(async () => {
  scene = await setCheckScene();
  await scene.teams.install(alex);
  id = (await aGateThatAsks(scene, { branch: `refs/heads/${SECRET}` })).id;
  check = (await scene.rows()).join('\n');
});
afterAll(() => scene.close());

const COMMANDS = (requestId: string) => [
  'approvals',
  'approvals all',
  'approvals payments-api',
  `why ${requestId}`,
  `approve ${requestId}`,
  `approve ${requestId} ${requestId.replace(/.$/, 'a')} because`,
  `reject ${requestId} no`,
  `withdraw ${requestId}`,
  `delegate ${requestId} to Megan`,
  `remind ${requestId}`,
  `explain ${requestId} INC-1 nobody else could be reached`,
  `confirm ${requestId}`,
  'who approves payments-api prod',
  'who approves payment prod',
  'findings',
  'findings payments-api prod',
  'finding 0123abcd payments-api',
  'claim 0123abcd payments-api',
  'unclaim 0123abcd',
  'snooze 0123abcd payments-api until Friday',
  'assign 0123abcd payments-api to Megan Bowen',
  'cover',
  'cover me Megan Bowen until tomorrow',
  'cover Alex Wilber by Megan Bowen until tomorrow',
  'cover Alex Wilber off',
  'status',
];

const FINDING = { fingerprint: '0'.repeat(32), service: 'payments-api', environment: 'prod' };

const CLICKS = (requestId: string) => [
  { verb: 'approval.view', requestId, revision: 1 },
  { verb: 'approval.decide', requestId, revision: 1, verdict: 'approve' },
  { verb: 'approval.decide', requestId, revision: 7, verdict: 'withdraw' },
  { verb: 'approval.delegate', requestId, revision: 1 },
  { verb: 'approval.delegate', requestId, revision: 1, to: alex.oid },
  { verb: 'approval.remind', requestId, revision: 1 },
  { verb: 'approval.viewMany', requestIds: [requestId] },
  { verb: 'approval.decideMany', items: [{ requestId, revision: 1 }], verdict: 'approve' },
  { verb: 'exception.request', requestId, service: 'a', environment: 'b', control: 'c' },
  { verb: 'finding.claim', ...FINDING },
  { verb: 'finding.snooze', ...FINDING },
  { verb: 'finding.snooze', ...FINDING, until: 'tomorrow' },
  { verb: 'finding.assign', ...FINDING },
  { verb: 'finding.assign', ...FINDING, to: alex.oid },
  { verb: 'exception.submit', requestId, service: 'a', environment: 'b', control: 'c', reason: 'x' },
  ...['view', 'renew', 'revoke', 'handover', 'withdraw'].map((word) => ({
    verb: `exception.${word}`,
    exceptionId: 'EX-1',
    revision: 1,
  })),
  { verb: 'exception.decide', exceptionId: 'EX-1', revision: 1, verdict: 'approve' },
  { verb: 'exception.review', exceptionId: 'EX-1', revision: 1, answer: 'keep', comment: 'x' },
  { verb: 'bypass.explain', requestId, revision: 1, reason: 'x'.repeat(30), ticket: 'INC-1' },
  { verb: 'bypass.confirm', requestId, revision: 1 },
];

test.each(STRANGERS)('%s is told nothing by any command', async (_who, stranger) => {
  for (const text of COMMANDS(id)) {
    const before = scene.teams.messages().length;
    expect((await scene.teams.say(stranger, text)).status, text).toBe(200);
    const answers = scene.teams.messages().slice(before);
    expect(answers, text).toHaveLength(1);
    expect(JSON.stringify(answers[0]?.activity['text']), text).not.toMatch(KNOWN);
    expect(answers[0]?.activity['attachments'] ?? [], text).toEqual([]);
  }
});

test.each(STRANGERS)('%s is shown nothing by any button, pressed or fetched by a client', async (_who, stranger) => {
  for (const data of CLICKS(id)) {
    for (const trigger of ['manual', 'automatic']) {
      const value = { action: { type: 'Action.Execute', verb: data.verb, data }, trigger };
      const from = scene.teams.activity(stranger, {})['from'];
      const { status, text } = await scene.teams.send(approvalOf(scene, id, { value, from }));
      expect(status).toBe(200);
      expect(text, `${data.verb} ${trigger}`).not.toMatch(KNOWN);
    }
  }
});

test('nothing of all that was decided', async () => {
  expect((await scene.app.core.approvals.find(id))?.state).toBe('asked');
  expect(check).toContain(SECRET);
});
