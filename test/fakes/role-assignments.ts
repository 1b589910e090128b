import type { TokenCredential } from '@azure/identity';
import type { Reply } from './azure-devops-model.ts';
import { page } from './azure-signals.ts';
import { type JsonRequest, type JsonServer, startJsonServer } from './json-server.ts';
import { failure } from './resource-graph.ts';

export interface SimulatedRole {
  readonly principalId: string;
  readonly principalType?: string;
  readonly displayName?: string;
  /** Id of its definition. */
  readonly role: string;
  readonly scope: string;
  readonly condition?: string;
}

type Row = Readonly<Record<string, unknown>>;

interface Definition {
  readonly id: string;
  readonly roleName: string;
  readonly permissions: readonly Readonly<Record<string, readonly string[]>>[];
}

export interface RoleAssignmentsWorld {
  /** Id → display name. Of another the bot may not read the roles. */
  subscriptions: Readonly<Record<string, string>>;
  assignments: readonly SimulatedRole[];
  eligible: readonly SimulatedRole[];
  definitions: readonly Definition[];
  /** Management group → subscriptions in it. */
  managementGroups: Readonly<Record<string, readonly string[]>>;
  /** Group → object ids of those in it. */
  groups: Readonly<Record<string, readonly string[]>>;
  /** Whether the directory has Privileged Identity Management. */
  hasPim: boolean;
  pageSize: number;
  /** Another address of the next page than the true one. */
  nextLink?: (link: string) => string;
}

export interface RoleAssignmentsFake extends JsonServer {
  readonly world: RoleAssignmentsWorld;
  readonly credential: TokenCredential;
}

/** Authorization of Azure Resource Manager on 127.0.0.1: documented addresses, versions, filters and pages. */
export async function startRoleAssignments(): Promise<RoleAssignmentsFake> {
  const token = `arm-${Math.random().toString(36).slice(2)}`;
  const world = noRoles();
  const server: JsonServer = await startJsonServer((request) =>
    request.authorization === `Bearer ${token}`
      ? rolesReply(world, server.url, request)
      : failure(401, 'AuthenticationFailed'),
  );
  return {
    ...server,
    world,
    credential: { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) },
  };
}

export function noRoles(): RoleAssignmentsWorld {
  return {
    subscriptions: {},
    assignments: [],
    eligible: [],
    definitions: [],
    managementGroups: {},
    groups: {},
    hasPim: true,
    pageSize: 1_000,
  };
}

/** To a caller who may ask. */
export function rolesReply(world: RoleAssignmentsWorld, origin: string, { method, url }: JsonRequest): Reply {
  const version = url.searchParams.get('api-version');
  if (url.pathname === '/subscriptions' && version === '2022-12-01') {
    const rows = Object.entries(world.subscriptions).map(([subscriptionId, displayName]) => ({
      subscriptionId,
      displayName,
    }));
    return page(world, origin, url, rows);
  }
  const [, id = '', what] =
    /^\/subscriptions\/([^/]+)\/providers\/Microsoft\.Authorization\/(\w+)$/.exec(url.pathname) ?? [];
  if (world.subscriptions[id] === undefined) return failure(403, 'AuthorizationFailed');
  const filter = url.searchParams.get('$filter') ?? '';
  switch (`${method} ${what} ${version}`) {
    case 'GET roleAssignments 2022-04-01':
      return page(world, origin, url, assignmentsOf(world, id, filter));
    case 'GET roleEligibilityScheduleInstances 2020-10-01':
      if (!world.hasPim) return failure(400, 'AadPremiumLicenseRequired');
      return page(world, origin, url, eligibleOf(world, id, filter));
    case 'GET roleDefinitions 2022-04-01':
      return page(world, origin, url, world.definitions.map(definitionJson));
    default:
      return failure(404, 'InvalidResourceType');
  }
}

/** Without a filter at, above and below. */
function assignmentsOf(world: RoleAssignmentsWorld, id: string, filter: string): Row[] {
  const [, assignedTo] = /^assignedTo\('([^']+)'\)$/.exec(filter) ?? [];
  return world.assignments
    .filter((one) => isAbove(world, id, one.scope) || isBelow(id, one.scope))
    .filter(({ principalId }) => assignedTo === undefined || isOrHas(world, principalId, assignedTo))
    .map((one) => assignmentJson(id, one));
}

function eligibleOf(world: RoleAssignmentsWorld, id: string, filter: string): Row[] {
  const wanted = world.eligible.filter(
    ({ scope }) => isAbove(world, id, scope) || (filter !== 'atScope()' && isBelow(id, scope)),
  );
  return wanted.map((one) => {
    const { properties, ...rest } = assignmentJson(id, one);
    const principal = { id: one.principalId, displayName: one.displayName ?? 'Somebody', type: one.principalType };
    return { ...rest, properties: { ...properties, memberType: 'Direct', expandedProperties: { principal } } };
  });
}

function isAbove({ managementGroups }: RoleAssignmentsWorld, id: string, scope: string): boolean {
  const [, group = ''] = /managementGroups\/([^/]+)$/i.exec(scope) ?? [];
  return scope === '/' || scope === `/subscriptions/${id}` || managementGroups[group]?.includes(id) === true;
}

function isBelow(id: string, scope: string): boolean {
  return scope.startsWith(`/subscriptions/${id}/`);
}

function isOrHas({ groups }: RoleAssignmentsWorld, principalId: string, wanted: string): boolean {
  return principalId === wanted || groups[principalId]?.includes(wanted) === true;
}

function assignmentJson(id: string, given: SimulatedRole) {
  const { principalId, principalType = 'ServicePrincipal', role, scope, condition = null } = given;
  return {
    id: `${scope === '/' ? '' : scope}/providers/Microsoft.Authorization/roleAssignments/${principalId}`,
    type: 'Microsoft.Authorization/roleAssignments',
    properties: {
      roleDefinitionId: `/subscriptions/${id}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
      principalId,
      principalType,
      scope,
      condition,
    },
  };
}

function definitionJson({ id, roleName, permissions }: Definition): Row {
  return {
    id: `/providers/Microsoft.Authorization/roleDefinitions/${id}`,
    name: id,
    type: 'Microsoft.Authorization/roleDefinitions',
    properties: { roleName, type: 'BuiltInRole', permissions, assignableScopes: ['/'] },
  };
}
