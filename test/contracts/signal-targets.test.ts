import { expect, test } from 'vitest';
import { createAdvancedSecurity } from '../../services/azure-devops/advanced-security.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createPolicyStates } from '../../services/azure-resources/subscription-lists.ts';
import type { Catalog, Service, ServiceEnvironment } from '../../services/domain/catalog.ts';
import { allOf, ORDERS, PAYMENTS, PROJECT, REPOSITORY, signalServers, TARGET } from './signal-scene.ts';

const servers = signalServers();

function catalogOf(
  repositories: readonly string[],
  environments: readonly (readonly [string, ServiceEnvironment])[] = [],
): Catalog {
  const service: Service = {
    name: 'payments-api',
    owner: 'group:payments-owners',
    repositories,
    pipelines: [],
    paths: [],
    environments: new Map(environments),
  };
  return { services: new Map([[service.name, service]]), broken: new Map() };
}

test('the subscriptions are those that the catalog names, by name or id; one that is not seen is told', async () => {
  const environments: [string, ServiceEnvironment][] = [
    ['prod', { subscription: 'Payments-Prod', resourceGroups: [] }],
    ['staging', { subscription: ORDERS.toUpperCase(), resourceGroups: [] }],
    ['dev', { subscription: 'nowhere', resourceGroups: [] }],
    ['lab', { resourceGroups: ['rg'] }],
  ];
  const { targets, unseen } = await servers.policyStates().targets(catalogOf([], environments));

  expect(targets).toEqual([
    { id: PAYMENTS, name: 'payments-prod' },
    { id: ORDERS, name: 'orders-prod' },
  ]);
  expect([...unseen.keys()]).toEqual(['nowhere']);
  expect([...unseen.values()].join()).toContain('role Reader');
});

test('a subscription that is named by its id needs no look at which there are', async () => {
  const catalog = catalogOf([], [['prod', { subscription: PAYMENTS, resourceGroups: [] }]]);

  expect(await servers.policyStates().targets(catalog)).toEqual({
    targets: [{ id: PAYMENTS, name: PAYMENTS }],
    unseen: new Map(),
  });
  expect(servers.azure().requests).toEqual([]);
});

test('the repositories are those that the catalog names, in whichever project; a disabled one is none', async () => {
  const repository = (id: string, name: string, over = {}) => ({
    id,
    name,
    project: { id: PROJECT, name: 'Shop' },
    ...over,
  });
  servers.devops().world.repositories = [
    repository(REPOSITORY, 'Payments-API'),
    repository(PAYMENTS, 'another'),
    repository(ORDERS, 'payments-old', { isDisabled: true }),
  ];
  const { targets, unseen } = await servers.advancedSecurity().targets(catalogOf(['payments-api', 'payments-old']));

  expect(targets).toEqual([
    {
      id: `${PROJECT}/${REPOSITORY}`,
      name: 'Shop/Payments-API',
      repository: { organization: servers.devops().organization, services: ['payments-api'] },
    },
  ]);
  expect([...unseen.keys()]).toEqual(['payments-old']);
});

test('alerts of every state are asked for, of the default branch', async () => {
  const project = { id: PROJECT, name: 'Shop' };
  servers.devops().world.repositories = [{ id: REPOSITORY, name: 'payments-api', project, alerts: [] }];
  await allOf(servers.advancedSecurity(), servers.repositoryTarget());

  expect(servers.devops().requests[0]).toContain('criteria.onlyDefaultBranch=true');
  expect(servers.devops().requests[0]).not.toContain('criteria.states');
});

test('where Advanced Security is off that is said, and nothing is taken for clean', async () => {
  const project = { id: PROJECT, name: 'Shop' };
  servers.devops().world.repositories = [{ id: REPOSITORY, name: 'payments-api', project }];

  await expect(servers.advancedSecurity().page(servers.repositoryTarget())).rejects.toThrow(
    /turn Advanced Security on/,
  );
});

test('an organization on a server of its own has no Advanced Security, and is not asked', async () => {
  const source = createAdvancedSecurity({
    organizations: ['https://tfs.contoso.com/main'],
    identity: createPatIdentity('x'),
  });

  expect((await source.targets(catalogOf([]))).targets).toEqual([]);
});

test('the severity of an assessment is that of its metadata, unless it has its own', async () => {
  const assessment = (name: string, metadata?: object) => ({
    name,
    properties: { displayName: name, ...(metadata && { metadata }) },
  });
  const { world } = servers.azure();
  world.pageSize = 1;
  world.metadata = [
    { name: 'Mfa', properties: { severity: 'High' } },
    { name: 'tls', properties: { severity: 'Low' } },
  ];
  world.assessments = { [PAYMENTS]: [assessment('mfa'), assessment('tls', { severity: 'Medium' }), assessment('new')] };
  world.alerts = { [PAYMENTS]: [] };
  const entries = (await allOf(servers.defender(), TARGET)) as { properties: { metadata?: { severity: string } } }[];

  expect(entries.map(({ properties }) => properties.metadata?.severity)).toEqual(['High', 'Medium', undefined]);
});

test('subscriptions whose pages have no end are refused, never taken for all there are', async () => {
  const nextLink = `${servers.azure().url}/subscriptions?api-version=2022-12-01`;
  servers.azure().faults.add({ on: /GET \/subscriptions\?/, status: 200, body: { value: [], nextLink } });
  const catalog = catalogOf([], [['prod', { subscription: 'payments-prod', resourceGroups: [] }]]);

  await expect(servers.policyStates().targets(catalog)).rejects.toThrow(/more pages/);
  expect(servers.azure().requests).toHaveLength(50);
});

test('the metadata of one subscription at a time is kept: a list that is gone on with later has its own again', async () => {
  servers.azure().world.pageSize = 1;
  servers.azure().world.metadata = [{ name: 'mfa', properties: { severity: 'High' } }];
  const own = { name: 'mfa', properties: { displayName: 'mfa' } };
  servers.azure().world.assessments = { [PAYMENTS]: [own, own], [ORDERS]: [own] };
  const source = servers.defender();
  const { next } = await source.page(TARGET);
  await source.page({ id: ORDERS, name: 'orders-prod' });
  const { body } = await source.page(TARGET, next);

  expect(Buffer.from(body).toString()).toContain('High');
  expect(servers.azure().requests.filter((one) => one.includes('assessmentMetadata'))).toHaveLength(3);
});

test('a host without an identity in Azure is told so', async () => {
  const credential = { getToken: async () => Promise.reject(new Error('no credential')) };
  const source = createPolicyStates({ url: servers.azure().url, credential, allowLoopback: true });

  await expect(source.page(TARGET)).rejects.toThrow(/Entra gave no token for the identity of the host/);
  expect(servers.azure().requests).toEqual([]);
});

test('whoever may not list repositories is told of Read of code, not of Advanced Security', async () => {
  servers.devops().faults.add({ on: /repositories/, status: 403, body: { message: 'no' } });

  await expect(servers.advancedSecurity().targets(catalogOf(['payments-api']))).rejects.toThrow(/"Read" of code/);
});
