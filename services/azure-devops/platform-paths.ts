import { guidSegment, nextOf, numberSegment, PREVIEW, projectSegment, RELEASED } from './paths.ts';

/** Paths of what a delivery platform is made of. Nothing unchecked gets into one. */

/** The checks never left preview. */
const CHECKS = 'api-version=7.1-preview.1';

export function projectPagePath(top: number, continuation?: string): string {
  return `/_apis/projects?$top=${numberSegment('page', top)}${nextOf(continuation)}&${RELEASED}`;
}

/** Names and ids alone. */
export function definitionNamesPath(project: string, top: number, continuation?: string): string {
  const page = `queryOrder=definitionNameAscending&$top=${numberSegment('page', top)}${nextOf(continuation)}`;
  return `/${projectSegment(project)}/_apis/build/definitions?${page}&${RELEASED}`;
}

export function projectRepositoriesPath(project: string): string {
  return `/${projectSegment(project)}/_apis/git/repositories?${RELEASED}`;
}

export function environmentPagePath(project: string, top: number, continuation?: string): string {
  const page = `$top=${numberSegment('page', top)}${nextOf(continuation)}`;
  return `/${projectSegment(project)}/_apis/distributedtask/environments?${page}&${PREVIEW}`;
}

/** To be posted: without `$expand` the answer has no settings. */
export function checkConfigurationsPath(project: string): string {
  return `/${projectSegment(project)}/_apis/pipelines/checks/queryconfigurations?$expand=settings&${CHECKS}`;
}

/** Which pipelines may use an environment. */
export function environmentPermissionsPath(project: string, environmentId: number): string {
  const permissions = `/_apis/pipelines/pipelinepermissions/environment/${numberSegment('environment', environmentId)}`;
  return `/${projectSegment(project)}${permissions}?${CHECKS}`;
}

/** Where these service connections lead; those that the caller may not see are left out. */
export function endpointsPath(project: string, ids: readonly string[]): string {
  const wanted = ids.map((id) => guidSegment('service connection', id)).join(',');
  return `/${projectSegment(project)}/_apis/serviceendpoint/endpoints?endpointIds=${wanted}&${RELEASED}`;
}

/** Branch policies and others of a whole project. */
export function policyConfigurationsPath(project: string, top: number, continuation?: string): string {
  const page = `$top=${numberSegment('page', top)}${nextOf(continuation)}`;
  return `/${projectSegment(project)}/_apis/policy/configurations?${page}&${RELEASED}`;
}

/** Of every consumer. */
export function allSubscriptionsPath(): string {
  return `/_apis/hooks/subscriptions?${RELEASED}`;
}
