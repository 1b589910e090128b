metadata description = 'The registry of the image, which must be there before the bot.'

@description('Azure region.')
param location string = resourceGroup().location

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'countersign${uniqueString(resourceGroup().id)}'
  location: location
  sku: {
    name: 'Basic'
  }
  properties: {
    adminUserEnabled: false
  }
}

@description('registryName of main.bicep.')
output registryName string = registry.name
