import type { Severity } from './finding.ts';
import { globMatches } from './glob.ts';

/** What an audit log's entry means to whoever answers for deployments. */
export interface AuditedOperation {
  readonly severity: Severity;
  /** What was done, before the name of what it was done to: `removed a check from`. */
  readonly words: string;
}

/** `look`: never a finding. `routine`: one only when it failed. */
type Weight = Severity | 'look' | 'routine';

/**
 * The first pattern that matches counts. `high`: a safeguard is gone or was passed by. `medium`: who may deploy has
 * changed, with which credential, or by which code and machine; or a policy stopped a change. `low`: what is deployed from
 * or to has changed, or access has become less. What fails is at least `low`.
 *
 * Operations of Azure (lower case) are those of `az provider operation list`; actions of Azure DevOps are those of
 * "Auditing events list" (learn.microsoft.com/azure/devops/organizations/audit/auditing-events), as read in 2026.
 */
const OPERATIONS: readonly (readonly [pattern: string, weight: Weight, words: string])[] = [
  ['auditlog.stream{deleted,disabled*}', 'high', 'stopped an audit stream'],
  ['auditlog.stream{created,enabled}', 'low', 'started an audit stream'],
  ['auditlog.streammodified', 'medium', 'changed an audit stream'],
  ['auditlog.*', 'look', ''],
  ['git.refupdatepoliciesbypassed', 'high', 'bypassed branch policies of'],
  ['policy.policyconfigremoved', 'high', 'removed a branch policy'],
  ['policy.policyconfigcreated', 'low', 'added a branch policy'],
  ['policy.*', 'medium', 'changed a branch policy'],
  ['checkconfiguration.{deleted,disabled}', 'high', 'removed a check from'],
  ['checkconfiguration.{created,enabled}', 'low', 'added a check to'],
  ['checkconfiguration.*', 'medium', 'changed a check of'],
  ['checksuite.bypassed', 'high', 'let a stage go on past its checks:'],
  ['checksuite.*', 'routine', ''],
  ['approverreassigned', 'medium', 'handed on an approval'],
  ['organizationpolicy.enforcepolicyremoved', 'high', 'removed an enforced organization policy'],
  ['organizationpolicy.*', 'medium', 'changed an organization policy'],
  ['organization.unlinkfromaad', 'high', 'unlinked the organization from its directory'],
  ['organization.*', 'medium', 'changed the organization'],
  ['security.remove*accesscontrollists', 'high', 'removed access control lists of'],
  ['security.*', 'medium', 'changed permissions of'],
  ['artifacts.**permissions**', 'medium', 'changed permissions of'],
  ['group.updategroupmembership**remove', 'low', 'took a member out of group'],
  ['group.updategroupmembership**', 'medium', 'changed who is a member of group'],
  ['group.*', 'medium', 'changed a group'],
  ['library.serviceconnectionexecuted.unusual', 'medium', 'used a service connection from another pipeline than usual'],
  [
    'library.serviceconnectionexecuted.unknown',
    'low',
    'used a service connection, and whether as usual nobody can tell',
  ],
  ['release-path.unknown', 'low', 'changed, and whether by its release path nobody can tell'],
  ['library.serviceconnectionexecuted', 'routine', ''],
  ['library.serviceconnection*', 'medium', 'changed a service connection'],
  ['library.variablegroup*', 'medium', 'changed a variable group'],
  ['library.*securefile*', 'medium', 'changed a secure file'],
  ['library.agent*', 'medium', 'changed the agents that run deployments:'],
  ['pipelinerun.*', 'routine', ''],
  ['pipelines.resourceunauthorized*', 'low', 'took away the right to use'],
  ['pipelines.resource*', 'medium', 'changed which pipelines may use'],
  ['pipelines.oauthconfiguration*', 'medium', 'changed a connection to a source of code'],
  ['pipelines.{project,organization}settings', 'medium', 'changed settings of pipelines'],
  ['pipelines.{deploymentjobcompleted,runretained,rununretained}', 'routine', ''],
  ['pipelines.pipeline*', 'low', 'changed a pipeline'],
  ['release.{approval,approvals,deployment,deployments}completed', 'routine', ''],
  ['release.releasecreated', 'routine', ''],
  ['release.*', 'low', 'changed a release pipeline'],
  ['extension.{disabled,uninstalled}', 'low', 'took away an extension'],
  ['extension.*', 'medium', 'changed an extension'],
  ['token.patexpiredevent', 'routine', ''],
  ['token.*revoke*', 'low', 'revoked a token or key'],
  ['token.*', 'medium', 'changed a token or key'],
  ['project.*{queued,started}', 'routine', ''],
  ['project.updatevisibility*', 'medium', 'changed who can see project'],
  ['project.{areapath,iterationpath}.*', 'info', 'changed a path of the boards'],
  ['project.*', 'low', 'changed a project'],
  ['git.*', 'low', 'changed a repository'],

  ['microsoft.authorization/policies/deny/action', 'medium', 'was refused by Azure Policy on'],
  ['microsoft.authorization/policies/audit*/action', 'look', ''],
  ['microsoft.authorization/policies/*/action', 'routine', ''],
  ['microsoft.authorization/locks/delete', 'high', 'deleted a lock'],
  ['microsoft.authorization/policyassignments/delete', 'high', 'deleted a policy assignment'],
  ['microsoft.authorization/policyexemptions/write', 'high', 'exempted something from a policy'],
  ['microsoft.authorization/elevateaccess/action', 'high', 'took access to all subscriptions'],
  ['microsoft.authorization/{locks/write,policyexemptions/delete}', 'low', 'tightened'],
  ['microsoft.authorization/roleassignments/*', 'medium', 'changed who has a role:'],
  ['microsoft.authorization/roledefinitions/*', 'medium', 'changed what a role may do:'],
  ['microsoft.authorization/policy*/{write,delete}', 'medium', 'changed a policy'],
  ['* member {to,from} *role *', 'medium', 'changed who has a role on'],
  ['**/diagnosticsettings/delete', 'high', 'stopped sending logs:'],
  ['**/diagnosticsettings/write', 'low', 'changed where logs are sent:'],
  ['microsoft.keyvault/vaults/accesspolicies/*', 'medium', 'changed who may use key vault'],
  ['microsoft.managedidentity/**/{write,delete}', 'medium', 'changed an identity'],
  ['microsoft.security/locations/alerts/activate/action', 'medium', 'raised a security alert:'],
  ['microsoft.security/locations/alerts/*/action', 'low', 'closed a security alert:'],
  ['**/read', 'look', ''],
  ['**/validate/action', 'look', ''],
  ['microsoft.resources/deployments/**', 'routine', 'deployed'],
  ['**/delete', 'low', 'deleted'],
];

