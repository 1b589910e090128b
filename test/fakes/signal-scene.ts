import { onTestFinished } from 'vitest';
import type { Ports } from '../../bot/core.ts';
import { createDefenderSignals, createPolicyStates } from '../../services/azure-resources/subscription-lists.ts';
import { orgOf } from '../../services/domain/gate.ts';
import type { Table } from '../../services/ports/table.ts';
import { ORG, ORGANIZATION, TENANT } from '../builders.ts';
import { startAzureSignals } from './azure-signals.ts';
import { createCoreWorldOn } from './core-world.ts';

/** Of manifest/policy/catalog.yaml, as Azure has them. */
export const PAYMENTS = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
export const ORDERS = '8d444840-9dc0-11d1-b245-5ffdce74fad2';

export const vault = (name = 'keys', group = 'rg-payments-prod', subscription = PAYMENTS) =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${name}`;

/** A state of Azure Policy as REST has it. */
export const aState = (resourceId = vault(), over: Readonly<Record<string, unknown>> = {}) => ({
  resourceId,
  policyAssignmentId: '/subscriptions/1/providers/Microsoft.Authorization/policyAssignments/baseline',
  policyDefinitionId: '/providers/Microsoft.Authorization/policyDefinitions/purge-protection',
  policyDefinitionReferenceId: '',
  complianceState: 'NonCompliant',
  timestamp: '2026-11-20T08:00:00Z',
  ...over,
});

/** The same as Event Grid sends it. */
export const anEvent = (state: string, at: string, resourceId = vault()) => {
  const { timestamp: _, resourceId: __, ...data } = aState(resourceId, { complianceState: state });
  const eventType = 'Microsoft.PolicyInsights.PolicyStateChanged';
  return {
    id: `${state} ${at}`,
    topic: `/subscriptions/${PAYMENTS}`,
    subject: resourceId,
    eventType,
    data: { ...data, timestamp: at },
  };
};

export async function* sent(value: unknown): AsyncGenerator<Uint8Array> {
  yield Buffer.from(JSON.stringify(value));
}

/** The whole core with a simulated Azure, of which payments-prod and orders-prod are seen. */
export async function setSignalScene(
  table: Table,
  { isDefender = false, ...options }: Pick<Ports, 'assets'> & { readonly isDefender?: boolean } = {},
  policyDir?: string,
  others: readonly string[] = [],
) {
  const fake = await startAzureSignals();
  onTestFinished(() => fake.close());
  fake.world.subscriptions = { [PAYMENTS]: 'payments-prod', [ORDERS]: 'orders-prod' };
  fake.world.states = { [PAYMENTS]: [], [ORDERS]: [] };
  const createSource = isDefender ? createDefenderSignals : createPolicyStates;
  const source = createSource({ url: fake.url, credential: fake.credential, allowLoopback: true });
  const world = createCoreWorldOn(table, {
    signalSources: [source],
    others,
    ...options,
    ...(policyDir === undefined ? {} : { policyDir }),
  });
  const scopeOf = (environment: string, service = 'payments-api') => ({ org: ORG, service, environment });
  return {
    azure: fake,
    orgs: [ORGANIZATION, ...others].map((organization) => orgOf(TENANT, organization)),
    world,
    scopeOf,
    pull: async (core = world.core) => {
      await core.reconcile();
      await core.idle();
    },
    send: (...events: readonly unknown[]) => world.core.azureReceived(events),
    /** What gates read of Azure Policy there. */
    headOf: async (environment = 'prod', service = 'payments-api') => {
      const { heads } = await world.ports.scopes.view(scopeOf(environment, service), []);
      return heads.find(({ tool }) => tool === 'azure-policy');
    },
    /** Rules that are open there. */
    openIn: async (environment = 'prod', service = 'payments-api') => {
      const { heads } = await world.ports.scopes.view(scopeOf(environment, service), []);
      return heads.flatMap(({ groups }) => groups.flatMap(({ samples }) => samples.map(({ path }) => path ?? '')));
    },
    signals: async () => (await world.core.status.deliveryHealth()).signals ?? [],
  };
}
