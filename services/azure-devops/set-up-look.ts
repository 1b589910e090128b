import { z } from 'zod';
import { KEY_GROUP, KEY_VARIABLE } from '../domain/check-form.ts';
import type { FoundConnection, FoundEnvironment, FoundGroup, FoundHook, SetUpKind } from '../domain/set-up.ts';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import { environmentsAnswer, subscriptionsAnswer } from './answers.ts';
import { hookSubscriptionsPath, sameId } from './paths.ts';
import { type Configuration, configurations, isSameAddress, withoutSecrets } from './platform-checks.ts';
import { connectionPermissionsPath, connectionsPath } from './platform-connection-paths.ts';
import { checkConfigurationsPath, environmentPagePath } from './platform-paths.ts';
import type { PlatformRead } from './platform-read.ts';
import { permissions } from './platform-users.ts';
import type { Read } from './read.ts';
import { foundCheck } from './set-up-checks.ts';
import { markOf, type SetUpAddresses } from './set-up-mark.ts';
import { namedGroupsPath } from './set-up-paths.ts';

const PAGE = 100;
const CHECKED_AT_ONCE = 50;

/** What whoever looks needs; the role to change is told where a change is refused. */
const TO_LOOK: Readonly<Record<SetUpKind, string>> = {
  'service-connection': 'you need the role Reader of the service connections of the project (vso.serviceendpoint)',
  'variable-group': 'you need the role Reader of the library of the project (vso.variablegroups_read)',
  'pipeline-permissions': 'you need the role Reader of the service connection and "View builds" (vso.build)',
  check: 'you need the role Reader of the environments and "View builds" (vso.build)',
  'hook-subscription': 'you need "View subscriptions" of service hooks in the project',
};

const text = z.string().nullish().catch(undefined);
const endpoints = z.object({
  value: z.array(
    z
      .object({
        id: z.string(),
        name: text,
        type: text,
        url: text,
        description: text,
        isDisabled: z.boolean().nullish(),
        serviceEndpointProjectReferences: z
          .array(z.object({ description: text }))
          .nullish()
          .catch(undefined),
      })
      .nullable(),
  ),
});
const groups = z.object({
  value: z.array(
    z.object({
      id: z.number().int().positive(),
      name: z.string(),
      description: text,
      type: text,
      variables: z.record(z.string(), z.object({ isSecret: z.boolean().nullish() }).nullish()).nullish(),
    }),
  ),
});

/** What could not be read, by what it is about; each look has its own. */
export type Unread = Map<SetUpKind, string>;

interface Looking {
  readonly read: PlatformRead;
  readonly project: string;
  readonly addresses: SetUpAddresses;
  readonly unread: Unread;
}

type Urls = Readonly<Record<string, string>>;

/** One look at one project. What is refused is told in `unread`, but for a sign-in that is not accepted. */
export async function lookAt(looking: Looking) {
  const listed = await part(looking, 'service-connection', [], () => endpointsIn(looking));
  const urls = listed.flatMap(({ id, url }) => (url ? [[id.toLowerCase(), withoutSecrets(url)] as const] : []));
  const connections = await ownConnections(looking, listed);
  const group = await part(looking, 'variable-group', undefined, () => groupIn(looking));
  return {
    connections,
    ...(group === undefined ? {} : { group }),
    environments: await part(looking, 'check', [], () => environmentsIn(looking, Object.fromEntries(urls))),
    hooks: await part(looking, 'hook-subscription', [], () => hooksIn(looking)),
  };
}

async function part<T>({ unread }: Looking, kind: SetUpKind, none: T, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AzureDevOpsRefusedError) || isSignIn(error)) throw error;
    unread.set(kind, `${error.message}: ${TO_LOOK[kind]}`);
    return none;
  }
}

async function endpointsIn({ read, project }: Looking) {
  const found = await pages(read, (next) => connectionsPath(project, next), endpoints);
  return found.flatMap(({ value }) => value).filter((one) => one !== null);
}

