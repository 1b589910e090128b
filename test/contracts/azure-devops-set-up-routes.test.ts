import { describe, expect, test } from 'vitest';
import { SET_UP_ROUTES } from '../fakes/set-up-routes.ts';
import { type Shop, setShop } from './platform-routes-scene.ts';

// What the simulator lets be written, beside the documented requests and answers and the clients that Microsoft gives out.

interface Case {
  readonly method: 'POST' | 'PATCH' | 'PUT' | 'DELETE';
  readonly path: (shop: Shop) => string;
  /** As the REST reference has it. */
  readonly body?: (shop: Shop) => object;
  /** Names that the documented answer has; none: 204 without a body. */
  readonly has: readonly string[];
}

const CHECKS = 'pipelines/checks/configurations';
const inProject = ({ project }: Shop, path: string) => `/${project.id}/_apis/${path}?api-version=7.1-preview.1`;
const ofOrganization = (path: string) => `/_apis/${path}${path.includes('?') ? '&' : '?'}api-version=7.1-preview.2`;

const aCheck = ({ connection, environment }: Shop) => ({
  settings: {
    displayName: 'Gate: findings',
    definitionRef: { id: '9c3e8943-130d-4c78-ac63-8af81df62dfb', name: 'InvokeRESTAPI', version: '1.220.0' },
    inputs: { connectedServiceName: connection.id, method: 'POST', waitForCompletion: 'true' },
  },
  timeout: 1_440,
  type: { id: 'fe1de3ee-a436-41b4-bb20-f6eb4cb879a7', name: 'Task Check' },
  resource: { type: 'environment', id: String(environment.id), name: 'prod' },
});
const aSubscription = ({ project }: Shop) => ({
  publisherId: 'pipelines',
  eventType: 'ms.vss-pipelinechecks-events.approval-pending',
  resourceVersion: '5.1-preview.1',
  consumerId: 'webHooks',
  consumerActionId: 'httpRequest',
  publisherInputs: { projectId: project.id },
  consumerInputs: { url: 'https://bot.example/hooks', basicAuthUsername: 'hook', basicAuthPassword: 'of a test' },
});
const subscribed = ({ simulator }: Shop) =>
  simulator.subscribe({ eventType: 'ms.vss-pipelines.run-state-changed-event', url: 'https://bot.example/hooks' });
const reference = ({ project: { id, name } }: Shop) => ({ projectReference: { id, name }, name: 'made' });

const CASES: readonly Case[] = [
  {
    ...{ method: 'POST', path: (it) => inProject(it, CHECKS), body: aCheck },
    has: ['id', 'type.id', 'resource.id', 'timeout', 'settings.inputs.method'],
  },
  {
    ...{ method: 'PATCH', path: (it) => inProject(it, `${CHECKS}/1`), body: aCheck },
    has: ['id', 'timeout', 'settings.displayName', 'isDisabled'],
  },
  { method: 'DELETE', path: (it) => inProject(it, `${CHECKS}/1`), has: [] },
  {
    method: 'POST',
    path: () => ofOrganization('serviceendpoint/endpoints'),
    body: (it) => ({
      ...{ name: 'made', type: 'generic', url: 'https://bot.example', isShared: false, owner: 'library' },
      authorization: { parameters: { username: '', password: '' }, scheme: 'UsernamePassword' },
      serviceEndpointProjectReferences: [reference(it)],
    }),
    has: [
      'id',
      'name',
      'type',
      'url',
      'authorization.scheme',
      'serviceEndpointProjectReferences.0.projectReference.id',
    ],
  },
  {
    method: 'DELETE',
    path: (it) => ofOrganization(`serviceendpoint/endpoints/${it.connection.id}?projectIds=${it.project.id}`),
    has: [],
  },
  {
    method: 'POST',
    path: () => ofOrganization('distributedtask/variablegroups'),
    body: (it) => ({
      ...{ name: 'made', type: 'Vsts', variables: { key: { value: 'of a test', isSecret: true } } },
      variableGroupProjectReferences: [reference(it)],
    }),
    has: ['id', 'name', 'type', 'variables.key.isSecret'],
  },
  {
    method: 'DELETE',
    path: (it) => ofOrganization(`distributedtask/variablegroups/7?projectIds=${it.project.id}`),
    has: [],
  },
  {
    method: 'PATCH',
    path: (it) => inProject(it, `pipelines/pipelinepermissions/endpoint/${it.connection.id}`),
    body: ({ pipeline }) => ({ pipelines: [{ id: pipeline.id, authorized: true }] }),
    has: ['resource.id', 'pipelines.0.id', 'pipelines.0.authorized'],
  },
  {
    ...{ method: 'POST', path: () => ofOrganization('hooks/subscriptions'), body: aSubscription },
    has: ['id', 'status', 'eventType', 'publisherInputs.projectId', 'consumerInputs.url'],
  },
  {
    ...{ method: 'PUT', path: (it) => ofOrganization(`hooks/subscriptions/${subscribed(it).id}`), body: aSubscription },
    has: ['id', 'status', 'consumerInputs.basicAuthPassword'],
  },
  { method: 'DELETE', path: (it) => ofOrganization(`hooks/subscriptions/${subscribed(it).id}`), has: [] },
];

