import { isSame, type Reply } from './azure-devops-model.ts';
import { type Asked, forbidden, listOf, notFound, type Route } from './azure-devops-rest.ts';
import type { PlatformSubject } from './platform-people.ts';

const BUILD_NAMESPACE = '33344d9c-fc72-4d6f-aba5-fa317101a7e9';

/** Who may do what: Graph, identities, entitlements, token administration, security roles and auditing, for the bot's own account alone. */
export const PEOPLE_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^connectionData$/, reply: own(connectionData) },
  { method: 'GET', path: /^graph\/descriptors\/([^/]+)$/, reply: own(descriptor) },
  { method: 'GET', path: /^graph\/storagekeys\/([^/]+)$/, reply: own(storageKey) },
  { method: 'GET', path: /^graph\/groups$/, reply: own(groups) },
  {
    method: 'GET',
    path: /^graph\/users$/,
    reply: own((asked) => paged(asked, subjectsOf(asked, 'user').map(graphJson))),
  },
  {
    method: 'GET',
    path: /^graph\/serviceprincipals$/,
    reply: own((asked) => paged(asked, subjectsOf(asked, 'servicePrincipal').map(graphJson))),
  },
  { method: 'GET', path: /^graph\/memberships\/([^/]+)$/, reply: own(members) },
  { method: 'POST', path: /^graph\/subjectlookup$/, reply: own(lookup) },
  { method: 'GET', path: /^identities$/, reply: own(identities) },
  { method: 'GET', path: /^userentitlements$/, reply: own(entitlements) },
  { method: 'GET', path: /^serviceprincipalentitlements\/([^/]+)$/, reply: own(serviceEntitlement) },
  { method: 'GET', path: /^tokenadmin\/personalaccesstokens\/([^/]+)$/, reply: own(tokens) },
  {
    method: 'GET',
    path: /^securityroles\/scopes\/distributedtask\.environmentreferencerole\/roleassignments\/resources\/([^/]+)$/,
    reply: own(roles),
  },
  { method: 'GET', path: /^accesscontrollists\/([^/]+)$/, reply: own(permissions) },
  { method: 'GET', path: /^audit\/streams$/, reply: own(({ world }) => listOf(world.people.audit.streams)) },
];

function own(reply: Route['reply']): Route['reply'] {
  return (asked, ids) =>
    asked.caller.kind === 'bot' ? reply(asked, ids) : forbidden('Access denied: needs permission in the organization.');
}

function subjectsOf({ world }: Asked, kind: PlatformSubject['kind']): PlatformSubject[] {
  return world.people.subjects.filter((one) => one.kind === kind);
}

function found({ world }: Asked, descriptor = ''): PlatformSubject | undefined {
  return world.people.subjects.find((one) => one.descriptor === descriptor);
}

function connectionData({ caller }: Asked): Reply {
  if (caller.kind !== 'bot') return notFound('Nobody is signed in.');
  const { id, descriptor: subjectDescriptor, displayName: providerDisplayName } = caller.person;
  return { status: 200, body: { authenticatedUser: { id, subjectDescriptor, providerDisplayName } } };
}

/** Projects have descriptors too. */
function descriptor({ world }: Asked, [key = '']: readonly string[]): Reply {
  const project = world.projects.find(({ id }) => isSame(id, key));
  const value =
    project === undefined ? world.people.subjects.find(({ id }) => isSame(id, key))?.descriptor : scopeOf(key);
  return value === undefined ? notFound(`No subject has storage key ${key}.`) : { status: 200, body: { value } };
}

function scopeOf(project: string): string {
  return `scp.${Buffer.from(project.toLowerCase()).toString('base64url')}`;
}

function storageKey(asked: Asked, [of]: readonly string[]): Reply {
  const subject = found(asked, of);
  return subject === undefined ? notFound(`No subject ${of}.`) : { status: 200, body: { value: subject.id } };
}

function groups(asked: Asked): Reply {
  const scope = asked.query.get('scopeDescriptor');
  const own = subjectsOf(asked, 'group').filter(
    ({ project }) => scope === null || (project && scopeOf(project) === scope),
  );
  return paged(asked, own.map(graphJson));
}

function graphJson(one: PlatformSubject): object {
  const { kind: subjectKind, descriptor, displayName, principalName, origin, originId } = one;
  const mailAddress = subjectKind === 'user' ? principalName : null;
  return { subjectKind, descriptor, displayName, principalName, origin, originId, mailAddress };
}

/** Nothing is known here of who is in a group of Entra. */
function members(asked: Asked, [of]: readonly string[]): Reply {
  const group = found(asked, of);
  if (asked.query.get('direction') !== 'down') return listOf([]);
  return listOf((group?.members ?? []).map((memberDescriptor) => ({ containerDescriptor: of, memberDescriptor })));
}

