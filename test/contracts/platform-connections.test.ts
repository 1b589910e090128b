import { randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { createConnectionReader } from '../../services/azure-devops/platform-connections.ts';
import { readVariableGroups } from '../../services/azure-devops/platform-variable-groups.ts';
import type { ConnectionFact, PlatformFacts, Section } from '../../services/domain/platform.ts';
import type { AzureDevOpsSimulator } from '../fakes/azure-devops.ts';
import { guidOf } from '../fakes/azure-devops-model.ts';
import { aConnection, type SimulatedConnection } from '../fakes/platform-connections.ts';
import { aConnectionFact, PROD, section, setting, TEST } from '../unit/connection-facts.ts';
import { inParts, partsOf, startPlatform } from './section-scene.ts';

const APPROVAL = '8C6F20A7-A545-4486-9777-F762FAFE0D4D';
const GROUP = `/subscriptions/${PROD}/resourceGroups/rg-pay`;

async function factOf(over: Partial<SimulatedConnection> = {}): Promise<ConnectionFact> {
  const simulator = await startPlatform();
  simulator.library.connections.push(aConnection(simulator.project, 'azure-prod', over));
  const { facts } = await partsOf(simulator, 'connections', createConnectionReader())();
  return facts[0] as ConnectionFact;
}

function projectOf({ project, pipelines }: AzureDevOpsSimulator & { readonly pipelines?: object }, ids = {}): Section {
  const facts: PlatformFacts['project'] = {
    pipelines: ['payments-deploy'],
    repositories: [],
    pipelineIds: ids,
    ...pipelines,
  };
  return { kind: 'project', target: project.id, name: project.name, known: { at: '2026-11-24T09:00:00.000Z', facts } };
}

test('a connection is known with who made it, where it leads and who may use it', async () => {
  const simulator = await startPlatform();
  const pipeline = simulator.addPipeline({ name: 'payments-deploy' });
  const other = simulator.addPipeline({ name: 'forgotten' });
  const ads = simulator.addProject('Ads');
  simulator.library.connections.push(
    aConnection(simulator.project, 'azure-prod', {
      data: {
        scopeLevel: 'Subscription',
        subscriptionId: PROD.toUpperCase(),
        spnObjectId: guidOf('SPN').toUpperCase(),
      },
      pipelines: [pipeline, other],
      sharedWith: [ads],
      createdOn: '2026-01-02T03:04:05.1234567Z',
      checks: [{ typeId: APPROVAL }],
      uses: [
        { pipeline: other, at: '2026-11-01T08:00:00Z' },
        { pipeline, at: '2026-11-20T08:00:00.5Z' },
      ],
    }),
  );
  const read = partsOf(simulator, 'connections', createConnectionReader(), [
    projectOf(simulator, { [pipeline.id]: 'payments-deploy' }),
  ]);

  expect((await read()).facts).toEqual([
    {
      id: guidOf('connection/azure-prod'),
      name: 'azure-prod',
      type: 'azurerm',
      credential: 'federated',
      isShared: true,
      sharedWith: ['Ads'],
      isDisabled: false,
      openToAll: false,
      pipelines: ['payments-deploy', `pipeline ${other.id}`],
      hasApproval: true,
      scope: { level: 'subscription', id: `/subscriptions/${PROD.toUpperCase()}` },
      clientId: guidOf('application/azure-prod'),
      principalId: guidOf('SPN'),
      lastUsed: '2026-11-20T08:00:00.500Z',
      usedBy: ['forgotten', 'payments-deploy'],
      createdAt: '2026-01-02T03:04:05.123Z',
      createdBy: { id: guidOf('Norman'), name: 'Norman Paulk', kind: 'person' },
    },
  ]);
});

test.each([
  ['WorkloadIdentityFederation', {}, 'federated'],
  ['ServicePrincipal', { authenticationType: 'spnKey' }, 'secret'],
  ['ServicePrincipal', { AuthenticationType: 'SpnCertificate' }, 'certificate'],
  ['ServicePrincipal', {}, 'secret'],
  ['ManagedServiceIdentity', {}, 'managed-identity'],
  ['PublishProfile', {}, 'password'],
  ['UsernamePassword', {}, 'password'],
  ['Token', {}, 'token'],
  ['Certificate', {}, 'certificate'],
  ['None', {}, 'none'],
  ['SomethingNew', {}, 'other'],
] as const)('scheme %s with %o is told as %s', async (scheme, parameters, credential) => {
  expect((await factOf({ scheme, parameters })).credential).toBe(credential);
});

test.each([
  [
    { scopeLevel: 'Subscription', subscriptionId: PROD, resourceGroupName: '' },
    {},
    'subscription',
    `/subscriptions/${PROD}`,
  ],
  [{ scopeLevel: 'Subscription', subscriptionId: PROD, resourceGroupName: 'rg-pay' }, {}, 'resource-group', GROUP],
  [{ SubscriptionId: PROD }, {}, 'subscription', `/subscriptions/${PROD}`],
  [{ scopeLevel: 'Subscription', subscriptionId: PROD }, { scope: GROUP }, 'resource-group', GROUP],
  [
    { scopeLevel: 'ManagementGroup', managementGroupId: 'mg-retail', subscriptionId: '' },
    {},
    'management-group',
    '/providers/Microsoft.Management/managementGroups/mg-retail',
  ],
  [
    { scopeLevel: 'AzureMLWorkspace', subscriptionId: PROD, resourceGroupName: 'rg-pay', mlWorkspaceName: 'ml' },
    {},
    'workspace',
    `${GROUP}/providers/Microsoft.MachineLearningServices/workspaces/ml`,
  ],
  [
    { registryId: `${GROUP}/providers/Microsoft.ContainerRegistry/registries/acr` },
    {},
    'other',
    `${GROUP}/providers/Microsoft.ContainerRegistry/registries/acr`,
  ],
] as const)('data %o with parameters %o lead to level %s', async (data, parameters, level, id) => {
  expect((await factOf({ data, parameters })).scope).toEqual({ level, id });
});

test.each([
  [{ subscriptionId: 'not an id' }],
  [{ scopeLevel: 'ManagementGroup', managementGroupId: 'a/b' }],
  [{ scopeLevel: 'ManagementGroup', managementGroupId: '' }],
  [{}],
])('data %o lead nowhere that is known', async (data) => {
  expect(await factOf({ data, parameters: {} })).not.toHaveProperty('scope');
});

test('of secrets, and of whatever else a connection holds, nothing is kept, not even between two parts', async () => {
  const secret = `${randomUUID()}~${randomUUID()}`;
  const simulator = await startPlatform();
  const held = { serviceprincipalkey: secret, servicePrincipalCertificate: secret, apitoken: secret, username: secret };
  simulator.library.connections.push(
    aConnection(simulator.project, 'leaky', { parameters: held, data: { note: secret, subscriptionName: secret } }),
  );
  const variables = { open: { value: secret }, closed: { value: secret, isSecret: true } };
  simulator.library.groups.push({ project: simulator.project, id: 1, name: 'pay', variables });
  const connections = await inParts(partsOf(simulator, 'connections', createConnectionReader()), 1);
  const groups = await inParts(partsOf(simulator, 'variable-groups', readVariableGroups), 1);

  expect(connections.states.length).toBeGreaterThan(1);
  expect(JSON.stringify([connections, groups])).not.toContain(secret);
});

test('only what leads to production, or may, is asked about; and uses of what is of Azure alone', async () => {
  const simulator = await startPlatform();
  const scope = (id: string) => ({ data: { scopeLevel: 'Subscription', subscriptionId: id }, isOpenToAll: true });
  simulator.library.connections.push(
    aConnection(simulator.project, 'prod', scope(PROD)),
    aConnection(simulator.project, 'test', scope(TEST)),
    aConnection(simulator.project, 'cluster', { type: 'kubernetes', scheme: 'Token', parameters: {}, data: {} }),
    aConnection(simulator.project, 'sources', { type: 'GitHub', scheme: 'Token', parameters: {}, data: {} }),
    aConnection(simulator.project, 'off', { ...scope(PROD), isDisabled: true }),
  );
  const { catalog, contract } = setting();
  const { facts } = await partsOf(simulator, 'connections', createConnectionReader(), [projectOf(simulator)])({
    setting: { catalog, contract },
  });
  const asked = (path: RegExp) =>
    simulator.requests.flatMap((request) => path.exec(request.path)?.[1] ?? []).map(nameOf);
  const nameOf = (id: string) => facts.find((one) => one.id === id)?.name;

  expect(asked(/pipelinepermissions\/endpoint\/([^?]+)/)).toEqual(['prod', 'cluster']);
  expect(asked(/checks\/configurations.*resourceId=([^&]+)/)).toEqual(['prod', 'cluster']);
  expect(asked(/serviceendpoint\/([^/]+)\/executionhistory/)).toEqual(['prod']);
  expect(facts.map(({ openToAll }) => openToAll)).toEqual([true, undefined, false, undefined, undefined]);
});

test('without a word of what is production everything that may deploy is asked about', async () => {
  const simulator = await startPlatform();
  simulator.library.connections.push(
    aConnection(simulator.project, 'any'),
    aConnection(simulator.project, 'sources', { type: 'GitHub', scheme: 'Token', parameters: {}, data: {} }),
    aConnection(simulator.project, 'off', { isDisabled: true }),
  );
  const { facts, calls } = await partsOf(simulator, 'connections', createConnectionReader())();
  expect(facts.map(({ openToAll }) => openToAll)).toEqual([false, undefined, undefined]);
  expect(calls).toBe(4);
});

test('where a connection led before says nothing of where it leads now', async () => {
  const simulator = await startPlatform();
  const data = { scopeLevel: 'Subscription', subscriptionId: TEST };
  simulator.library.connections.push(aConnection(simulator.project, 'moved', { data }));
  const moved = aConnectionFact({ id: guidOf('connection/moved') });
  const before = section('connections', [moved], simulator.project.id);
  const { catalog, contract } = setting();
  const { calls } = await partsOf(simulator, 'connections', createConnectionReader(), [projectOf(simulator), before])({
    setting: { catalog, contract },
  });
  expect(calls).toBe(1);
});

test('a pipeline whose permission was taken away is none that may use it', async () => {
  const simulator = await startPlatform();
  simulator.library.connections.push(aConnection(simulator.project, 'azure-prod'));
  const pipelines = [
    { id: 1, authorized: false },
    { id: 2, authorized: true },
  ];
  simulator.faults.add({
    on: /pipelinepermissions/,
    status: 200,
    body: { allPipelines: { authorized: false }, pipelines },
  });
  const { facts } = await partsOf(simulator, 'connections', createConnectionReader())();
  expect(facts[0]).toMatchObject({ openToAll: false, pipelines: ['pipeline 2'] });
});

test('what is no application id is none', async () => {
  expect(await factOf({ parameters: { serviceprincipalid: 'deployer' } })).not.toHaveProperty('clientId');
});

test('an approval that is turned off, and another check, are no approval', async () => {
  const other = '2ef31ad6-baa0-403a-8b45-2cbc9b4e5563';
  expect(await factOf({ checks: [{ typeId: APPROVAL, isDisabled: true }, { typeId: other }] })).toMatchObject({
    hasApproval: false,
  });
});

test('of what was never used none is recorded, and a use at no time that can be read is not never', async () => {
  expect(await factOf({ uses: [] })).toMatchObject({ lastUsed: 'never', usedBy: [] });
  const simulator = await startPlatform();
  const pipeline = simulator.addPipeline({ name: 'payments-deploy' });
  simulator.library.connections.push(aConnection(simulator.project, 'odd', { uses: [{ pipeline, at: null }] }));
  const { facts } = await partsOf(simulator, 'connections', createConnectionReader())();
  expect(facts[0]).not.toHaveProperty('lastUsed');
});

test.each([
  ['pipelinepermissions', 'openToAll'],
  ['checks/configurations', 'hasApproval'],
  ['executionhistory', 'lastUsed'],
])('what Azure DevOps refuses to say of one connection (%s) is not known', async (path, fact) => {
  const simulator = await startPlatform();
  simulator.library.connections.push(aConnection(simulator.project, 'azure-prod', { isOpenToAll: true }));
  simulator.faults.add({ on: new RegExp(path), status: 404, body: { message: 'gone' } });
  const { facts } = await partsOf(simulator, 'connections', createConnectionReader())();
  expect(facts).toHaveLength(1);
  expect(facts[0]?.[fact as keyof ConnectionFact]).toBeUndefined();
});

test('connections that the account may not see come as null, and are passed over', async () => {
  const simulator = await startPlatform();
  simulator.faults.add({ on: /endpoints/, status: 200, body: { count: 1, value: [null] } });
  expect((await partsOf(simulator, 'connections', createConnectionReader())()).facts).toEqual([]);
});

test('secrets of a variable group are counted where they lie: in itself, or in the vault that it is linked to', async () => {
  const simulator = await startPlatform();
  const secret = { value: null, isSecret: true };
  const own = { project: simulator.project };
  simulator.library.groups.push(
    { ...own, id: 1, name: 'own', variables: { a: secret, b: secret, c: { value: 'plain' } } },
    { ...own, id: 2, name: 'linked', variables: { a: secret }, vault: 'kv-pay', isOpenToAll: true },
    { ...own, id: 3, name: 'plain', variables: { c: { value: 'plain' } }, isOpenToAll: true },
  );
  const { facts, calls } = await partsOf(simulator, 'variable-groups', readVariableGroups)();

  expect(facts).toEqual([
    { id: '1', name: 'own', secretsHere: 2, openToAll: false },
    { id: '2', name: 'linked', secretsHere: 0, vault: 'kv-pay', openToAll: true },
    { id: '3', name: 'plain', secretsHere: 0, openToAll: undefined },
  ]);
  expect(calls).toBe(3);
});
