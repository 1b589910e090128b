import { KEY_GROUP, KEY_VARIABLE } from '../domain/check-form.ts';
import { HOOK_EVENTS } from '../domain/plan-set-up.ts';
import { OWN_NAME, type SetUpChange, type SetUpKind } from '../domain/set-up.ts';
import { AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from '../ports/azure-devops.ts';
import type { PlatformSetUp, SetUpProject } from '../ports/platform-set-up.ts';
import { createAccess } from './access.ts';
import { type Call, type ConnectionOptions, createConnection } from './connection.ts';
import type { BotIdentity } from './identity.ts';
import { projectsIn } from './platform.ts';
import { connectionPermissionsPath } from './platform-connection-paths.ts';
import { definitionNamesPath, projectRepositoriesPath } from './platform-paths.ts';
import { DEFINITIONS_A_PAGE, definitions, repositories } from './platform-project.ts';
import { createPlatformRead } from './platform-read.ts';
import { checkBody } from './set-up-checks.ts';
import { isSignIn, lookAt, pages, type Unread } from './set-up-look.ts';
import { markOf, type SetUpAddresses } from './set-up-mark.ts';
import {
  checkPath,
  connectionRemovalPath,
  groupRemovalPath,
  newConnectionPath,
  newGroupPath,
  subscriptionPath,
} from './set-up-paths.ts';

export interface PlatformSetUpOptions {
  /** Organization URLs without a trailing slash; no other host is ever called. */
  readonly organizations: readonly string[];
  /** The account of whoever sets it up; without it everything is refused. */
  readonly identity?: BotIdentity;
  readonly addresses: SetUpAddresses;
  /** They go into the requests that need them, and nowhere else. */
  readonly secrets: { readonly checkKey?: string; readonly hookPassword?: string };
  readonly callMs?: number;
  readonly connection?: Pick<ConnectionOptions, 'now' | 'sleep'>;
}

/** What a refused change needs. */
const TO_CHANGE: Readonly<Record<SetUpKind, string>> = {
  'service-connection':
    'you need the role Creator of service connections in the project, or Administrator of this one (vso.serviceendpoint_manage)',
  'variable-group':
    'you need the role Creator of the library of the project, or Administrator of this group (vso.variablegroups_manage)',
  'pipeline-permissions': 'you need the role Administrator of the service connection (vso.pipelineresources_manage)',
  check: 'you need the role Administrator of the environment (vso.pipelineresources_manage, vso.build_execute)',
  'hook-subscription':
    'you need "Edit subscriptions" and "View subscriptions" of service hooks, as Project Administrators have them',
};
const SIGN_IN = 'sign in by `az login` with an account of the organization, or renew AZURE_DEVOPS_TOKEN';
const SEEING = 'you need access to the organization and its projects';
const CONTENTS = 'you need "View builds" (vso.build) and "Read" of code (vso.code) in the project';
/** Whom service hooks sign in as. */
const USER_NAME = 'countersign';
const OWN = { kind: 'bot' } as const;

/** Azure DevOps as somebody who may change it. */
export function createPlatformSetUp(options: PlatformSetUpOptions): PlatformSetUp {
  const connection = createConnection({ ...options.connection, callMs: options.callMs ?? 15_000 });
  const identity = options.identity && ofPerson(options.identity);
  const access = createAccess(connection, options.organizations, identity);
  const readOf = (organization: string) =>
    createPlatformRead(connection, access.known(organization), identity, () => false);

  return {
    projects: (organization) =>
      told(SEEING, async () => (await projectsIn(readOf(organization))).map(({ target: id, name }) => ({ id, name }))),
    contents: (organization, { id }) =>
      told(CONTENTS, async () => {
        const read = readOf(organization);
        const found = await pages(read, (next) => definitionNamesPath(id, DEFINITIONS_A_PAGE, next), definitions);
        const { value } = await read(projectRepositoriesPath(id), repositories);
        return {
          pipelines: new Map(found.flatMap((page) => page.value).map((one) => [one.id, one.name])),
          repositories: value.value.flatMap(({ name, isDisabled }) => (isDisabled === true ? [] : [name])),
        };
      }),
    look: (organization, project, contents) =>
      told(SEEING, async () => {
        const unread: Unread = new Map();
        const read = readOf(organization);
        const found = await lookAt({ read, project: project.id, addresses: options.addresses, unread });
        return { ...project, ...contents, ...found, unread };
      }),
    write: (organization, project, change) =>
      told(TO_CHANGE[change.kind === 'removal' ? change.of : change.kind], async () => {
        const { body, ...call } = callOf(options, project, change);
        const as = { organization: access.known(organization), authorization: await access.authorization(OWN) };
        await withoutSecrets(options.secrets, () =>
          connection.send({ ...as, ...call, ...(body === undefined ? {} : { body: JSON.stringify(body) }) }),
        );
      }),
  };
}

/** Whoever is not signed in does not become so by waiting. */
function ofPerson({ kind, authorization }: BotIdentity): BotIdentity {
  return {
    kind,
    authorization: async () => {
      try {
        return await authorization();
      } catch (error) {
        if (!(error instanceof AzureDevOpsUnavailableError)) throw error;
        throw new AzureDevOpsRefusedError(error.message, 401);
      }
    },
  };
}

/** Azure DevOps may quote what it was sent. */
async function withoutSecrets<T>(secrets: PlatformSetUpOptions['secrets'], work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof Error)
      for (const secret of Object.values(secrets)) error.message = error.message.replaceAll(secret, '…');
    throw error;
  }
}

