import type { OutsideIdentity } from '../domain/person.ts';
import type { ShippedCommit } from '../domain/run.ts';
import { type BuildAnswer, buildAnswer, changesAnswer } from './answers.ts';
import { buildPath, changesBetweenPath, sameId } from './paths.ts';
import { authorsOf } from './read-authors.ts';
import type { Readable } from './readable.ts';

/** There are no pages: an answer that is as long as was asked for may not be all. */
const MOST_CHANGES = 500;
const MOST_RANGES = 10;

/**
 * Who wrote what came in since an earlier run of the same pipeline and repository, beyond what this build itself added
 * (Builds, Get Changes Between Builds). A roll-back has no earlier run and adds nobody.
 */
export async function readAuthorsSince(
  build: BuildAnswer,
  since: readonly ShippedCommit[],
  readable: Readable,
): Promise<readonly OutsideIdentity[]> {
  const earlier = new Map(
    since.filter((shipped) => isEarlier(shipped, build)).map((shipped) => [shipped.runId, shipped]),
  );
  if (earlier.size > MOST_RANGES) readable.problem(`changes since ${earlier.size} runs before ${build.id}: too many`);
  const authors: OutsideIdentity[] = [];
  for (const shipped of [...earlier.values()].slice(0, MOST_RANGES))
    authors.push(...(await authorsBetween(shipped, build, readable)));
  return authors;
}

function isEarlier({ repository, pipeline, runId }: ShippedCommit, build: BuildAnswer): boolean {
  return sameId(repository, build.repository.name) && sameId(pipeline, build.definition.name) && runId < build.id;
}

async function authorsBetween(
  from: ShippedCommit,
  build: BuildAnswer,
  readable: Readable,
): Promise<readonly OutsideIdentity[]> {
  const what = `changes from run ${from.runId} to run ${build.id}`;
  // Runs are kept for a time only. Its authors can never be known; that must not close the stage for ever.
  if (await readable.isGone(buildPath(build.project.id, from.runId)))
    return [{ name: `whoever wrote what came in since run ${from.runId}, which is not kept any more` }];
  const path = changesBetweenPath(build.project.id, from.runId, build.id, MOST_CHANGES);
  const page = await readable.page(what, path, changesAnswer);
  if (page === undefined) return [];
  const changes = page.value.value;
  if (changes.length >= MOST_CHANGES || page.next !== undefined) readable.problem(`${what}: more than can be read`);
  if (changes.length === 0 && !sameId(from.commit, build.sourceVersion)) await assertThere(from, what, build, readable);
  return changes.flatMap((change) => authorsOf(build, change, readable));
}

/** No change between two commits is true of an older commit built again, and not of a run that is no longer kept. */
async function assertThere(from: ShippedCommit, what: string, build: BuildAnswer, readable: Readable): Promise<void> {
  const earlier = await readable.value(what, buildPath(build.project.id, from.runId), buildAnswer);
  if (earlier !== undefined && (earlier.id !== from.runId || earlier.definition.id !== build.definition.id))
    readable.problem(`${what}: run ${from.runId} of this pipeline was not answered with itself`);
}
