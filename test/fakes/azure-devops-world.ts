import { randomUUID } from 'node:crypto';
import { createAuditLogWorld, type SimulatedAuditLog } from './audit-log-routes.ts';
import type { SimulatedGit, SimulatedPolicy } from './azure-devops-git.ts';
import { type Hooks, noHooks } from './azure-devops-hooks.ts';
import {
  type Caller,
  commitOf,
  guidOf,
  isSame,
  type SimulatedApproval,
  type SimulatedAuthor,
  type SimulatedCheck,
  type SimulatedDeployment,
  type SimulatedEvent,
  type SimulatedPerson,
  type SimulatedPipeline,
  type SimulatedPlan,
  type SimulatedProject,
  type SimulatedRecord,
  type SimulatedRepository,
  type SimulatedRun,
  type SimulatedStage,
} from './azure-devops-model.ts';
import { waitInStage } from './azure-devops-stages.ts';
import type { Library } from './platform-connections.ts';
import { type PlatformPeople, usualPeople } from './platform-people.ts';

/** A job's token dies two days after its check began. */
const TOKEN_LIFE_MS = 48 * 60 * 60 * 1000;

/** A name alone stands for a whole person: id, descriptor and `name@contoso.example`. */
export type PersonInput = string | (Partial<SimulatedPerson> & { readonly displayName: string });

export interface PipelineInput {
  readonly name: string;
  readonly project?: SimulatedProject;
  readonly repository?: string | Partial<SimulatedRepository>;
}

export interface RunInput {
  readonly pipeline: SimulatedPipeline;
  readonly requestedFor?: PersonInput;
  /** Default: the same person. */
  readonly requestedBy?: PersonInput;
  readonly commit?: string;
  readonly branch?: string;
  /** Default `manual`; `resourceTrigger` when a run triggered it. */
  readonly reason?: string;
  /** Build number. */
  readonly name?: string;
  /** One change each; the last one is the built commit. Absent: the requester wrote it. Empty: nothing new was built. */
  readonly authors?: readonly (string | SimulatedAuthor)[];
  readonly consumes?: readonly SimulatedRun[] | Readonly<Record<string, SimulatedRun>>;
  readonly repositories?: Readonly<
    Record<string, { readonly repository: SimulatedRepository; readonly commit: string }>
  >;
  readonly triggeredBy?: SimulatedRun;
  readonly triggerInfo?: Readonly<Record<string, string>>;
}

export interface CheckInput {
  readonly environment: string;
  readonly stage: string;
  readonly service?: string;
  readonly artifact?: string;
  /** Default true; false: the check runs in the run's own plan, under hub `build`. */
  readonly ownPlan?: boolean;
  /** The job's access token; default a new one. Given, the check is that of an earlier simulator. */
  readonly token?: string;
}

/** The simulator's state, without the network. */
export interface World {
  readonly organizations: readonly string[];
  readonly projects: SimulatedProject[];
  readonly pipelines: SimulatedPipeline[];
  readonly runs: SimulatedRun[];
  readonly plans: Map<string, SimulatedPlan>;
  readonly commits: Map<string, { readonly repositoryId: string; readonly author: SimulatedAuthor }>;
  readonly events: SimulatedEvent[];
  readonly tokens: Map<string, Caller>;
  /** By object id in Entra. */
  readonly accounts: Map<string, SimulatedPerson>;
  /** Every attempt, in order. */
  readonly stages: SimulatedStage[];
  readonly approvals: SimulatedApproval[];
  /** Of environments, by project id and name; the place is the id less one. */
  readonly environments: string[];
  /** Oldest first; the environment as `environments` has it. */
  readonly deployments: SimulatedDeployment[];
  readonly auditLog: SimulatedAuditLog;
  /** Entries of one answer where lists come in pages. */
  pageSize: number;
  readonly hooks: Hooks;
  readonly library: Library;
  readonly people: PlatformPeople;
  /** Alerts of Advanced Security by repository id; of others it is off. */
  readonly alerts: Map<string, readonly object[]>;
  readonly git: { readonly repositories: SimulatedGit[]; readonly policies: SimulatedPolicy[] };
  /** Base URL of the server, once it listens. */
  url: string;
  now(): number;
}

