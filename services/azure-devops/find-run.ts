import type { Run } from '../domain/run.ts';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import { buildAnswer, projectsAnswer, runOf } from './answers.ts';
import { buildPath, projectsPath } from './paths.ts';
import { orNone, type Read } from './read.ts';

const MOST_PROJECTS = 200;
const AT_ONCE = 8;

/**
 * The build of this id, whichever project has it; ids are unique within an organization. Only a 404 means that there is
 * none: every other refusal rejects.
 */
export async function findRun(organization: string, runId: number, read: Read): Promise<Run | undefined> {
  const direct = await buildIn(undefined, organization, runId, read);
  if (direct !== undefined) return direct;
  const { projects, complete } = await projectsOf(read);
  for (let from = 0; from < projects.length; from += AT_ONCE) {
    const some = projects.slice(from, from + AT_ONCE);
    const found = await Promise.all(some.map((project) => buildIn(project, organization, runId, read)));
    const run = found.find((candidate) => candidate !== undefined);
    if (run !== undefined) return run;
  }
  if (complete) return undefined;
  throw new AzureDevOpsRefusedError(`run ${runId} is in none of the first ${MOST_PROJECTS} of ${organization}`, 404);
}

async function projectsOf(read: Read): Promise<{ projects: readonly string[]; complete: boolean }> {
  const page = await orNone(() => read(projectsPath(MOST_PROJECTS), projectsAnswer));
  const projects = (page?.value.value ?? []).map(({ id }) => id);
  return { projects: projects.slice(0, MOST_PROJECTS), complete: page?.next === undefined };
}

async function buildIn(
  project: string | undefined,
  organization: string,
  runId: number,
  read: Read,
): Promise<Run | undefined> {
  const page = await orNone(() => read(buildPath(project, runId), buildAnswer));
  return page?.value.id === runId ? runOf(organization, page.value) : undefined;
}
