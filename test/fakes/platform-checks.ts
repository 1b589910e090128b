import { guidOf, isSame, type Reply, type SimulatedPipeline, type SimulatedProject } from './azure-devops-model.ts';
import { type Asked, forbidden, listOf, notFound, type Route, visibleProject } from './azure-devops-rest.ts';
import type { World } from './azure-devops-world.ts';
import { aConnection, type Protected, permissionsOf } from './platform-connections.ts';

/** What guards a delivery platform: environments and their checks, who may use them, branch policies. */

export interface SimulatedConfiguration {
  readonly id: number;
  /** As Azure DevOps writes it, in either case. */
  readonly type: { id: string; readonly name: string };
  readonly resource: { readonly type: string; readonly id: string };
  timeout: number;
  isDisabled: boolean;
  settings: Readonly<Record<string, unknown>>;
}

export interface SimulatedEnvironment {
  readonly id: number;
  readonly project: SimulatedProject;
}

interface State {
  readonly configurations: SimulatedConfiguration[];
  /** Who may use an environment, by its number. */
  readonly allowed: Map<number, Protected>;
  /** Environments, by number, of which nobody here is an administrator. */
  readonly forbidden: Set<number>;
  readonly policies: { readonly project: SimulatedProject; readonly json: Readonly<Record<string, unknown>> }[];
}

const states = new WeakMap<World, State>();

export function stateOf(world: World): State {
  const state = states.get(world) ?? { configurations: [], allowed: new Map(), forbidden: new Set(), policies: [] };
  states.set(world, state);
  return state;
}

export const CHECK_TYPES = {
  approval: { id: '8C6F20A7-A545-4486-9777-F762FAFE0D4D', name: 'Approval' },
  task: { id: 'FE1DE3EE-A436-41B4-BB20-F6EB4CB879A7', name: 'Task Check' },
  lock: { id: '2ef31ad6-baa0-403a-8b45-2cbc9b4e5563', name: 'ExclusiveLock' },
} as const;
export const TASKS = {
  branchControl: '86B05A0C-73E6-4F7D-B3CF-E38F3B39A75B',
  invokeRest: '9C3E8943-130D-4C78-AC63-8AF81DF62DFB',
  invokeFunction: '537fdb7a-a601-4537-aa70-92645a2b5ce4',
} as const;
export const POLICY_TYPES = {
  reviewers: 'fa4e907d-c16b-4a4c-9dfa-4906e5d171dd',
  build: '0609b952-1397-4640-95ec-e00a01b2c241',
  required: 'fd2167ab-b0be-447a-8ec8-39368250530e',
  status: 'cbdc66da-9728-4af8-aada-9a5a32e4a226',
} as const;

/** A check of ours, as people enter it. */
export interface OurCheckInput {
  readonly connection: string;
  readonly environment?: string;
  readonly service?: string;
  readonly waits?: boolean;
  readonly urlSuffix?: string;
}

export interface PlatformChecks {
  addEnvironment(name: string, project?: SimulatedProject): SimulatedEnvironment;
  renameEnvironment(environment: SimulatedEnvironment, name: string): void;
  removeEnvironment(environment: SimulatedEnvironment): void;
  addCheck(
    environment: SimulatedEnvironment,
    type: SimulatedConfiguration['type'],
    settings: SimulatedConfiguration['settings'],
  ): SimulatedConfiguration;
  addOurCheck(environment: SimulatedEnvironment, input: OurCheckInput): SimulatedConfiguration;
  removeCheck(check: SimulatedConfiguration): void;
  /** All checks that there are. */
  readonly configurations: readonly SimulatedConfiguration[];
  /** Nobody may change checks of these environments. */
  forbidChecks(...environments: readonly SimulatedEnvironment[]): void;
  /** A generic service connection that leads to this address; returns its id. */
  addAddress(name: string, url: string, project?: SimulatedProject): string;
  /** Which pipelines may use an environment. */
  allowPipelines(environment: SimulatedEnvironment, pipelines: 'all' | readonly SimulatedPipeline[]): void;
  addPolicy(type: string, settings: object, over?: object, project?: SimulatedProject): void;
}

