import { guidSegment, nextOf, numberSegment, PREVIEW, projectSegment, RELEASED } from './paths.ts';

/** Paths of service connections, variable groups, and of who may use them. Nothing unchecked gets into one. */

/** Variable groups came out of preview with their second version, which a server knows by this name in any case. */
export const GROUPS = 'api-version=7.1-preview.2';

/** `includeFailed`: those that could not be made ready hold a credential too. */
export function connectionsPath(project: string, continuation?: string): string {
  const query = `includeFailed=true&includeDetails=true${nextOf(continuation)}`;
  return `/${projectSegment(project)}/_apis/serviceendpoint/endpoints?${query}&${RELEASED}`;
}

/** The latest uses of a service connection. */
export function connectionUsesPath(project: string, id: string, top: number): string {
  const uses = `/_apis/serviceendpoint/${guidSegment('service connection', id)}/executionhistory`;
  return `/${projectSegment(project)}${uses}?top=${numberSegment('page', top)}&${RELEASED}`;
}

/** Which pipelines may use a service connection. */
export function connectionPermissionsPath(project: string, id: string): string {
  return permissions(project, 'endpoint', guidSegment('service connection', id));
}

/** Checks of a service connection itself. */
export function connectionChecksPath(project: string, id: string): string {
  const resource = `resourceType=endpoint&resourceId=${guidSegment('service connection', id)}`;
  return `/${projectSegment(project)}/_apis/pipelines/checks/configurations?${resource}&${PREVIEW}`;
}

export function variableGroupsPath(project: string, top: number, continuation?: string): string {
  const page = `$top=${numberSegment('page', top)}${nextOf(continuation)}`;
  return `/${projectSegment(project)}/_apis/distributedtask/variablegroups?${page}&${GROUPS}`;
}

export function variableGroupPermissionsPath(project: string, id: number): string {
  return permissions(project, 'variablegroup', numberSegment('variable group', id));
}

function permissions(project: string, type: string, id: string): string {
  return `/${projectSegment(project)}/_apis/pipelines/pipelinepermissions/${type}/${id}?${PREVIEW}`;
}
