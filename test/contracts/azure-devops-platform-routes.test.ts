import { describe, expect, test } from 'vitest';
import { AUDIT_ROUTES } from '../fakes/audit-log-routes.ts';
import { ALERT_ROUTES } from '../fakes/platform-alerts.ts';
import { PLATFORM_CHECK_ROUTES } from '../fakes/platform-checks.ts';
import { LIBRARY_ROUTES } from '../fakes/platform-connections.ts';
import { PEOPLE_ROUTES } from '../fakes/platform-people-routes.ts';
import { REVIEWERS, type Shop, setShop } from './platform-routes-scene.ts';

// The simulator of the delivery platform, beside the documented answers and the clients that Microsoft gives out.

const ROUTES = [PLATFORM_CHECK_ROUTES, LIBRARY_ROUTES, PEOPLE_ROUTES, AUDIT_ROUTES, ALERT_ROUTES].flat();

interface Case {
  readonly route: string;
  readonly path: (shop: Shop) => string;
  readonly body?: (shop: Shop) => object;
  /** Where its rows stand, and names that the documented answer has in each. */
  readonly rows: string;
  readonly has: readonly string[];
}

const inProject = ({ project }: Shop, path: string) => `/${project.id}/_apis/${path}`;
const scopeOf = ({ project }: Shop) => `scp.${Buffer.from(project.id.toLowerCase()).toString('base64url')}`;

