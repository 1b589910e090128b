import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { aGateThatAsks, alex, approvalOf } from './asked-gate.ts';
import { HOSTILE_NAMES } from './names.ts';

// Changed clicks on the whole product: what a client may change about a click of somebody who may decide.

let scene: CheckScene;
let id: string;
let before: readonly string[];
beforeAll(async () => {
  scene = await setCheckScene();
  await scene.teams.install(alex);
  id = (await aGateThatAsks(scene)).id;
  before = await scene.rows();
});
afterAll(() => scene.close());

type Action = Record<string, unknown> & { readonly data: Record<string, unknown> };

const honest = (): Action => ({
  type: 'Action.Execute',
  verb: 'approval.decide',
  data: { verb: 'approval.decide', requestId: id, revision: 1, verdict: 'approve' },
});

async function click(action: unknown): Promise<{ readonly status: number; readonly text: string }> {
  return scene.teams.send(approvalOf(scene, id, { value: { action, trigger: 'manual' } }));
}

const WRONG: readonly unknown[] = [
  ...HOSTILE_NAMES.slice(0, 12),
  null,
  true,
  false,
  0,
  -1,
  2,
  1.5,
  1e21,
  '1',
  '',
  [],
  {},
  ['approve'],
  { $ne: null },
  'abcdefghij234567',
  'APPROVE',
  'approve ',
  'approved',
  'withdraw',
  'approval.view',
  'approval.decideMany',
  'exception.decide',
  'approval.Decide',
];
const EXTRA = ['by', 'oid', 'tenant', 'op', 'isApprover', 'approvals', 'environment', 'state', 'decision', 'Verdict'];

/** One thing that a client changes: a field of the data, the verb, or something more. */
const mutation = fc.oneof(
  fc.record({ field: fc.constantFrom('verb', 'requestId', 'revision', 'verdict'), value: fc.constantFrom(...WRONG) }),
  fc.record({ field: fc.constantFrom(...EXTRA), value: fc.constantFrom<unknown>(...WRONG, { kind: 'person' }) }),
  fc.record({ field: fc.constantFrom('verb', 'requestId', 'verdict', 'revision'), value: fc.constant(undefined) }),
  fc.record({ field: fc.constant('comment'), value: fc.constantFrom<unknown>(7, null, {}, ['x'], 'x'.repeat(1_001)) }),
  fc.record({ field: fc.constant('action.verb'), value: fc.constantFrom(...WRONG) }),
);

function changed(mutations: readonly { readonly field: string; readonly value: unknown }[]): Action {
  const action = honest();
  for (const { field, value } of mutations) {
    if (field === 'action.verb') action['verb'] = value;
    else action.data[field] = value;
  }
  return action;
}

/** Without a revision a click means what a typed command means: the present one. */
const isHonest = (action: Action) => JSON.stringify(action) === JSON.stringify(honest());

test('whatever a client changes about a click of an approver, nothing is decided and nothing is written', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
      const action = changed(mutations);
      fc.pre(!isHonest(action));
      const { status, text } = await click(action);
      expect([200, 400]).toContain(status);
      expect(text).not.toContain('could not do this');
      expect((await scene.app.core.approvals.find(id))?.state).toBe('asked');
    }),
    { numRuns: 300, seed: 20261127 },
  );
  await scene.app.core.idle();
  expect(await scene.rows()).toEqual(before);
}, 120_000);

test.each([0, 2, 99])('a click on revision %d is answered with the card as it is now', async (revision) => {
  const action = honest();
  const { text } = await click({ ...action, data: { ...action.data, revision } });
  expect(JSON.parse(text)).toMatchObject({ statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' });
  expect(text).toContain(`"requestId":"${id}","revision":1`);
  expect(await scene.rows()).toEqual(before);
});

test('the honest click decides, with a comment as well, and however often and by whichever verdict it comes again', async () => {
  const clicks = [...Array(10).keys()].flatMap((n) => [
    click({ ...honest(), data: { ...honest().data, comment: `looks good ${n}` } }),
    click({ ...honest(), data: { ...honest().data, verdict: 'reject', comment: `no ${n}` } }),
  ]);
  const answers = await Promise.all(clicks);
  await scene.app.core.idle();
  expect(answers.map(({ status }) => status)).toEqual(answers.map(() => 200));
  const rows = (await scene.rows()).filter((row) => row.includes(`~r~${id}"`));
  expect(rows.filter((row) => row.includes('"rowKey":"d~'))).toHaveLength(1);
  expect(rows.filter((row) => row.includes('\\"kind\\":\\"decided\\"'))).toHaveLength(1);
  const decision = (await scene.app.core.approvals.find(id))?.decision;
  const word = decision?.verdict === 'approve' ? 'pproved' : 'ejected';
  for (const { text } of answers) expect(text).toMatch(new RegExp(`${word}|not recorded|try again`, 'i'));
});
