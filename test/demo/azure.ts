import { guidOf } from '../fakes/azure-devops-model.ts';
import { aPlan } from '../fakes/azure-signals.ts';
import { type ResourceManagerFake, startResourceManager } from '../fakes/resource-manager.ts';

/** Ids of payments-prod and orders-prod. */
export const SUBSCRIPTIONS = {
  payments: '5d0c7f3e-8f0f-4a1c-9a33-0a6c1f2b7d11',
  orders: 'b1e6d2a4-1c5b-4f7e-8b60-5f4e3d2c1b22',
  paymentsTest: '3f9b8c7d-6e5a-4b3c-8d2e-1f0a9b8c7d33',
  ordersTest: '7a6b5c4d-3e2f-4a1b-9c8d-7e6f5a4b3c44',
} as const;
/** Whom service connections sign in to Azure as, by object id. */
export const IDENTITIES = {
  federated: guidOf('identity payments-prod'),
  secret: guidOf('identity payments-terraform'),
  orders: guidOf('identity orders-prod'),
} as const;
const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c';

/** The subscriptions of the catalog: one not compliant in orders-prod, and of payments-prod Defender watches no vaults. */
export async function startAzure(): Promise<ResourceManagerFake> {
  const azure = await startResourceManager();
  const { payments, orders, paymentsTest, ordersTest } = SUBSCRIPTIONS;
  const names = {
    [payments]: 'payments-prod',
    [orders]: 'orders-prod',
    [paymentsTest]: 'payments-test',
    [ordersTest]: 'orders-test',
  };
  const ids = Object.keys(names);
  const nothing = () => Object.fromEntries(ids.map((id) => [id, []]));
  Object.assign(azure.world, { subscriptions: names, assessments: nothing(), alerts: nothing() });
  azure.world.states = { ...nothing(), [orders]: [storageState(orders)] };
  azure.world.plans = { [payments]: [aPlan('VirtualMachines', 'Standard'), aPlan('KeyVaults', 'Free')] };
  azure.roles.subscriptions = names;
  azure.roles.assignments = [
    { principalId: IDENTITIES.federated, role: CONTRIBUTOR, scope: groupOf(payments, 'rg-payments-prod') },
    { principalId: IDENTITIES.secret, role: CONTRIBUTOR, scope: `/subscriptions/${payments}` },
    { principalId: IDENTITIES.orders, role: CONTRIBUTOR, scope: groupOf(orders, 'rg-orders-prod') },
  ];
  return azure;
}

function groupOf(subscription: string, name: string): string {
  return `/subscriptions/${subscription}/resourceGroups/${name}`;
}

function storageState(subscription: string) {
  const authorization = 'providers/Microsoft.Authorization';
  return {
    resourceId: `${groupOf(subscription, 'rg-orders-prod')}/providers/Microsoft.Storage/storageAccounts/ordersprod`,
    policyAssignmentId: `/subscriptions/${subscription}/${authorization}/policyAssignments/baseline`,
    policyDefinitionId: `/${authorization}/policyDefinitions/storage-public-access`,
    policyDefinitionReferenceId: '',
    complianceState: 'NonCompliant',
    timestamp: new Date().toISOString(),
  };
}
