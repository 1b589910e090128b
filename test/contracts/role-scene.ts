import { onTestFinished } from 'vitest';
import { createRoleAssignments } from '../../services/azure-resources/role-assignments.ts';
import type { ConnectionFact, Section } from '../../services/domain/platform.ts';
import type { ServicePrincipals } from '../../services/ports/service-principals.ts';
import { type RoleAssignmentsFake, startRoleAssignments } from '../fakes/role-assignments.ts';
import { PROD, section } from '../unit/connection-facts.ts';
import type { ReadPart } from './section-scene.ts';

export const ORGANIZATION = 'https://dev.azure.com/contoso';
export const OWNER = '8e3af657-a8ff-443c-a75c-2fe8c4bcb635';
export const CONTRIBUTOR = 'b24988ac-6180-42a0-ab88-20f7382dd24c';
export const CUSTOM = '0f000000-0000-4000-8000-000000000001';
export const PERSON = '0d000000-0000-4000-8000-00000000000a';
export const TEAM = '0d000000-0000-4000-8000-00000000000b';
export const HERE = `/subscriptions/${PROD}`;
export const GROUP = `${HERE}/resourceGroups/rg-pay`;
export const ABOVE = '/providers/Microsoft.Management/managementGroups/mg-retail';

export interface Scene {
  readonly azure: RoleAssignmentsFake;
  readonly read: ReadPart<'roles'>;
}

/** Roles of one subscription, in a management group. */
export async function open(
  connections: readonly ConnectionFact[] = [],
  identities: readonly ServicePrincipals[] = [],
): Promise<Scene> {
  const azure = await startRoleAssignments();
  onTestFinished(() => azure.close());
  azure.world.subscriptions = { [PROD]: 'payments-prod' };
  azure.world.managementGroups = { 'mg-retail': [PROD] };
  const { url, credential } = azure;
  const roles = createRoleAssignments({ url, credential, allowLoopback: true, callMs: 2_000, identities });
  const sections: readonly Section[] = [section('connections', connections)];
  const target = { kind: 'roles', target: PROD, name: 'payments-prod' } as const;
  return {
    azure,
    read: (over) => roles.read(ORGANIZATION, { target, sections, calls: 1_000, isHinted: false, ...over }),
  };
}

export const known = (...pairs: readonly (readonly [string, string])[]): ServicePrincipals => ({
  find: async (ids) =>
    new Map(
      pairs
        .filter(([clientId]) => ids.includes(clientId))
        .map(([clientId, principalId]) => [clientId, { principalId, name: 'deployer' }]),
    ),
});
export const unable: ServicePrincipals = { find: async () => Promise.reject(new Error('not granted')) };