const ROWS = OPERATIONS.flatMap(([pattern, weight, words]) =>
  spelledOut(pattern).map((glob) => ({ glob, weight, words })),
);

/**
 * What an operation is, or why it is no finding. One that nobody knows is a change, unless its log says that it is a
 * look.
 */
export function auditedOperation(
  operation: string,
  { isLook, hasFailed }: { readonly isLook: boolean; readonly hasFailed: boolean },
): AuditedOperation | 'look' | 'routine' {
  const name = operation.slice(0, LONGEST).toLowerCase();
  const row = ROWS.find(({ glob }) => globMatches(glob, name));
  const weight = row?.weight ?? (isLook ? 'look' : 'info');
  const words = row?.words || 'changed';
  if (weight === 'look') return weight;
  if (weight === 'routine') return hasFailed ? { severity: 'low', words } : weight;
  return { severity: hasFailed ? atLeastLow(weight) : weight, words };
}

/** Of a name; the matching takes time in proportion to it. */
const LONGEST = 300;

function atLeastLow(severity: Severity): Severity {
  return severity === 'info' ? 'low' : severity;
}

/** `a.{b,c}` → `a.b`, `a.c`. */
export function spelledOut(pattern: string): string[] {
  const [whole, start = '', choices, end = ''] = /^([^{]*)\{([^}]*)\}(.*)$/.exec(pattern) ?? [];
  if (whole === undefined || choices === undefined) return [pattern];
  return choices.split(',').flatMap((choice) => spelledOut(`${start}${choice}${end}`));
}
