metadata description = 'The log of checkpoints: a container to which lines are appended, and in which none is changed or deleted. Beside it a container of archives, each written once.'

@description('Name of the account.')
param name string

@description('Azure region.')
param location string

@description('Object id of the identity.')
param principalId string

@description('Whether networks outside are answered.')
param publicAccess bool

@description('Whether data is kept in several zones.')
param zoneRedundant bool

@description('Subnet of private endpoints.')
param subnetId string

@description('The network.')
param networkId string

@description('Days for which no line can be changed or deleted.')
param retentionDays int

@description('Whether the policy is locked, so that it is left alone.')
param policyLocked bool

module made 'storage-account.bicep' = {
  name: '${name}-account'
  params: {
    name: name
    location: location
    service: 'blob'
    publicAccess: publicAccess
    zoneRedundant: zoneRedundant
    subnetId: subnetId
    networkId: networkId
  }
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: name

  resource blobs 'blobServices' existing = {
    name: 'default'
  }
}

// The name is that of TABLES_PREFIX, which this template leaves at its default.
resource container 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: account::blobs
  name: 'countersign-log'
  properties: {
    publicAccess: 'None'
  }
  dependsOn: [
    made
  ]
}

resource policy 'Microsoft.Storage/storageAccounts/blobServices/containers/immutabilityPolicies@2023-05-01' = if (!policyLocked) {
  parent: container
  name: 'default'
  properties: {
    immutabilityPeriodSinceCreationInDays: retentionDays
    allowProtectedAppendWrites: true
  }
}

// Of the same default.
resource archive 'Microsoft.Storage/storageAccounts/blobServices/containers@2023-05-01' = {
  parent: account::blobs
  name: 'countersign-archive'
  properties: {
    publicAccess: 'None'
  }
  dependsOn: [
    made
  ]
}

// Storage Blob Data Contributor
resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(container.id, principalId, 'log')
  scope: container
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
  }
}

resource archiveAccess 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(archive.id, principalId, 'archive')
  scope: archive
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', 'ba92f5b4-2d11-453d-a403-e96b0029c9fe')
  }
}

@description('BLOBS_URL.')
output url string = made.outputs.url
