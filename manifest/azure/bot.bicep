metadata description = 'The Azure Bot, which is the managed identity, in Teams; on wish with a connection by which people sign in.'

@description('Name of the bot, of which there is one in all of Azure.')
param name string

@description('Where Teams sends messages.')
param endpoint string

@description('The identity.')
param identityId string

@description('Its client id.')
param clientId string

@description('App registration by which people sign in; empty: no connection is made.')
param signInClientId string

@description('Unique identifier of its federated credential.')
param signInIdentifier string

resource bot 'Microsoft.BotService/botServices@2022-09-15' = {
  name: name
  location: 'global'
  kind: 'azurebot'
  sku: {
    name: 'F0'
  }
  properties: {
    displayName: 'Countersign'
    endpoint: endpoint
    msaAppType: 'UserAssignedMSI'
    msaAppId: clientId
    msaAppTenantId: tenant().tenantId
    msaAppMSIResourceId: identityId
    disableLocalAuth: true
    publicNetworkAccess: 'Enabled'
  }
}

resource teams 'Microsoft.BotService/botServices/channels@2022-09-15' = {
  parent: bot
  name: 'MsTeamsChannel'
  location: 'global'
  properties: {
    channelName: 'MsTeamsChannel'
    properties: {
      isEnabled: true
    }
  }
}

// The provider Azure Active Directory v2 with Federated Credentials: it needs no client secret.
resource connection 'Microsoft.BotService/botServices/connections@2022-09-15' = if (!empty(signInClientId)) {
  parent: bot
  name: 'azure-devops'
  location: 'global'
  properties: {
    clientId: signInClientId
    serviceProviderId: 'c00b44ab-5e16-c44c-af26-2fd5bc55eb18'
    scopes: '499b84ac-1321-427f-aa17-267ca6975798/user_impersonation'
    parameters: [
      {
        key: 'ClientId'
        value: signInClientId
      }
      {
        key: 'UniqueIdentifier'
        value: signInIdentifier
      }
      {
        key: 'TokenExchangeUrl'
        value: 'api://botid-${clientId}'
      }
      {
        key: 'TenantId'
        value: tenant().tenantId
      }
    ]
  }
}
