metadata description = 'Who is written to when replicas are missing, answers fail, the bot is not ready, or evidence is not what it was.'

@description('Begins the names.')
param name string

@description('Azure region.')
param location string

@description('The container app.')
param appId string

@description('Where its logs are.')
param workspaceId string

@description('Who is written to.')
param emails string[]

@description('Replicas that always run.')
param minReplicas int

// Constant messages of the log: docs/operations.md says what each means.
var messages = [
  { key: 'evidence', text: 'evidence is not what it was', severity: 0 }
  { key: 'bypass', text: 'stage went on without a decision', severity: 1 }
  { key: 'contradiction', text: 'Azure DevOps holds another result than ours', severity: 1 }
  { key: 'checkpoint', text: 'evidence is not under a checkpoint yet', severity: 2 }
  { key: 'ready', text: 'not ready', severity: 1 }
  { key: 'start', text: 'cannot start', severity: 1 }
]

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = {
  name: name
  location: 'global'
  properties: {
    groupShortName: 'countersign'
    enabled: true
    emailReceivers: [
      for email in emails: {
        name: email
        emailAddress: email
        useCommonAlertSchema: true
      }
    ]
  }
}

resource replicas 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-replicas'
  location: 'global'
  properties: {
    description: 'Fewer replicas run than there must be.'
    severity: 1
    enabled: true
    scopes: [
      appId
    ]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: 'replicas'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.App/containerApps'
          metricName: 'Replicas'
          timeAggregation: 'Maximum'
          operator: 'LessThan'
          threshold: minReplicas
        }
      ]
    }
    actions: [
      {
        actionGroupId: people.id
      }
    ]
  }
}

resource failures 'Microsoft.Insights/metricAlerts@2018-03-01' = {
  name: '${name}-5xx'
  location: 'global'
  properties: {
    description: 'Answers fail: checks, reports or clicks are not taken.'
    severity: 1
    enabled: true
    scopes: [
      appId
    ]
    evaluationFrequency: 'PT1M'
    windowSize: 'PT5M'
    criteria: {
      'odata.type': 'Microsoft.Azure.Monitor.SingleResourceMultipleMetricCriteria'
      allOf: [
        {
          name: '5xx'
          criterionType: 'StaticThresholdCriterion'
          metricNamespace: 'Microsoft.App/containerApps'
          metricName: 'Requests'
          dimensions: [
            {
              name: 'statusCodeCategory'
              operator: 'Include'
              values: [
                '5xx'
              ]
            }
          ]
          timeAggregation: 'Total'
          operator: 'GreaterThan'
          threshold: 5
        }
      ]
    }
    actions: [
      {
        actionGroupId: people.id
      }
    ]
  }
}

// The message is compared whole, so that no text that somebody wrote can ring. Tables of a new workspace come with the first line.
resource said 'Microsoft.Insights/scheduledQueryRules@2022-06-15' = [
  for message in messages: {
    name: '${name}-${message.key}'
    location: location
    kind: 'LogAlert'
    properties: {
      displayName: 'Countersign: ${message.text}'
      severity: message.severity
      enabled: true
      scopes: [
        workspaceId
      ]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT5M'
      skipQueryValidation: true
      criteria: {
        allOf: [
          {
            query: 'ContainerAppConsoleLogs | where ContainerAppName == "${name}" and tostring(parse_json(Log).msg) == "${message.text}"'
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: {
              numberOfEvaluationPeriods: 1
              minFailingPeriodsToAlert: 1
            }
          }
        ]
      }
      actions: {
        actionGroups: [
          people.id
        ]
      }
    }
  }
]