export function createWorld(organizations: readonly string[], now: () => number): World {
  const [first = 'contoso'] = organizations;
  const projects = [{ organization: first, id: guidOf(`${first}/Shop`), name: 'Shop' }];
  return {
    organizations,
    projects,
    pipelines: [],
    runs: [],
    plans: new Map(),
    commits: new Map(),
    events: [],
    tokens: new Map(),
    accounts: new Map(),
    stages: [],
    approvals: [],
    environments: [],
    deployments: [],
    auditLog: createAuditLogWorld(),
    pageSize: 1000,
    hooks: noHooks(),
    library: { connections: [], groups: [] },
    people: usualPeople(projects, now),
    alerts: new Map(),
    git: { repositories: [], policies: [] },
    url: '',
    now,
  };
}

export function addProject(world: World, name: string, organization?: string): SimulatedProject {
  const within = organization ?? world.organizations[0] ?? 'contoso';
  const project = { organization: within, id: guidOf(`${within}/${name}`), name };
  world.projects.push(project);
  world.people.addGroup('Project Administrators', [], project);
  return project;
}

export function addPipeline(world: World, input: PipelineInput): SimulatedPipeline {
  const project = input.project ?? world.projects[0];
  if (project === undefined) throw new Error('the simulator has no project');
  const given = typeof input.repository === 'string' ? { name: input.repository } : input.repository;
  const name = given?.name ?? input.name;
  const repository = { id: guidOf(`${project.id}/repository/${name}`), type: 'TfsGit', ...given, name };
  const pipeline = { project, id: world.pipelines.length + 1, name: input.name, repository };
  world.pipelines.push(pipeline);
  return pipeline;
}

/** The run has deployed there, unless `job` says otherwise of it. The record may be changed as the job goes on. */
export function deployTo(
  world: World,
  name: string,
  { pipeline, id: run, name: runName }: SimulatedRun,
  job: Partial<SimulatedDeployment['job']> = {},
): SimulatedDeployment {
  const environment = `${pipeline.project.id}/${name}`;
  if (!world.environments.includes(environment)) world.environments.push(environment);
  const at = new Date(world.now()).toISOString();
  const done = { stage: 'deploy', attempt: 1, startTime: at, finishTime: at, result: 'succeeded' };
  const deployment = { environment, pipeline, run, runName, job: { ...done, ...job } };
  world.deployments.push(deployment);
  return deployment;
}

export function queueRun(world: World, input: RunInput): SimulatedRun {
  const id = world.runs.length + 101;
  const { pipeline, triggeredBy } = input;
  const requestedFor = personOf(input.requestedFor ?? 'Ann Arbor');
  const commit = input.commit ?? commitOf(`${pipeline.name}/${id}`);
  const consumes = Array.isArray(input.consumes)
    ? input.consumes.map((run: SimulatedRun) => [run.pipeline.name, run] as const)
    : Object.entries(input.consumes ?? {});
  const run: SimulatedRun = {
    pipeline,
    id,
    name: input.name ?? `20261123.${id - 100}`,
    planId: guidOf(`${pipeline.project.id}/run/${id}`),
    branch: input.branch ?? 'refs/heads/main',
    commit,
    reason: input.reason ?? (triggeredBy === undefined ? 'manual' : 'resourceTrigger'),
    requestedFor,
    requestedBy: input.requestedBy === undefined ? requestedFor : personOf(input.requestedBy),
    consumes: new Map(consumes),
    repositories: new Map(Object.entries(input.repositories ?? {})),
    ...(triggeredBy === undefined ? {} : { triggeredBy }),
    triggerInfo: input.triggerInfo ?? {},
    changes: changesOf(input.authors ?? [requestedFor.displayName], commit),
  };
  world.runs.push(run);
  for (const change of run.changes) rememberCommit(world, run, change.commit, change.author);
  rememberCommit(world, run, commit, authorOf(requestedFor.displayName));
  planOf(world, run, run.planId, 'build');
  return run;
}

