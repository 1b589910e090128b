import { afterEach, beforeEach } from 'vitest';
import { createAdvancedSecurity } from '../../services/azure-devops/advanced-security.ts';
import { createPatIdentity } from '../../services/azure-devops/identity.ts';
import { createDefenderSignals, createPolicyStates } from '../../services/azure-resources/subscription-lists.ts';
import type { PullTarget, SignalSource } from '../../services/ports/signal-source.ts';
import { type AdvancedSecurityFake, startAdvancedSecurity } from '../fakes/advanced-security.ts';
import { type AzureSignals, startAzureSignals } from '../fakes/azure-signals.ts';

export const PAYMENTS = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
export const ORDERS = '8d444840-9dc0-11d1-b245-5ffdce74fad2';
export const PROJECT = '9d444840-9dc0-11d1-b245-5ffdce74fad2';
export const REPOSITORY = 'ad444840-9dc0-11d1-b245-5ffdce74fad2';
export const TARGET: PullTarget = { id: PAYMENTS, name: 'payments-prod' };

export const many = (count: number) =>
  Array.from({ length: count }, (_, n) => ({ n, complianceState: 'NonCompliant' }));

/** Entries of all pages. */
export async function allOf(source: SignalSource, target: PullTarget): Promise<unknown[]> {
  const entries: unknown[] = [];
  let next: string | undefined;
  do {
    const page = await source.page(target, next);
    entries.push(...(JSON.parse(Buffer.from(page.body).toString()) as { value: unknown[] }).value);
    next = page.next;
  } while (next !== undefined);
  return entries;
}

/** Both servers, anew for each test of a file. */
export function signalServers() {
  let azure: AzureSignals;
  let devops: AdvancedSecurityFake;
  beforeEach(async () => {
    azure = await startAzureSignals();
    azure.world.subscriptions = { [PAYMENTS]: 'payments-prod', [ORDERS]: 'orders-prod' };
    devops = await startAdvancedSecurity();
  });
  afterEach(() => Promise.all([azure.close(), devops.close()]));
  const options = () => ({ url: azure.url, credential: azure.credential, allowLoopback: true });
  return {
    azure: () => azure,
    devops: () => devops,
    policyStates: () => createPolicyStates(options()),
    defender: () => createDefenderSignals(options()),
    advancedSecurity: () =>
      createAdvancedSecurity({ organizations: [devops.organization], identity: createPatIdentity(devops.pat) }),
    repositoryTarget: (): PullTarget => ({
      id: `${PROJECT}/${REPOSITORY}`,
      name: 'Shop/payments-api',
      repository: { organization: devops.organization, services: ['payments-api'] },
    }),
  };
}
