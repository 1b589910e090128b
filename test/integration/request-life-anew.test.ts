import { expect, test } from 'vitest';
import { gateAnswer } from '../../cards/gate-card.ts';
import type { ActiveException } from '../../services/domain/active-exception.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife, type Life } from '../fakes/deployments.ts';
import { type Edit, edited } from '../fakes/policy-folder.ts';

// What voids an approval and asks anew, and what does not.

const LEVEL = 'quorum: 1, from: ["group:payments-leads"]';
const QUORUM_2: Edit = ['routes.yaml', LEVEL, 'quorum: 2, from: ["group:payments-leads", "group:release-managers"]'];

async function lookAgain({ world }: Life): Promise<void> {
  world.advance(6);
  await world.core.reconcile();
  await world.settle();
}

const calls = ({ world }: Life) => world.posted.filter(({ notice }) => notice.about === 'asked-anew');

/** An exception row, as a grant will write it. */
async function except({ world, gate }: Life, id: string, over: Partial<ActiveException> = {}): Promise<void> {
  const { org, judgement } = await gate(id);
  const exception: ActiveException = {
    id: 'EX-1',
    control: 'secret-scanning',
    service: 'payments-api',
    environment: 'prod',
    fingerprints: (judgement?.blocks ?? []).flatMap((group) => group.fingerprints),
    askers: [PEOPLE.isaiah],
    expiresAt: '2026-11-24T09:30:00.000Z',
    ...over,
  };
  const values = { exception: JSON.stringify(exception) };
  await world.table.commit('scope', `${org}~s~payments-api~prod`, [{ kind: 'put', row: 'a~EX-1', values }]);
}

test('a new warning voids the votes, asks anew, and the card names it', async () => {
  const life = await aLife(QUORUM_2);
  const id = await life.deploy();
  await life.decide(id, PEOPLE.alex);
  await life.reportMore('semgrep-payments.sarif', { id: 'javascript.new-rule', level: 'warning' });
  const gate = await life.gate(id);
  expect(gate).toMatchObject({ state: 'asked', revision: 2, votes: [] });
  expect(gate.changes).toEqual([{ kind: 'findings', decision: 'warn', more: 1, fewer: 0 }]);
  expect(gateAnswer(gate).text).toMatch(/Changed since it was asked before: .*1.*warn/);
  expect(new Set(calls(life).map(({ to }) => to))).toContain(`a:${PEOPLE.alex}`);
  expect(await life.decide(id, PEOPLE.megan, 'approve', { revision: 1 })).toMatchObject({ refusal: 'stale-revision' });
  await life.decide(id, PEOPLE.megan);
  expect(await life.decide(id, PEOPLE.alex)).toMatchObject({ gate: { state: 'approved' } });
});

test('an exception that ends while people are asked voids the votes, blocks, and is named', async () => {
  const life = await aLife(QUORUM_2);
  await life.world.report('gitleaks-orders.sarif');
  const id = await life.deploy();
  expect(await life.gate(id)).toMatchObject({ state: 'blocked' });
  await except(life, id);
  await lookAgain(life);
  expect(await life.gate(id)).toMatchObject({ state: 'asked', judgement: { warns: [{}, { exceptionId: 'EX-1' }] } });
  await life.decide(id, PEOPLE.alex);
  life.world.now = '2026-11-24T09:30:00.000Z';
  await lookAgain(life);
  const gate = await life.gate(id);
  expect(gate).toMatchObject({ state: 'blocked', votes: [] });
  expect(gate.changes).toContainEqual({ kind: 'exception-ended', id: 'EX-1' });
  expect(gateAnswer(gate).text).toContain('EX-1');
});

test('an exception that ends between approval and seal lets nothing through', async () => {
  const life = await aLife();
  await life.world.report('gitleaks-orders.sarif');
  const id = await life.deploy();
  await except(life, id);
  await lookAgain(life);
  life.after('decided', () => {
    life.world.now = '2026-11-24T09:30:00.000Z';
  });
  expect(await life.decide(id, PEOPLE.alex)).toMatchObject({ kind: 'decided' });
  await life.world.settle();
  expect(life.world.told.filter(({ result }) => result === 'succeeded')).toEqual([]);
  expect(await life.gate(id)).toMatchObject({ state: 'blocked', votes: [] });
});

