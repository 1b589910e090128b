import { gitJson, gitNamed } from './azure-devops-git.ts';
import { type Caller, isSame, type Reply, type SimulatedProject, type SimulatedRun } from './azure-devops-model.ts';
import type { World } from './azure-devops-world.ts';

/** One request, already authenticated. `scope` is the project's id or name, absent at organization level. */
export interface Asked {
  readonly world: World;
  /** Base URL of the organization, without a trailing slash. */
  readonly organizationUrl: string;
  readonly organization: string;
  readonly caller: Caller;
  readonly scope: string | undefined;
  /** Path below `_apis/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly body: string;
}

export interface Route {
  readonly method: string;
  readonly path: RegExp;
  readonly reply: (asked: Asked, ids: readonly string[]) => Reply;
}

/** Builds, runs, Git and projects: what can be read of a run and of what it ships. */
export const READ_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^projects$/, reply: projects },
  { method: 'GET', path: /^build\/builds$/, reply: builds },
  { method: 'GET', path: /^build\/builds\/(\d+)$/, reply: build },
  { method: 'GET', path: /^build\/builds\/(\d+)\/changes$/, reply: changes },
  { method: 'GET', path: /^build\/changes$/, reply: changesBetween },
  { method: 'GET', path: /^pipelines\/(\d+)\/runs\/(\d+)$/, reply: pipelineRun },
  { method: 'GET', path: /^git\/repositories\/([^/]+)$/, reply: repository },
  { method: 'GET', path: /^git\/repositories\/([^/]+)\/commits\/([0-9a-f]+)$/, reply: commit },
];

export function notFound(message: string): Reply {
  return { status: 404, body: { $id: '1', message, typeKey: 'NotFoundException' } };
}

export function forbidden(message: string): Reply {
  return { status: 403, body: { $id: '1', message, typeKey: 'AccessDeniedException' } };
}

export function listOf(value: readonly unknown[]): Reply {
  return { status: 200, body: { count: value.length, value } };
}

/** Only what the caller may see: a job's token sees its own project. */
function visibleProjects({ world, organization, caller }: Asked): readonly SimulatedProject[] {
  const all = world.projects.filter((project) => isSame(project.organization, organization));
  if (caller.kind === 'job') return all.filter(({ id }) => isSame(id, caller.projectId));
  const { projects: only } = caller.kind === 'person' ? caller : {};
  return only === undefined ? all : all.filter((project) => only.includes(project));
}

export function visibleProject(asked: Asked): SimulatedProject | undefined {
  const { scope } = asked;
  if (scope === undefined) return undefined;
  return visibleProjects(asked).find(({ id, name }) => isSame(id, scope) || isSame(name, scope));
}

function projects(asked: Asked): Reply {
  return listOf(visibleProjects(asked).map(({ id, name }) => ({ id, name, state: 'wellFormed' })));
}

function visibleRuns(asked: Asked): readonly SimulatedRun[] {
  const scoped = asked.scope === undefined ? visibleProjects(asked) : [visibleProject(asked)];
  return asked.world.runs.filter(({ pipeline }) => scoped.includes(pipeline.project));
}

export function runOf(asked: Asked, id: string | undefined): SimulatedRun | undefined {
  return visibleRuns(asked).find((run) => String(run.id) === id);
}

function build(asked: Asked, [id]: readonly string[]): Reply {
  const run = runOf(asked, id);
  if (run === undefined) return notFound(`The requested build ${id} could not be found.`);
  return { status: 200, body: buildJson(asked.organizationUrl, run) };
}

function builds(asked: Asked): Reply {
  const definitions = asked.query.get('definitions')?.split(',');
  const number = asked.query.get('buildNumber');
  const found = visibleRuns(asked).filter(
    ({ pipeline, name }) =>
      (definitions === undefined || definitions.includes(String(pipeline.id))) &&
      (number === null || matchesNumber(name, number)),
  );
  return listOf(found.map((run) => buildJson(asked.organizationUrl, run)));
}

/** A trailing `*` searches for numbers that begin so, as the real one does. */
function matchesNumber(name: string, wanted: string): boolean {
  return wanted.endsWith('*') ? name.startsWith(wanted.slice(0, -1)) : isSame(name, wanted);
}

function changes(asked: Asked, [id]: readonly string[]): Reply {
  const run = runOf(asked, id);
  if (run === undefined) return notFound(`The requested build ${id} could not be found.`);
  return listOf(run.changes.map((change) => changeJson(run, change)));
}

/** What the runs of one pipeline added after the first of the two, the last one included. */
function changesBetween(asked: Asked): Reply {
  const [from, to] = ['fromBuildId', 'toBuildId'].map((name) => runOf(asked, asked.query.get(name) ?? ''));
  if (from === undefined || to === undefined || from.pipeline !== to.pipeline)
    return notFound('One of the requested builds could not be found.');
  const added = visibleRuns(asked)
    .filter(({ id, pipeline }) => pipeline === to.pipeline && id > from.id && id <= to.id)
    .flatMap((run) => run.changes.map((change) => changeJson(run, change)));
  return listOf(added.slice(0, Number(asked.query.get('$top') ?? 50)));
}

