import { z } from 'zod';
import { assetOf } from '../domain/asset.ts';
import { levelOf } from '../domain/connection-reach.ts';
import type { ConnectionFact, PlatformIdentity } from '../domain/platform.ts';
import { isGuid } from './paths.ts';
import { isBelow } from './read-subscriptions.ts';

/** Service connections as Azure DevOps lists them (Endpoints - Get Service Endpoints). Of their parameters nothing is kept but what is named here. */

const text = z.string().nullish();
const texts = z.record(z.string(), z.unknown()).nullish();
const identity = z.object({ id: text, displayName: text, uniqueName: text, descriptor: text });

const answer = z.object({
  id: z.string().refine(isGuid),
  name: text,
  type: z.string(),
  url: text,
  isShared: z.boolean().nullish(),
  isDisabled: z.boolean().nullish(),
  creationDate: text,
  createdBy: identity.nullish().catch(undefined),
  authorization: z.object({ scheme: text, parameters: texts }).nullish(),
  data: texts,
  serviceEndpointProjectReferences: z
    .array(z.object({ projectReference: z.object({ id: text, name: text }).nullish() }))
    .nullish(),
});
/** What the caller may not see is null. */
export const connectionsAnswer = z.object({ value: z.array(answer.nullable()) });

/** By `authorization.scheme`, lower case. */
const CREDENTIALS: Readonly<Record<string, ConnectionFact['credential']>> = {
  workloadidentityfederation: 'federated',
  managedserviceidentity: 'managed-identity',
  certificate: 'certificate',
  publishprofile: 'password',
  usernamepassword: 'password',
  token: 'token',
  personalaccesstoken: 'token',
  installationtoken: 'token',
  oauth: 'token',
  oauth2: 'token',
  jwt: 'token',
  kubernetes: 'token',
  none: 'none',
};

/** Without what costs a call of its own: who may use it, and who did. `ours`: where we listen for checks. */
export function connectionIn(one: z.output<typeof answer>, project: string, ours = ''): ConnectionFact {
  const parameters = lowerKeys(one.authorization?.parameters);
  const data = lowerKeys(one.data);
  const scope = scopeOf(parameters, data);
  const [clientId, principalId] = [parameters('serviceprincipalid'), data('spnobjectid')].map(guidIn);
  const references = (one.serviceEndpointProjectReferences ?? []).flatMap(({ projectReference }) =>
    projectReference?.id ? [{ id: projectReference.id.toLowerCase(), name: projectReference.name }] : [],
  );
  const others = references.filter(({ id }) => id !== project).map(({ id, name }) => name || id);
  const createdAt = instantIn(one.creationDate);
  return {
    id: one.id.toLowerCase(),
    name: one.name || one.id,
    type: one.type.toLowerCase(),
    credential: credentialOf(one.authorization?.scheme, parameters),
    isShared: one.isShared === true || others.length > 0,
    ...(others.length === 0 ? {} : { sharedWith: others.sort() }),
    isDisabled: one.isDisabled === true,
    ...(isBelow(ours, one.url ?? '') ? { leadsHere: true as const } : {}),
    openToAll: undefined,
    pipelines: [],
    ...(scope === undefined ? {} : { scope: { level: levelOf(scope), id: scope } }),
    ...(clientId === undefined ? {} : { clientId }),
    ...(principalId === undefined ? {} : { principalId }),
    ...(createdAt === undefined ? {} : { createdAt }),
    ...(one.createdBy?.id ? { createdBy: personIn(one.createdBy, one.createdBy.id) } : {}),
  };
}

type Texts = (key: string) => string;

/** Azure DevOps writes their names in any case. What is no text is ''. */
function lowerKeys(record: z.output<typeof texts>): Texts {
  const known = new Map(Object.entries(record ?? {}).map(([key, value]) => [key.toLowerCase(), value]));
  return (key) => {
    const value = known.get(key);
    return typeof value === 'string' ? value.trim() : '';
  };
}

function credentialOf(scheme: string | null | undefined, parameters: Texts): ConnectionFact['credential'] {
  const named = scheme?.toLowerCase() ?? '';
  if (named !== 'serviceprincipal') return CREDENTIALS[named] ?? 'other';
  return parameters('authenticationtype').toLowerCase() === 'spncertificate' ? 'certificate' : 'secret';
}

/**
 * What it was given a role on when it was made, else what it was made for: the subscription by itself says that of most. What is no ARM id is
 * no scope.
 */
function scopeOf(parameters: Texts, data: Texts): string | undefined {
  const given = [parameters('scope'), data('registryid'), data('clusterid')];
  return [...given, madeFor(data)].find((id) => assetOf(id) !== undefined || levelOf(id) === 'management-group');
}

function madeFor(data: Texts): string {
  const level = data('scopelevel').toLowerCase();
  if (level === 'managementgroup')
    return `/providers/Microsoft.Management/managementGroups/${data('managementgroupid')}`;
  const subscription = `/subscriptions/${data('subscriptionid')}`;
  const group = data('resourcegroupname') || data('resourcegroup');
  if (group === '') return subscription;
  const workspace = data('mlworkspacename');
  const within = `${subscription}/resourceGroups/${group}`;
  if (level !== 'azuremlworkspace' || workspace === '') return within;
  return `${within}/providers/Microsoft.MachineLearningServices/workspaces/${workspace}`;
}

function guidIn(value: string): string | undefined {
  return isGuid(value) ? value.toLowerCase() : undefined;
}

export function instantIn(written: string | null | undefined): string | undefined {
  const time = Date.parse(written ?? '');
  return Number.isNaN(time) ? undefined : new Date(time).toISOString();
}

function personIn({ displayName, uniqueName, descriptor }: z.output<typeof identity>, id: string): PlatformIdentity {
  const kind = /^(?:aadsp|svc)\./i.test(descriptor ?? '') ? 'service' : 'person';
  return { id: id.toLowerCase(), name: displayName || uniqueName || id, kind };
}
