import { assetKey, assetOf, distinctPlaces, type Place } from './asset.ts';
import { type Catalog, type ServiceEnvironment, speaksFor } from './catalog.ts';
import { type ConnectionFact, type Platform, type RoleFact, sectionsOf } from './platform.ts';
import { isProduction, type PlatformSetting, placesOfAsset, servicesIn } from './platform-places.ts';
import { byText } from './steps.ts';

type Setting = Pick<PlatformSetting, 'catalog' | 'contract'>;

/** How much is reached at once; the widest first. */
export const LEVELS = ['management-group', 'subscription', 'resource-group', 'workspace', 'other'] as const;
export type Level = (typeof LEVELS)[number];

/** A service connection that may be used, over all projects that have it, and where it leads. */
export interface ReachingConnection {
  readonly id: string;
  /** As the first of its projects calls it. */
  readonly name: string;
  readonly projects: readonly { readonly id: string; readonly name: string; readonly fact: ConnectionFact }[];
  /** The same in each project; what differs stands in `projects`. */
  readonly fact: ConnectionFact;
  /** By which others are told to act as the same: its application id, else its object id; absent: nobody could tell. */
  readonly identity?: string;
  /** Of its identity; each once. */
  readonly roles: readonly RoleFact[];
  readonly production: readonly Place[];
  readonly others: readonly Place[];
  /** It reaches more than anybody knows: a management group of which no subscription is known. */
  readonly isOpen: boolean;
  /** Azure says where it leads, and not only which pipelines may use it. */
  readonly isOfAzure: boolean;
}

/** What sources and packages are read by, and what calls us: nothing is deployed by them. */
const SOURCES = [
  'bitbucket',
  'externalnpmregistry',
  'externalnugetfeed',
  'externalpythondownloadfeed',
  'git',
  'github',
  'githubenterprise',
  'incomingwebhook',
  'mavenrepository',
  'sonarcloud',
  'sonarqube',
  'subversion',
];

/** Whether something may be deployed by a connection; a type that is not known may. */
export function mayDeploy({ type, isDisabled }: ConnectionFact): boolean {
  return !isDisabled && !SOURCES.includes(type.toLowerCase());
}

export function leadsToProduction({ production, isOpen }: ReachingConnection): boolean {
  return production.length > 0 || isOpen;
}

const kept = new WeakMap<Platform, Setting & { readonly connections: readonly ReachingConnection[] }>();

/**
 * Every connection that may deploy, by its id. It leads where it was made for and where a role of its identity reaches; of another cloud or server
 * nobody tells, so it leads wherever the services lead whose pipelines may use it; so does one to a part of Azure that is nobody's in the
 * catalog, where environments of these services are nowhere in it.
 */
export function connectionsOf(platform: Platform, { catalog, contract }: Setting): readonly ReachingConnection[] {
  const known = kept.get(platform);
  if (known?.catalog === catalog && known.contract === contract) return known.connections;
  const connections = foundConnections(platform, { catalog, contract });
  kept.set(platform, { catalog, contract, connections });
  return connections;
}

function foundConnections(platform: Platform, setting: Setting): ReachingConnection[] {
  const find = createFinder(platform, setting);
  const roles = rolesByIdentity(platform);
  const uses = sectionsOf(platform, 'connections').flatMap(({ target, name, known }) =>
    (known?.facts ?? []).filter(mayDeploy).map((fact) => ({ id: target, name, fact })),
  );
  const byId = [...Map.groupBy(uses, ({ fact }) => fact.id)].sort(([a], [b]) => byText(a, b));
  return byId.map(([, found]) => {
    const projects = found.toSorted((a, b) => byText(a.id, b.id));
    return reaching(projects, roles, find, setting);
  });
}

type Uses = ReachingConnection['projects'];
function byPlace(a: Place, b: Place): number {
  return byText(a.service, b.service) || byText(a.environment, b.environment);
}

type RolesByIdentity = ReadonlyMap<string, readonly RoleFact[]>;

function reaching(projects: Uses, known: RolesByIdentity, find: Finder, setting: Setting): ReachingConnection {
  const [{ fact }] = projects as unknown as readonly [Uses[number]];
  const identity = fact.clientId ?? fact.principalId;
  const own = [fact.clientId, fact.principalId].flatMap((id) => (id === undefined ? [] : (known.get(id) ?? [])));
  const roles = distinct(own);
  const scopes = [...(fact.scope === undefined ? [] : [fact.scope.id]), ...roles.map(({ scope }) => scope)];
  const reached = scopes.map(find.ofScope);
  const isOfAzure = scopes.length > 0;
  const isOpen = scopes.some((scope, at) => levelOf(scope) === 'management-group' && reached[at]?.length === 0);
  const byPipelines = (isMeant: (keys: ServiceEnvironment) => boolean) =>
    projects.flatMap(({ id, fact }) => placesOfPipelines(find.servicesIn(id), fact, setting, isMeant));
  const told = reached.flat();
  const untold = isOfAzure ? byPipelines(isNowhere) : byPipelines(() => true);
  const places = told.length > 0 || isOpen ? told : untold;
  const all = distinctPlaces(places).sort(byPlace);
  return {
    id: fact.id,
    name: fact.name,
    projects,
    fact,
    ...(identity === undefined ? {} : { identity }),
    roles,
    production: all.filter(({ environment }) => find.isProduction(environment)),
    others: all.filter(({ environment }) => !find.isProduction(environment)),
    isOpen,
    isOfAzure,
  };
}

