metadata description = 'The bot: a container app of at least two replicas, reached by https only.'

@description('Name of the app and of its environment.')
param name string

@description('Azure region.')
param location string

@description('The image with its registry.')
param image string

@description('The registry.')
param registryServer string

@description('The identity.')
param identityId string

@description('The identity that fetches image and secrets.')
param starterId string

@description('Client id of the identity, which is that of the bot.')
param clientId string

@description('Subnet of the app.')
param subnetId string

@description('Where logs go.')
param workspaceId string

@description('Name of the Application Insights resource.')
param insightsName string

@description('Whether replicas are spread over zones.')
param zoneRedundant bool

@description('Replicas that always run.')
@minValue(2)
param minReplicas int

@description('Replicas at most.')
@minValue(2)
param maxReplicas int

@description('Address of the vault, with a slash at its end.')
param vaultUri string

@description('TABLES_URL.')
param tablesUrl string

@description('BLOBS_URL.')
param blobsUrl string

@description('PUBLIC_URL; empty: the address of the app.')
param publicUrl string

@description('AZURE_DEVOPS_ORGS.')
param organizations string[]

@description('POLICY_REPO.')
param policyRepository string

@description('POLICY_REF.')
param policyBranch string

@description('PULL_SIGNALS.')
param pullSignals string[]

@description('API_AUDIENCE; may be empty.')
param apiAudience string

@description('LOG_LEVEL.')
param logLevel string

@description('SIGNIN_CONNECTION; may be empty.')
param signInConnection string

var url = empty(publicUrl) ? 'https://${name}.${managed.properties.defaultDomain}' : publicUrl

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource managed 'Microsoft.App/managedEnvironments@2025-01-01' = {
  name: name
  location: location
  properties: {
    appLogsConfiguration: {
      destination: 'azure-monitor'
    }
    vnetConfiguration: {
      infrastructureSubnetId: subnetId
      internal: false
    }
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
    zoneRedundant: zoneRedundant
  }
}

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  name: 'workspace'
  scope: managed
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'ContainerAppConsoleLogs'
        enabled: true
      }
      {
        category: 'ContainerAppSystemLogs'
        enabled: true
      }
    ]
  }
}

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: location
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
      '${starterId}': {}
    }
  }
  properties: {
    managedEnvironmentId: managed.id
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      identitySettings: [
        {
          identity: identityId
          lifecycle: 'All'
        }
        {
          identity: starterId
          lifecycle: 'None'
        }
      ]
      ingress: {
        external: true
        targetPort: 3978
        transport: 'http'
        allowInsecure: false
      }
      registries: [
        {
          server: registryServer
          identity: starterId
        }
      ]
      secrets: [
        {
          name: 'check-secrets'
          keyVaultUrl: '${vaultUri}secrets/check-secrets'
          identity: starterId
        }
        {
          name: 'hook-secrets'
          keyVaultUrl: '${vaultUri}secrets/hook-secrets'
          identity: starterId
        }
      ]
    }
    template: {
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: 'countersign'
          image: image
          resources: {
            cpu: json('0.5')
            memory: '1Gi'
          }
          probes: [
            {
              type: 'Startup'
              httpGet: {
                path: '/livez'
                port: 3978
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 10
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/livez'
                port: 3978
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 3
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/readyz'
                port: 3978
              }
              periodSeconds: 5
              timeoutSeconds: 5
              failureThreshold: 3
            }
          ]
          env: concat(
            [
              { name: 'PORT', value: '3978' }
              { name: 'PUBLIC_URL', value: url }
              { name: 'LOG_LEVEL', value: logLevel }
              { name: 'BOT_ID', value: clientId }
              { name: 'BOT_TYPE', value: 'UserAssignedMsi' }
              { name: 'BOT_TENANT_ID', value: tenant().tenantId }
              { name: 'TABLES_URL', value: tablesUrl }
              { name: 'BLOBS_URL', value: blobsUrl }
              { name: 'AZURE_DEVOPS_ORGS', value: join(organizations, ',') }
              { name: 'CHECK_SECRETS', secretRef: 'check-secrets' }
              { name: 'HOOK_SECRETS', secretRef: 'hook-secrets' }
              { name: 'POLICY_REPO', value: policyRepository }
              { name: 'POLICY_REF', value: policyBranch }
              { name: 'KEY_VAULT_KEY_ID', value: '${vaultUri}keys/tokens' }
              { name: 'SIGNING_KEY_ID', value: '${vaultUri}keys/evidence' }
              { name: 'APPLICATIONINSIGHTS_CONNECTION_STRING', value: insights.properties.ConnectionString }
              // No setting of the bot: which identity of the host its credentials are of.
              { name: 'AZURE_CLIENT_ID', value: clientId }
            ],
            filter(
              [
                { name: 'SIGNIN_CONNECTION', value: signInConnection }
                { name: 'PULL_SIGNALS', value: join(pullSignals, ',') }
                { name: 'API_AUDIENCE', value: apiAudience }
              ],
              setting => !empty(setting.value)
            )
          )
        }
      ]
      scale: {
        minReplicas: minReplicas
        maxReplicas: maxReplicas
      }
    }
  }
}

@description('PUBLIC_URL.')
output url string = url

@description('The container app.')
output id string = app.id
