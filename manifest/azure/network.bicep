metadata description = 'A network with a subnet for the container app and one for private endpoints.'

@description('Name of the network.')
param name string

@description('Azure region.')
param location string

resource network 'Microsoft.Network/virtualNetworks@2023-11-01' = {
  name: name
  location: location
  properties: {
    addressSpace: {
      addressPrefixes: [
        '10.90.0.0/16'
      ]
    }
    subnets: [
      {
        name: 'app'
        properties: {
          addressPrefix: '10.90.0.0/23'
          delegations: [
            {
              name: 'app'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.90.2.0/24'
        }
      }
    ]
  }
}

@description('The network.')
output networkId string = network.id

@description('Subnet of the container app.')
output appSubnetId string = '${network.id}/subnets/app'

@description('Subnet of private endpoints.')
output endpointSubnetId string = '${network.id}/subnets/endpoints'
