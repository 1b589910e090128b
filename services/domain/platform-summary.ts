import type { Catalog } from './catalog.ts';
import { type BreadthGap, type ConnectionBreadth, connectionBreadth } from './connection-breadth.ts';
import type { Gate } from './gate.ts';
import {
  CHECK_KINDS,
  type CheckKind,
  type EnvironmentFact,
  type Platform,
  PROJECT_SECTIONS,
  type SectionKind,
  type SectionOf,
  sectionsOf,
} from './platform.ts';
import { unreadBecause } from './platform-age.ts';
import type { PlatformSetting } from './platform-places.ts';

/** What was known of one property of the delivery platform: never better than what was read. */
interface PlatformSignal {
  readonly state: 'pass' | 'fail' | 'unknown';
  /** ISO-8601 UTC; when the oldest of what it is made of was read. Absent: nothing was. */
  readonly asOf?: string;
  /** Of `unknown`, with the permission that is missing. */
  readonly why?: string;
}

/** Whether Azure DevOps asks here before it deploys. */
export interface EnvironmentSignal extends PlatformSignal {
  /** Project and number of the environment; absent: none of this name was found. */
  readonly project?: string;
  readonly environment?: string;
  /** By which it asks here: a check that calls us, or an approval of its own. */
  readonly asks: 'check' | 'approval';
  readonly ours?: 'on' | 'off' | 'missing';
  /** What it checks besides, and how many further checks are disabled. */
  readonly others: readonly CheckKind[];
  readonly disabled: number;
}

/** Whether it is known who may administer, approve and deploy; what is wrong with that findings say. */
export interface AccessSignal extends Omit<PlatformSignal, 'state'> {
  readonly state: 'known' | 'unknown';
  readonly project?: string;
}

/** How far something reaches in Azure, and as what. */
interface Reach extends Pick<ConnectionBreadth, 'level'> {
  readonly role?: string;
}

interface ReachingConnection extends Reach {
  readonly id: string;
  readonly name: string;
}

/** How far the identity behind the deployment reaches. */
export interface BreadthSignal extends PlatformSignal, Reach {
  /** The first of them. */
  readonly connections: readonly (ReachingConnection & { readonly project?: string })[];
  /** All of them. */
  readonly count: number;
}

/** What was known of the platform that one deployment goes through. A card says it, and nothing is decided by it. */
export interface PlatformSummary {
  readonly organization: string;
  /** Address of the portal of Azure. */
  readonly portal?: string;
  readonly environment: EnvironmentSignal;
  readonly access: AccessSignal;
  readonly breadth: BreadthSignal;
}

/** One environment as it is deployed to. */
export interface Deployed {
  /** Ids of the projects that it may be in. */
  readonly projects: readonly string[];
  readonly environment: string;
  readonly services: readonly string[];
  /** Names of the pipelines. */
  readonly pipelines: readonly string[];
  /** By what Azure DevOps asks there; `either`: whichever there is, for both reach us. */
  readonly asks: EnvironmentSignal['asks'] | 'either';
}

/** Where a gate deploys to, in the project of its run alone. */
export function deployedBy({ run, environment, services, door }: Gate): Deployed {
  const asks = door.kind;
  return { projects: [run.projectId], environment, services, pipelines: [run.pipeline.name], asks };
}

/** Where a service is deployed to, from wherever its pipelines are. */
export function deployedFrom(
  { services }: Catalog,
  place: { readonly service: string; readonly environment: string },
  projects: readonly string[],
  asks: Deployed['asks'],
): Deployed {
  const pipelines = services.get(place.service)?.pipelines ?? [];
  return { projects, environment: place.environment, services: [place.service], pipelines, asks };
}

/** Total, and the same whatever the order of sections and facts. */
export function platformSummary(
  all: Platform,
  deployed: Deployed,
  setting: Pick<PlatformSetting, 'catalog' | 'contract'>,
  portal?: string,
): PlatformSummary {
  const platform = within(all, deployed.projects);
  return {
    organization: all.organization,
    ...(portal === undefined ? {} : { portal }),
    environment: environmentSignal(platform, deployed),
    access: accessSignal(platform, deployed),
    breadth: breadthSignal(platform, deployed, setting),
  };
}

