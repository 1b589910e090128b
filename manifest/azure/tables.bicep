metadata description = 'The tables, in an account of their own in which the identity of the bot reads and writes tables and nothing else.'

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

module made 'storage-account.bicep' = {
  name: '${name}-account'
  params: {
    name: name
    location: location
    service: 'table'
    publicAccess: publicAccess
    zoneRedundant: zoneRedundant
    subnetId: subnetId
    networkId: networkId
  }
}

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' existing = {
  name: name
}

// Storage Table Data Contributor
resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(account.id, principalId, 'tables')
  scope: account
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3')
  }
  dependsOn: [
    made
  ]
}

@description('TABLES_URL.')
output url string = made.outputs.url
