import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PEOPLE } from '../fakes/core-world.ts';
import { CHECK_KEY, type Countersign, startCountersign } from '../fakes/countersign.ts';

const alex = { oid: PEOPLE.alex, name: 'Alex Wilber' };
const adele = { displayName: 'Adele Vance', id: PEOPLE.adele, uniqueName: 'adele.vance@contoso.example' };
const SAMPLE = fileURLToPath(new URL('../../manifest/policy', import.meta.url));

let countersign: Countersign;
let policy: string;
let routes: string;

beforeAll(async () => {
  policy = await mkdtemp(join(tmpdir(), 'policy-'));
  await cp(SAMPLE, policy, { recursive: true });
  // Outside working hours others would be asked at once.
  routes = (await readFile(join(policy, 'routes.yaml'), 'utf8')).replace(/^ +escalateTo: .*$/gm, '');
  const posts = { 'payments-api': 'payments-approvals', 'orders-api': 'Payments/payments-approvals' };
  for (const [service, channel] of Object.entries(posts)) {
    const at = routes.indexOf('post: { dm: true }', routes.indexOf(`service: ${service}`));
    routes = `${routes.slice(0, at)}post: { channel: ${channel}, dm: false }${routes.slice(at + 'post: { dm: true }'.length)}`;
  }
  await writeFile(join(policy, 'routes.yaml'), routes);
  countersign = await startCountersign({ env: { POLICY_DIR: policy } });
});
afterAll(async () => {
  await countersign.close();
  await rm(policy, { recursive: true });
});

/** A deployment whose approvers are asked. */
async function deploy(service: string): Promise<void> {
  const { azureDevOps, report, url } = countersign;
  const author = { name: 'Adele Vance', id: PEOPLE.adele };
  const build = azureDevOps.addPipeline({ name: service, repository: service });
  const deployment = azureDevOps.addPipeline({ name: `${service}-deploy`, repository: `${service}-deploy` });
  const built = azureDevOps.queueRun({ pipeline: build, requestedFor: adele, authors: [author] });
  const run = azureDevOps.queueRun({
    pipeline: deployment,
    requestedFor: adele,
    authors: [author],
    consumes: [built],
  });
  const check = azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service });
  for (const name of ['semgrep-payments.sarif', 'gitleaks-clean.sarif']) {
    await report(name, { service, commit: built.commit, runId: String(built.id) });
  }
  expect(await azureDevOps.deliver(check, `${url}/api/azure-devops/checks`, CHECK_KEY)).toMatchObject({ taken: true });
}

const APPROVALS = '19:payments-payments-approvals@thread.tacv2';
const cardsIn = (channel: string) => countersign.teams.messages(channel).length;
const PATIENTLY = { timeout: 10_000 };
const unreachable = async () => {
  await countersign.app.core.idle();
  return (await countersign.app.core.status.deliveryHealth()).unreachable.map(({ name }) => name);
};

test('a card goes to the channel that a route names, by its name or with its team, and waits while that means none', async () => {
  const { teams } = countersign;
  await deploy('payments-api');
  await expect.poll(unreachable, PATIENTLY).toEqual(['payments-approvals']);

  await teams.installInTeam('Payments', ['payments-approvals'], alex);
  await expect.poll(() => cardsIn(APPROVALS)).toBe(1);
  await deploy('orders-api');
  await expect.poll(() => cardsIn(APPROVALS)).toBe(2);

  await teams.renameChannel({ team: 'Payments', channel: 'payments-approvals' }, 'releases', alex);
  await deploy('orders-api');
  await expect.poll(unreachable, PATIENTLY).toEqual(['Payments/payments-approvals']);
  await teams.renameChannel({ team: 'Payments', channel: 'releases' }, 'payments-approvals', alex);
  await expect.poll(() => cardsIn(APPROVALS)).toBe(3);

  await teams.installInTeam('Shop', ['payments-approvals'], alex);
  await deploy('payments-api');
  await expect.poll(unreachable, PATIENTLY).toEqual(['payments-approvals']);
  expect(cardsIn('19:shop-payments-approvals@thread.tacv2')).toBe(0);
  await teams.uninstallFromTeam('Shop', alex);
  await expect.poll(() => cardsIn(APPROVALS)).toBe(4);
}, 60_000);
