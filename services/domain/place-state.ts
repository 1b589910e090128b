import { assetOf, isSamePlace, type Place } from './asset.ts';
import { type Entry, type EntryKind, entryKey, type Part, type PlaceState, placeState } from './baseline.ts';
import type { Service } from './catalog.ts';
import { checkValues, connectionValues, listed, openValues, policyValues, roleValues } from './entry-values.ts';
import type { ConnectionFact, EnvironmentFact, PlatformIdentity, ReachFact, Section, SectionOf } from './platform.ts';
import { sectionsOf } from './platform.ts';
import { NOBODY_LOOKED } from './platform-age.ts';
import type { PlatformIndex } from './platform-index.ts';
import { isHeldWide, placesOfSubscription } from './role-holders.ts';

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
  readonly resources?: Resources;
  /** Keys of its baseline: what they name belongs to the place as long as it is there, whatever has become of its name or scope. */
  readonly wanted: ReadonlySet<string>;
}

type Draft = Omit<Entry, 'at'>;

/**
 * What is so of one service in one environment, as far as the platform is known: an entry for each thing. What was not read now is a part
 * that is unknown, with why; what the platform says nothing of is no part at all. The order of sections and facts does not matter.
 */
export function stateOf(index: PlatformIndex, place: Place, look: PlaceLook): PlaceState {
  const { platform, catalog } = index;
  const scene = sceneOf(index, place, look, catalog.services.get(place.service));
  const read = [
    ...sectionsOf(platform, 'environments').map((section) => environmentsRead(scene, section)),
    ...sectionsOf(platform, 'branches').map((section) => branchesRead(scene, section)),
    ...sectionsOf(platform, 'connections').map((section) => connectionsRead(scene, section)),
    ...sectionsOf(platform, 'reach').map((section) => reachRead(scene, section)),
    ...sectionsOf(platform, 'roles').map((section) => rolesRead(scene, section)),
    resourcesRead(look.resources),
  ];
  return placeState(
    read.flatMap(({ parts }) => parts),
    read.flatMap(({ entries }) => entries),
  );
}

/** A place and what of the platform is its. */
interface Scene {
  readonly index: PlatformIndex;
  readonly place: Place;
  readonly look: PlaceLook;
  /** Of any other project nothing can be told: what the service has there is neither known nor gone. */
  readonly projects: ReadonlySet<string>;
  /** Lower case. */
  readonly repositories: ReadonlySet<string>;
  /** By project. */
  readonly environments: ReadonlyMap<string, readonly EnvironmentFact[]>;
  readonly connections: ReadonlyMap<string, readonly ConnectionFact[]>;
  /** What access may be to, as the reach section names it by kind and id. */
  readonly subjects: ReadonlySet<string>;
}

function sceneOf(index: PlatformIndex, place: Place, look: PlaceLook, service: Service | undefined): Scene {
  const { platform } = index;
  const projects = index.projectsOf(place.service);
  const isOurs = ({ target }: Section) => projects.has(target);
  const repositories = new Set(service?.repositories.map((name) => name.toLowerCase()));
  const environments = new Map(
    sectionsOf(platform, 'environments')
      .filter(isOurs)
      .map((section) => [section.target, environmentsIn(section, place, look)]),
  );
  const connections = new Map(
    sectionsOf(platform, 'connections')
      .filter(isOurs)
      .map((section) => [section.target, connectionsIn(index, section, place, look)]),
  );
  const branches = sectionsOf(platform, 'branches').flatMap(({ known }) => known?.facts ?? []);
  const subjects = new Set([
    ...[...environments].flatMap(([project, own]) => own.map(({ id }) => subjectOf('environment', project, id))),
    ...[...connections.values()].flat().map(({ id }) => subjectOf('connection', '', id)),
    ...branches
      .filter(({ repository }) => repositories.has(repository.toLowerCase()))
      .map(({ repositoryId }) => subjectOf('repository', '', repositoryId)),
  ]);
  return { index, place, look, projects, repositories, environments, connections, subjects };
}

/** Environments have numbers, which other projects may have too. */
function subjectOf(kind: string, project: string, id: string): string {
  return JSON.stringify(kind === 'environment' ? [kind, project, id] : [kind, id]);
}

interface Read {
  readonly parts: readonly Part[];
  readonly entries: readonly Entry[];
}

const NOTHING: Read = { parts: [], entries: [] };

