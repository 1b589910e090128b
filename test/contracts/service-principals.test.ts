import { describe, expect, onTestFinished, test } from 'vitest';
import { createManagedIdentities } from '../../services/azure-resources/managed-identities.ts';
import { createGraphServicePrincipals } from '../../services/directory/graph-service-principals.ts';
import type { ServicePrincipals } from '../../services/ports/service-principals.ts';
import type { Faults } from '../fakes/azure-devops-faults.ts';
import { startGraph } from '../fakes/graph.ts';
import { startResourceGraph } from '../fakes/resource-graph.ts';

const idOf = (n: number) => `0c000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const principalOf = (n: number) => `0d000000-0000-4000-8000-${String(n).padStart(12, '0')}`;
const COUNT = 40;
const NUMBERS = Array.from({ length: COUNT }, (_, n) => n);

interface Case {
  readonly principals: ServicePrincipals;
  readonly faults: Pick<Faults, 'add' | 'clear'>;
  readonly asked: () => number;
}

const CASES: readonly (readonly [string, () => Promise<Case>])[] = [
  [
    'service principals of Microsoft Graph',
    async () => {
      const graph = await startGraph();
      onTestFinished(() => graph.close());
      graph.world.granted = new Set(['Application.Read.All']);
      graph.world.servicePrincipals = NUMBERS.map((n) => ({
        id: principalOf(n).toUpperCase(),
        appId: idOf(n),
        displayName: `deployer ${n}`,
      }));
      const { url, credential } = graph;
      return {
        principals: createGraphServicePrincipals({ url, credential, allowLoopback: true, callMs: 2_000 }),
        faults: graph.faults,
        asked: () => graph.requests.length,
      };
    },
  ],
  [
    'managed identities of Resource Graph',
    async () => {
      const graph = await startResourceGraph();
      onTestFinished(() => graph.close());
      graph.world.identities = NUMBERS.map((n) => ({
        id: `/subscriptions/x/resourceGroups/rg/providers/Microsoft.ManagedIdentity/userAssignedIdentities/deployer ${n}`,
        clientId: idOf(n),
        principalId: principalOf(n).toUpperCase(),
      }));
      const { url, credential } = graph;
      return {
        principals: createManagedIdentities({
          url,
          credential,
          allowLoopback: true,
          callMs: 2_000,
          sleep: async () => undefined,
        }),
        faults: graph.faults,
        asked: () => graph.requests.length,
      };
    },
  ],
];

describe.each(CASES)('%s', (_name, open) => {
  test('are found by application id, with object id and name; who is not there is missing', async () => {
    const { principals } = await open();
    const found = await principals.find([idOf(3).toUpperCase(), idOf(999)]);
    expect([...found]).toEqual([[idOf(3), { principalId: principalOf(3), name: 'deployer 3' }]]);
  });

  test('are found however many are asked for', async () => {
    const { principals } = await open();
    expect((await principals.find(NUMBERS.map(idOf))).size).toBe(COUNT);
  });

  test('are not asked for by what is no id', async () => {
    const { principals, asked } = await open();
    expect(await principals.find(["x') or true", ''])).toEqual(new Map());
    expect(asked()).toBe(0);
  });

  test.each([401, 403, 500])('that are answered with %i are not said to be missing', async (status) => {
    const { principals, faults } = await open();
    faults.add({ on: /./, status });
    await expect(principals.find([idOf(1)])).rejects.toThrow(`${status}`);
  });
});

test('Microsoft Graph tells of service principals only with Application.Read.All', async () => {
  const graph = await startGraph();
  onTestFinished(() => graph.close());
  const { url, credential } = graph;
  const principals = createGraphServicePrincipals({ url, credential, allowLoopback: true });
  await expect(principals.find([idOf(1)])).rejects.toThrow('403 Authorization_RequestDenied');
});
