import { paged } from './azure-devops-catalog-routes.ts';
import { guidOf, isSame, type Reply, type SimulatedPipeline, type SimulatedProject } from './azure-devops-model.ts';
import { type Asked, forbidden, listOf, notFound, type Route, visibleProject } from './azure-devops-rest.ts';

type Texts = Readonly<Record<string, string | null>>;

/** Who may use a protected resource, and what is asked before. */
export interface Protected {
  readonly isOpenToAll?: boolean;
  readonly pipelines?: readonly SimulatedPipeline[];
}

export interface SimulatedConnection extends Protected {
  readonly project: SimulatedProject;
  readonly id: string;
  readonly name: string;
  readonly type: string;
  /** Default: Azure Resource Manager. */
  readonly url?: string;
  readonly scheme: string;
  readonly description?: string;
  /** As Azure DevOps gives them, so that of a secret there is null. */
  readonly parameters: Texts;
  readonly data: Texts;
  readonly sharedWith: readonly SimulatedProject[];
  readonly isDisabled?: boolean;
  readonly createdOn?: string;
  readonly checks?: readonly { readonly typeId: string; readonly isDisabled?: boolean }[];
  /** Oldest first. */
  readonly uses?: readonly { readonly pipeline: SimulatedPipeline; readonly at: string | null }[];
}

export interface SimulatedVariableGroup extends Protected {
  readonly project: SimulatedProject;
  readonly id: number;
  readonly name: string;
  /** A secret has no value. */
  readonly variables: Readonly<Record<string, { readonly value: string | null; readonly isSecret?: boolean }>>;
  readonly vault?: string;
  readonly description?: string;
  /** Kept, and never answered. */
  readonly secrets?: readonly string[];
}

/** What pipelines sign in elsewhere with. */
export interface Library {
  readonly connections: SimulatedConnection[];
  readonly groups: SimulatedVariableGroup[];
}

/** Default: of Azure, by federation, for one resource group, of no pipeline. */
export function aConnection(
  project: SimulatedProject,
  name: string,
  over: Partial<SimulatedConnection> = {},
): SimulatedConnection {
  return {
    project,
    id: guidOf(`connection/${name}`),
    name,
    type: 'azurerm',
    scheme: 'WorkloadIdentityFederation',
    parameters: { tenantid: guidOf('tenant'), serviceprincipalid: guidOf(`application/${name}`), scope: null },
    data: {
      environment: 'AzureCloud',
      scopeLevel: 'Subscription',
      subscriptionId: guidOf('subscription'),
      subscriptionName: 'payments-prod',
      resourceGroupName: 'rg-payments',
      creationMode: 'Manual',
    },
    sharedWith: [],
    ...over,
  };
}

/** Service connections, variable groups, and which pipelines may use them. */
export const LIBRARY_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^serviceendpoint\/endpoints$/, reply: endpoints },
  { method: 'GET', path: /^serviceendpoint\/([^/]+)\/executionhistory$/, reply: history },
  { method: 'GET', path: /^distributedtask\/variablegroups$/, reply: groups },
  { method: 'GET', path: /^pipelines\/pipelinepermissions\/(endpoint|variablegroup)\/([^/]+)$/, reply: permissions },
  { method: 'GET', path: /^pipelines\/checks\/configurations$/, reply: checks },
];

function connectionsIn(asked: Asked): readonly SimulatedConnection[] {
  const project = visibleProject(asked);
  return asked.world.library.connections.filter((one) => [one.project, ...one.sharedWith].some((it) => it === project));
}

function connectionOf(asked: Asked, id: string): SimulatedConnection | undefined {
  return connectionsIn(asked).find((one) => isSame(one.id, id));
}

/** Of those that are asked for by id, the ones that are not seen are null. */
function endpoints(asked: Asked): Reply {
  if (asked.caller.kind === 'job') return forbidden('Access denied: View service connections is needed.');
  const isWhole = asked.query.get('includeFailed') === 'true';
  const ids = asked.query.get('endpointIds')?.split(',');
  const found = ids === undefined ? connectionsIn(asked) : ids.map((id) => connectionOf(asked, id));
  const rows = found.map((one) => one && connectionJson(one, isWhole));
  return ids === undefined ? paged(asked, 'top', rows as readonly object[]) : listOf(rows.map((row) => row ?? null));
}

