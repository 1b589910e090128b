import type { Reply } from './azure-devops-model.ts';

/** What stands only in related addresses. */
const RELATED = ['manager', 'withoutApps'];

export interface GraphUser {
  readonly id: string;
  readonly displayName: string | null;
  readonly userPrincipalName: string | null;
  readonly userType: string | null;
  readonly accountEnabled: boolean | null;
  readonly mail: string | null;
  readonly otherMails: readonly string[];
  readonly proxyAddresses: readonly string[];
  /** Id of a user; no property of the user itself. */
  readonly manager?: string;
  /** Why Teams installs no app for them; no property of the user itself. */
  readonly withoutApps?: 'no-licence' | 'blocked';
}

export interface GraphGroup {
  readonly id: string;
  readonly displayName: string;
  /** Ids of users and of groups. */
  readonly members: readonly string[];
}

interface GraphEligibility {
  readonly groupId: string;
  readonly principalId: string;
  readonly accessId: 'member' | 'owner';
}

export interface GraphWorld {
  users: readonly GraphUser[];
  groups: readonly GraphGroup[];
  servicePrincipals: readonly { readonly id: string; readonly appId: string; readonly displayName: string }[];
  eligible: readonly GraphEligibility[];
  /** The organization's catalog of Teams apps. */
  teamsApps: readonly { readonly id: string; readonly externalId: string; readonly displayName: string }[];
  /** By id of the user, ids of the catalog. */
  readonly installed: Map<string, string[]>;
  /** Application permissions of the bot. */
  granted: ReadonlySet<string>;
  pageSize: number;
}

export interface GraphRequest {
  readonly method: string;
  readonly origin: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly isEventual: boolean;
  readonly body: unknown;
}

type Answer = (world: GraphWorld, request: GraphRequest, id: string) => Reply;

const ID = '([0-9a-f-]{36})';
const ROUTES: readonly (readonly [RegExp, string, Answer])[] = [
  [new RegExp(`^GET /v1.0/users/${ID}$`), 'User.Read.All', readUser],
  [new RegExp(`^GET /v1.0/users/${ID}/manager$`), 'User.Read.All', readManager],
  [/^GET \/v1.0\/users$/, 'User.Read.All', listUsers],
  [new RegExp(`^POST /v1.0/users/${ID}/checkMemberGroups$`), 'GroupMember.Read.All', checkMemberGroups],
  [new RegExp(`^GET /v1.0/groups/${ID}$`), 'GroupMember.Read.All', readGroup],
  [/^GET \/v1.0\/servicePrincipals$/, 'Application.Read.All', listServicePrincipals],
  [/^GET \/v1.0\/groups$/, 'GroupMember.Read.All', listGroups],
  [
    new RegExp(`^GET /v1.0/groups/${ID}/transitiveMembers/microsoft.graph.user$`),
    'GroupMember.Read.All',
    listTransitiveUsers,
  ],
  [
    /^GET \/v1.0\/identityGovernance\/privilegedAccess\/group\/eligibilityScheduleInstances$/,
    'PrivilegedEligibilitySchedule.Read.AzureADGroup',
    listEligibility,
  ],
];

/** `further`: routes of other workloads. */
export function answerTo(world: GraphWorld, request: GraphRequest, further: typeof ROUTES): Reply {
  for (const [pattern, permission, answer] of [...ROUTES, ...further]) {
    const match = pattern.exec(`${request.method} ${request.path}`);
    if (match === null) continue;
    if (!world.granted.has(permission)) return graphFailure(403, 'Authorization_RequestDenied');
    return answer(world, request, match[1] ?? '');
  }
  return graphFailure(400, 'BadRequest');
}

export function graphFailure(status: number, code: string): Reply {
  const innerError = { date: '2026-11-23T10:00:00', 'request-id': '0f8fad5b-d9cb-469f-a165-70867728950e' };
  return { status, body: { error: { code, message: `${code}: as documented.`, innerError } } };
}

export const notFound = () => graphFailure(404, 'Request_ResourceNotFound');
export const unsupported = () => graphFailure(400, 'Request_UnsupportedQuery');

function readUser(world: GraphWorld, request: GraphRequest, id: string): Reply {
  const user = world.users.find((one) => one.id === id);
  if (user === undefined) return notFound();
  const context = `${request.origin}/v1.0/$metadata#users/$entity`;
  return { status: 200, body: { '@odata.context': context, ...selected(request, user) } };
}

function readManager(world: GraphWorld, request: GraphRequest, id: string): Reply {
  const user = world.users.find((one) => one.id === id);
  const manager = world.users.find((one) => one.id === user?.manager);
  return manager === undefined ? notFound() : { status: 200, body: selected(request, manager) };
}

function listUsers(world: GraphWorld, request: GraphRequest): Reply {
  const filter = request.query.get('$filter') ?? '';
  const listed = /^id in \((.*)\)$/.exec(filter)?.[1];
  if (listed !== undefined) {
    const ids = listed.split(',').map(unquoted);
    return ids.length > 15 ? unsupported() : pageOf(world, request, pick(world.users, ids));
  }
  const isAdvanced = request.isEventual && request.query.get('$count') === 'true';
  const tests = conditionsIn(filter).map(testOf);
  if (tests.includes(undefined) || (!isAdvanced && filter.includes('/any('))) return unsupported();
  return pageOf(
    world,
    request,
    world.users.filter((user) => tests.some((isHit) => isHit?.(user))),
  );
}

/** What ` or ` joins, outside of quotes. */
function conditionsIn(filter: string): readonly string[] {
  return (filter.match(/(?:'(?:[^']|'')*'|[^'])+?(?: or |$)/g) ?? []).map((part) => part.replace(/ or $/, ''));
}

