import { subscribe } from './azure-devops-hooks.ts';
import { guidOf, isSame, type Reply, type SimulatedPipeline, type SimulatedProject } from './azure-devops-model.ts';
import { type Asked, forbidden, notFound, type Route, visibleProject } from './azure-devops-rest.ts';
import { type SimulatedConfiguration, stateOf } from './platform-checks.ts';
import { aConnection, type Protected, permissionsOf } from './platform-connections.ts';

/** Writing of checks, service connections, variable groups, pipeline permissions and subscriptions, as the REST reference documents it. */
export const SET_UP_ROUTES: readonly Route[] = [
  { method: 'POST', path: /^pipelines\/checks\/configurations$/, reply: addCheck },
  { method: 'PATCH', path: /^pipelines\/checks\/configurations\/(\d+)$/, reply: changeCheck },
  { method: 'DELETE', path: /^pipelines\/checks\/configurations\/(\d+)$/, reply: removeCheck },
  { method: 'POST', path: /^serviceendpoint\/endpoints$/, reply: addConnection },
  { method: 'DELETE', path: /^serviceendpoint\/endpoints\/([^/]+)$/, reply: removeConnection },
  { method: 'POST', path: /^distributedtask\/variablegroups$/, reply: addGroup },
  { method: 'DELETE', path: /^distributedtask\/variablegroups\/(\d+)$/, reply: removeGroup },
  { method: 'PATCH', path: /^pipelines\/pipelinepermissions\/endpoint\/([^/]+)$/, reply: permit },
  { method: 'POST', path: /^hooks\/subscriptions$/, reply: addSubscription },
  { method: 'PUT', path: /^hooks\/subscriptions\/([^/]+)$/, reply: changeSubscription },
  { method: 'DELETE', path: /^hooks\/subscriptions\/([^/]+)$/, reply: removeSubscription },
];

type Body = Readonly<Record<string, unknown>>;

function bodyOf({ body }: Asked): Body {
  return JSON.parse(body) as Body;
}

function invalid(message: string): Reply {
  return { status: 400, body: { $id: '1', message, typeKey: 'InvalidArgumentException' } };
}

function exists(message: string): Reply {
  return { status: 409, body: { $id: '1', message, typeKey: 'DuplicateException' } };
}

const DONE: Reply = { status: 204 };

function textIn(body: Body, name: string): string {
  const value = body[name];
  return typeof value === 'string' ? value : '';
}

/** Whoever is an administrator of the environment; two checks of one kind may stand beside each other. */
function addCheck(asked: Asked): Reply {
  const state = stateOf(asked.world);
  const { type, settings, resource, timeout } = bodyOf(asked) as unknown as SimulatedConfiguration;
  const key = asked.world.environments[Number(resource.id) - 1];
  if (resource.type !== 'environment' || key?.startsWith(`${visibleProject(asked)?.id}/`) !== true)
    return notFound(`Environment ${resource.id} does not exist.`);
  if (asked.caller.kind === 'job' || state.forbidden.has(Number(resource.id)))
    return forbidden(`You need Manage permission for environment ${resource.id}.`);
  const problem = settingsProblem(asked, settings);
  if (problem !== undefined) return invalid(problem);
  const made = { id: nextId(state.configurations), type, resource, timeout, isDisabled: false, settings };
  state.configurations.push(made);
  return { status: 200, body: made };
}

function nextId(all: readonly { readonly id: number }[]): number {
  return Math.max(0, ...all.map(({ id }) => id)) + 1;
}

/** A check's connection must be the project's, its inputs texts, and by Callback nothing is asked again. */
function settingsProblem(asked: Asked, settings: Body): string | undefined {
  const inputs = (settings['inputs'] ?? {}) as Body;
  const project = visibleProject(asked);
  if (Object.values(inputs).some((value) => typeof value !== 'string')) return 'Inputs are texts.';
  const id = textIn(inputs, 'connectedServiceName');
  const isHere = asked.world.library.connections.some((one) => isSame(one.id, id) && one.project === project);
  return isHere ? undefined : `Service connection ${id} could not be found.`;
}

