import { isSamePlace, type Place } from './asset.ts';
import { type Entry, type EntryKind, entryKey, type Part, type PlaceState, placeState } from './baseline.ts';
import type { Catalog, Service } from './catalog.ts';
import { checkValues, connectionValues, listed, openValues, policyValues, roleValues } from './entry-values.ts';
import type {
  ConnectionFact,
  EnvironmentFact,
  Platform,
  PlatformIdentity,
  ReachFact,
  Section,
  SectionOf,
} from './platform.ts';
import { sectionsOf } from './platform.ts';
import { placesOfAsset, placesOfEnvironment, servicesIn } from './platform-places.ts';

/** A resource of Azure that belongs to a place, with the properties that its baseline names. */
export interface ResourceFact {
  /** ARM id. */
  readonly id: string;
  /** Lower case. */
  readonly type: string;
  readonly values: Readonly<Record<string, string>>;
}

/** What was found of the types that a baseline names; `types` are those that were asked for, lower case. */
export type Resources = { readonly types: readonly string[] } & (
  | { readonly at: string; readonly found: readonly ResourceFact[] }
  | { readonly unknown: string }
);

/** What a place is looked at with. */
export interface PlaceLook {
  readonly catalog: Catalog;
  readonly resources?: Resources;
  /** Keys of its baseline: what they name belongs to the place as long as it is there, whatever has become of its name or scope. */
  readonly wanted: ReadonlySet<string>;
}

type Draft = Omit<Entry, 'at'>;

/**
 * What is so of one service in one environment, as far as the platform is known: an entry for each thing. What was not read now is a part
 * that is unknown, with why; what the platform says nothing of is no part at all. The order of sections and facts does not matter.
 */
export function stateOf(platform: Platform, place: Place, look: PlaceLook): PlaceState {
  const service = look.catalog.services.get(place.service);
  const projects = projectsOf(platform, place, look);
  const scene: Scene = { platform, place, look, service };
  const connections = connectionsOf(scene, projects);
  const read = [
    ...sectionsOf(platform, 'environments').map((section) => environmentsRead(scene, projects, section)),
    ...sectionsOf(platform, 'branches').map((section) => branchesRead(scene, projects, section)),
    ...sectionsOf(platform, 'connections').map((section) => connectionsRead(scene, projects, section)),
    ...sectionsOf(platform, 'reach').map((section) => reachRead(scene, projects, section, connections)),
    ...sectionsOf(platform, 'roles').map((section) => rolesRead(scene, section, connections)),
    resourcesRead(look.resources),
  ];
  return placeState(
    read.flatMap(({ parts }) => parts),
    read.flatMap(({ entries }) => entries),
  );
}

/** The sections by which a place may change: those of its projects, and the role assignments of its identities. */
export function sectionsOfPlace(platform: Platform, place: Place, look: Pick<PlaceLook, 'catalog'>): Section[] {
  const projects = projectsOf(platform, place, look);
  return platform.sections.filter(({ kind, target }) => kind === 'project' || kind === 'roles' || projects.has(target));
}

interface Scene {
  readonly platform: Platform;
  readonly place: Place;
  readonly look: PlaceLook;
  readonly service: Service | undefined;
}

interface Read {
  readonly parts: readonly Part[];
  readonly entries: readonly Entry[];
}

const NOTHING: Read = { parts: [], entries: [] };

/** Of a project that is not known to be the service's nothing can be told: what it has there is neither known nor gone. */
function projectsOf(
  platform: Platform,
  { service }: Place,
  { catalog }: Pick<PlaceLook, 'catalog'>,
): ReadonlySet<string> {
  const own = sectionsOf(platform, 'project').filter(
    ({ target, unknown }) => unknown === undefined && servicesIn(platform, target, catalog).includes(service),
  );
  return new Set(own.map(({ target }) => target));
}

/** A section's parts and entries; what it was last known to say is not compared while it cannot be read. */
function readOf(
  { target, name, known, unknown }: Section,
  kind: EntryKind,
  drafts: readonly Draft[],
  what: string,
): Read {
  const why = unknown?.why ?? (known === undefined ? 'nobody has looked yet' : undefined);
  const part: Part = {
    prefix: `${entryKey(kind, target)}:`,
    name: `${what} of ${name}`,
    ...(why === undefined ? {} : { unknown: why }),
    ...(known === undefined ? {} : { at: known.at }),
  };
  const at = known?.at ?? '';
  return { parts: [part], entries: drafts.map((draft) => ({ ...draft, at })) };
}