/** A stage begins to wait; nothing is delivered yet. */
export function startCheck(world: World, run: SimulatedRun, input: CheckInput): SimulatedCheck {
  const key = `${run.planId}/${input.stage}/${input.environment}/${world.plans.size}/${input.ownPlan ?? true}`;
  const plan = input.ownPlan === false ? ownPlanOf(world, run) : planOf(world, run, guidOf(`plan ${key}`), 'checks');
  const job = guidOf(`job ${key}`);
  const taskInstanceId = guidOf(`task ${key}`);
  plan.records.push(recordOf(job, null, 'Job', input.stage), recordOf(taskInstanceId, job, 'Task', 'Invoke REST API'));
  waitInStage(world, run, input.stage, taskInstanceId);
  const { ownPlan: _, ...described } = input;
  return {
    run,
    ...described,
    plan,
    jobId: job,
    taskInstanceId,
    token: issueToken(world, run.pipeline.project, input.token),
  };
}

/** The same ids again, one attempt further, with a new token: what "Rerun check" and a rerun stage do. */
export function rerunCheck(world: World, check: SimulatedCheck): void {
  const record = taskOf(check);
  Object.assign(record, { attempt: record.attempt + 1, state: 'inProgress', result: null, log: null });
  check.token = issueToken(world, check.run.pipeline.project);
  waitInStage(world, check.run, check.stage, check.taskInstanceId);
}

export function taskOf(check: SimulatedCheck): SimulatedRecord {
  const record = check.plan.records.find(({ id }) => isSame(id, check.taskInstanceId));
  if (record === undefined) throw new Error('the check has no task in its timeline');
  return record;
}

function authorOf(author: string | SimulatedAuthor): SimulatedAuthor {
  if (typeof author !== 'string') return author;
  const { displayName, uniqueName, id } = personOf(author);
  return { name: displayName, email: uniqueName, id };
}

export function personOf(input: PersonInput): SimulatedPerson {
  const given = typeof input === 'string' ? { displayName: input } : input;
  const address = `${given.displayName.toLowerCase().replaceAll(/[^a-z]+/g, '.')}@contoso.example`;
  return {
    id: guidOf(`person ${given.displayName}`),
    descriptor: `aad.${Buffer.from(given.displayName).toString('base64url')}`,
    uniqueName: address,
    ...given,
  };
}

function issueToken(world: World, project: SimulatedProject, token = `job.${randomUUID()}.${randomUUID()}`): string {
  const { organization, id: projectId } = project;
  world.tokens.set(token, { kind: 'job', organization, projectId, expiresAt: world.now() + TOKEN_LIFE_MS });
  return token;
}

function changesOf(authors: readonly (string | SimulatedAuthor)[], commit: string): SimulatedRun['changes'] {
  const last = authors.length - 1;
  return authors.map((author, index) => ({
    commit: index === last ? commit : commitOf(`${commit}~${last - index}`),
    author: authorOf(author),
  }));
}

function rememberCommit(world: World, run: SimulatedRun, commit: string, author: SimulatedAuthor): void {
  if (!world.commits.has(commit)) world.commits.set(commit, { repositoryId: run.pipeline.repository.id, author });
}

function planOf(world: World, owner: SimulatedRun, id: string, hub: string): SimulatedPlan {
  const plan = { project: owner.pipeline.project, id, hub, owner, records: [], feed: [], logs: [] };
  world.plans.set(id.toLowerCase(), plan);
  return plan;
}

function ownPlanOf(world: World, run: SimulatedRun): SimulatedPlan {
  const plan = world.plans.get(run.planId.toLowerCase());
  if (plan === undefined) throw new Error(`run ${run.id} is not of this simulator`);
  return plan;
}

function recordOf(id: string, parentId: string | null, type: string, name: string): SimulatedRecord {
  return { id, parentId, type, name, attempt: 1, state: 'inProgress', result: null, log: null };
}
