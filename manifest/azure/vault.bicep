metadata description = 'The vault: keys that never leave it, which the bot may use, and secrets, which the identity that starts it may read.'

@description('Name of the vault.')
param name string

@description('Azure region.')
param location string

@description('Object id of the identity that fetches secrets.')
param principalId string

@description('Object id of the identity of the bot.')
param botPrincipalId string

@description('Whether networks outside are answered; no private endpoint then.')
param publicAccess bool

@description('Subnet of private endpoints.')
param subnetId string

@description('The network.')
param networkId string

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

// Made once: a later deployment leaves its versions alone.
resource tokens 'Microsoft.KeyVault/vaults/keys@2023-07-01' = {
  parent: vault
  name: 'tokens'
  properties: {
    kty: 'RSA'
    keySize: 3072
    keyOps: [
      'wrapKey'
      'unwrapKey'
    ]
    attributes: {
      enabled: true
      exportable: false
    }
  }
}

resource evidence 'Microsoft.KeyVault/vaults/keys@2023-07-01' = {
  parent: vault
  name: 'evidence'
  properties: {
    kty: 'EC'
    curveName: 'P-256'
    keyOps: [
      'sign'
      'verify'
    ]
    attributes: {
      enabled: true
      exportable: false
    }
  }
}

// Key Vault Crypto User
resource sealing 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(tokens.id, botPrincipalId, 'tokens')
  scope: tokens
  properties: {
    principalId: botPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '12338af0-0e69-4776-bea7-57ae8d297424')
  }
}

// Key Vault Crypto User
resource signing 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  name: guid(evidence.id, botPrincipalId, 'evidence')
  scope: evidence
  properties: {
    principalId: botPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '12338af0-0e69-4776-bea7-57ae8d297424')
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
