import { expect, test } from 'vitest';
import { auditedOperation } from '../../services/domain/audited-operation.ts';

const done = { isLook: false, hasFailed: false };
const weigh = (operation: string, told = done) => {
  const weighed = auditedOperation(operation, told);
  return typeof weighed === 'string' ? weighed : weighed.severity;
};

/** A safeguard is gone or was passed by. */
test.each([
  ...['AuditLog.StreamDeleted', 'AuditLog.StreamDisabledByUser', 'AuditLog.StreamDisabledBySystem'],
  ...['Git.RefUpdatePoliciesBypassed', 'Policy.PolicyConfigRemoved'],
  ...['CheckConfiguration.Deleted', 'CheckConfiguration.Disabled'],
  ...['OrganizationPolicy.EnforcePolicyRemoved', 'Organization.UnlinkFromAAD'],
  ...['Security.RemoveAccessControlLists', 'Security.RemoveAllAccessControlLists'],
  ...['Microsoft.Authorization/locks/delete', 'MICROSOFT.INSIGHTS/DIAGNOSTICSETTINGS/DELETE'],
  ...['Microsoft.Authorization/policyAssignments/delete', 'Microsoft.Authorization/policyExemptions/write'],
  'Microsoft.Authorization/elevateAccess/action',
])('%s is high', (operation) => {
  expect(weigh(operation)).toBe('high');
});

/** Who may deploy, or with what, has changed; or a policy stopped a change. */
test.each([
  ...['Security.ModifyPermission', 'Security.ResetPermission', 'Artifacts.Feed.Org.Modify.Permissions'],
  ...['Group.UpdateGroupMembership.Add', 'Group.UpdateGroupMembership', 'Group.CreateGroups'],
  ...['Policy.PolicyConfigModified', 'CheckConfiguration.Updated', 'ApproverReassigned', 'AuditLog.StreamModified'],
  ...['Library.ServiceConnectionCreated', 'Library.ServiceConnectionSharedWithMultipleProjects'],
  ...['Library.VariableGroupModified', 'Library.SecureFileDeleted', 'Library.AgentPoolCreated', 'Library.AgentAdded'],
  ...['Pipelines.ResourceAuthorizedForProject', 'Pipelines.ProjectSettings', 'Pipelines.OAuthConfigurationCreated'],
  ...['Token.PatCreateEvent', 'Token.SshUpdateEvent', 'Extension.Installed', 'Project.UpdateVisibilityCompleted'],
  ...['OrganizationPolicy.PolicyValueUpdated', 'Organization.Update.Owner'],
  ...['Microsoft.Authorization/roleAssignments/write', 'MICROSOFT.AUTHORIZATION/ROLEASSIGNMENTS/DELETE'],
  ...['Microsoft.Authorization/roleDefinitions/write', 'Microsoft.Authorization/policyAssignments/write'],
  ...['Microsoft.Authorization/policies/deny/action', 'Microsoft.KeyVault/vaults/accessPolicies/write'],
  'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials/write',
  ...['Add member to role completed (PIM activation)', 'Remove member from role (PIM activation expired)'],
])('%s is medium', (operation) => {
  expect(weigh(operation)).toBe('medium');
});

test.each([
  ...[
    'Pipelines.PipelineModified',
    'Release.ReleasePipelineModified',
    'Git.RepositoryDeleted',
    'Project.DeleteCompleted',
  ],
  ...['Group.UpdateGroupMembership.Remove', 'Token.PatRevokeEvent', 'Extension.Uninstalled', 'AuditLog.StreamCreated'],
  ...['Microsoft.Compute/virtualMachines/delete', 'Microsoft.Authorization/locks/write'],
  'Microsoft.Insights/diagnosticSettings/write',
])('%s is low', (operation) => {
  expect(weigh(operation)).toBe('low');
});

test.each([
  ['AuditLog.AccessLog', 'look'],
  ['Microsoft.Storage/storageAccounts/read', 'look'],
  ['Microsoft.Authorization/policies/auditIfNotExists/action', 'look'],
  ['Pipelines.DeploymentJobCompleted', 'routine'],
  ['Release.ApprovalCompleted', 'routine'],
  ['Library.ServiceConnectionExecuted', 'routine'],
  ['Token.PatExpiredEvent', 'routine'],
  ['Project.CreateQueued', 'routine'],
  ['Microsoft.Resources/deployments/write', 'routine'],
])('%s is no finding: a %s', (operation, why) => {
  expect(weigh(operation)).toBe(why);
});

test('what nobody knows is a change, unless its log says that it is a look', () => {
  for (const operation of ['Made.UpLater', 'Microsoft.MadeUp/things/write', '', '__proto__']) {
    expect(auditedOperation(operation, done)).toEqual({ severity: 'info', words: 'changed' });
    expect(weigh(operation, { ...done, isLook: true })).toBe('look');
  }
});

test('what is known is a finding also where its log calls it a look', () => {
  expect(weigh('Security.ModifyPermission', { ...done, isLook: true })).toBe('medium');
});

test('what failed is at least low, also what is a routine when it succeeds; a look never is', () => {
  const failed = { isLook: false, hasFailed: true };
  expect(weigh('Microsoft.Resources/deployments/write', failed)).toBe('low');
  expect(weigh('Microsoft.MadeUp/things/write', failed)).toBe('low');
  expect(weigh('Microsoft.Authorization/locks/delete', failed)).toBe('high');
  expect(weigh('Microsoft.Storage/storageAccounts/read', failed)).toBe('look');
});

test('a name without end takes no time', () => {
  const before = performance.now();
  expect(weigh(`security${'.*a/'.repeat(1_000_000)}`)).toBe('info');
  expect(performance.now() - before).toBeLessThan(500);
});
