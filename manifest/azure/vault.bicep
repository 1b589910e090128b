metadata description = 'The vault with the keys and secrets of the bot, which the identity that starts it may read and nothing else.'

@description('Name of the vault.')
param name string

@description('Azure region.')
param location string

@description('Object id of the identity.')
param principalId string

@description('Whether networks outside are answered; no private endpoint then.')
param publicAccess bool

@description('Subnet of private endpoints.')
param subnetId string

@description('The network.')
param networkId string

@description('TOKEN_KEY; empty: left as it is.')
@secure()
param tokenKey string

@description('SIGNING_KEY; empty: left as it is.')
@secure()
param signingKey string

@description('CHECK_SECRETS; empty: left as they are.')
@secure()
param checkSecrets string

@description('HOOK_SECRETS; empty: left as they are.')
@secure()
param hookSecrets string

resource vault 'Microsoft.KeyVault/vaults@2023-07-01' = {
  name: name
  location: location
  properties: {
    tenantId: tenant().tenantId
    sku: {
      family: 'A'
      name: 'standard'
    }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
    publicNetworkAccess: publicAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      bypass: 'AzureServices'
      defaultAction: publicAccess ? 'Allow' : 'Deny'
    }
  }
}

resource token 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(tokenKey)) {
  parent: vault
  name: 'token-key'
  properties: {
    value: tokenKey
  }
}

resource signing 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(signingKey)) {
  parent: vault
  name: 'signing-key'
  properties: {
    value: signingKey
  }
}

resource checks 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(checkSecrets)) {
  parent: vault
  name: 'check-secrets'
  properties: {
    value: checkSecrets
  }
}

resource hooks 'Microsoft.KeyVault/vaults/secrets@2023-07-01' = if (!empty(hookSecrets)) {
  parent: vault
  name: 'hook-secrets'
  properties: {
    value: hookSecrets
  }
}

// Key Vault Secrets User
resource access 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(vault.id, principalId, 'secrets')
  scope: vault
  properties: {
    principalId: principalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '4633458b-17de-408a-b874-0445c86b69e6')
  }
}

module endpoint 'private-endpoint.bicep' = if (!publicAccess) {
  name: '${name}-endpoint'
  params: {
    name: name
    location: location
    targetId: vault.id
    group: 'vault'
    zoneName: 'privatelink.vaultcore.azure.net'
    subnetId: subnetId
    networkId: networkId
  }
}

@description('Address of the vault, with a slash at its end.')
output uri string = vault.properties.vaultUri
