import type { ShippedBranch } from '../domain/run.ts';
import {
  type BuildAnswer,
  buildsAnswer,
  type PipelineResource,
  type PipelineRunAnswer,
  pipelineResource,
  pipelineRunAnswer,
  type RepositoryResource,
  repositoryAnswer,
  repositoryResource,
} from './answers.ts';
import { buildsByNumberPath, isGuid, isProject, pipelineRunPath, repositoryPath, sameId } from './paths.ts';
import type { Readable } from './readable.ts';

export interface BuildResources {
  readonly branches: readonly ShippedBranch[];
  /** By alias. */
  readonly pipelines: ReadonlyMap<string, PipelineResource>;
}

const TRIGGERED = ['resourcetrigger', 'buildcompletion'];

/** Whether another build started this one, by its BuildReason. */
export function isTriggered({ reason }: BuildAnswer): boolean {
  return TRIGGERED.includes(reason?.toLowerCase() ?? '');
}

/** The repository and pipeline resources of a run (Pipelines, Runs, Get: `resources`). */
export async function readResources(build: BuildAnswer, readable: Readable): Promise<BuildResources> {
  const path = pipelineRunPath(build.project.id, build.definition.id, build.id);
  const answer = await readable.value(`resources of run ${build.id}`, path, pipelineRunAnswer);
  const { repositories, pipelines: consumed } = resourcesIn(answer, build, readable);
  const branches: ShippedBranch[] = [];
  const pipelines = new Map<string, PipelineResource>();
  for (const [alias, given] of Object.entries(repositories ?? {})) {
    const resource = repositoryResource.safeParse(given);
    if (resource.success) branches.push(await branchOf(build, alias, resource.data, readable));
    else readable.problem(`repository ${alias} of run ${build.id}: no Git commit is named`);
  }
  for (const [alias, given] of Object.entries(consumed ?? {})) {
    const resource = pipelineResource.safeParse(given);
    if (resource.success) pipelines.set(alias, resource.data);
    else readable.problem(`pipeline ${alias} of run ${build.id}: no pipeline and version are named`);
  }
  return { branches, pipelines };
}

/**
 * A plain build ships its own commit, so its run may be answered without resources. Where another build is known to
 * stand behind it, or the answer is not evidently of this run, silence could hide commits and is a problem.
 */
function resourcesIn(answer: PipelineRunAnswer | undefined, build: BuildAnswer, readable: Readable) {
  const isPlain = answer?.id === build.id && !build.triggeredByBuild && !isTriggered(build);
  if (answer && !answer.resources && !isPlain) readable.problem(`resources of run ${build.id}: the answer names none`);
  return answer?.resources ?? {};
}

/** The one build that a pipeline resource names by its run's name; none or several are not taken. */
export async function resolvePipeline(
  organization: string,
  build: BuildAnswer,
  alias: string,
  { pipeline, version }: PipelineResource,
  readable: Readable,
): Promise<{ readonly project: string; readonly id: number } | undefined> {
  const what = `pipeline ${alias} of run ${build.id}`;
  const project = projectOf(organization, build, pipeline.url ?? undefined);
  if (project === undefined) {
    readable.problem(`${what}: ${pipeline.url} names no project of this organization`);
    return undefined;
  }
  const path = buildsByNumberPath(project, pipeline.id, version);
  const page = await readable.page(what, path, buildsAnswer, ({ value }) => value.length > 0);
  if (page === undefined) return undefined;
  // A number that ends in * is a search for a beginning: what comes back is compared in full.
  const hits = page.value.value.filter((hit) => hit.definition.id === pipeline.id && sameId(hit.buildNumber, version));
  const [hit] = hits;
  if (hit !== undefined && hits.length === 1 && page.next === undefined) return { project, id: hit.id };
  readable.problem(`${what}: ${hits.length === 0 ? 'no build' : 'more than one build'} is named ${version}`);
  return undefined;
}

/** What stands between organization and `_apis` in the pipeline's own address, which is read and never called. */
function projectOf(organization: string, build: BuildAnswer, url: string | undefined): string | undefined {
  if (url === undefined) return build.project.id;
  const before = segmentsOf(url.split('/_apis/', 1)[0] ?? '');
  if (before.join('/') === segmentsOf(organization).join('/')) return build.project.id;
  const last = before.at(-1);
  return last !== undefined && isProject(last) ? last : undefined;
}

function segmentsOf(url: string): readonly string[] {
  try {
    const segments = new URL(url).pathname.split('/').filter((segment) => segment !== '');
    return segments.map((segment) => decodeURIComponent(segment));
  } catch {
    return [];
  }
}

async function branchOf(
  build: BuildAnswer,
  alias: string,
  { repository, version, refName }: RepositoryResource,
  readable: Readable,
): Promise<ShippedBranch> {
  const isOwn = alias === 'self' || sameId(repository?.id || undefined, build.repository.id);
  const name = isOwn ? build.repository.name : await nameOf(repository ?? {}, readable);
  return {
    commit: version.toLowerCase(),
    repository: name ?? alias,
    pipeline: build.definition.name,
    runId: build.id,
    ...refOf(refName ?? (alias === 'self' ? build.sourceBranch : undefined)),
    ...repositoryIdOf(isOwn ? build.repository : (repository ?? {})),
  };
}

export function refOf(ref: string | null | undefined): Pick<ShippedBranch, 'ref'> {
  return ref ? { ref } : {};
}

/** Of Azure Repos, whatever calls it: builds say `TfsGit`, runs `azureReposGit`. */
export function repositoryIdOf({
  id,
  type,
}: Partial<Record<'id' | 'type', string | null | undefined>>): Pick<ShippedBranch, 'repositoryId'> {
  const isHere = ['tfsgit', 'azurereposgit'].includes(type?.toLowerCase() ?? '');
  return isHere && id && isGuid(id) ? { repositoryId: id.toLowerCase() } : {};
}

async function nameOf(
  { id, name, fullName }: NonNullable<RepositoryResource['repository']>,
  readable: Readable,
): Promise<string | undefined> {
  const given = fullName ?? name;
  if (given) return given;
  if (!id || !isGuid(id)) return id ?? undefined;
  return (await readable.extra(repositoryPath(id), repositoryAnswer))?.name ?? id;
}