function together(...reads: readonly Read[]): Read {
  return { parts: reads.flatMap(({ parts }) => parts), entries: reads.flatMap(({ entries }) => entries) };
}

function isWanted({ wanted }: PlaceLook, key: string): boolean {
  return wanted.has(key);
}

function environmentsOf({ platform, place, look }: Scene, section: SectionOf<'environments'>): EnvironmentFact[] {
  return (section.known?.facts ?? []).filter(
    ({ id, name }) =>
      isWanted(look, entryKey('environment', section.target, id)) ||
      placesOfEnvironment(platform, section.target, name, look).some((one) => isSamePlace(one, place)),
  );
}

function environmentsRead(scene: Scene, projects: ReadonlySet<string>, section: SectionOf<'environments'>): Read {
  const { target } = section;
  if (!projects.has(target)) return NOTHING;
  const own = environmentsOf(scene, section);
  const environments = own.map(
    ({ id, name, openToAll, pipelines }): Draft => ({
      ...{ key: entryKey('environment', target, id), kind: 'environment', name, of: '' },
      values: { name, ...openValues(openToAll, pipelines) },
    }),
  );
  const checks = own.flatMap(({ id, name, checks }) =>
    checks.map(
      (check): Draft => ({
        ...{ key: entryKey('check', target, id, check.id), kind: 'check', name: check.name, of: name },
        values: checkValues(check),
        names: Object.fromEntries(check.approval?.approvers.map((one) => [one.id, one.name]) ?? []),
      }),
    ),
  );
  return together(
    readOf(section, 'environment', environments, 'Environments'),
    readOf(section, 'check', checks, 'Checks of environments'),
  );
}

function branchesRead({ look, service }: Scene, projects: ReadonlySet<string>, section: SectionOf<'branches'>): Read {
  const { target } = section;
  if (!projects.has(target)) return NOTHING;
  const names = new Set(service?.repositories.map((name) => name.toLowerCase()));
  const drafts = (section.known?.facts ?? []).flatMap((branch) =>
    branch.policies.flatMap((policy): Draft[] => {
      const key = entryKey('branch-policy', target, branch.repositoryId, branch.ref, policy.id);
      if (!names.has(branch.repository.toLowerCase()) && !isWanted(look, key)) return [];
      const of = `${branch.repository} ${branch.ref.replace(/^refs\/heads\//, '')}`;
      return [{ key, kind: 'branch-policy', name: policy.kind, of, values: policyValues(policy) }];
    }),
  );
  return readOf(section, 'branch-policy', drafts, 'Branch policies');
}

/** What of Azure a place is deployed through: by what it reaches, and without that by the pipelines that may use it. */
function connectionsOf(
  scene: Scene,
  projects: ReadonlySet<string>,
): readonly (ConnectionFact & { readonly project: string })[] {
  const { platform, place, look, service } = scene;
  const pipelines = new Set(service?.pipelines.map((name) => name.toLowerCase()));
  return sectionsOf(platform, 'connections')
    .filter(({ target }) => projects.has(target))
    .flatMap(({ target, known }) => (known?.facts ?? []).map((fact) => ({ ...fact, project: target })))
    .filter(({ id, project, scope, pipelines: used }) => {
      if (isWanted(look, entryKey('connection', project, id))) return true;
      const places = scope === undefined ? [] : placesOfAsset(platform, scope.id, look);
      if (places.length > 0) return places.some((one) => isSamePlace(one, place));
      return used.some((name) => pipelines.has(name.toLowerCase()));
    });
}

function connectionsRead(scene: Scene, projects: ReadonlySet<string>, section: SectionOf<'connections'>): Read {
  if (!projects.has(section.target)) return NOTHING;
  const drafts = connectionsOf(scene, projects)
    .filter(({ project }) => project === section.target)
    .map(
      (fact): Draft => ({
        ...{ key: entryKey('connection', section.target, fact.id), kind: 'connection', name: fact.name, of: '' },
        values: connectionValues(fact),
      }),
    );
  return readOf(section, 'connection', drafts, 'Service connections');
}

