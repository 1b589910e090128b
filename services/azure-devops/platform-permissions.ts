/** What the bot's account in Azure DevOps has to be given for what is read of people; docs/permissions.md has all of them. */
export const PERMISSIONS = {
  graph: 'give the bot "Graph: read" (vso.graph) in the organization',
  identity: 'give the bot "Identity: read" (vso.identity) in the organization',
  environment: 'give the bot the role Reader of the environment and "View builds" (vso.build) in the project',
  pipelines:
    'give the bot "Security: manage" (vso.security_manage) or let it view permissions of pipelines in the project',
  entitlements:
    'give the bot "Member entitlement management: read" (vso.memberentitlementmanagement) in the organization',
  tokens: 'make the bot a Project Collection Administrator with "Token administration" (vso.tokenadministration)',
  auditing: 'give the bot "View audit log" (vso.auditlog) in the organization',
} as const;
