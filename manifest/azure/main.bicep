metadata description = 'Countersign in one resource group: no password, no account key, nothing of it reachable but the bot itself.'

targetScope = 'resourceGroup'

@description('Begins every name.')
@minLength(3)
@maxLength(11)
param name string = 'countersign'

@description('Azure region of everything but the bot registration, which has none.')
param location string = resourceGroup().location

@description('Container registry of this resource group, as registry.bicep makes it.')
param registryName string

@description('Repository and tag of the image in that registry, such as countersign:0.1.0.')
param image string

@description('Addresses of the Azure DevOps organizations: https://dev.azure.com/contoso.')
@minLength(1)
param organizations string[]

@description('Repository in Azure Repos with the contract, catalog and routes: https://dev.azure.com/ORG/PROJECT/_git/NAME.')
param policyRepository string

@description('Protected branch of that repository.')
param policyBranch string = 'main'

@description('Address at which people, Teams and Azure DevOps reach the bot, where it has a domain of its own; else that of the container app.')
param publicUrl string = ''

@description('Signals that are pulled, as PULL_SIGNALS has them.')
param pullSignals string[] = []

@description('Audience of Entra tokens for the API; empty: none is accepted.')
param apiAudience string = ''

@description('fatal, error, warn, info, debug or trace.')
param logLevel string = 'info'

@description('Secrets that checks send, separated by commas, 16 characters or more. Needed the first time; empty: what the vault has stays.')
@secure()
param checkSecrets string = ''

@description('Passwords of service hooks, separated by commas, 16 characters or more. Needed the first time; empty: what the vault has stays.')
@secure()
param hookSecrets string = ''

@description('App registration by which people sign in to Azure DevOps, trusted by a federated credential; empty: nobody can.')
param signInClientId string = ''

@description('Unique identifier that ends the subject of that federated credential.')
param signInIdentifier string = ''

@description('For a trial: tables, log and vault answer networks outside too, and have no private endpoints. Identity and roles are asked for all the same.')
param publicAccess bool = false

@description('Spreads replicas and data over the zones of the region; false where it has none. Cannot be changed later.')
param zoneRedundant bool = true

@description('Replicas that always run.')
@minValue(2)
@maxValue(10)
param minReplicas int = 2

@description('Replicas at most.')
@minValue(2)
@maxValue(10)
param maxReplicas int = 4

@description('Days for which no line of the log of checkpoints can be changed or deleted.')
@minValue(1)
@maxValue(146000)
param logRetentionDays int = 2555

@description('True once the policy of the log was locked: Azure then takes no other one, and the template leaves it alone.')
param logPolicyLocked bool = false

@description('Who is written to when something is not well.')
@minLength(1)
param alertEmails string[]

var unique = uniqueString(resourceGroup().id)
var tablesName = take('${toLower(replace(name, '-', ''))}t${unique}', 24)
var logName = take('${toLower(replace(name, '-', ''))}l${unique}', 24)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: name
  location: location
}

// Fetches image and secrets before the bot begins; to the bot itself it is not there.
resource starter 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' = {
  name: '${name}-start'
  location: location
}

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' existing = {
  name: registryName
}

resource pull 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(registry.id, starter.id, 'AcrPull')
  scope: registry
  properties: {
    principalId: starter.properties.principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '7f951dda-4ed3-4680-a7ca-43fe172d538d')
  }
}

module network 'network.bicep' = {
  name: 'network'
  params: {
    name: name
    location: location
  }
}

module tables 'tables.bicep' = {
  name: 'tables'
  params: {
    name: tablesName
    location: location
    principalId: identity.properties.principalId
    publicAccess: publicAccess
    zoneRedundant: zoneRedundant
    subnetId: network.outputs.endpointSubnetId
    networkId: network.outputs.networkId
  }
}

module log 'log.bicep' = {
  name: 'log'
  params: {
    name: logName
    location: location
    principalId: identity.properties.principalId
    publicAccess: publicAccess
    zoneRedundant: zoneRedundant
    subnetId: network.outputs.endpointSubnetId
    networkId: network.outputs.networkId
    retentionDays: logRetentionDays
    policyLocked: logPolicyLocked
  }
}

module vault 'vault.bicep' = {
  name: 'vault'
  params: {
    name: '${take(name, 10)}-${unique}'
    location: location
    principalId: starter.properties.principalId
    botPrincipalId: identity.properties.principalId
    publicAccess: publicAccess
    subnetId: network.outputs.endpointSubnetId
    networkId: network.outputs.networkId
    checkSecrets: checkSecrets
    hookSecrets: hookSecrets
  }
}

module monitoring 'monitoring.bicep' = {
  name: 'monitoring'
  params: {
    name: name
    location: location
  }
}

module app 'app.bicep' = {
  name: 'app'
  params: {
    name: name
    location: location
    image: '${registry.properties.loginServer}/${image}'
    registryServer: registry.properties.loginServer
    identityId: identity.id
    starterId: starter.id
    clientId: identity.properties.clientId
    subnetId: network.outputs.appSubnetId
    workspaceId: monitoring.outputs.workspaceId
    insightsName: monitoring.outputs.insightsName
    zoneRedundant: zoneRedundant
    minReplicas: minReplicas
    maxReplicas: maxReplicas
    vaultUri: vault.outputs.uri
    tablesUrl: tables.outputs.url
    blobsUrl: log.outputs.url
    publicUrl: publicUrl
    organizations: organizations
    policyRepository: policyRepository
    policyBranch: policyBranch
    pullSignals: pullSignals
    apiAudience: apiAudience
    logLevel: logLevel
    signInConnection: empty(signInClientId) ? '' : 'azure-devops'
  }
  dependsOn: [
    pull
  ]
}

module bot 'bot.bicep' = {
  name: 'bot'
  params: {
    name: '${name}-${unique}'
    endpoint: '${app.outputs.url}/api/messages'
    identityId: identity.id
    clientId: identity.properties.clientId
    signInClientId: signInClientId
    signInIdentifier: signInIdentifier
  }
}

module alerts 'alerts.bicep' = {
  name: 'alerts'
  params: {
    name: name
    location: location
    appId: app.outputs.id
    workspaceId: monitoring.outputs.workspaceId
    emails: alertEmails
    minReplicas: minReplicas
  }
}

@description('PUBLIC_URL: the address of the bot.')
output endpoint string = app.outputs.url

@description('BOT_ID: of the bot, and of the Teams app.')
output botId string = identity.properties.clientId

@description('Object id of the identity that is given rights in Azure DevOps, Microsoft Graph and subscriptions.')
output principalId string = identity.properties.principalId

@description('Its name.')
output identityName string = identity.name

@description('Storage account of the tables.')
output tablesAccount string = tablesName

@description('Storage account of the log of checkpoints, whose policy is to be locked.')
output logAccount string = logName