function changeJson(run: SimulatedRun, { commit: sha, author }: SimulatedRun['changes'][number]): object {
  const { name, email, id, pusher } = author;
  return {
    id: sha,
    message: `Change ${sha.slice(0, 7)}`,
    type: run.pipeline.repository.type,
    author: {
      displayName: name,
      ...(id === undefined ? {} : { id }),
      ...(email === undefined ? {} : { uniqueName: email }),
    },
    ...(pusher === undefined ? {} : { pusher }),
  };
}

function pipelineRun(asked: Asked, [pipeline, id]: readonly string[]): Reply {
  const run = runOf(asked, id);
  if (run === undefined || String(run.pipeline.id) !== pipeline) return notFound(`Run ${id} could not be found.`);
  const self = { repository: { id: run.pipeline.repository.id, type: 'azureReposGit' }, refName: run.branch };
  const further = [...run.repositories].map(
    ([
      alias,
      {
        repository: { id: repositoryId, name, type },
        commit: version,
      },
    ]) => [
      alias,
      {
        repository:
          type === 'TfsGit' ? { id: repositoryId, type: 'azureReposGit' } : { fullName: name, type: 'gitHub' },
        refName: 'refs/heads/main',
        version,
      },
    ],
  );
  const consumed = [...run.consumes].map(([alias, { pipeline: consumedPipeline, name }]) => [
    alias,
    { pipeline: pipelineJson(asked.organizationUrl, consumedPipeline), version: name },
  ]);
  return {
    status: 200,
    body: {
      id: run.id,
      name: run.name,
      state: 'inProgress',
      pipeline: pipelineJson(asked.organizationUrl, run.pipeline),
      resources: {
        repositories: { self: { ...self, version: run.commit }, ...Object.fromEntries(further) },
        pipelines: Object.fromEntries(consumed),
      },
    },
  };
}

function pipelineJson(organizationUrl: string, { id, name, project }: SimulatedRun['pipeline']): object {
  return {
    url: `${organizationUrl}/${project.id}/_apis/pipelines/${id}?revision=1`,
    id,
    revision: 1,
    name,
    folder: '\\',
  };
}

function repository(asked: Asked, [id = '']: readonly string[]): Reply {
  const visible = visibleProjects(asked);
  const places = asked.scope === undefined ? visible : [visibleProject(asked)];
  const git = places.map((place) => gitNamed(asked.world, place, id)).find((one) => one !== undefined);
  if (git !== undefined) return { status: 200, body: gitJson(git) };
  const found =
    asked.world.pipelines.find((pipeline) => visible.includes(pipeline.project) && isSame(pipeline.repository.id, id))
      ?.repository ??
    visibleRuns(asked)
      .flatMap(({ repositories }) => [...repositories.values()])
      .find((given) => isSame(given.repository.id, id))?.repository;
  return found === undefined
    ? notFound(`TF401019: The Git repository ${id} does not exist.`)
    : { status: 200, body: { ...found, project: { id: visible[0]?.id }, defaultBranch: 'refs/heads/main' } };
}

function commit(asked: Asked, [id = '', sha = '']: readonly string[]): Reply {
  const found = asked.world.commits.get(sha);
  const own = asked.world.pipelines.some(
    ({ project, repository: given }) => project === visibleProject(asked) && isSame(given.id, id),
  );
  if (!own || found === undefined || !isSame(found.repositoryId, id))
    return notFound(`TF401175: The version descriptor <Commit: ${sha}> could not be resolved.`);
  const signature = { name: found.author.name, email: found.author.email, date: '2026-11-23T08:00:00Z' };
  return { status: 200, body: { commitId: sha, author: signature, committer: signature, comment: 'Change' } };
}

function buildJson(organizationUrl: string, run: SimulatedRun): object {
  const { pipeline, triggeredBy } = run;
  const { project, repository: source } = pipeline;
  return {
    _links: { web: { href: `${organizationUrl}/${project.id}/_build/results?buildId=${run.id}` } },
    id: run.id,
    buildNumber: run.name,
    status: run.result === undefined ? 'inProgress' : 'completed',
    ...(run.result === undefined ? {} : { result: run.result }),
    ...(run.changedBy === undefined ? {} : { lastChangedBy: run.changedBy }),
    reason: run.reason,
    definition: { id: pipeline.id, name: pipeline.name, path: '\\', type: 'build', queueStatus: 'enabled' },
    project: { id: project.id, name: project.name, state: 'wellFormed' },
    repository: { id: source.id, type: source.type, name: source.name, clean: null, checkoutSubmodules: false },
    sourceBranch: run.branch,
    sourceVersion: run.commit,
    requestedFor: run.requestedFor,
    requestedBy: run.requestedBy,
    orchestrationPlan: { planId: run.planId },
    plans: [{ planId: run.planId }],
    triggerInfo: run.triggerInfo,
    ...(triggeredBy === undefined ? {} : { triggeredByBuild: buildJson(organizationUrl, triggeredBy) }),
  };
}