function reachRead(
  scene: Scene,
  projects: ReadonlySet<string>,
  section: SectionOf<'reach'>,
  connections: readonly ConnectionFact[],
): Read {
  const { target } = section;
  if (!projects.has(target)) return NOTHING;
  const own = (section.known?.facts ?? []).filter((fact) => isReachOf(scene, target, fact, connections));
  const drafts = own.flatMap((fact) => [
    reachEntry(target, fact),
    ...fact.members.map((member): Draft => memberEntry(target, fact, member)),
  ]);
  const whole = readOf(section, 'reach', drafts, 'Administrators, approvers and deployers');
  // Who is not listed may be among the others, and who is listed now may have been: nobody has come or gone for certain.
  const cut = own
    .filter(({ more }) => more > 0)
    .map(
      (fact): Part => ({
        prefix: `${entryKey('reach', target, fact.role, fact.subject, 'member')}:`,
        name: fact.name,
        unknown: `${fact.more} more than are listed`,
        at: section.known?.at ?? '',
      }),
    );
  return { ...whole, parts: [...whole.parts, ...cut] };
}

/** Of its project, of an environment or connection of the place, of a repository of the service. */
function isReachOf(
  { platform, place, look, service }: Scene,
  project: string,
  fact: ReachFact,
  connections: readonly ConnectionFact[],
): boolean {
  if (isWanted(look, entryKey('reach', project, fact.role, fact.subject))) return true;
  const [kind, ...rest] = fact.subject.split(':');
  const id = rest.at(-1);
  if (kind === 'project') return true;
  if (kind === 'connection') return connections.some((one) => one.id === id);
  const branches = sectionsOf(platform, 'branches').flatMap(({ known }) => known?.facts ?? []);
  if (kind === 'repository') {
    const names = new Set(service?.repositories.map((name) => name.toLowerCase()));
    return branches.some((one) => one.repositoryId === id && names.has(one.repository.toLowerCase()));
  }
  const scene = { platform, place, look, service };
  const environments = sectionsOf(platform, 'environments').filter(({ target }) => target === project);
  return kind === 'environment' && environments.some((one) => environmentsOf(scene, one).some((own) => own.id === id));
}

/** Through which groups: those who come by a group are not chosen one by one. */
function reachEntry(project: string, { role, subject, name, through }: ReachFact): Draft {
  const key = entryKey('reach', project, role, subject);
  return { key, kind: 'reach', name, of: '', values: { role, through: listed(through) } };
}

function memberEntry(project: string, { role, subject, name }: ReachFact, member: PlatformIdentity): Draft {
  const key = entryKey('reach', project, role, subject, 'member', member.id);
  return { key, kind: 'reach', name: member.name, of: name, values: { role, kind: member.kind } };
}

/** Of the identities behind the connections of the place. */
function rolesRead({ look }: Scene, section: SectionOf<'roles'>, connections: readonly ConnectionFact[]): Read {
  const { target } = section;
  const clients = new Map(
    connections.flatMap(({ clientId, name }) => (clientId === undefined ? [] : [[clientId, name]])),
  );
  const drafts = (section.known?.facts ?? []).flatMap((fact): Draft[] => {
    const key = entryKey('role', target, fact.principalId, fact.role, fact.scope.toLowerCase());
    const connection = clients.get(fact.clientId ?? '');
    if (connection === undefined && !isWanted(look, key)) return [];
    const name = fact.principalName ?? connection ?? fact.principalId;
    return [{ key, kind: 'role', name, of: fact.scope, values: roleValues(fact) }];
  });
  return readOf(section, 'role', drafts, 'Role assignments');
}

function resourcesRead(resources: Resources | undefined): Read {
  if (resources === undefined) return NOTHING;
  const at = 'at' in resources ? resources.at : undefined;
  const parts = resources.types.map(
    (type): Part => ({
      prefix: `${entryKey('resource', type)}:`,
      name: `Resources of type ${type}`,
      ...('unknown' in resources ? { unknown: resources.unknown } : {}),
      ...(at === undefined ? {} : { at }),
    }),
  );
  const found = 'found' in resources ? resources.found : [];
  const entries = found.map(({ id, type, values }): Entry => {
    const key = entryKey('resource', type, id.toLowerCase());
    return { key, kind: 'resource', name: id.split('/').at(-1) ?? id, of: id, values, at: at ?? '' };
  });
  return { parts, entries };
}