function checkOf(asked: Asked, id: string | undefined): SimulatedConfiguration | undefined {
  const prefix = `${visibleProject(asked)?.id}/`;
  return stateOf(asked.world).configurations.find(
    (one) => String(one.id) === id && asked.world.environments[Number(one.resource.id) - 1]?.startsWith(prefix),
  );
}

function changeCheck(asked: Asked, [id]: readonly string[]): Reply {
  const found = checkOf(asked, id);
  if (found === undefined) return notFound(`Check ${id} does not exist.`);
  if (stateOf(asked.world).forbidden.has(Number(found.resource.id))) return forbidden('You need Manage permission.');
  const { settings, timeout, isDisabled } = bodyOf(asked) as unknown as SimulatedConfiguration;
  const problem = settingsProblem(asked, settings);
  if (problem !== undefined) return invalid(problem);
  Object.assign(found, { settings, timeout, isDisabled: isDisabled ?? found.isDisabled });
  return { status: 200, body: found };
}

function removeCheck(asked: Asked, [id]: readonly string[]): Reply {
  const found = checkOf(asked, id);
  if (found === undefined) return notFound(`Check ${id} does not exist.`);
  if (stateOf(asked.world).forbidden.has(Number(found.resource.id))) return forbidden('You need Manage permission.');
  const { configurations } = stateOf(asked.world);
  configurations.splice(configurations.indexOf(found), 1);
  return DONE;
}

/** Of the one project that a body names. */
function referenced(asked: Asked, list: string): SimulatedProject | undefined {
  const [reference] = (bodyOf(asked)[list] ?? []) as readonly { readonly projectReference: { readonly id: string } }[];
  return ownProject(asked, reference?.projectReference.id ?? '');
}

function ownProject({ world, organization }: Asked, id: string): SimulatedProject | undefined {
  return world.projects.find((one) => isSame(one.id, id) && isSame(one.organization, organization));
}

function addConnection(asked: Asked): Reply {
  const { world } = asked;
  const body = bodyOf(asked);
  const project = referenced(asked, 'serviceEndpointProjectReferences');
  if (project === undefined) return invalid('A service connection needs a project.');
  const name = textIn(body, 'name');
  if (world.library.connections.some((one) => one.project === project && isSame(one.name, name)))
    return exists(`Service connection with name ${name} already exists.`);
  const { scheme } = body['authorization'] as { readonly scheme: string };
  const id = guidOf(`${project.id}/made/${world.library.connections.length}/${name}`);
  const rest = { id, url: textIn(body, 'url'), type: textIn(body, 'type'), scheme, parameters: {}, data: {} };
  const made = aConnection(project, name, { ...rest, description: textIn(body, 'description') });
  world.library.connections.push(made);
  return { status: 200, body: { ...body, id } };
}

function removeConnection(asked: Asked, [id = '']: readonly string[]): Reply {
  const { connections } = asked.world.library;
  const project = ownProject(asked, asked.query.get('projectIds') ?? '');
  const index = connections.findIndex((one) => isSame(one.id, id) && one.project === project);
  if (index < 0) return notFound(`Service connection ${id} does not exist.`);
  connections.splice(index, 1);
  return DONE;
}

function addGroup(asked: Asked): Reply {
  const { world } = asked;
  const body = bodyOf(asked);
  const project = referenced(asked, 'variableGroupProjectReferences');
  if (project === undefined) return invalid('A variable group needs a project.');
  const name = textIn(body, 'name');
  if (world.library.groups.some((one) => one.project === project && isSame(one.name, name)))
    return exists(`A variable group with the name ${name} already exists.`);
  const given = body['variables'] as Record<string, { readonly value: string; readonly isSecret?: boolean }>;
  const variables = Object.fromEntries(
    Object.entries(given).map(([key, one]) => [key, one.isSecret === true ? { value: null, isSecret: true } : one]),
  );
  const id = nextId(world.library.groups);
  const secrets = Object.values(given).map(({ value }) => value);
  world.library.groups.push({ project, id, name, variables, description: textIn(body, 'description'), secrets });
  return { status: 200, body: { ...body, id, variables } };
}