/** Those that lead to us. */
async function ownConnections(looking: Looking, listed: Awaited<ReturnType<typeof endpointsIn>>) {
  const { addresses } = looking;
  const own: FoundConnection[] = [];
  for (const one of listed) {
    if (one.type?.toLowerCase() !== 'generic' || !isSameAddress(one.url ?? '', addresses.baseUrl)) continue;
    const said = [one.description, ...(one.serviceEndpointProjectReferences ?? []).map((of) => of.description)];
    const users = await part(looking, 'pipeline-permissions', undefined, () => usersOf(looking, one.id));
    own.push({
      id: one.id.toLowerCase(),
      name: one.name || one.id,
      isDisabled: one.isDisabled === true,
      isOwn: said.includes(markOf(addresses)),
      ...(users === undefined ? {} : { users }),
    });
  }
  return own;
}

async function usersOf({ read, project }: Looking, id: string): Promise<FoundConnection['users']> {
  const { value } = await read(connectionPermissionsPath(project, id), permissions);
  const allowed = (value.pipelines ?? []).filter(({ authorized }) => authorized === true);
  return { all: value.allPipelines?.authorized === true, pipelines: allowed.map((one) => one.id) };
}

async function environmentsIn({ read, project, addresses }: Looking, urls: Urls): Promise<readonly FoundEnvironment[]> {
  const found = await pages(read, (next) => environmentPagePath(project, PAGE, next), environmentsAnswer);
  const all = found.flatMap(({ value }) => value);
  const checks: Configuration[] = [];
  for (let from = 0; from < all.length; from += CHECKED_AT_ONCE) {
    const asked = all.slice(from, from + CHECKED_AT_ONCE);
    const body = asked.map(({ id }) => ({ type: 'environment', id: String(id) }));
    const { value } = await read.post(checkConfigurationsPath(project), body, configurations);
    checks.push(...value.value);
  }
  const byEnvironment = Map.groupBy(checks, ({ resource }) => resource.id);
  return all.map(({ id, name }) => ({
    ...{ id, name },
    checks: (byEnvironment.get(String(id)) ?? []).flatMap((one) => foundCheck(one, urls, addresses.checksUrl) ?? []),
  }));
}

async function groupIn({ read, project, addresses }: Looking): Promise<FoundGroup | undefined> {
  const { value } = await read(namedGroupsPath(project, KEY_GROUP), groups);
  const one = value.value.find(({ name }) => sameId(name, KEY_GROUP));
  if (one === undefined) return undefined;
  const variables = Object.entries(one.variables ?? {});
  const key = variables.find(([name]) => sameId(name, KEY_VARIABLE))?.[1];
  // Of one that is linked to a vault each variable is a secret.
  const isLinked = sameId(one.type ?? '', 'AzureKeyVault');
  return {
    id: one.id,
    hasKey: key !== undefined && key !== null && (isLinked || key.isSecret === true),
    isOwn: one.description === markOf(addresses) && variables.length === 1,
  };
}

async function hooksIn({ read, project, addresses }: Looking): Promise<readonly FoundHook[]> {
  const { value } = await read(hookSubscriptionsPath(), subscriptionsAnswer);
  return value.value.flatMap(({ id, eventType, status, publisherInputs, consumerInputs }) => {
    const { projectId, tfsSubscriptionId: _, ...filters } = publisherInputs ?? {};
    const isHere = !projectId || sameId(projectId, project);
    const isWhole = Object.values(filters).every((filter) => !filter);
    if (!isHere || !isWhole || !isSameAddress(consumerInputs?.['url'] ?? '', addresses.hooksUrl)) return [];
    const known = typeof status === 'string' ? status : 'unknown';
    return [{ id, event: eventType, status: known, isOfProject: Boolean(projectId) }];
  });
}

/** Nobody is signed in: nothing else will be answered either. */
export function isSignIn({ status }: AzureDevOpsRefusedError): boolean {
  return status === 401 || status === 203 || status === 302;
}

/** All pages of a list. */
export async function pages<T>(
  read: Read,
  path: (next: string | undefined) => string,
  schema: z.ZodType<T>,
): Promise<readonly T[]> {
  const all: T[] = [];
  let next: string | undefined;
  do {
    const page = await read(path(next), schema);
    all.push(page.value);
    next = page.next;
  } while (next !== undefined);
  return all;
}
