import { plusMinutes } from '../domain/instant.ts';
import { type Section, sectionsOf } from '../domain/platform.ts';
import type { CallBudget } from './call-budget.ts';
import type { Clock } from './clock.ts';
import type { Deployments, DevOpsEnvironment, DevOpsProject, ListedEnvironments } from './deployments.ts';
import type { PlatformStore } from './platform-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly deployments: Pick<Deployments, 'projects' | 'environments'>;
  readonly platforms: Pick<PlatformStore, 'all'>;
  readonly budget: CallBudget;
}

/** What was listed longer ago is listed again. */
const LISTED_MINUTES = 10;
/** What was listed so long ago may lack what is there by now. */
const OLD_MINUTES = 60;

type Listed = ListedEnvironments & { readonly at: string };

interface Known {
  readonly names: string;
  readonly projects?: {
    readonly at: string;
    readonly all: readonly DevOpsProject[];
    readonly unread: readonly string[];
  };
  /** By project id. */
  readonly listed: Map<string, Listed>;
}

/**
 * The environments of an organization that have one of these names: of a project that was read for its posture just now what that says, of the
 * others what is listed, the catalog's first, then what has waited longest, as far as the organization bears it. What was listed before stays
 * until it is listed again. Rejects as the methods of Deployments do, and with StoreUnavailableError.
 */
export function createProtectedEnvironments({ clock, deployments, platforms, budget }: Needs) {
  const known = new Map<string, Known>();

  async function projectsOf(organization: string, { projects }: Known): Promise<Known['projects']> {
    if (projects !== undefined && projects.at > plusMinutes(clock.now(), -LISTED_MINUTES)) return projects;
    if (budget.left(organization) < 1) return projects;
    const { projects: all, unread } = await deployments.projects(organization);
    budget.spend(organization, 1);
    return { at: clock.now(), all, unread };
  }

  async function list(organization: string, project: DevOpsProject, names: readonly string[]): Promise<Listed> {
    budget.spend(organization, names.length);
    return { ...(await deployments.environments(organization, project, names)), at: clock.now() };
  }

  /** With the projects as they are now, and what was listed of them while the names were the same. */
  async function memoryOf(organization: string, names: readonly string[]): Promise<Known> {
    const key = names.toSorted().join('\n');
    const last = known.get(organization);
    const memory: Known = last?.names === key ? last : { names: key, listed: new Map() };
    const projects = await projectsOf(organization, memory);
    const next = { ...memory, ...(projects === undefined ? {} : { projects }) };
    known.set(organization, next);
    return next;
  }

  return async (organization: string, names: readonly string[]): Promise<ListedEnvironments> => {
    const { projects, listed } = await memoryOf(organization, names);
    const sections = (await platforms.all(organization)).map(({ section }) => section);
    const from = plusMinutes(clock.now(), -LISTED_MINUTES);
    const isFresh = (one: Listed | undefined) => one !== undefined && one.at > from;
    for (const project of inOrder(projects?.all ?? [], sections, listed)) {
      const stored = storedIn(organization, project, names, sections);
      if (stored !== undefined && isFresh(stored)) listed.set(project.id, stored);
      else if (!isFresh(listed.get(project.id)) && budget.left(organization) >= names.length)
        listed.set(project.id, await list(organization, project, names));
    }
    return together(projects, listed, plusMinutes(clock.now(), -OLD_MINUTES));
  };
}

function inOrder(
  all: readonly DevOpsProject[],
  sections: readonly Section[],
  listed: ReadonlyMap<string, Listed>,
): readonly DevOpsProject[] {
  const ofCatalog = new Set(sectionsOf({ organization: '', sections }, 'environments').map(({ target }) => target));
  const rank = ({ id }: DevOpsProject) => `${ofCatalog.has(id) ? 0 : 1} ${listed.get(id)?.at ?? ''}`;
  return all.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1));
}

function storedIn(
  organization: string,
  { id, name: project }: DevOpsProject,
  names: readonly string[],
  sections: readonly Section[],
): Listed | undefined {
  const own = sectionsOf({ organization, sections }, 'environments').find(({ target }) => target === id);
  if (own?.known === undefined || own.unknown !== undefined) return undefined;
  const wanted = new Set(names.map((name) => name.toLowerCase()));
  const environments = own.known.facts
    .filter(({ name }) => wanted.has(name.toLowerCase()))
    .map((one): DevOpsEnvironment => ({ organization, projectId: id, project, id: Number(one.id), name: one.name }));
  return { at: own.known.at, environments, unread: [] };
}

function together(
  projects: Known['projects'],
  listed: ReadonlyMap<string, Listed>,
  oldUntil: string,
): ListedEnvironments {
  if (projects === undefined) return { environments: [], unread: ['its projects are not listed yet'] };
  const own = projects.all.map(({ id }) => listed.get(id));
  const isOld = (one: { readonly at: string } | undefined) => one !== undefined && one.at <= oldUntil;
  const waiting = own.filter((one) => one === undefined).length;
  const old = isOld(projects) ? own.length - waiting : own.filter(isOld).length;
  return {
    environments: own.flatMap((one) => one?.environments ?? []),
    unread: [
      ...projects.unread,
      ...own.flatMap((one) => one?.unread ?? []),
      ...(waiting === 0
        ? []
        : [`environments of ${waiting} projects are not listed yet: the organization bears no more calls now`]),
      ...(old === 0
        ? []
        : [`environments of ${old} projects were listed more than an hour ago: what came since is missed`]),
    ],
  };
}
