import type { CheckIds } from '../domain/gate.ts';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';

/** Paths below an organization URL, as the REST reference documents them. Nothing unchecked gets into one. */

const GUID = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const COMMIT = /^[0-9a-f]{7,64}$/i;
/** What Azure DevOps forbids in a project's name, and a leading dot or underscore. */
const PROJECT_NAME = /^(?![._])[^\p{Cc}\\/:*?"<>|;#$,+=[\]{}]{1,64}$/u;
/** What Azure DevOps forbids in a repository's name, and what a path would read as another place. */
const REPOSITORY_NAME = /^(?!\.{1,2}$)[^\p{Cc}\\/:*?"<>|;#$,+=[\]{}~&%@]{1,64}$/u;
const HUBS = ['build', 'checks', 'gates', 'release', 'rm'];

export const RELEASED = 'api-version=7.1';
/** The task resources never left preview. */
export const PREVIEW = 'api-version=7.1-preview.1';
/** The version that the callback of a check is documented with. */
const EVENTS = 'api-version=2.0-preview.1';

/** Ids that Azure DevOps writes in either case. */
export function sameId(one: string | undefined, other: string): boolean {
  return one?.toLowerCase() === other.toLowerCase();
}

export function isGuid(value: string): boolean {
  return GUID.test(value);
}

/** A project's id, or a name that Azure DevOps allows. */
export function isProject(value: string): boolean {
  return GUID.test(value) || PROJECT_NAME.test(value);
}

export function isCommit(value: string): boolean {
  return COMMIT.test(value);
}

export function buildPath(project: string | undefined, buildId: number): string {
  const scope = project === undefined ? '' : `/${projectSegment(project)}`;
  return `${scope}/_apis/build/builds/${numberSegment('run', buildId)}?${RELEASED}`;
}

/** `includeSourceChange`: a repeated build of an unchanged commit would otherwise list nobody. */
export function changesPath(project: string, buildId: number, continuation?: string): string {
  const changes = `/_apis/build/builds/${numberSegment('run', buildId)}/changes`;
  const page = `$top=1000&includeSourceChange=true${nextOf(continuation)}`;
  return `/${projectSegment(project)}${changes}?${page}&${RELEASED}`;
}

/** One answer with at most `top` changes: these are not given in pages. */
export function changesBetweenPath(project: string, fromBuildId: number, toBuildId: number, top: number): string {
  const range = `fromBuildId=${numberSegment('run', fromBuildId)}&toBuildId=${numberSegment('run', toBuildId)}`;
  return `/${projectSegment(project)}/_apis/build/changes?${range}&$top=${top}&${RELEASED}`;
}

/** Without an id: the one of the run's latest attempts. */
export function buildTimelinePath(project: string, buildId: number, timelineId?: string): string {
  const timeline = timelineId === undefined ? '' : `/${guidSegment('timeline', timelineId)}`;
  return `/${projectSegment(project)}/_apis/build/builds/${numberSegment('run', buildId)}/timeline${timeline}?${RELEASED}`;
}

export function approvalPath(project: string, approvalId: string): string {
  return `${approvals(project)}/${guidSegment('approval', approvalId)}?$expand=steps,permissions&${RELEASED}`;
}

export function pendingApprovalsPath(project: string, top: number): string {
  return `${approvals(project)}?state=pending&$expand=steps&top=${top}&${RELEASED}`;
}

export function approvalsPath(project: string): string {
  return `${approvals(project)}?${RELEASED}`;
}

export function checkSuitePath(project: string, checkSuiteId: string): string {
  const suite = guidSegment('check suite', checkSuiteId);
  return `/${guidSegment('project', project)}/_apis/pipelines/checks/runs/${suite}?$expand=resources&${PREVIEW}`;
}

export function environmentPath(project: string, environmentId: number): string {
  const environment = numberSegment('environment', environmentId);
  return `/${guidSegment('project', project)}/_apis/distributedtask/environments/${environment}?${PREVIEW}`;
}

export function environmentsPath(project: string, name: string): string {
  const filter = `name=${encodeURIComponent(name)}&$top=100`;
  return `/${guidSegment('project', project)}/_apis/distributedtask/environments?${filter}&${PREVIEW}`;
}

/** What was deployed to an environment, newest first. */
export function deploymentRecordsPath(
  project: string,
  environmentId: number,
  top: number,
  continuation?: string,
): string {
  const environment = numberSegment('environment', environmentId);
  const records = `/_apis/distributedtask/environments/${environment}/environmentdeploymentrecords`;
  return `/${guidSegment('project', project)}${records}?top=${top}${nextOf(continuation)}&${PREVIEW}`;
}

/** `includeAllProperties`: without it a definition does not name its repository. */
export function definitionsPath(project: string, top: number, continuation?: string): string {
  const page = `includeAllProperties=true&queryOrder=definitionNameAscending&$top=${top}${nextOf(continuation)}`;
  return `/${guidSegment('project', project)}/_apis/build/definitions?${page}&${RELEASED}`;
}

/** One file of the default branch, with its text. */
export function filePath(project: string, repositoryId: string, path: string): string {
  const repository = `/_apis/git/repositories/${guidSegment('repository', repositoryId)}`;
  const file = `path=${encodeURIComponent(path)}&includeContent=true&$format=json`;
  return `/${projectSegment(project)}${repository}/items?${file}&${RELEASED}`;
}

export function hookSubscriptionsPath(): string {
  return `/_apis/hooks/subscriptions?consumerId=webHooks&${RELEASED}`;
}

export function buildsByNumberPath(project: string, definitionId: number, buildNumber: string): string {
  const filter = `definitions=${numberSegment('pipeline', definitionId)}&buildNumber=${encodeURIComponent(buildNumber)}`;
  return `/${projectSegment(project)}/_apis/build/builds?${filter}&${RELEASED}`;
}

/** Of every pipeline of the project. */
export function buildsNamedPath(project: string, buildNumber: string): string {
  return `/${projectSegment(project)}/_apis/build/builds?buildNumber=${encodeURIComponent(buildNumber)}&${RELEASED}`;
}

export function pipelineRunPath(project: string, pipelineId: number, runId: number): string {
  const pipeline = `/_apis/pipelines/${numberSegment('pipeline', pipelineId)}`;
  return `/${projectSegment(project)}${pipeline}/runs/${numberSegment('run', runId)}?${RELEASED}`;
}

export function repositoryPath(repositoryId: string): string {
  return `/_apis/git/repositories/${guidSegment('repository', repositoryId)}?${RELEASED}`;
}

export function commitPath(project: string, repositoryId: string, commit: string): string {
  if (!isCommit(commit)) throw malformed('commit', commit, 'a hexadecimal Git commit');
  const repository = `/_apis/git/repositories/${guidSegment('repository', repositoryId)}`;
  return `/${projectSegment(project)}${repository}/commits/${commit.toLowerCase()}?${RELEASED}`;
}

/** A repository of a project by its own name; ids are taken as well. */
export function namedRepositoryPath(project: string, repository: string): string {
  return `${gitRepository(project, repository)}?${RELEASED}`;
}

/** Refs that begin so: the one that is meant is picked by its name. `ref`: full, `refs/heads/main`. */
export function refsPath(project: string, repository: string, ref: string): string {
  const filter = encodeURIComponent(ref.replace(/^refs\//, ''));
  return `${gitRepository(project, repository)}/refs?filter=${filter}&${RELEASED}`;
}

/** What is directly in a folder at one commit, the folder itself among it. */
export function folderItemsPath(project: string, repository: string, commit: string, folder: string): string {
  const scope = `scopePath=${encodeURIComponent(folder)}&recursionLevel=OneLevel`;
  return `${gitRepository(project, repository)}/items?${scope}&${atCommit(commit)}&${RELEASED}`;
}

/** One file's bytes at one commit. */
export function fileItemPath(project: string, repository: string, commit: string, file: string): string {
  const item = `path=${encodeURIComponent(file)}&$format=octetStream`;
  return `${gitRepository(project, repository)}/items?${item}&${atCommit(commit)}&${RELEASED}`;
}

/** Branch policies of one type that apply to one ref of one repository. */
export function branchPoliciesPath(
  project: string,
  of: { readonly repositoryId: string; readonly ref: string; readonly type: string },
  continuation?: string,
): string {
  const repository = `repositoryId=${guidSegment('repository', of.repositoryId)}&refName=${encodeURIComponent(of.ref)}`;
  const query = `${repository}&policyType=${guidSegment('policy type', of.type)}${nextOf(continuation)}`;
  return `/${projectSegment(project)}/_apis/git/policy/configurations?${query}&${RELEASED}`;
}

/** Of every project. */
export function repositoriesPath(): string {
  return `/_apis/git/repositories?${RELEASED}`;
}

/** Alerts of Advanced Security, below its own host. */
export function alertsPath(project: string, repositoryId: string, top: number, continuation?: string): string {
  const alerts = `/_apis/alert/repositories/${guidSegment('repository', repositoryId)}/alerts`;
  const query = `top=${top}&criteria.onlyDefaultBranch=true${nextOf(continuation)}`;
  return `/${guidSegment('project', project)}${alerts}?${query}&api-version=7.2-preview.1`;
}

/** Entries of the audit log within these instants, below its own host; each by itself, not joined with others. */
export function auditLogPath(
  { from, until }: { readonly from: string; readonly until: string },
  top: number,
  continuation?: string,
): string {
  const window = `startTime=${encodeURIComponent(from)}&endTime=${encodeURIComponent(until)}`;
  const page = `batchSize=${top}&skipAggregation=true${nextOf(continuation)}`;
  return `/_apis/audit/auditlog?${window}&${page}&${PREVIEW}`;
}

export function projectsPath(top: number): string {
  return `/_apis/projects?$top=${top}&${RELEASED}`;
}

/** Every id of a check, before anything is asked. */
export function assertIds(check: CheckIds): void {
  feedPath(check);
  guidSegment('TaskInstanceId', check.taskInstanceId);
}

export function planPath(check: CheckIds): string {
  return `${plan(check)}?${PREVIEW}`;
}

export function timelinePath(check: CheckIds): string {
  return `${timeline(check)}?includeRecords=true&${PREVIEW}`;
}

export function feedPath(check: CheckIds): string {
  return `${timeline(check)}/records/${guidSegment('JobId', check.jobId)}/feed?${PREVIEW}`;
}

export function recordsPath(check: CheckIds): string {
  return `${timeline(check)}/records?${PREVIEW}`;
}

export function logsPath(check: CheckIds): string {
  return `${plan(check)}/logs?${PREVIEW}`;
}

export function logPath(check: CheckIds, logId: number): string {
  return `${plan(check)}/logs/${numberSegment('log', logId)}?${PREVIEW}`;
}

export function eventsPath(check: CheckIds): string {
  return `${plan(check)}/events?${EVENTS}`;
}

export function nextOf(continuation: string | undefined): string {
  return continuation === undefined ? '' : `&continuationToken=${encodeURIComponent(continuation)}`;
}

function plan(check: CheckIds): string {
  const project = guidSegment('ProjectId', check.projectId);
  return `/${project}/_apis/distributedtask/hubs/${hubSegment(check.hub)}/plans/${guidSegment('PlanId', check.planId)}`;
}

function timeline(check: CheckIds): string {
  return `${plan(check)}/timelines/${guidSegment('TimelineId', check.timelineId)}`;
}

function approvals(project: string): string {
  return `/${guidSegment('project', project)}/_apis/pipelines/approvals`;
}

function gitRepository(project: string, repository: string): string {
  return `/${projectSegment(project)}/_apis/git/repositories/${repositorySegment(repository)}`;
}

function atCommit(commit: string): string {
  if (!isCommit(commit)) throw malformed('commit', commit, 'a hexadecimal Git commit');
  return `versionDescriptor.version=${commit.toLowerCase()}&versionDescriptor.versionType=commit`;
}

export function guidSegment(what: string, value: string): string {
  if (!GUID.test(value)) throw malformed(what, value, 'a GUID');
  return value.toLowerCase();
}

export function numberSegment(what: string, value: number): string {
  if (!Number.isSafeInteger(value) || value < 0) throw malformed(what, String(value), 'a whole number');
  return String(value);
}

export function projectSegment(project: string): string {
  if (GUID.test(project)) return project.toLowerCase();
  if (!PROJECT_NAME.test(project)) throw malformed('project', project, 'a GUID or a project name');
  return encodeURIComponent(project);
}

function repositorySegment(repository: string): string {
  if (GUID.test(repository)) return repository.toLowerCase();
  if (!REPOSITORY_NAME.test(repository)) throw malformed('repository', repository, 'a GUID or a repository name');
  return encodeURIComponent(repository);
}

function hubSegment(hub: string): string {
  const known = hub.toLowerCase();
  if (!HUBS.includes(known)) throw malformed('HubName', hub, `one of ${HUBS.join(', ')}`);
  return known;
}

export function malformed(what: string, value: string, expected: string): AzureDevOpsRefusedError {
  return new AzureDevOpsRefusedError(`${what} must be ${expected}, got ${JSON.stringify(value.slice(0, 80))}`, 400);
}
