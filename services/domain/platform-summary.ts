import { type BreadthSignal, breadthSignal } from './breadth-signal.ts';
import type { Catalog } from './catalog.ts';
import type { Gate } from './gate.ts';
import {
  CHECK_KINDS,
  type CheckKind,
  type EnvironmentFact,
  type Platform,
  PROJECT_SECTIONS,
  type SectionKind,
  sectionsOf,
} from './platform.ts';
import { firstUnread, NOBODY_LOOKED, oldestOf, type PlatformSignal, shortened, whyUnread } from './platform-age.ts';
import { isNeededBy, subscriptionOf } from './platform-known.ts';
import type { PlatformSetting } from './platform-places.ts';

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

/** Whether it is known who may administer, approve and deploy, and who has a role where it is in Azure; what is wrong with that findings say. */
export interface AccessSignal extends Omit<PlatformSignal, 'state'> {
  readonly state: 'known' | 'unknown';
  readonly project?: string;
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
    access: accessSignal(platform, deployed, setting.catalog),
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
  const why = unread ?? (worst === undefined ? 'none of this name was found' : unresolvedIn(worst));
  const shown = { ...oldestOf(sections), ...(worst === undefined ? NOTHING_FOUND : detailsOf(worst)) };
  if (why !== undefined) return { state: 'unknown', why: shortened(why), ...shown };
  return { state: worst?.ours === 'on' ? 'pass' : 'fail', ...shown };
}

/** A check whose address nobody could read may be ours: that ours is missing is not known then. */
function unresolvedIn({ ours, asks, environment }: Found): string | undefined {
  const isOpen = asks === 'check' && ours === 'missing' && environment.checks.some(({ isUnresolved }) => isUnresolved);
  return isOpen ? 'where its checks call could not be read' : undefined;
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

function accessSignal(
  platform: Platform,
  { projects, services, environment }: Deployed,
  catalog: Catalog,
): AccessSignal {
  const reach = sectionsOf(platform, 'reach');
  const people = sectionsOf(platform, 'people');
  const roles = sectionsOf(platform, 'roles').filter((section) =>
    services.some((service) => isNeededBy(platform, section, { service, environment }, catalog)),
  );
  const wanted = services.flatMap((service) => subscriptionOf(catalog, { service, environment }) ?? []);
  const isRead = wanted.every((name) => roles.some((one) => name === one.target || name === one.name.toLowerCase()));
  const whyRoles = firstUnread(roles) ?? (isRead ? undefined : NOBODY_LOOKED);
  const why = whyUnread(projects.length, reach) ?? whyUnread(1, people) ?? whyRoles;
  const [project] = projects;
  const shown = { ...oldestOf([...reach, ...people, ...roles]), ...(project === undefined ? {} : { project }) };
  return why === undefined ? { state: 'known', ...shown } : { state: 'unknown', why: shortened(why), ...shown };
}