function connectionJson(one: SimulatedConnection, isWhole: boolean): object {
  const references = [one.project, ...one.sharedWith].map(({ id, name }) => ({
    projectReference: { id, name },
    name: one.name,
    description: one.description ?? '',
  }));
  return {
    data: one.data,
    id: one.id,
    name: one.name,
    type: one.type,
    url: one.url ?? 'https://management.azure.com/',
    createdBy: {
      displayName: 'Norman Paulk',
      id: guidOf('Norman'),
      uniqueName: 'norman@contoso.example',
      descriptor: 'aad.bm9ybWFu',
    },
    ...(one.createdOn === undefined ? {} : { creationDate: one.createdOn }),
    description: one.description ?? '',
    authorization: { parameters: one.parameters, scheme: one.scheme },
    isShared: one.sharedWith.length > 0,
    isReady: isWhole,
    isDisabled: one.isDisabled === true,
    owner: 'Library',
    serviceEndpointProjectReferences: references,
  };
}

/** The newest first. */
function history(asked: Asked, [id = '']: readonly string[]): Reply {
  const found = connectionOf(asked, id);
  if (found === undefined) return notFound(`Service connection ${id} does not exist.`);
  const records = (found.uses ?? []).map(({ pipeline, at }, index) => ({
    endpointId: found.id,
    data: {
      id: index + 1,
      planType: 'Build',
      definition: { id: pipeline.id, name: pipeline.name },
      owner: { id: index + 100, name: String(index + 100) },
      startTime: at,
      finishTime: at,
      result: 'succeeded',
    },
  }));
  return listOf(records.toReversed().slice(0, Number(asked.query.get('top') ?? 50)));
}

function groupsIn(asked: Asked): readonly SimulatedVariableGroup[] {
  return asked.world.library.groups.filter(({ project }) => project === visibleProject(asked));
}

function groups(asked: Asked): Reply {
  const wanted = asked.query.get('groupName')?.toLowerCase() ?? '';
  const named = groupsIn(asked).filter(({ name }) => name.toLowerCase().startsWith(wanted));
  const rows = named.map(({ id, name, variables, vault, description }) => ({
    id,
    name,
    description: description ?? '',
    type: vault === undefined ? 'Vsts' : 'AzureKeyVault',
    ...(vault === undefined ? {} : { providerData: { vault, serviceEndpointId: guidOf(vault) } }),
    variables,
    isShared: false,
  }));
  return paged(asked, '$top', rows);
}

function permissions(asked: Asked, [type = '', id = '']: readonly string[]): Reply {
  const found =
    type === 'endpoint' ? connectionOf(asked, id) : groupsIn(asked).find((group) => String(group.id) === id);
  if (found === undefined) return notFound(`${type} ${id} does not exist.`);
  return permissionsOf({ type, id }, found);
}

/** Who may use a protected resource, as Azure DevOps says it. */
export function permissionsOf(resource: { readonly type: string; readonly id: string }, given: Protected): Reply {
  const by = { authorizedBy: { displayName: 'Ann Arbor' }, authorizedOn: '2026-11-01T08:00:00Z' };
  const body = {
    resource,
    ...(given.isOpenToAll === true ? { allPipelines: { authorized: true, ...by } } : {}),
    pipelines: (given.pipelines ?? []).map(({ id }) => ({ id, authorized: true, ...by })),
  };
  return { status: 200, body };
}

function checks(asked: Asked): Reply {
  if (asked.query.get('resourceType') !== 'endpoint') return listOf([]);
  const found = connectionOf(asked, asked.query.get('resourceId') ?? '');
  const rows = (found?.checks ?? []).map(({ typeId, isDisabled }, index) => ({
    id: index + 1,
    type: { id: typeId, name: 'Check' },
    isDisabled: isDisabled === true,
    timeout: 43_200,
    resource: { type: 'endpoint', id: found?.id },
  }));
  return listOf(rows);
}
