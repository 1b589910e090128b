import type { OutsideIdentity } from '../domain/person.ts';
import type { Run, RunSources, ShippedBranch, ShippedCommit } from '../domain/run.ts';
import { type BuildAnswer, buildAnswer, outsideIdentity, type PipelineResource } from './answers.ts';
import { buildPath } from './paths.ts';
import type { Read } from './read.ts';
import { readAuthors } from './read-authors.ts';
import { readAuthorsSince } from './read-authors-since.ts';
import { isTriggered, readResources, refOf, repositoryIdOf, resolvePipeline } from './read-resources.ts';
import { createReadable, type Readable } from './readable.ts';

/** contract.md, "Evidence.": consumed builds are followed this far and no further. */
const MOST_LEVELS = 5;
const MOST_BUILDS = 50;

interface Visit {
  readonly project: string;
  readonly id: number;
  readonly level: number;
}

interface Source {
  readonly build: BuildAnswer;
  readonly branches: readonly ShippedBranch[];
  readonly authors: readonly OutsideIdentity[];
  readonly consumed: readonly Visit[];
  /** The builds that started this one. */
  readonly triggers: readonly number[];
}

/**
 * What a run ships, over every build that it consumes, level by level. Reads only; what it may not read is named in
 * `unreadable`. The authors are also those of what came in since `since`. Rejects with AzureDevOpsUnavailableError.
 */
export async function readSources(run: Run, since: readonly ShippedCommit[], read: Read): Promise<RunSources> {
  const readable = createReadable(read);
  const people = createReadable(read);
  const sources = new Map<number, Source>();
  const queue: Visit[] = [{ project: run.projectId, id: run.id, level: 0 }];
  const seen = new Set([run.id]);
  for (let visit = queue.shift(); visit !== undefined; visit = queue.shift()) {
    const source = await readSource(run.organization, visit, since, readable, people);
    if (source === undefined) continue;
    sources.set(visit.id, source);
    for (const next of source.consumed) {
      if (seen.has(next.id)) continue;
      seen.add(next.id);
      if (withinReach(next, seen.size, readable)) queue.push(next);
    }
  }
  const all = [...sources.values()];
  const branches = unique(all.flatMap((source) => source.branches));
  const requesters = requestersOf(run, sources, people);
  const unreadablePeople = people.problems();
  return {
    commits: unique([ownCommit(run), ...branches.map(commitOf)]),
    branches,
    requesters,
    authors: unique(all.flatMap(({ authors }) => authors)),
    unreadable: [...readable.problems(), ...unreadablePeople],
    ...(unreadablePeople.length === 0 ? {} : { unreadablePeople }),
  };
}

function withinReach(visit: Visit, builds: number, readable: Readable): boolean {
  if (visit.level > MOST_LEVELS) readable.problem(`run ${visit.id}: consumed more than ${MOST_LEVELS} levels down`);
  else if (builds > MOST_BUILDS) readable.problem(`run ${visit.id}: more than ${MOST_BUILDS} builds are consumed`);
  else return true;
  return false;
}

async function readSource(
  organization: string,
  visit: Visit,
  since: readonly ShippedCommit[],
  readable: Readable,
  people: Readable,
): Promise<Source | undefined> {
  const build = await readable.value(`run ${visit.id}`, buildPath(visit.project, visit.id), buildAnswer);
  if (build === undefined) return undefined;
  const resources = await readResources(build, readable);
  const piped = await resolveAll(organization, build, resources.pipelines, readable);
  const parent = build.triggeredByBuild;
  const trigger = parent && { project: parent.project?.id ?? build.project.id, id: parent.id };
  const consumed = [...piped.values(), ...(trigger ? [trigger] : [])];
  return {
    build,
    branches: [ownBranchOf(build), ...resources.branches],
    authors: [...(await readAuthors(build, people)), ...(await readAuthorsSince(build, since, people))],
    consumed: consumed.map((next) => ({ ...next, level: visit.level + 1 })),
    triggers: triggersOf(build, piped, people),
  };
}

async function resolveAll(
  organization: string,
  build: BuildAnswer,
  pipelines: ReadonlyMap<string, PipelineResource>,
  readable: Readable,
): Promise<ReadonlyMap<string, { project: string; id: number }>> {
  const resolved = new Map<string, { project: string; id: number }>();
  for (const [alias, resource] of pipelines) {
    const found = await resolvePipeline(organization, build, alias, resource, readable);
    if (found !== undefined) resolved.set(alias, found);
  }
  return resolved;
}

/** Azure DevOps names the build, or the alias of the resource, that triggered; with neither, any of them may have. */
function triggersOf(
  build: BuildAnswer,
  piped: ReadonlyMap<string, { readonly id: number }>,
  readable: Readable,
): readonly number[] {
  if (!isTriggered(build)) return [];
  if (build.triggeredByBuild) return [build.triggeredByBuild.id];
  const alias = build.triggerInfo?.['alias'];
  const named = typeof alias === 'string' ? piped.get(alias) : undefined;
  const triggers = named === undefined ? [...piped.values()] : [named];
  if (triggers.length === 0) readable.problem(`run ${build.id}: the build that triggered it is not named`);
  return triggers.map(({ id }) => id);
}

/** Whoever asked for the run, and for a triggered one whoever asked for the build that triggered it, all the way up. */
function requestersOf(run: Run, sources: ReadonlyMap<number, Source>, readable: Readable): readonly OutsideIdentity[] {
  const requesters = [run.requestedFor, run.requestedBy];
  const chain = [...(sources.get(run.id)?.triggers ?? [])];
  const asked = new Set([run.id]);
  for (let id = chain.shift(); id !== undefined; id = chain.shift()) {
    const source = sources.get(id);
    if (asked.has(id) || source === undefined) continue;
    asked.add(id);
    requesters.push(outsideIdentity(source.build.requestedFor));
    if (isNobody(outsideIdentity(source.build.requestedFor))) readable.problem(`run ${id}: it names no requester`);
    chain.push(...source.triggers);
  }
  if (isNobody(run.requestedFor)) readable.problem(`run ${run.id}: it names no requester`);
  return unique(requesters.filter((requester) => !isNobody(requester)));
}

function isNobody(identity: OutsideIdentity): boolean {
  return Object.keys(identity).length === 0;
}

function ownCommit(run: Run): ShippedCommit {
  return { commit: run.commit, repository: run.repository.name, pipeline: run.pipeline.name, runId: run.id };
}

function commitOf({ commit, repository, pipeline, runId }: ShippedBranch): ShippedCommit {
  return { commit, repository, pipeline, runId };
}

function ownBranchOf(build: BuildAnswer): ShippedBranch {
  return {
    commit: build.sourceVersion.toLowerCase(),
    repository: build.repository.name,
    pipeline: build.definition.name,
    runId: build.id,
    ...refOf(build.sourceBranch),
    ...repositoryIdOf(build.repository),
  };
}

function unique<T extends object>(items: readonly T[]): readonly T[] {
  return [...new Map(items.map((item) => [JSON.stringify(Object.entries(item)).toLowerCase(), item])).values()];
}