function removeGroup(asked: Asked, [id]: readonly string[]): Reply {
  const { groups } = asked.world.library;
  const project = ownProject(asked, asked.query.get('projectIds') ?? '');
  const index = groups.findIndex((one) => String(one.id) === id && one.project === project);
  if (index < 0) return notFound(`Variable group ${id} does not exist.`);
  groups.splice(index, 1);
  return DONE;
}

/** Those that are not named stay as they are. */
function permit(asked: Asked, [id = '']: readonly string[]): Reply {
  const { connections } = asked.world.library;
  const index = connections.findIndex((one) => isSame(one.id, id) && one.project === visibleProject(asked));
  const found = connections[index];
  if (found === undefined) return notFound(`endpoint ${id} does not exist.`);
  const given = bodyOf(asked) as {
    readonly allPipelines?: { readonly authorized: boolean };
    readonly pipelines?: readonly { readonly id: number; readonly authorized: boolean }[];
  };
  const named = (given.pipelines ?? []).flatMap((one) => pipelineOf(asked, one.id) ?? []);
  if (named.length !== (given.pipelines ?? []).length) return notFound('A pipeline of these does not exist.');
  const kept = (found.pipelines ?? []).filter((one) => !named.includes(one));
  const allowed = named.filter((one) => given.pipelines?.some(({ id: of, authorized }) => of === one.id && authorized));
  const users: Protected = { pipelines: [...kept, ...allowed], isOpenToAll: given.allPipelines?.authorized === true };
  connections[index] = { ...found, ...users };
  return permissionsOf({ type: 'endpoint', id }, users);
}

function pipelineOf(asked: Asked, id: number): SimulatedPipeline | undefined {
  return asked.world.pipelines.find((one) => one.id === id && one.project === visibleProject(asked));
}

interface SentSubscription {
  readonly eventType: string;
  readonly resourceVersion: string;
  readonly status?: string;
  readonly publisherInputs: { readonly projectId?: string };
  readonly consumerInputs: Readonly<Record<string, string>>;
}

/** Two subscriptions of one event may stand beside each other. */
function addSubscription(asked: Asked): Reply {
  const sent = bodyOf(asked) as unknown as SentSubscription;
  const project = ownProject(asked, sent.publisherInputs.projectId ?? '');
  if (project === undefined) return invalid('projectId names no project of this organization.');
  const made = subscribe(asked.world, {
    ...{ eventType: sent.eventType, project, organization: asked.organization },
    ...{ url: sent.consumerInputs['url'] ?? '', username: sent.consumerInputs['basicAuthUsername'] ?? '' },
    password: sent.consumerInputs['basicAuthPassword'] ?? '',
  });
  return { status: 200, body: { ...sent, id: made.id, status: made.status, consumerInputs: masked(sent) } };
}

function masked({ consumerInputs }: SentSubscription): Readonly<Record<string, string>> {
  return { ...consumerInputs, basicAuthPassword: '********' };
}

function subscriptionAt(asked: Asked, id: string | undefined): number {
  return asked.world.hooks.subscriptions.findIndex(
    (one) => one.id === id && isSame(one.organization, asked.organization),
  );
}

function changeSubscription(asked: Asked, [id]: readonly string[]): Reply {
  const sent = bodyOf(asked) as unknown as SentSubscription;
  const found = asked.world.hooks.subscriptions[subscriptionAt(asked, id)];
  if (found === undefined) return notFound(`Subscription ${id} does not exist.`);
  Object.assign(found, {
    ...{ status: sent.status ?? found.status, probationRetries: 0 },
    ...{ password: sent.consumerInputs['basicAuthPassword'], url: sent.consumerInputs['url'] },
  });
  return { status: 200, body: { ...sent, id, status: found.status, consumerInputs: masked(sent) } };
}

function removeSubscription(asked: Asked, [id]: readonly string[]): Reply {
  const index = subscriptionAt(asked, id);
  if (index < 0) return notFound(`Subscription ${id} does not exist.`);
  asked.world.hooks.subscriptions.splice(index, 1);
  return DONE;
}