interface Finder {
  readonly ofScope: (id: string) => readonly Place[];
  readonly servicesIn: (project: string) => readonly string[];
  readonly isProduction: (environment: string) => boolean;
}

/** Many connections lead to the same: each is looked for once. */
function createFinder(platform: Platform, setting: Setting): Finder {
  return {
    ofScope: once((id) => placesOfScope(platform, id, setting)),
    servicesIn: once((project) => servicesIn(platform, project, setting.catalog)),
    isProduction: once((environment) => isProduction(environment, setting)),
  };
}

function once<T>(find: (key: string) => T): (key: string) => T {
  const found = new Map<string, T>();
  return (key) => {
    const known = found.get(key) ?? find(key);
    found.set(key, known);
    return known;
  };
}

function rolesByIdentity(platform: Platform): RolesByIdentity {
  const all = sectionsOf(platform, 'roles').flatMap(({ known }) => known?.facts ?? []);
  const named = all.flatMap((role) =>
    [role.clientId, role.principalId].flatMap((id) => (id === undefined ? [] : [{ id, role }])),
  );
  return new Map([...Map.groupBy(named, ({ id }) => id)].map(([id, found]) => [id, found.map(({ role }) => role)]));
}

/** A role in a management group is told by each subscription below. */
function distinct(roles: readonly RoleFact[]): RoleFact[] {
  const byKey = new Map(
    roles.map((role) => [
      JSON.stringify([assetKey(role.scope), role.role, role.isStanding, role.through, role.hasCondition]),
      role,
    ]),
  );
  return [...byKey].sort(([a], [b]) => byText(a, b)).map(([, role]) => role);
}

/** By the ARM id of a scope alone. */
export function levelOf(id: string): Level {
  if (managementGroupOf(id) !== undefined) return 'management-group';
  if (/\/providers\/Microsoft\.MachineLearningServices\/workspaces\/[^/]+$/i.test(id)) return 'workspace';
  const [, , , group, ...rest] = assetOf(id) === undefined ? [''] : assetKey(id).split('/');
  if (group === undefined) return assetOf(id) === undefined ? 'other' : 'subscription';
  return group === 'resourcegroups' && rest.length === 1 ? 'resource-group' : 'other';
}

/** Its name, lower case; '' is the root of them all. */
function managementGroupOf(id: string): string | undefined {
  if (id === '/') return '';
  const [, name] = /^\/providers\/Microsoft\.Management\/managementGroups\/([^/]+)\/?$/i.exec(id) ?? [];
  return name?.toLowerCase();
}

/** Of a management group the subscriptions that are known to lie in it, for they tell of a role there, and what the catalog says is in it. */
function placesOfScope(platform: Platform, id: string, setting: Setting): Place[] {
  const managementGroup = managementGroupOf(id);
  if (managementGroup === undefined) return placesOfAsset(platform, id, setting);
  const below = sectionsOf(platform, 'roles').filter(
    ({ known }) =>
      managementGroup === '' || known?.facts.some(({ scope }) => managementGroupOf(scope) === managementGroup),
  );
  return [
    ...namedByGroup(id, setting.catalog),
    ...below.flatMap(({ target }) => placesOfAsset(platform, `/subscriptions/${target}`, setting)),
  ];
}

/** Every environment that the catalog says is in a management group. */
export function namedByGroup(id: string, { services }: Catalog): Place[] {
  const managementGroup = managementGroupOf(id);
  return [...services.values()].flatMap(({ name: service, environments }) =>
    [...environments]
      .filter(([, keys]) => managementGroup !== undefined && keys.managementGroup?.toLowerCase() === managementGroup)
      .map(([environment]) => ({ service, environment })),
  );
}

/** Every environment of the services whose pipelines may use it; whoever may not be told of may. */
function placesOfPipelines(
  services: readonly string[],
  fact: ConnectionFact,
  { catalog }: Setting,
  isMeant: (keys: ServiceEnvironment) => boolean,
): Place[] {
  return services.flatMap((name) => {
    const service = catalog.services.get(name);
    const isTheirs = fact.pipelines.some(
      (pipeline) => service !== undefined && speaksFor(service, { pipeline, repository: '' }),
    );
    if (service === undefined || (fact.openToAll === false && !isTheirs)) return [];
    return [...service.environments]
      .filter(([, keys]) => isMeant(keys))
      .map(([environment]) => ({ service: name, environment }));
  });
}

/** The catalog does not say by subscription or resource group where it is: no scope can be told to lead there, or not to. */
function isNowhere({ subscription, resourceGroups }: ServiceEnvironment): boolean {
  return subscription === undefined && resourceGroups.length === 0;
}
