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
  const earlier = await readable.look(buildPath(build.project.id, from.runId), buildAnswer);
  const why = neverKnown(earlier, build);
  if (why !== undefined) return [{ name: `whoever wrote what came in since run ${from.runId}, ${why}` }];
  if (earlier !== undefined && earlier !== 'gone' && earlier.id !== from.runId)
    readable.problem(`${what}: run ${from.runId} was not answered with itself`);
  const path = changesBetweenPath(build.project.id, from.runId, build.id, MOST_CHANGES);
  const page = await readable.page(what, path, changesAnswer);
  if (page === undefined) return [];
  const changes = page.value.value;
  if (changes.length >= MOST_CHANGES || page.next !== undefined) readable.problem(`${what}: more than can be read`);
  // No change between two commits is true of an older commit built again; it takes the earlier run to believe it.
  const isOdd = changes.length === 0 && !sameId(from.commit, build.sourceVersion);
  if (isOdd && earlier === undefined) readable.problem(`${what}: run ${from.runId} cannot be read`);
  return changes.flatMap((change) => authorsOf(build, change, readable));
}

/** Runs are kept for a time only, and pipelines may share a name: no access mends that, so it must not close a stage for ever. */
function neverKnown(earlier: BuildAnswer | 'gone' | undefined, build: BuildAnswer): string | undefined {
  if (earlier === 'gone') return 'which is not kept any more';
  return earlier !== undefined && earlier.definition.id !== build.definition.id
    ? 'which is of another pipeline'
    : undefined;
}
