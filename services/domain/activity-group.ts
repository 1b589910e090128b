import type { ActivityEvent } from './activity.ts';
import { auditedOperation, spelledOut } from './audited-operation.ts';
import { globMatches } from './glob.ts';

export const ACTIVITY_GROUPS = ['weakened', 'permissions', 'tokens', 'administration', 'other'] as const;
/** What a reviewer looks for. */
export type ActivityGroup = (typeof ACTIVITY_GROUPS)[number];

/** The first pattern that matches counts; what none does is `administration` where it may change who deploys what. */
const GROUPS: readonly (readonly [pattern: string, group: ActivityGroup])[] = [
  ['checkconfiguration.{created,enabled}', 'administration'],
  ['policy.policyconfigcreated', 'administration'],
  ['auditlog.stream{created,enabled}', 'administration'],
  ['{checkconfiguration,checksuite,auditlog,policy,organizationpolicy}.*', 'weakened'],
  ['git.refupdatepoliciesbypassed', 'weakened'],
  ['{security,group}.*', 'permissions'],
  ['artifacts.**permissions**', 'permissions'],
  ['pipelines.resource*', 'permissions'],
  ['token.*', 'tokens'],
  ['{organization,extension,project,library,release-path}.*', 'administration'],
  ['microsoft.authorization/elevateaccess/action', 'permissions'],
  ['microsoft.authorization/role**', 'permissions'],
  ['* member {to,from} *role *', 'permissions'],
  ['microsoft.keyvault/vaults/accesspolicies/*', 'permissions'],
  ['microsoft.authorization/{locks/write,policyexemptions/delete}', 'administration'],
  ['microsoft.authorization/policies/**', 'other'],
  ['microsoft.authorization/**', 'weakened'],
  ['**/diagnosticsettings/delete', 'weakened'],
  ['microsoft.managedidentity/**', 'administration'],
];

const ROWS = GROUPS.flatMap(([pattern, group]) => spelledOut(pattern).map((glob) => ({ glob, group })));

/** Before the name of what it was done to, which is left out. */
const DANGLING = /:$| (?:from|of|to|on)$/;

/** What a reviewer looks for in it, and its words. */
export function activityWords({ rule, hasFailed, severity }: Pick<ActivityEvent, 'rule' | 'hasFailed' | 'severity'>): {
  readonly group: ActivityGroup;
  readonly words: string;
} {
  const name = rule.toLowerCase();
  const row = ROWS.find(({ glob }) => globMatches(glob, name));
  const usual = severity === 'info' || severity === 'low' ? 'other' : 'administration';
  const known = auditedOperation(rule, { isLook: false, hasFailed });
  const words = typeof known === 'string' ? 'changed' : known.words;
  return { group: row?.group ?? usual, words: words.replace(DANGLING, '') };
}
