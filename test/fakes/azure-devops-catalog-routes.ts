import type { Reply, SimulatedPipeline } from './azure-devops-model.ts';
import { type Asked, listOf, notFound, type Route, visibleProject } from './azure-devops-rest.ts';

/** What a catalog entry is drafted from: definitions, who deployed to which environment. */
export const CATALOG_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^build\/definitions$/, reply: definitions },
  { method: 'GET', path: /^distributedtask\/environments$/, reply: environments },
  { method: 'GET', path: /^distributedtask\/environments\/(\d+)\/environmentdeploymentrecords$/, reply: records },
];

function definitions(asked: Asked): Reply {
  const own = asked.world.pipelines.filter(({ project }) => project === visibleProject(asked));
  const isWhole = asked.query.get('includeAllProperties') === 'true';
  const byName = own.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  return paged(
    asked,
    '$top',
    byName.map((pipeline) => definitionJson(pipeline, isWhole)),
  );
}

/** A shallow reference does not name the repository. */
function definitionJson({ id, name, project, repository }: SimulatedPipeline, isWhole: boolean): object {
  const shallow = { id, name, path: '\\', type: 'build', queueStatus: 'enabled', revision: 1, project };
  return isWhole ? { ...shallow, repository: { ...repository, defaultBranch: 'refs/heads/main' } } : shallow;
}

function keyOf(asked: Asked, name: string): string {
  return `${visibleProject(asked)?.id}/${name}`;
}

function environments(asked: Asked): Reply {
  const prefix = keyOf(asked, '');
  const wanted = asked.query.get('name') ?? '';
  const own = asked.world.environments.flatMap((key, index) =>
    key.startsWith(prefix) ? [{ id: index + 1, name: key.slice(prefix.length) }] : [],
  );
  return paged(
    asked,
    '$top',
    own.filter(({ name }) => name.toLowerCase().startsWith(wanted.toLowerCase())),
  );
}

function records(asked: Asked, [id = '']: readonly string[]): Reply {
  const key = asked.world.environments[Number(id) - 1];
  if (key === undefined || !key.startsWith(keyOf(asked, ''))) return notFound(`Environment ${id} does not exist.`);
  const own = asked.world.deployments.filter(({ environment }) => environment === key).toReversed();
  const json = own.map(({ pipeline, run, runName, job: { stage, attempt, ...times } }, index) => ({
    id: own.length - index,
    environmentId: Number(id),
    stageName: stage,
    stageAttempt: attempt,
    definition: { id: pipeline.id, name: pipeline.name },
    owner: { id: run, name: runName },
    ...times,
  }));
  return paged(asked, 'top', json);
}

/** As Azure DevOps does: the next page by a token in a header. */
export function paged({ query, world }: Asked, top: string, all: readonly object[]): Reply {
  const from = Number(query.get('continuationToken') ?? 0);
  const until = from + Math.min(Number(query.get(top) ?? 100), world.pageSize);
  const more = until < all.length ? { headers: { 'x-ms-continuationtoken': String(until) } } : {};
  return { ...listOf(all.slice(from, until)), ...more };
}