const valueAt = (value: unknown, path: string): unknown =>
  path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], value);

function asked({ simulator }: Shop, { method, body }: Case, path: string, token: string, shop: Shop) {
  const authorization = `Basic ${Buffer.from(`:${token}`).toString('base64')}`;
  const headers = { authorization, 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body(shop)) };
  return fetch(`${simulator.organizationUrl()}${path}`, { method, headers, ...sent });
}

const labelOf = (method: string, path: string) => `${method} ${(path.split('/_apis/')[1] ?? '').replace(/\?.*/, '')}`;

describe.each(CASES.map((one, at) => [at, one] as const))('what is written (%i)', (_, one) => {
  test('is answered as documented, in a named version only, and to nobody without a token that it knows', async () => {
    const shop = await setShop();
    const path = one.path(shop);

    expect([203, 401, 403]).toContain((await asked(shop, one, path, 'nobody', shop)).status);
    const unversioned = path.replace(/[?&]api-version=[^&]*/, '');
    expect([400, 404]).toContain((await asked(shop, one, unversioned, shop.simulator.pat, shop)).status);

    const answer = await asked(shop, one, path, shop.simulator.pat, shop);
    const label = labelOf(one.method, path);
    expect([label, answer.status]).toEqual([label, one.has.length === 0 ? 204 : 200]);
    const text = await answer.text();
    // Passwords are masked, secret variables have no value.
    expect(text).not.toContain('of a test');
    const made = text === '' ? undefined : JSON.parse(text);
    for (const name of one.has) expect([name, valueAt(made, name) !== undefined]).toEqual([name, true]);
  });
});

test('each route by which something is written is among those', async () => {
  const shop = await setShop();
  const labels = CASES.map(({ method, path }) => labelOf(method, path(shop)));
  const missing = SET_UP_ROUTES.filter(
    ({ method, path }) =>
      !labels.some((label) => label.startsWith(`${method} `) && path.test(label.slice(method.length + 1))),
  );
  expect(missing.map(({ method, path }) => `${method} ${path.source}`)).toEqual([]);
});

test('the area clients of azure-devops-node-api make and remove a service connection and a variable group', async () => {
  const { api, project, ...shop } = await setShop();
  const whole = { api, project, ...shop };
  const [endpoints, tasks] = [await api.getServiceEndpointApi(), await api.getTaskAgentApi()];

  const made = await endpoints.createServiceEndpoint({
    ...{ name: 'made', type: 'generic', url: 'https://bot.example' },
    authorization: { scheme: 'UsernamePassword', parameters: {} },
    serviceEndpointProjectReferences: [reference(whole)],
  });
  expect((await endpoints.getServiceEndpoints(project.id)).map(({ id }) => id)).toContain(made.id);
  await endpoints.deleteServiceEndpoint(made.id ?? '', [project.id]);
  expect((await endpoints.getServiceEndpoints(project.id)).map(({ id }) => id)).not.toContain(made.id);

  const group = await tasks.addVariableGroup({
    ...{ name: 'made', type: 'Vsts', variables: { key: { value: 'of a test', isSecret: true } } },
    variableGroupProjectReferences: [reference(whole)],
  });
  expect((await tasks.getVariableGroups(project.id)).map(({ name }) => name)).toContain('made');
  await tasks.deleteVariableGroup(group.id ?? 0, [project.id]);
  expect((await tasks.getVariableGroups(project.id)).map(({ name }) => name)).not.toContain('made');
});