export function platformChecksOf(world: World): PlatformChecks {
  const state = stateOf(world);
  const first = (project = world.projects[0]): SimulatedProject => {
    if (project === undefined) throw new Error('the simulator has no project');
    return project;
  };
  const addCheck: PlatformChecks['addCheck'] = ({ id }, type, settings) => {
    const resource = { type: 'environment', id: String(id) };
    const made = { id: state.configurations.length + 1, type, resource, timeout: 2_820, isDisabled: false, settings };
    state.configurations.push(made);
    return made;
  };
  return {
    addEnvironment(name, given) {
      const project = first(given);
      return { id: world.environments.push(`${project.id}/${name}`), project };
    },
    renameEnvironment({ id, project }, name) {
      world.environments[id - 1] = `${project.id}/${name}`;
    },
    removeEnvironment({ id }) {
      world.environments[id - 1] = '';
    },
    addCheck,
    addOurCheck: (environment, input) => addCheck(environment, CHECK_TYPES.task, ourSettings(input)),
    removeCheck: (check) => void state.configurations.splice(state.configurations.indexOf(check), 1),
    configurations: state.configurations,
    forbidChecks: (...environments) => {
      for (const { id } of environments) state.forbidden.add(id);
    },
    addAddress(name, url, given) {
      const project = first(given);
      const id = guidOf(`${project.id}/endpoint/${name}`);
      const generic = { id, url, type: 'generic', scheme: 'UsernamePassword', parameters: {}, data: {} };
      world.library.connections.push(aConnection(project, name, generic));
      return id;
    },
    allowPipelines: ({ id }, pipelines) =>
      void state.allowed.set(id, pipelines === 'all' ? { isOpenToAll: true } : { pipelines }),
    addPolicy(type, settings, over, given) {
      const id = state.policies.length + 1_000;
      const rest = {
        id,
        isEnabled: true,
        isBlocking: true,
        isDeleted: false,
        type: { id: type, displayName: 'Policy' },
      };
      state.policies.push({ project: first(given), json: { ...rest, settings, ...over } });
    },
  };
}

function ourSettings({
  connection,
  environment,
  service,
  waits,
  urlSuffix,
}: OurCheckInput): SimulatedConfiguration['settings'] {
  const body = { runId: '$(Build.BuildId)', stage: '$(System.StageName)', environment, service };
  return {
    displayName: 'Countersign',
    definitionRef: { id: TASKS.invokeRest, name: 'InvokeRESTAPI', version: '1.220.0' },
    inputs: {
      connectedServiceNameSelector: 'connectedServiceName',
      connectedServiceName: connection,
      method: 'POST',
      body: JSON.stringify(body),
      urlSuffix: urlSuffix ?? '/api/azure-devops/checks',
      waitForCompletion: String(waits ?? true),
    },
  };
}

export const PLATFORM_CHECK_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^git\/repositories$/, reply: repositories },
  { method: 'POST', path: /^pipelines\/checks\/queryconfigurations$/, reply: configurations },
  { method: 'GET', path: /^pipelines\/pipelinepermissions\/environment\/(\d+)$/, reply: permissions },
  { method: 'GET', path: /^policy\/configurations$/, reply: policies },
];

/** Of a project, or of all of the organization. */
function repositories(asked: Asked): Reply {
  const { world } = asked;
  const project = visibleProject(asked);
  const isHere = (one: SimulatedProject) => (project === undefined ? true : one === project);
  const built = world.pipelines
    .filter((one) => isHere(one.project))
    .map(({ project: of, repository: { id, name } }) => ({ id, name, project: of }));
  const own = world.git.repositories.filter((one) => isHere(one.project));
  const all = new Map(
    [...built, ...own].map(({ id, name, project: { id: of, name: called } }) => [
      id,
      { id, name, defaultBranch: 'refs/heads/main', isDisabled: false, project: { id: of, name: called } },
    ]),
  );
  for (const { id, defaultBranch } of own) Object.assign(all.get(id) ?? {}, { defaultBranch });
  return listOf([...all.values()]);
}

/** Without `$expand=settings` they are left out. */
function configurations(asked: Asked): Reply {
  const wanted = JSON.parse(asked.body) as readonly { readonly type: string; readonly id: string }[];
  const isExpanded = asked.query.get('$expand') === 'settings';
  const found = stateOf(asked.world).configurations.filter(({ resource }) =>
    wanted.some(({ type, id }) => isSame(type, resource.type) && id === resource.id),
  );
  return listOf(found.map(({ settings, ...rest }) => (isExpanded ? { ...rest, settings } : rest)));
}

function permissions(asked: Asked, [id = '']: readonly string[]): Reply {
  const key = asked.world.environments[Number(id) - 1];
  if (key === undefined || !key.startsWith(`${visibleProject(asked)?.id}/`))
    return notFound(`Environment ${id} does not exist or you do not have permission.`);
  return permissionsOf({ type: 'environment', id }, stateOf(asked.world).allowed.get(Number(id)) ?? {});
}

/** Of the whole project, in pages. Those that protect a repository of the Git simulator are among them. */
function policies(asked: Asked): Reply {
  if (asked.caller.kind === 'job') return forbidden('You need the permission View project-level information.');
  const project = visibleProject(asked);
  const added = stateOf(asked.world).policies.flatMap((one) => (one.project === project ? [one.json] : []));
  const git = asked.world.git.policies
    .filter((one) => one.project === project)
    .map(({ id, type, isEnabled, isBlocking, isDeleted, minimumApproverCount, creatorVoteCounts, scope }) => ({
      ...{ id, isEnabled, isBlocking, isDeleted, type: { id: type, displayName: 'Minimum number of reviewers' } },
      settings: { minimumApproverCount, creatorVoteCounts, scope },
    }));
  const all = [...git, ...added];
  const from = Number(asked.query.get('continuationToken') ?? 0);
  const until = from + Math.min(Number(asked.query.get('$top') ?? 100), asked.world.pageSize);
  const more = until < all.length ? { headers: { 'x-ms-continuationtoken': String(until) } } : {};
  return { ...listOf(all.slice(from, until)), ...more };
}
