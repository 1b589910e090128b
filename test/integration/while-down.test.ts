import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SimulatedCheck } from '../fakes/azure-devops-model.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { CHECK_KEY, type Countersign, startCountersign } from '../fakes/countersign.ts';
import { startWatchedTables, type WatchedTables } from '../fakes/watched-tables.ts';
import { aGateThatAsks, alex, aReportedRun } from '../hostile/asked-gate.ts';

// docs/runbook.md, "What Azure DevOps does while we are down": its stages fail or are skipped, and are never released.

const PATH = '/api/azure-devops/checks';
let tables: WatchedTables;
let scene: CheckScene;
const again: Countersign[] = [];

beforeAll(async () => {
  tables = await startWatchedTables();
  scene = await setCheckScene({}, { tables });
});
afterAll(async () => {
  await Promise.all([scene.close(), ...again.map((one) => one.close())]);
  await tables.close();
});

/** Another process on the same store, for the same Azure DevOps. */
async function startedAgain(): Promise<Countersign> {
  const { azureDevOps } = scene;
  const env = { AZURE_DEVOPS_ORGS: azureDevOps.organizationUrl(), AZURE_DEVOPS_TOKEN: azureDevOps.pat };
  const countersign = await startCountersign({ tables: tables.connectionString, env });
  again.push(countersign);
  return countersign;
}

const stageOf = ({ run, stage }: SimulatedCheck) => scene.azureDevOps.stageOf(run, stage);
/** What Azure DevOps took; of a check that is completed it takes nothing. */
const succeededOf = ({ plan }: SimulatedCheck) =>
  scene.azureDevOps.events.filter(
    ({ planId, result, status }) => planId === plan.id && result === 'succeeded' && status < 400,
  );

test('while nobody takes its check Azure DevOps gives up after ten deliveries, and the stage fails without having begun', async () => {
  const check = scene.waiting();
  expect(await scene.azureDevOps.deliverUntilTaken(check, `http://127.0.0.1:1${PATH}`, CHECK_KEY)).toBe(10);

  expect(scene.azureDevOps.verdictOf(check)).toBe('failed');
  expect(stageOf(check)).toMatchObject({ state: 'completed', result: 'failed' });
  expect(stageOf(check)?.startedAt).toBeNull();
  expect(succeededOf(check)).toEqual([]);
});

test('a check that was taken and never answered ends with its own timeout as skipped, and what is decided later releases nothing', async () => {
  const { id, check } = await aGateThatAsks(scene);
  await scene.app.stop();
  scene.azureDevOps.completeCheckByItself(check, 'skipped');
  expect(stageOf(check)).toMatchObject({ state: 'completed', result: 'skipped' });

  const { app, teams } = await startedAgain();
  await teams.install(alex);
  await teams.say(alex, `approve ${id}`);
  await app.core.reconcile();
  await app.core.idle();

  expect((await app.core.approvals.find(id))?.state).toBe('abandoned');
  expect(stageOf(check)).toMatchObject({ result: 'skipped' });
  expect(stageOf(check)?.startedAt).toBeNull();
  expect(succeededOf(check)).toEqual([]);
});

test('a process that is back in time decides on what another one has taken, and only then the stage begins', async () => {
  const { azureDevOps } = scene;
  const dying = await startedAgain();
  const run = await aReportedRun({ azureDevOps, report: dying.report });
  const check = azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
  const { taken, body } = await azureDevOps.deliver(check, `${dying.url}${PATH}`, CHECK_KEY);
  const id = (JSON.parse(body) as { requestId: string }).requestId;
  await dying.app.core.idle();
  await dying.app.stop();
  expect([taken, stageOf(check)?.state]).toEqual([true, 'pending']);

  const { app, teams } = await startedAgain();
  await teams.install(alex);
  await teams.say(alex, `approve ${id}`);
  await app.core.idle();

  expect(azureDevOps.verdictOf(check)).toBe('succeeded');
  expect(stageOf(check)?.state).toBe('inProgress');
});
