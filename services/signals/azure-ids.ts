import { armKey } from '../domain/asset.ts';
import { textsIn } from './azure-page.ts';
import { head, utcOf } from './json-value.ts';

/** The last part of an ARM id, in lower case. */
export function armName(id: string): string {
  const key = armKey(id);
  return key.slice(key.lastIndexOf('/') + 1);
}

/** Something within a subscription; other clouds and machines elsewhere have ids of their own. */
export function isArmId(id: string | undefined): id is string {
  return id !== undefined && /^\/?subscriptions\/[^/]/i.test(id);
}

/** Not `securityConnectors`, under which resources of other clouds lie. */
const EXTENSION =
  /\/(?:providers\/microsoft\.security\/(?:assessments|locations|alerts|sqlvulnerabilityassessments)|sqlvulnerabilityassessments|vulnerabilityassessments)\//i;

/** What the id of an alert or an assessment is attached to: a resource, a resource group, a subscription. */
export function scopeOf(id: string | undefined): string | undefined {
  const at = id?.search(EXTENSION) ?? -1;
  const scope = at > 0 ? id?.slice(0, at) : undefined;
  return isArmId(scope) ? scope : undefined;
}

/** The first of these members that is an instant; .NET writes the year 1 where none is set. */
export function timeIn(value: unknown, ...names: readonly string[]): string | undefined {
  return textsIn(value, ...names)
    .map((text) => utcOf(head(text, 40)))
    .find((at) => at !== undefined && !at.startsWith('0001'));
}
