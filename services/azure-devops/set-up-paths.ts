import { guidSegment, numberSegment, PREVIEW, projectSegment, RELEASED } from './paths.ts';
import { GROUPS } from './platform-connection-paths.ts';

/** Paths of what set-up writes. Nothing unchecked gets into one. */

/** Of one project, or to be posted with the projects in its body. */
export function newConnectionPath(): string {
  return `/_apis/serviceendpoint/endpoints?${RELEASED}`;
}

export function connectionRemovalPath(project: string, id: string): string {
  const endpoint = `/_apis/serviceendpoint/endpoints/${guidSegment('service connection', id)}`;
  return `${endpoint}?projectIds=${guidSegment('project', project)}&${RELEASED}`;
}

export function newGroupPath(): string {
  return `/_apis/distributedtask/variablegroups?${GROUPS}`;
}

export function groupRemovalPath(project: string, id: number): string {
  const group = `/_apis/distributedtask/variablegroups/${numberSegment('variable group', id)}`;
  return `${group}?projectIds=${guidSegment('project', project)}&${GROUPS}`;
}

/** Groups that begin so: the one that is meant is picked by its name. */
export function namedGroupsPath(project: string, name: string): string {
  const filter = `groupName=${encodeURIComponent(name)}&$top=100`;
  return `/${projectSegment(project)}/_apis/distributedtask/variablegroups?${filter}&${GROUPS}`;
}

/** A new check, or the one of this number. */
export function checkPath(project: string, id?: string): string {
  const one = id === undefined ? '' : `/${numberSegment('check', Number(id))}`;
  return `/${projectSegment(project)}/_apis/pipelines/checks/configurations${one}?${PREVIEW}`;
}

/** A new subscription, or the one of this id. */
export function subscriptionPath(id?: string): string {
  const one = id === undefined ? '' : `/${guidSegment('subscription', id)}`;
  return `/_apis/hooks/subscriptions${one}?${RELEASED}`;
}
