import { cp, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { gateAnswer } from '../../cards/gate-card.ts';
import { aCheck } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { aWaitingGate, wish } from '../fakes/waiting-gate.ts';

const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';

async function reconcile(world: CoreWorld): Promise<void> {
  await world.core.reconcile();
  await world.core.idle();
}

async function kindsOf(world: CoreWorld, id: string): Promise<string[]> {
  const stored = await world.ports.gates.locate(id);
  return (stored?.evidence ?? []).map(({ entry }) => (JSON.parse(entry) as { kind: string }).kind);
}

test('a check that was cancelled in Azure DevOps leaves nothing waiting here', async () => {
  const { world, id } = await aWaitingGate();
  world.azureDevOps.completed = 'canceled';
  world.advance(6);
  await reconcile(world);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'abandoned', completedElsewhere: 'canceled' });
  expect(await kindsOf(world, id)).toContain('completed-without-us');
  expect(world.posted[0]?.notice.gate.state).toBe('abandoned');
  expect(world.told).toEqual([]);
  expect((await world.ports.gates.locate(id))?.token).toBeUndefined();
  expect(await world.ports.gates.open()).toEqual([]);
  expect(world.table.dump().filter(({ row }) => row.startsWith('w~'))).toEqual([]);
});

test('a stage that went on without a decision is a bypass, and the owner of the contract is told', async () => {
  const { world, id } = await aWaitingGate();
  await world.meet(DIEGO);
  world.azureDevOps.completed = 'succeeded';
  world.advance(6);
  await reconcile(world);
  expect(await kindsOf(world, id)).toContain('bypass-detected');
  const card = world.posted.find(({ to }) => to === `a:${DIEGO}`);
  expect(card === undefined ? '' : gateAnswer(card.notice.gate).text).toContain('Released without a decision');
});

test('nobody can decide any more once Azure DevOps has completed the check', async () => {
  const { world, id } = await aWaitingGate();
  world.azureDevOps.completed = 'canceled';
  world.advance(6);
  await reconcile(world);
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ refusal: 'already-decided' });
  expect(world.told).toEqual([]);
});

test('a decision whose hints were lost is told', async () => {
  const { world, id } = await aWaitingGate();
  world.azureDevOps.down = true;
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.core.idle();
  world.azureDevOps.down = false;
  for (const { table, partition, row } of world.table.dump()) {
    if (table === 'due') await world.table.remove('due', partition, row);
  }
  world.advance(60);
  await reconcile(world);
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);
});

test('a changed policy reaches the gates that wait', async () => {
  const policyDir = await mkdtemp(join(tmpdir(), 'countersign-policy-'));
  await cp(fileURLToPath(new URL('../../manifest/policy', import.meta.url)), policyDir, { recursive: true });
  const world = await createCoreWorld({ policyDir });
  await world.meet(PEOPLE.isaiah);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  const id = await world.deliver();
  const routes = join(policyDir, 'routes.yaml');
  await writeFile(routes, (await readFile(routes, 'utf8')).replace('group:payments-leads', 'group:release-managers'));
  world.advance(6);
  await reconcile(world);
  expect(await world.core.approvals.find(id)).toMatchObject({
    state: 'asked',
    revision: 2,
    ask: { levels: [{ from: ['group:release-managers'] }] },
    changes: [{ kind: 'route' }],
  });
  expect(world.posted.map(({ to }) => to)).toContain(`a:${PEOPLE.isaiah}`);
});

test.each([
  ['young', 1, false],
  ['not answered for', 6, true],
])('a gate that is %s is left as it is', async (_what, minutes, down) => {
  const { world, id } = await aWaitingGate();
  world.azureDevOps.completed = 'canceled';
  world.azureDevOps.down = down;
  world.advance(minutes);
  await reconcile(world);
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'asked', revision: 1 });
});

test('an organization that does not answer is asked a few times, not once for each request', async () => {
  const world = await createCoreWorld();
  for (let n = 0; n < 8; n += 1) {
    const taskInstanceId = `0000000${n}-0000-4000-8000-000000000000`;
    await world.core.deliveries.receive({
      check: aCheck({ taskInstanceId }),
      jobToken: 'token',
      runId: 7,
      stage: 'Deploy',
      environment: 'prod',
    });
  }
  world.advance(2);
  await world.settle();
  expect(await world.ports.gates.open()).toHaveLength(8);
  world.advance(6);
  let asked = 0;
  const { checkState } = world.ports.azureDevOps;
  const counting: typeof checkState = (...args) => {
    asked += 1;
    return checkState(...args);
  };
  Object.assign(world.ports.azureDevOps, { checkState: counting });
  world.azureDevOps.down = true;
  await reconcile(world);
  expect(asked).toBe(3);
  world.azureDevOps.down = false;
  await reconcile(world);
  expect(asked).toBe(3 + 8);
});