/** Names as the REST reference writes them. */
const CASES: readonly Case[] = [
  {
    route: 'git/repositories',
    path: (it) => inProject(it, 'git/repositories'),
    rows: 'value',
    has: ['id', 'name', 'defaultBranch', 'isDisabled', 'project'],
  },
  {
    route: 'pipelines/checks/queryconfigurations',
    path: (it) => inProject(it, 'pipelines/checks/queryconfigurations?$expand=settings&api-version=7.1-preview.1'),
    body: ({ environment }) => [{ type: 'environment', id: String(environment.id) }],
    rows: 'value',
    has: [
      'id',
      'type.id',
      'resource.type',
      'resource.id',
      'timeout',
      'settings.definitionRef.id',
      'settings.inputs.body',
    ],
  },
  {
    route: 'pipelinepermissions/environment',
    path: (it) => inProject(it, `pipelines/pipelinepermissions/environment/${it.environment.id}`),
    rows: '',
    has: ['resource.type', 'pipelines.0.id', 'pipelines.0.authorized'],
  },
  {
    route: 'policy/configurations',
    path: (it) => inProject(it, 'policy/configurations'),
    rows: 'value',
    has: [
      'id',
      'isEnabled',
      'isBlocking',
      'type.id',
      'settings.scope',
      'settings.minimumApproverCount',
      'settings.creatorVoteCounts',
    ],
  },
  {
    route: 'serviceendpoint/endpoints',
    path: (it) => inProject(it, 'serviceendpoint/endpoints?includeFailed=true&includeDetails=true'),
    rows: 'value',
    has: [
      'id',
      'name',
      'type',
      'authorization.scheme',
      'isShared',
      'isReady',
      'isDisabled',
      'createdBy.id',
      'serviceEndpointProjectReferences.0.projectReference.id',
    ],
  },
  {
    route: 'serviceendpoint/executionhistory',
    path: (it) => inProject(it, `serviceendpoint/${it.connection.id}/executionhistory?top=50`),
    rows: 'value',
    has: ['endpointId', 'data.planType', 'data.definition.name', 'data.owner.id', 'data.finishTime'],
  },
  {
    route: 'distributedtask/variablegroups',
    path: (it) => inProject(it, 'distributedtask/variablegroups'),
    rows: 'value',
    has: ['id', 'name', 'type', 'variables.key.isSecret'],
  },
  {
    route: 'pipelinepermissions/endpoint',
    path: (it) => inProject(it, `pipelines/pipelinepermissions/endpoint/${it.connection.id}`),
    rows: '',
    has: ['resource.id', 'pipelines.0.id'],
  },
  {
    route: 'pipelines/checks/configurations',
    path: (it) => inProject(it, `pipelines/checks/configurations?resourceType=endpoint&resourceId=${it.connection.id}`),
    rows: 'value',
    has: ['type.id'],
  },
  {
    route: 'connectionData',
    path: () => '/_apis/connectionData',
    rows: '',
    has: ['authenticatedUser.subjectDescriptor'],
  },
  { route: 'graph/descriptors', path: ({ ann }) => `/_apis/graph/descriptors/${ann.id}`, rows: '', has: ['value'] },
  {
    route: 'graph/storagekeys',
    path: ({ ann }) => `/_apis/graph/storagekeys/${ann.descriptor}`,
    rows: '',
    has: ['value'],
  },
  {
    route: 'graph/groups',
    path: (it) => `/_apis/graph/groups?scopeDescriptor=${scopeOf(it)}`,
    rows: 'value',
    has: ['descriptor', 'displayName', 'principalName', 'origin', 'originId', 'subjectKind'],
  },
  {
    route: 'graph/users',
    path: () => '/_apis/graph/users?subjectTypes=aad,msa',
    rows: 'value',
    has: ['descriptor', 'originId', 'mailAddress'],
  },
  {
    route: 'graph/serviceprincipals',
    path: () => '/_apis/graph/serviceprincipals',
    rows: 'value',
    has: ['descriptor', 'originId', 'subjectKind'],
  },
  {
    route: 'graph/memberships',
    path: ({ group }) => `/_apis/graph/memberships/${group.descriptor}?direction=down`,
    rows: 'value',
    has: ['containerDescriptor', 'memberDescriptor'],
  },
  {
    route: 'graph/subjectlookup',
    path: () => '/_apis/graph/subjectlookup?api-version=7.1-preview.1',
    body: ({ ann }) => ({ lookupKeys: [{ descriptor: ann.descriptor }] }),
    rows: '',
    has: ['value'],
  },
  {
    route: 'identities',
    path: ({ ann }) => `/_apis/identities?identityIds=${ann.id}&queryMembership=None`,
    rows: 'value',
    has: ['id', 'descriptor', 'subjectDescriptor', 'providerDisplayName', 'isContainer'],
  },
  {
    route: 'userentitlements',
    path: () => '/_apis/userentitlements?api-version=7.1-preview.4',
    rows: 'members',
    has: ['id', 'user.descriptor', 'user.metaType', 'accessLevel.status', 'lastAccessedDate', 'dateCreated'],
  },
  {
    route: 'serviceprincipalentitlements',
    path: ({ app }) => `/_apis/serviceprincipalentitlements/${app.id}`,
    rows: '',
    has: ['id', 'servicePrincipal.descriptor', 'accessLevel.status', 'lastAccessedDate'],
  },
  {
    route: 'tokenadmin/personalaccesstokens',
    path: ({ ann }) => `/_apis/tokenadmin/personalaccesstokens/${ann.descriptor}?pageSize=20`,
    rows: 'value',
    has: ['displayName', 'scope', 'validFrom', 'validTo', 'authorizationId'],
  },
  {
    route: 'securityroles',
    path: ({ project, environment }) =>
      `/_apis/securityroles/scopes/distributedtask.environmentreferencerole/roleassignments/resources/${project.id}_${environment.id}`,
    rows: 'value',
    has: ['identity.id', 'role.name', 'access'],
  },
  {
    route: 'accesscontrollists',
    path: ({ project }) =>
      `/_apis/accesscontrollists/33344d9c-fc72-4d6f-aba5-fa317101a7e9?token=${project.id}&includeExtendedInfo=true`,
    rows: 'value',
    has: ['acesDictionary', 'token'],
  },
  { route: 'audit/streams', path: () => '/_apis/audit/streams', rows: 'value', has: ['id', 'displayName', 'status'] },
  {
    route: 'audit/auditlog',
    path: () => '/_apis/audit/auditlog?startTime=2026-11-19T00:00:00Z',
    rows: 'decoratedAuditLogEntries',
    has: ['id', 'actionId', 'timestamp', 'category', 'scopeDisplayName', 'actorUserId'],
  },
  {
    route: 'alert/alerts',
    path: (it) => inProject(it, `alert/repositories/${it.repository.id}/alerts?criteria.onlyDefaultBranch=true`),
    rows: 'value',
    has: ['alertId', 'severity', 'alertType', 'state'],
  },
];

