import type { z } from 'zod';
import type { ListedPipelines, Pipeline } from '../ports/pipelines.ts';
import { definitionsAnswer, deploymentRecordsAnswer, environmentsAnswer, projectsAnswer } from './answers.ts';
import { definitionsPath, deploymentRecordsPath, environmentsPath, projectsPath, sameId } from './paths.ts';
import type { Read } from './read.ts';
import { createReadable, type Readable } from './readable.ts';

const MOST_PROJECTS = 200;
const AT_ONCE = 8;
const A_PAGE = 1000;
const MOST_PAGES = 20;

type Project = z.output<typeof projectsAnswer>['value'][number];

/** Asked project by project. Rejects with AzureDevOpsUnavailableError, or when the projects may not be listed. */
export async function readPipelines(
  organization: string,
  environments: readonly string[],
  read: Read,
): Promise<ListedPipelines> {
  const readable = createReadable(read);
  const page = await read(projectsPath(MOST_PROJECTS), projectsAnswer);
  const projects = page.value.value.slice(0, MOST_PROJECTS);
  if (page.next !== undefined || page.value.value.length > MOST_PROJECTS)
    readable.problem(`${organization} has more than ${MOST_PROJECTS} projects`);
  const pipelines: Pipeline[] = [];
  for (let from = 0; from < projects.length; from += AT_ONCE) {
    const some = projects.slice(from, from + AT_ONCE);
    const found = await Promise.all(some.map((project) => pipelinesIn(organization, project, environments, readable)));
    pipelines.push(...found.flat());
  }
  return { pipelines, unread: readable.problems() };
}

async function pipelinesIn(
  organization: string,
  { id, name }: Project,
  environments: readonly string[],
  readable: Readable,
): Promise<readonly Pipeline[]> {
  const projectId = id.toLowerCase();
  const project = name || projectId;
  const path = (next: string | undefined) => definitionsPath(projectId, A_PAGE, next);
  const pages = await allOf(readable, `pipelines of project ${project}`, path, definitionsAnswer);
  const definitions = (pages ?? []).flatMap(({ value }) => value);
  if (definitions.length === 0) return [];
  const deployed = await deploymentsIn(projectId, project, environments, readable);
  return definitions.map(({ id, name, repository }) => ({
    organization,
    project,
    projectId,
    id,
    name,
    repository: { id: repository?.id ?? '', name: repository?.name ?? '', type: repository?.type ?? '' },
    ...(deployed === undefined ? {} : { deployedTo: environments.filter((one) => deployed.get(one)?.has(id)) }),
  }));
}

/** Environment → pipelines that have deployed there; undefined when it could not all be read. */
async function deploymentsIn(
  projectId: string,
  project: string,
  environments: readonly string[],
  readable: Readable,
): Promise<ReadonlyMap<string, ReadonlySet<number>> | undefined> {
  const deployed = new Map<string, ReadonlySet<number>>();
  for (const environment of environments) {
    const ids = await deployersTo(projectId, project, environment, readable);
    if (ids === undefined) return undefined;
    deployed.set(environment, ids);
  }
  return deployed;
}

async function deployersTo(
  projectId: string,
  project: string,
  environment: string,
  readable: Readable,
): Promise<ReadonlySet<number> | undefined> {
  const what = `deployments to ${environment} of project ${project}`;
  const listed = await readable.value(what, environmentsPath(projectId, environment), environmentsAnswer);
  if (listed === undefined) return undefined;
  const ids: number[] = [];
  for (const { id } of listed.value.filter(({ name }) => sameId(name, environment))) {
    const path = (next: string | undefined) => deploymentRecordsPath(projectId, id, A_PAGE, next);
    const pages = await allOf(readable, what, path, deploymentRecordsAnswer);
    if (pages === undefined) return undefined;
    ids.push(...pages.flatMap(({ value }) => value).flatMap(({ definition }) => definition?.id ?? []));
  }
  return new Set(ids);
}

/** Undefined when one page was refused. More pages than are read are among the problems. */
async function allOf<T>(
  readable: Readable,
  what: string,
  path: (next: string | undefined) => string,
  schema: z.ZodType<T>,
): Promise<readonly T[] | undefined> {
  const pages: T[] = [];
  let next: string | undefined;
  do {
    const page = await readable.page(what, path(next), schema);
    if (page === undefined) return undefined;
    pages.push(page.value);
    next = page.next;
  } while (next !== undefined && pages.length < MOST_PAGES);
  if (next !== undefined) readable.problem(`${what}: more than can be read`);
  return pages;
}