/** A section's parts and entries; what it was last known to say is not compared while it cannot be read. */
function readOf(
  { target, name, known, unknown }: Section,
  kind: EntryKind,
  drafts: readonly Draft[],
  what: string,
): Read {
  const why = unknown?.why ?? (known === undefined ? NOBODY_LOOKED : undefined);
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

function environmentsIn(
  { target, known }: SectionOf<'environments'>,
  { environment }: Place,
  look: PlaceLook,
): EnvironmentFact[] {
  return (known?.facts ?? []).filter(
    ({ id, name }) =>
      isWanted(look, entryKey('environment', target, id)) || name.toLowerCase() === environment.toLowerCase(),
  );
}

function environmentsRead({ environments: all }: Scene, section: SectionOf<'environments'>): Read {
  const { target } = section;
  const own = all.get(target);
  if (own === undefined) return NOTHING;
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

function branchesRead({ look, projects, repositories }: Scene, section: SectionOf<'branches'>): Read {
  const { target } = section;
  if (!projects.has(target)) return NOTHING;
  const drafts = (section.known?.facts ?? []).flatMap((branch) =>
    branch.policies.flatMap((policy): Draft[] => {
      const key = entryKey('branch-policy', target, branch.repositoryId, branch.ref, policy.id);
      if (!repositories.has(branch.repository.toLowerCase()) && !isWanted(look, key)) return [];
      const of = `${branch.repository} ${branch.ref.replace(/^refs\/heads\//, '')}`;
      return [{ key, kind: 'branch-policy', name: policy.kind, of, values: policyValues(policy) }];
    }),
  );
  return readOf(section, 'branch-policy', drafts, 'Branch policies');
}

/** What of Azure a place is deployed through: by what it reaches, and without that by the pipelines that may use it. */
export function connectionsIn(
  { catalog, placesOf }: PlatformIndex,
  { target, known }: SectionOf<'connections'>,
  place: Place,
  look: PlaceLook,
): ConnectionFact[] {
  const pipelines = new Set(catalog.services.get(place.service)?.pipelines.map((name) => name.toLowerCase()));
  return (known?.facts ?? []).filter(({ id, scope, pipelines: used }) => {
    if (isWanted(look, entryKey('connection', target, id))) return true;
    const places = scope === undefined ? [] : placesOf(scope.id);
    if (places.length > 0) return places.some((one) => isSamePlace(one, place));
    return used.some((name) => pipelines.has(name.toLowerCase()));
  });
}

function connectionsRead({ connections }: Scene, section: SectionOf<'connections'>): Read {
  const { target } = section;
  const own = connections.get(target);
  if (own === undefined) return NOTHING;
  const drafts = own.map(
    (fact): Draft => ({
      ...{ key: entryKey('connection', target, fact.id), kind: 'connection', name: fact.name, of: '' },
      values: connectionValues(fact),
    }),
  );
  return readOf(section, 'connection', drafts, 'Service connections');
}

function reachRead(scene: Scene, section: SectionOf<'reach'>): Read {
  const { target } = section;
  if (!scene.projects.has(target)) return NOTHING;
  const own = (section.known?.facts ?? []).filter((fact) => isReachOf(scene, target, fact));
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
function isReachOf({ look, subjects }: Scene, project: string, { role, subject }: ReachFact): boolean {
  const [kind = '', ...rest] = subject.split(':');
  const isOwn = kind === 'project' || subjects.has(subjectOf(kind, project, rest.at(-1) ?? ''));
  return isOwn || isWanted(look, entryKey('reach', project, role, subject));
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

/** Of the identities behind the connections of the place, and of whoever else may change all of a subscription that it is in. */
function rolesRead(scene: Scene, section: SectionOf<'roles'>): Read {
  const { look, index, place } = scene;
  const { target } = section;
  const connections = [...scene.connections.values()].flat();
  const clients = new Map(
    connections.flatMap(({ clientId, principalId, name }) =>
      [clientId, principalId].flatMap((id) => (id === undefined ? [] : [[id, name] as const])),
    ),
  );
  const reached = connections.flatMap(({ scope }) => scope?.id ?? []);
  const isHere =
    reached.some((id) => assetOf(id)?.subscriptionId === target) ||
    placesOfSubscription(section, [], index.catalog, index.placesOf).some((one) => isSamePlace(one, place));
  const drafts = (section.known?.facts ?? []).flatMap((fact): Draft[] => {
    const key = entryKey('role', target, fact.principalId, fact.role, fact.scope.toLowerCase());
    const connection = clients.get(fact.clientId ?? '') ?? clients.get(fact.principalId);
    const isHeld = isHere && isHeldWide(fact, index.identities);
    if (connection === undefined && !isHeld && !isWanted(look, key)) return [];
    const name = fact.principalName ?? connection ?? index.names.get(fact.principalId) ?? fact.principalId;
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