function lookup(asked: Asked): Reply {
  const { lookupKeys } = JSON.parse(asked.body) as { lookupKeys: { descriptor: string }[] };
  const entries = lookupKeys.map((key) => {
    const subject = found(asked, key.descriptor);
    return [key.descriptor, subject === undefined ? null : graphJson(subject)];
  });
  return { status: 200, body: { count: entries.length, value: Object.fromEntries(entries) } };
}

function identities({ world, query }: Asked): Reply {
  const all = world.people.subjects;
  const name = query.get('filterValue');
  if (query.get('searchFilter') === 'General' && name !== null)
    return listOf(all.filter(({ displayName }) => displayName.includes(name)).map(identityJson));
  const by = query.get('identityIds') === null ? 'legacyDescriptor' : 'id';
  const wanted = (query.get('identityIds') ?? query.get('descriptors') ?? '').split(',');
  return listOf(
    wanted.map((key) => {
      const one = all.find((subject) => isSame(subject[by], key));
      return one === undefined ? null : identityJson(one);
    }),
  );
}

function identityJson({
  id,
  legacyDescriptor,
  descriptor: subjectDescriptor,
  kind,
  principalName,
  displayName,
}: PlatformSubject) {
  const isContainer = kind === 'group';
  const providerDisplayName = isContainer ? principalName : displayName;
  return {
    id,
    descriptor: legacyDescriptor,
    subjectDescriptor,
    providerDisplayName,
    isActive: true,
    isContainer,
    members: [],
  };
}

/** Paged by a token in the body, in the versions that have one. */
function entitlements(asked: Asked): Reply {
  const [, number = '0'] = /preview\.(\d+)/.exec(asked.query.get('api-version') ?? '') ?? [];
  if (Number(number) < 4) return { status: 400, body: { message: 'this version is paged by top and skip' } };
  const all = subjectsOf(asked, 'user').map((one) => entitlementJson('user', one));
  const { from, until } = pageOf(asked, 100);
  const continuationToken = until < all.length ? String(until) : null;
  const items = all.slice(from, until);
  return { status: 200, body: { members: items, items, continuationToken, totalCount: all.length } };
}

function entitlementJson(name: 'user' | 'servicePrincipal', one: PlatformSubject): object {
  const { id, metaType, status, lastAccessedDate, dateCreated = '2024-01-01T00:00:00Z' } = one;
  const accessLevel = {
    licensingSource: 'account',
    accountLicenseType: 'express',
    status,
    assignmentSource: 'unknown',
  };
  return {
    id,
    [name]: { ...graphJson(one), metaType },
    accessLevel,
    lastAccessedDate,
    dateCreated,
    projectEntitlements: [],
  };
}

function serviceEntitlement(asked: Asked, [key = '']: readonly string[]): Reply {
  const subject = subjectsOf(asked, 'servicePrincipal').find(({ id }) => isSame(id, key));
  if (subject === undefined) return notFound(`No service principal ${key}.`);
  return { status: 200, body: entitlementJson('servicePrincipal', subject) };
}

function tokens(asked: Asked, [of]: readonly string[]): Reply {
  const user = found(asked, of);
  if (user === undefined) return notFound(`No user ${of}.`);
  const { from, until } = pageOf(asked, Number(asked.query.get('pageSize') ?? 20));
  const continuationToken = until < user.tokens.length ? String(until) : null;
  return { status: 200, body: { value: user.tokens.slice(from, until), continuationToken } };
}

function roles({ world }: Asked, [resource = '']: readonly string[]): Reply {
  const scope = 'distributedtask.environmentreferencerole';
  return listOf(
    (world.people.roles.get(resource) ?? []).map(({ subject, role }) => ({
      identity: { id: subject.id, displayName: subject.principalName, uniqueName: subject.legacyDescriptor },
      role: { name: role, displayName: role, identifier: `${scope}.${role}`, scope },
      access: 'assigned',
    })),
  );
}

function permissions({ world, query }: Asked, [namespace = '']: readonly string[]): Reply {
  const token = query.get('token') ?? '';
  const entries = isSame(namespace, BUILD_NAMESPACE) ? (world.people.permissions.get(token) ?? []) : [];
  const aces = entries.map(({ subject, allow, deny }) => {
    const { legacyDescriptor: of } = subject;
    return [of, { descriptor: of, allow, deny, extendedInfo: { effectiveAllow: allow, effectiveDeny: deny } }];
  });
  return listOf([{ inheritPermissions: true, token, acesDictionary: Object.fromEntries(aces) }]);
}

function pageOf({ query, world }: Asked, most: number): { readonly from: number; readonly until: number } {
  const from = Number(query.get('continuationToken') ?? 0);
  return { from, until: from + Math.min(most, world.pageSize) };
}

function paged(asked: Asked, all: readonly object[]): Reply {
  const { from, until } = pageOf(asked, 500);
  const more = until < all.length ? { headers: { 'x-ms-continuationtoken': String(until) } } : {};
  return { ...listOf(all.slice(from, until)), ...more };
}
