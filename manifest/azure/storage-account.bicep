metadata description = 'A storage account without keys that only identities reach, from the network alone unless it is opened.'

@description('Name of the account.')
param name string

@description('Azure region.')
param location string

@description('Which service of it is used.')
@allowed([
  'blob'
  'table'
])
param service string

@description('Whether networks outside are answered; no private endpoint then.')
param publicAccess bool

@description('Whether data is kept in several zones.')
param zoneRedundant bool

@description('Subnet of private endpoints.')
param subnetId string

@description('The network.')
param networkId string

resource account 'Microsoft.Storage/storageAccounts@2023-05-01' = {
  name: name
  location: location
  kind: 'StorageV2'
  sku: {
    name: zoneRedundant ? 'Standard_ZRS' : 'Standard_LRS'
  }
  properties: {
    allowSharedKeyAccess: false
    allowBlobPublicAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'None'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

module endpoint 'private-endpoint.bicep' = if (!publicAccess) {
  name: '${name}-endpoint'
  params: {
    name: name
    location: location
    targetId: account.id
    group: service
    zoneName: 'privatelink.${service}.${environment().suffixes.storage}'
    subnetId: subnetId
    networkId: networkId
  }
}

@description('Address of the service.')
output url string = 'https://${account.name}.${service}.${environment().suffixes.storage}'