const valueAt = (value: unknown, path: string): unknown =>
  path === ''
    ? value
    : path.split('.').reduce<unknown>((at, key) => (at as Record<string, unknown> | null)?.[key], value);

async function asked({ simulator }: Shop, { body }: Case, path: string, auth: string) {
  const headers = {
    authorization: `Basic ${Buffer.from(`:${auth}`).toString('base64')}`,
    'content-type': 'application/json',
  };
  const request = body === undefined ? { headers } : { headers, method: 'POST' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return fetch(`${simulator.organizationUrl()}${path}`, { ...request, ...sent });
}

describe.each(CASES)('the simulated $route', (one) => {
  test('answers with the documented names, and to nobody without a token that it knows', async () => {
    const shop = await setShop();
    const path = one.path(shop);
    const body = one.body?.(shop);
    const whole = { ...one, ...(body === undefined ? {} : { body: body as never }) };

    const answer = await asked(shop, whole, path, shop.simulator.pat);
    expect(answer.status).toBe(200);
    const found = valueAt(await answer.json(), one.rows);
    const rows = one.rows === '' ? [found] : (found as readonly unknown[]);
    expect(rows.length).toBeGreaterThan(0);
    for (const name of one.has)
      expect([name, rows.some((row) => valueAt(row, name) !== undefined)]).toEqual([name, true]);

    const refused = await asked(shop, whole, path, 'nobody');
    expect([203, 401, 403]).toContain(refused.status);
  });
});

test('each route of the simulated platform is among those', async () => {
  const shop = await setShop();
  const paths = CASES.map((one) => [
    one.body === undefined ? 'GET' : 'POST',
    (one.path(shop).split('/_apis/')[1] ?? '').split('?')[0] ?? '',
  ]);
  const missing = ROUTES.filter(
    ({ method, path }) => !paths.some(([how, where = '']) => how === method && path.test(where)),
  );
  expect(missing.map(({ path }) => path.source)).toEqual([]);
});

test('the area clients of azure-devops-node-api read the simulated platform', async () => {
  const { api, project, connection, environment, repository } = await setShop();
  const [policies, endpoints, tasks, alerts] = [
    await api.getPolicyApi(),
    await api.getServiceEndpointApi(),
    await api.getTaskAgentApi(),
    await api.getAlertApi(),
  ];

  expect((await policies.getPolicyConfigurations(project.id)).map(({ type }) => type?.id)).toEqual([REVIEWERS]);
  const named = (await endpoints.getServiceEndpoints(project.id)).map(({ name }) => name);
  expect(named.sort()).toEqual(['azure', 'countersign']);
  const used = await endpoints.getServiceEndpointExecutionRecords(project.id, connection.id);
  expect(used.map(({ data }) => data?.definition?.name)).toEqual(['deploy']);
  expect((await tasks.getEnvironments(project.id)).map(({ name }) => name)).toEqual(['prod']);
  const records = await tasks.getEnvironmentDeploymentExecutionRecords(project.id, environment.id);
  expect(records.map(({ stageName }) => stageName)).toEqual(['Deploy']);
  expect((await tasks.getVariableGroups(project.id)).map(({ name }) => name)).toEqual(['pay']);
  const criteria = { onlyDefaultBranch: true };
  expect(
    (await alerts.getAlerts(project.id, repository.id, 10, undefined, criteria)).map(({ alertId }) => alertId),
  ).toEqual([1]);
});