test('who asked for an exception that the deployment uses may not approve it', async () => {
  const life = await aLife([
    'routes.yaml',
    LEVEL,
    'quorum: 1, from: ["group:payments-leads", "group:release-managers"]',
  ]);
  await life.world.report('gitleaks-orders.sarif');
  const id = await life.deploy();
  await except(life, id);
  await lookAgain(life);
  expect(await life.decide(id, PEOPLE.isaiah)).toMatchObject({ kind: 'refused', refusal: 'exception-requester' });
});

test('nothing that does not concern them voids an approval or re-sends a card of 200 waiting deployments', async () => {
  const life = await aLife(QUORUM_2);
  const { world, policyDir } = life;
  const ids: string[] = [];
  for (let n = 0; n < 200; n += 1) ids.push(await life.deploy({ pipeline: 1_000 + n }));
  for (const id of ids) expect((await life.decide(id, PEOPLE.alex)).kind).toBe('decided');
  await world.settle();
  const seen = () => world.posted.map(({ to, activityId, updates }) => ({ to, activityId, updates }));
  const before = { seen: seen(), gates: await Promise.all(ids.map((id) => life.gate(id))) };
  expect(before.gates.every(({ state, votes }) => state === 'asked' && votes.length === 1)).toBe(true);

  // The same report again, one that adds what is only monitored, and an edit of the contract for other places.
  await world.report('semgrep-payments.sarif');
  await life.reportMore('semgrep-payments.sarif', { id: 'javascript.style', level: 'note' });
  await edited(policyDir, ['contract.yaml', 'version: 1', 'version: 2']);
  await edited(policyDir, [
    'contract.yaml',
    'Medium or higher finding outside production',
    'Anything outside production',
  ]);
  for (const file of ['contract.yaml', 'routes.yaml']) await edited(policyDir, [file, /^kind:/gm, '# reviewed\nkind:']);
  await lookAgain(life);

  const after = await Promise.all(ids.map((id) => life.gate(id)));
  expect((await world.ports.policy.current()).contract?.version).toBe(2);
  expect(after.map(({ revision, votes }) => [revision, votes.length])).toEqual(ids.map(() => [1, 1]));
  expect(seen()).toEqual(before.seen);
  expect(await life.decide(ids[0] ?? '', PEOPLE.megan, 'approve', { revision: 1 })).toMatchObject({
    gate: { state: 'approved' },
  });
}, 120_000);

test('a freeze that begins between approval and seal asks its level too', async () => {
  const life = await aLife([
    'routes.yaml',
    '    # freezes: [{ from: 2026-12-20, until: 2027-01-03, level: "group:release-managers", reason: required }]',
    '    freezes: [{ from: 2026-11-25, until: 2026-11-27, level: "group:release-managers", reason: required }]',
  ]);
  const id = await life.deploy();
  life.after('decided', () => {
    life.world.now = '2026-11-25T07:00:00.000Z';
  });
  expect(await life.decide(id, PEOPLE.alex)).toMatchObject({ gate: { state: 'approved' } });
  await life.world.settle();
  const gate = await life.gate(id);
  expect(life.world.told).toEqual([]);
  expect(gate).toMatchObject({ state: 'asked', revision: 2, votes: [], changes: [{ kind: 'route' }] });
  expect(gate.ask?.levels.map(({ from, frozenUntil }) => [from, frozenUntil])).toEqual([
    [['group:payments-leads'], undefined],
    [['group:release-managers'], '2026-11-27'],
  ]);
  expect(gate.ask?.comment.approve).toBe('required');
  expect(await life.kinds(id)).toContain('decision-void');
});

test('an approver who is removed between approval and seal carries no quorum', async () => {
  const life = await aLife(QUORUM_2);
  const { directory } = life.world.ports;
  const { membersOf, isMember } = directory;
  const id = await life.deploy();
  await life.decide(id, PEOPLE.alex);
  life.after('decided', () =>
    Object.assign(directory, {
      membersOf: async (...args: Parameters<typeof membersOf>) =>
        (await membersOf(...args)).filter(({ oid }) => oid !== PEOPLE.megan),
      isMember: async (...[oid, principals]: Parameters<typeof isMember>) =>
        oid !== PEOPLE.megan && isMember(oid, principals),
    }),
  );
  expect(await life.decide(id, PEOPLE.megan)).toMatchObject({ gate: { state: 'approved' } });
  await life.world.settle();
  expect(life.world.told).toEqual([]);
  expect(await life.gate(id)).toMatchObject({ state: 'asked', revision: 2, votes: [] });
  await life.decide(id, PEOPLE.alex);
  expect(await life.decide(id, PEOPLE.isaiah)).toMatchObject({ gate: { state: 'approved' } });
});
