import { guidSegment, malformed, nextOf, numberSegment, PREVIEW, RELEASED } from './paths.ts';

/** Paths of who may do what: Graph, identities, entitlements, token administration, security and auditing. Nothing unchecked gets into one. */

/** Kind of the subject and an opaque part, as Graph writes them. */
const DESCRIPTOR = /^[a-z0-9]{2,10}\.[A-Za-z0-9_-]{1,500}$/i;
/** Type and identifier of an identity, as access control lists name it. */
const IDENTITY = /^[\w.]{1,100};[^\p{Cc},]{1,300}$/u;
/** Namespace "Build": pipelines and who may change their permissions. */
const BUILD_NAMESPACE = '33344d9c-fc72-4d6f-aba5-fa317101a7e9';
/** The first version of entitlements that is paged by tokens. */
const ENTITLEMENTS = 'api-version=7.1-preview.4';
const ROLES = 'distributedtask.environmentreferencerole';

export function isDescriptor(value: string): boolean {
  return DESCRIPTOR.test(value);
}

export function isIdentityDescriptor(value: string): boolean {
  return IDENTITY.test(value);
}

/** Who is signed in, as the REST client of Azure DevOps itself asks (`WebApi.connect`). */
export function connectionDataPath(): string {
  return '/_apis/connectionData';
}

/** By its storage key, a project among them. */
export function descriptorPath(storageKey: string): string {
  return `/_apis/graph/descriptors/${guidSegment('storage key', storageKey)}?${PREVIEW}`;
}

export function storageKeyPath(descriptor: string): string {
  return `/_apis/graph/storagekeys/${descriptorSegment(descriptor)}?${PREVIEW}`;
}

export function graphGroupsPath(scopeDescriptor: string, continuation?: string): string {
  return `/_apis/graph/groups?scopeDescriptor=${descriptorSegment(scopeDescriptor)}${nextOf(continuation)}&${PREVIEW}`;
}

/** People with an account: neither build services nor service principals. */
export function graphUsersPath(continuation?: string): string {
  return `/_apis/graph/users?subjectTypes=aad,msa${nextOf(continuation)}&${PREVIEW}`;
}

export function servicePrincipalsPath(continuation?: string): string {
  const page = nextOf(continuation).replace(/^&/, '');
  return `/_apis/graph/serviceprincipals?${page === '' ? '' : `${page}&`}${PREVIEW}`;
}

/** Those who stand in a group themselves. */
export function membersPath(groupDescriptor: string): string {
  return `/_apis/graph/memberships/${descriptorSegment(groupDescriptor)}?direction=down&${PREVIEW}`;
}

/** To be posted. */
export function subjectLookupPath(): string {
  return `/_apis/graph/subjectlookup?${PREVIEW}`;
}

/** By storage keys, or as access control lists name them; who is not known is left out or null. */
export function identitiesPath(by: { readonly ids: readonly string[] } | { readonly descriptors: readonly string[] }) {
  const query =
    'ids' in by
      ? `identityIds=${by.ids.map((id) => guidSegment('identity', id)).join(',')}`
      : `descriptors=${encodeURIComponent(by.descriptors.map(identityName).join(','))}`;
  return `/_apis/identities?${query}&queryMembership=None&${RELEASED}`;
}

/** Whoever and whatever is called so, in any project. */
export function identitiesNamedPath(name: string): string {
  const search = `searchFilter=General&filterValue=${encodeURIComponent(name)}`;
  return `/_apis/identities?${search}&queryMembership=None&${RELEASED}`;
}

export function environmentRolesPath(project: string, environmentId: number): string {
  const resource = `${guidSegment('project', project)}_${numberSegment('environment', environmentId)}`;
  return `/_apis/securityroles/scopes/${ROLES}/roleassignments/resources/${resource}?${PREVIEW}`;
}

/** Permissions on all pipelines of a project, those inherited from the organization included. */
export function pipelinePermissionsPath(project: string): string {
  const query = `token=${guidSegment('project', project)}&includeExtendedInfo=true&recurse=false`;
  return `/_apis/accesscontrollists/${BUILD_NAMESPACE}?${query}&${RELEASED}`;
}

export function userEntitlementsPath(continuation?: string): string {
  const page = nextOf(continuation).replace(/^&/, '');
  return `/_apis/userentitlements?${page === '' ? '' : `${page}&`}${ENTITLEMENTS}`;
}

export function servicePrincipalEntitlementPath(storageKey: string): string {
  return `/_apis/serviceprincipalentitlements/${guidSegment('service principal', storageKey)}?${PREVIEW}`;
}

export function tokensPath(subjectDescriptor: string, pageSize: number, continuation?: string): string {
  const page = `pageSize=${numberSegment('page', pageSize)}${nextOf(continuation)}`;
  return `/_apis/tokenadmin/personalaccesstokens/${descriptorSegment(subjectDescriptor)}?${page}&${PREVIEW}`;
}

export function auditStreamsPath(): string {
  return `/_apis/audit/streams?${PREVIEW}`;
}

/** `from`: ISO-8601 UTC. */
export function auditLogPath(from: string, batchSize: number): string {
  return `/_apis/audit/auditlog?startTime=${encodeURIComponent(from)}&batchSize=${batchSize}&${PREVIEW}`;
}

function descriptorSegment(descriptor: string): string {
  if (!isDescriptor(descriptor)) throw malformed('descriptor', descriptor, 'one as Azure DevOps Graph writes it');
  return descriptor;
}

function identityName(descriptor: string): string {
  if (!isIdentityDescriptor(descriptor)) throw malformed('identity', descriptor, 'a type and an identifier');
  return descriptor;
}