function testOf(condition: string): ((user: GraphUser) => boolean) | undefined {
  const [, list, inList, plain, value] =
    /^(?:(otherMails|proxyAddresses)\/any\(a:a eq ('(?:[^']|'')*')\)|(userPrincipalName|mail|displayName) eq ('(?:[^']|'')*'))$/.exec(
      condition,
    ) ?? [];
  if (list === 'otherMails' || list === 'proxyAddresses')
    return (user) => user[list].some((one) => isSame(one, unquoted(inList ?? '')));
  if (plain === 'userPrincipalName' || plain === 'mail' || plain === 'displayName')
    return (user) => isSame(user[plain] ?? '', unquoted(value ?? ''));
  return undefined;
}

/** Transitive; one id that is no group's fails the whole call. */
function checkMemberGroups(world: GraphWorld, request: GraphRequest, id: string): Reply {
  const { groupIds } = request.body as { readonly groupIds: readonly string[] };
  if (groupIds.length > 20) return graphFailure(400, 'Request_BadRequest');
  const isUnknown = (group: string) => world.groups.every((one) => one.id !== group);
  if (world.users.every((user) => user.id !== id) || groupIds.some(isUnknown)) return notFound();
  const value = groupIds.filter((group) => transitiveIds(world, group).has(id));
  return { status: 200, body: { '@odata.context': `${request.origin}/v1.0/$metadata#Collection(Edm.String)`, value } };
}

function readGroup(world: GraphWorld, request: GraphRequest, id: string): Reply {
  const group = world.groups.find((one) => one.id === id);
  return group === undefined ? notFound() : { status: 200, body: selected(request, group) };
}

function listGroups(world: GraphWorld, request: GraphRequest): Reply {
  const name = /^displayName eq ('(?:[^']|'')*')$/.exec(request.query.get('$filter') ?? '')?.[1];
  if (name === undefined) return unsupported();
  return pageOf(
    world,
    request,
    world.groups.filter(({ displayName }) => isSame(displayName, unquoted(name))),
  );
}

function listServicePrincipals(world: GraphWorld, request: GraphRequest): Reply {
  const listed = /^appId in \((.*)\)$/.exec(request.query.get('$filter') ?? '')?.[1];
  const ids = listed?.split(', ').map(unquoted) ?? [];
  if (listed === undefined || ids.length > 15) return unsupported();
  return pageOf(
    world,
    request,
    world.servicePrincipals.filter(({ appId }) => ids.includes(appId)),
  );
}

/** Without User.Read.All the members are there and say nothing of themselves. */
function listTransitiveUsers(world: GraphWorld, request: GraphRequest, id: string): Reply {
  if (world.groups.every((group) => group.id !== id)) return notFound();
  if (!request.isEventual || request.query.get('$count') !== 'true') return unsupported();
  const users = pick(world.users, [...transitiveIds(world, id)]);
  const isLimited = !world.granted.has('User.Read.All');
  return pageOf(world, request, isLimited ? users.map(({ id: user }) => ({ ...NOTHING, id: user })) : users);
}

const NOTHING = {
  displayName: null,
  userPrincipalName: null,
  userType: null,
  accountEnabled: null,
  mail: null,
  otherMails: [],
  proxyAddresses: [],
};

function listEligibility(world: GraphWorld, request: GraphRequest): Reply {
  const group = /^groupId eq ('.*')$/.exec(request.query.get('$filter') ?? '')?.[1];
  if (group === undefined) return graphFailure(400, 'MissingFilter');
  const value = world.eligible
    .filter(({ groupId }) => groupId === unquoted(group))
    .map((one) => ({
      id: `${one.groupId}_${one.accessId}_${one.principalId}`,
      startDateTime: '2026-08-18T00:33:48.8Z',
      endDateTime: null,
      memberType: 'Direct',
      eligibilityScheduleId: `${one.groupId}_${one.accessId}_${one.principalId}`,
      ...one,
    }));
  return pageOf(world, request, value);
}

function transitiveIds(world: GraphWorld, id: string): ReadonlySet<string> {
  const found = new Set<string>();
  const open = [id];
  for (const next of open) {
    const members = world.groups.find((group) => group.id === next)?.members ?? [];
    open.push(...members.filter((member) => !found.has(member)));
    for (const member of members) found.add(member);
  }
  return found;
}

export function pageOf(world: GraphWorld, request: GraphRequest, items: readonly object[]): Reply {
  const { query, origin, path } = request;
  const from = Number(query.get('$skiptoken') ?? 0);
  const to = from + Math.min(world.pageSize, Number(query.get('$top') ?? world.pageSize));
  const next = new URLSearchParams(query);
  next.set('$skiptoken', String(to));
  return {
    status: 200,
    body: {
      '@odata.context': `${origin}/v1.0/$metadata#collection`,
      ...(query.get('$count') === 'true' ? { '@odata.count': items.length } : {}),
      ...(to < items.length ? { '@odata.nextLink': `${origin}${path}?${next}` } : {}),
      value: items.slice(from, to).map((item) => selected(request, item)),
    },
  };
}

function selected({ query }: GraphRequest, item: object): object {
  const names = query.get('$select')?.split(',');
  // What is related is no property: it comes only where it is asked for by its own address.
  return Object.fromEntries(
    Object.entries(item).filter(([name]) => !RELATED.includes(name) && (names?.includes(name) ?? true)),
  );
}

function pick(users: readonly GraphUser[], ids: readonly string[]): readonly GraphUser[] {
  return users.filter(({ id }) => ids.includes(id));
}

export function unquoted(text: string): string {
  return text.slice(1, -1).replaceAll("''", "'");
}

/** Graph compares without case. */
function isSame(a: string, b: string): boolean {
  return a.toLowerCase() === b.toLowerCase();
}
