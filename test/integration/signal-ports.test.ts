import { expect, onTestFinished, test } from 'vitest';
import { signalPortsOf } from '../../bot/adapters.ts';
import { orgOf } from '../../services/domain/gate.ts';
import type { Directory } from '../../services/ports/directory.ts';
import { TENANT } from '../builders.ts';
import { SUBSCRIPTION } from '../drift-platforms.ts';
import { startAzureDevOps } from '../fakes/azure-devops.ts';
import { createCoreWorldOn } from '../fakes/core-world.ts';
import { findingsIn, SCOPE, setDriftScene } from '../fakes/drift-scene.ts';
import { createInMemoryTable } from '../fakes/in-memory-table.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { type ResourceGraphFake, startResourceGraph } from '../fakes/resource-graph.ts';
import { startRoleAssignments } from '../fakes/role-assignments.ts';
import { PAYMENTS } from '../fakes/signal-scene.ts';
import { configOf, local, production } from '../unit/config-env.ts';

// What is pulled where the bot runs for real: as configured, with Azure on this machine in the place of Azure.

const ALL = [
  ...['azure-policy', 'defender', 'advanced-security', 'azure-devops-audit', 'azure-activity'],
  ...['azure-devops-platform', 'deployments'],
];
const NOBODY = {} as Directory;
const HOLDER = '5f000000-0000-4000-8000-00000000000c';
const OTHER = '5f000000-0000-4000-8000-00000000000d';
const OWNER_ROLE = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
const SITE = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-payments-prod/providers/Microsoft.Web/sites/pay`;
const NAMED = [
  'catalog.yaml',
  'resourceGroups: [rg-payments-prod] }',
  'resourceGroups: [rg-payments-prod], baseline: [{ type: microsoft.web/sites, properties: [properties.httpsOnly] }] }',
] as const;

async function setAzure(): Promise<ResourceGraphFake> {
  const azure = await startResourceGraph();
  onTestFinished(() => azure.close());
  azure.world.subscriptions = [{ id: SUBSCRIPTION, name: 'payments-prod', ancestors: [] }];
  azure.world.resources = [site(true)];
  return azure;
}

const site = (httpsOnly: boolean) => ({ id: SITE, type: 'Microsoft.Web/sites', properties: { httpsOnly } });
const portsOf = ({ url, credential }: ResourceGraphFake, pulled: readonly string[] = []) =>
  signalPortsOf(configOf({ ...production, PULL_SIGNALS: pulled.join(',') }), NOBODY, {
    ...{ url, credential, allowLoopback: true },
  });

test('each signal that is named is read, and no other', async () => {
  const azure = await setAzure();
  const all = portsOf(azure, ALL);
  const none = portsOf(azure);

  expect(all.signalSources.map(({ name }) => name)).toEqual(['azure-policy', 'defender', 'advanced-security']);
  expect(all.auditLogs.map(({ name }) => name)).toEqual(['azure-devops-audit', 'azure-activity']);
  expect(all.platformSources.flatMap(({ kinds }) => kinds)).toEqual(expect.arrayContaining(['environments', 'roles']));
  expect(all).toHaveProperty('deployments');
  expect([none.signalSources, none.auditLogs, none.platformSources]).toEqual([[], [], []]);
  expect(none).not.toHaveProperty('deployments');
  const real = signalPortsOf(configOf({ ...production, PULL_SIGNALS: ALL.join(',') }), NOBODY);
  expect(real.platformSources.flatMap(({ kinds }) => kinds)).toContain('roles');
  const atHome = signalPortsOf(configOf({ ...local, PULL_SIGNALS: ALL.join(',') }), NOBODY);
  expect(atHome.platformSources.flatMap(({ kinds }) => kinds)).not.toContain('roles');
  expect(atHome).not.toHaveProperty('baselineResources');
});

test('the platform is read with its roles in Azure: whoever holds a production subscription is a finding of what is in it', async () => {
  const [simulator, azure] = [await startAzureDevOps(), await startRoleAssignments()];
  onTestFinished(() => Promise.all([simulator.close(), azure.close()]).then(() => undefined));
  azure.world.subscriptions = { [PAYMENTS]: 'payments-prod' };
  const scope = `/subscriptions/${PAYMENTS}`;
  azure.world.assignments = [{ principalId: HOLDER, principalType: 'User', role: OWNER_ROLE, scope }];
  azure.world.eligible = [
    { principalId: OTHER, principalType: 'Group', role: OWNER_ROLE, scope, displayName: 'Leads' },
  ];
  simulator.addPipeline({ name: 'payments-api' });
  const config = configOf({ ...production, PULL_SIGNALS: 'azure-devops-platform' });
  const organization = simulator.organizationUrl();
  const azureDevOps = { ...config.azureDevOps, organizations: [organization], token: simulator.pat };
  const ports = signalPortsOf({ ...config, azureDevOps }, NOBODY, { ...azure, allowLoopback: true });
  const world = createCoreWorldOn(createInMemoryTable(), { organization, platformSources: ports.platformSources });
  for (let n = 0; n < 6; n += 1) {
    await world.core.reconcile();
    await world.core.idle();
    world.advance(5);
  }

  const read = await world.ports.platforms.all(organization);
  const roles = read.map(({ section }) => section).find(({ kind }) => kind === 'roles');
  expect(roles).toMatchObject({ target: PAYMENTS, known: { facts: expect.any(Array) } });
  const place = { org: orgOf(TENANT, organization), service: 'payments-api', environment: 'prod' };
  const { posture } = await world.ports.postures.read({ scope: place, source: 'azure-devops-platform' });
  const found = [...posture.words.values()].flatMap(({ finding }) => finding ?? []);
  const told = found.filter(({ rule }) => rule.startsWith('principal-'));
  expect(told.map(({ rule, message }) => [rule, message.split(' may ')[0]]).sort()).toEqual([
    ['principal-grants-access', HOLDER],
    ['principal-role-eligible', 'Whoever is in group Leads'],
  ]);
});

test('resources of Azure that the catalog names are approved with a deployment, and drift when they change', async () => {
  const azure = await setAzure();
  const { baselineResources, assets } = portsOf(azure);
  if (baselineResources === undefined || assets === undefined) throw new Error('Azure is not asked');
  const scene = await setDriftScene({ policyDir: await policyFolder(NAMED), baselineResources, assets });
  await scene.release();
  const { baseline } = await scene.world.ports.baselines.read(SCOPE);
  expect(baseline?.entries.filter(({ kind }) => kind === 'resource')).toMatchObject([
    { of: SITE, values: { 'properties.httpsOnly': 'true' } },
  ]);
  expect(azure.scopes.every((scope) => scope === `${azure.url}/.default`)).toBe(true);

  azure.world.resources = [site(false)];
  scene.world.advance(61);
  await scene.round();
  expect(await findingsIn(scene)).toEqual(['resource-changed']);
});

test('Azure that refuses is unknown as such in the drift, and nothing of it is gone', async () => {
  const azure = await setAzure();
  const { baselineResources, assets } = portsOf(azure);
  if (baselineResources === undefined || assets === undefined) throw new Error('Azure is not asked');
  const scene = await setDriftScene({ policyDir: await policyFolder(NAMED), baselineResources, assets });
  await scene.release();
  azure.faults.add({ on: /ResourceGraph/, status: 403 });
  scene.world.advance(61);
  await scene.round();

  expect(await findingsIn(scene)).toEqual(['baseline-not-comparable']);
});