/** With what is missing where it is refused; that it is there already is told as it is. */
async function told<T>(permission: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof AzureDevOpsRefusedError) || error.status === 409) throw error;
    throw new AzureDevOpsRefusedError(`${error.message}: ${isSignIn(error) ? SIGN_IN : permission}`, error.status);
  }
}

type Written = Pick<Call, 'method' | 'path'> & { readonly body?: object };

function callOf(options: PlatformSetUpOptions, project: SetUpProject, change: SetUpChange): Written {
  switch (change.kind) {
    case 'service-connection':
      return { method: 'POST', path: newConnectionPath(), body: connectionBody(options, project) };
    case 'variable-group':
      return { method: 'POST', path: newGroupPath(), body: groupBody(options, project) };
    case 'pipeline-permissions': {
      const pipelines = change.pipelines.map((id) => ({ id, authorized: true }));
      return { method: 'PATCH', path: connectionPermissionsPath(project.id, change.connection), body: { pipelines } };
    }
    case 'check': {
      const method = change.id === undefined ? 'POST' : 'PATCH';
      return { method, path: checkPath(project.id, change.id), body: checkBody(change) };
    }
    case 'hook-subscription': {
      const method = change.id === undefined ? 'POST' : 'PUT';
      return { method, path: subscriptionPath(change.id), body: subscriptionBody(options, project, change) };
    }
    case 'removal':
      return { method: 'DELETE', path: REMOVAL_PATHS[change.of](project.id, change.id) };
  }
}

const REMOVAL_PATHS = {
  'service-connection': connectionRemovalPath,
  'variable-group': (project: string, id: string) => groupRemovalPath(project, Number(id)),
  check: checkPath,
  'hook-subscription': (_: string, id: string) => subscriptionPath(id),
};

/** Without user and password: what a check is let in by stands in the variable group. */
function connectionBody({ addresses }: PlatformSetUpOptions, { id, name }: SetUpProject): object {
  const described = { name: OWN_NAME, description: markOf(addresses) };
  return {
    ...described,
    type: 'generic',
    url: addresses.baseUrl,
    owner: 'library',
    isShared: false,
    authorization: { scheme: 'UsernamePassword', parameters: { username: '', password: '' } },
    serviceEndpointProjectReferences: [{ ...described, projectReference: { id, name } }],
  };
}

function groupBody({ addresses, secrets }: PlatformSetUpOptions, { id, name }: SetUpProject): object {
  const described = { name: KEY_GROUP, description: markOf(addresses) };
  return {
    ...described,
    type: 'Vsts',
    variables: { [KEY_VARIABLE]: { value: given('CHECK_SECRETS', secrets.checkKey), isSecret: true } },
    variableGroupProjectReferences: [{ ...described, projectReference: { id, name } }],
  };
}

function subscriptionBody(
  { addresses, secrets }: PlatformSetUpOptions,
  project: SetUpProject,
  { event, id }: SetUpChange & { readonly kind: 'hook-subscription' },
): object {
  return {
    ...(id === undefined ? {} : { id, status: 'enabled' }),
    publisherId: 'pipelines',
    eventType: event,
    resourceVersion: HOOK_EVENTS.get(event),
    consumerId: 'webHooks',
    consumerActionId: 'httpRequest',
    publisherInputs: { projectId: project.id },
    consumerInputs: {
      url: addresses.hooksUrl,
      basicAuthUsername: USER_NAME,
      basicAuthPassword: given('HOOK_SECRETS', secrets.hookPassword),
      resourceDetailsToSend: 'minimal',
      messagesToSend: 'none',
      detailedMessagesToSend: 'none',
    },
  };
}

function given(setting: string, secret: string | undefined): string {
  if (secret === undefined) throw new Error(`${setting} is empty, which the plan should have noticed`);
  return secret;
}
