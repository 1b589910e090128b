using 'main.bicep'

// Settings of your own stand here; secrets come from the environment of whoever deploys, and only when they change.
param registryName = readEnvironmentVariable('COUNTERSIGN_REGISTRY')
param image = readEnvironmentVariable('COUNTERSIGN_IMAGE')
param organizations = split(readEnvironmentVariable('AZURE_DEVOPS_ORGS'), ',')
param policyRepository = readEnvironmentVariable('POLICY_REPO')
param policyBranch = readEnvironmentVariable('POLICY_REF', 'main')
param alertEmails = split(readEnvironmentVariable('COUNTERSIGN_ALERTS'), ',')
param checkSecrets = readEnvironmentVariable('CHECK_SECRETS', '')
param hookSecrets = readEnvironmentVariable('HOOK_SECRETS', '')