/** Of several projects only those that are meant; what belongs to the organization, or to Azure, counts for each. */
function within({ organization, sections }: Platform, projects: readonly string[]): Platform {
  const isMeant = (target: string) => projects.some((one) => isSame(one, target));
  const ofProjects: readonly SectionKind[] = PROJECT_SECTIONS;
  return {
    organization,
    sections: sections.filter(({ kind, target }) => !ofProjects.includes(kind) || isMeant(target)),
  };
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

interface Found {
  readonly project: string;
  readonly environment: EnvironmentFact;
  readonly asks: EnvironmentSignal['asks'];
  readonly ours: NonNullable<EnvironmentSignal['ours']>;
}

const WORST_FIRST = ['missing', 'off', 'on'] as const;

function environmentSignal(platform: Platform, deployed: Deployed): EnvironmentSignal {
  const sections = sectionsOf(platform, 'environments');
  const found = sections
    .flatMap(({ target, known }) => (known?.facts ?? []).map((environment) => ({ project: target, environment })))
    .filter(({ environment }) => isMeant(environment, deployed))
    .map((one) => foundIn(one, deployed))
    .sort((a, b) => (orderOf(a) < orderOf(b) ? -1 : 1));
  const [worst] = found;
  const unread = whyUnread(deployed.projects.length, sections);
  const why = unread ?? (worst === undefined ? 'none of this name was found' : undefined);
  const shown = { ...oldestOf(sections), ...(worst === undefined ? NOTHING_FOUND : detailsOf(worst)) };
  if (why !== undefined) return { state: 'unknown', why: shortened(why), ...shown };
  return { state: worst?.ours === 'on' ? 'pass' : 'fail', ...shown };
}

const NOTHING_FOUND = { asks: 'check', others: [], disabled: 0 } as const;

/** By its name, or by what our check there says that it is. */
function isMeant({ name, checks }: EnvironmentFact, { environment, services }: Deployed): boolean {
  const named = checks.flatMap(({ ours }) => ours ?? []).filter((one) => one.environment !== undefined);
  const ofOurs = named.some(
    (one) =>
      isSame(one.environment ?? '', environment) &&
      (one.service === undefined || services.some((service) => isSame(service, one.service ?? ''))),
  );
  return isSame(name, environment) || ofOurs;
}

function foundIn(one: Pick<Found, 'project' | 'environment'>, { asks: by }: Deployed): Found {
  const { checks } = one.environment;
  const isByApproval =
    checks.some((check) => isOurs(check, 'approval')) && !checks.some(({ ours }) => ours !== undefined);
  const asks = by === 'either' ? (isByApproval ? 'approval' : 'check') : by;
  const own = checks.filter((check) => isOurs(check, asks));
  if (own.length === 0) return { ...one, asks, ours: 'missing' };
  return { ...one, asks, ours: own.some(({ isDisabled }) => !isDisabled) ? 'on' : 'off' };
}

function isOurs({ kind, ours }: EnvironmentFact['checks'][number], asks: EnvironmentSignal['asks']): boolean {
  return asks === 'check' ? ours !== undefined : kind === 'approval';
}

function orderOf({ ours, project, environment }: Found): string {
  return `${WORST_FIRST.indexOf(ours)} ${project} ${environment.id}`;
}

function detailsOf({ project, environment, asks, ours }: Found) {
  const others = environment.checks.filter((check) => !isOurs(check, asks));
  const kinds = new Set(others.filter(({ isDisabled }) => !isDisabled).map(({ kind }) => kind));
  return {
    project,
    environment: shortened(environment.id),
    asks,
    ours,
    others: CHECK_KINDS.filter((kind) => kinds.has(kind)),
    disabled: others.filter(({ isDisabled }) => isDisabled).length,
  };
}

function accessSignal(platform: Platform, { projects }: Deployed): AccessSignal {
  const reach = sectionsOf(platform, 'reach');
  const people = sectionsOf(platform, 'people');
  const why = whyUnread(projects.length, reach) ?? whyUnread(1, people);
  const [project] = projects;
  const shown = { ...oldestOf([...reach, ...people]), ...(project === undefined ? {} : { project }) };
  return why === undefined ? { state: 'known', ...shown } : { state: 'unknown', why: shortened(why), ...shown };
}

/** Whoever has these may hand out access, or do anything. */
const POWERFUL = ['owner', 'user access administrator', 'role based access control administrator'];
const WIDE: readonly ConnectionBreadth['level'][] = ['management-group', 'subscription'];
const NARROW: readonly ConnectionBreadth['level'][] = ['resource-group', 'workspace'];
const CONNECTIONS_KEPT = 3;

function breadthSignal(
  platform: Platform,
  { services, environment, pipelines, projects }: Deployed,
  setting: Pick<PlatformSetting, 'catalog' | 'contract'>,
): BreadthSignal {
  const sections = sectionsOf(platform, 'connections');
  const all = services.flatMap((service) =>
    pipelines.map((pipeline) =>
      reduced(connectionBreadth(platform, setting, { place: { service, environment }, pipeline })),
    ),
  );
  const connections = [...new Map(all.flatMap((one) => one.connections).map((one) => [one.id, one])).values()];
  const widest = [...all].sort((a, b) => width(b) - width(a))[0];
  const shown = {
    ...oldestOf([...sections, ...sectionsOf(platform, 'roles')]),
    ...(widest?.level === undefined ? {} : { level: widest.level }),
    ...(widest?.role === undefined ? {} : { role: shortened(widest.role) }),
    connections: [...connections]
      .sort((a, b) => width(b) - width(a) || (a.id < b.id ? -1 : 1))
      .slice(0, CONNECTIONS_KEPT)
      .map((one) => ({ ...one, id: shortened(one.id), name: shortened(one.name), ...projectOf(sections, one.id) })),
    count: connections.length,
  };
  if ([...all, ...connections].some((one) => width(one) === TOO_WIDE)) return { state: 'fail', ...shown };
  const why = whyUnread(projects.length, sections) ?? whyNotNarrow(all, connections);
  return why === undefined ? { state: 'pass', ...shown } : { state: 'unknown', why: shortened(why), ...shown };
}

interface Breadth extends Reach {
  readonly connections: readonly ReachingConnection[];
  readonly why?: string;
}

function reduced({ connections, why, ...reach }: ConnectionBreadth): Breadth {
  const [gap] = why;
  return {
    ...reachOf(reach),
    connections: connections.map(({ id, name, ...one }) => ({ id, name, ...reachOf(one) })),
    ...(gap === undefined ? {} : { why: GAP_WORDS[gap] }),
  };
}

function reachOf({ level, role }: Pick<ConnectionBreadth, 'level' | 'role'>): Reach {
  return { ...(level === undefined ? {} : { level }), ...(role === undefined ? {} : { role: role.role }) };
}

const GAP_WORDS: Readonly<Record<BreadthGap, string>> = {
  'project-unknown': 'no project is known that holds the service',
  'connections-unread': 'service connections have not been looked at yet',
  'pipelines-unknown': 'of a connection nobody could tell which pipelines may use it',
  'roles-unknown': 'what its identity may do in Azure is not known',
};

const TOO_WIDE = 2;

/** 0 only where both are known to be narrow. */
function width({ level, role }: Reach): number {
  if (WIDE.includes(level) || POWERFUL.includes(role?.toLowerCase() ?? '')) return TOO_WIDE;
  return NARROW.includes(level) && role !== undefined ? 0 : 1;
}

/** Every connection by itself too: of one nobody may know what is known of the others. */
function whyNotNarrow(all: readonly Breadth[], connections: readonly ReachingConnection[]): string | undefined {
  const unread = all.find(({ why }) => why !== undefined);
  if (unread !== undefined) return unread.why;
  if (connections.length === 0) return 'no service connection is known that its pipeline may use';
  const tops = all.filter((one) => one.connections.length > 0);
  const vague = [...connections, ...tops].find((one) => width(one) > 0);
  if (vague === undefined) return undefined;
  return vague.role === undefined
    ? 'what its identity may do in Azure is not known'
    : 'how far its connection reaches is not known';
}

function projectOf(sections: readonly SectionOf<'connections'>[], id: string): { readonly project?: string } {
  const section = sections.find(({ known }) => (known?.facts ?? []).some((one) => one.id === id));
  return section === undefined ? {} : { project: section.target };
}

type Read = Parameters<typeof unreadBecause>[0];

/** Of so many sections that there should be; none at all has been read of nothing. */
function whyUnread(wanted: number, sections: readonly Read[]): string | undefined {
  if (wanted === 0) return 'no project is known in which it is built';
  const unread = sections.map(unreadBecause).find((why) => why !== undefined);
  return unread ?? (sections.length < wanted ? 'nobody has looked yet' : undefined);
}

function oldestOf(sections: readonly Read[]): { readonly asOf?: string } {
  const [asOf] = sections.flatMap(({ known }) => known?.at ?? []).sort();
  return asOf === undefined ? {} : { asOf };
}

const LONGEST = 300;

/** A record keeps enough to be shown. */
function shortened(text: string): string {
  return text.slice(0, LONGEST);
}
