import { type AzureSignals, noSignals, signalsReply } from './azure-signals.ts';
import { type JsonServer, startJsonServer } from './json-server.ts';
import { failure } from './resource-graph.ts';
import { noRoles, type RoleAssignmentsWorld, rolesReply } from './role-assignments.ts';

export interface ResourceManagerFake extends JsonServer, Pick<AzureSignals, 'world' | 'credential'> {
  readonly roles: RoleAssignmentsWorld;
}

/** Azure Resource Manager on 127.0.0.1 with all that is simulated of it at one address: signals and roles. */
export async function startResourceManager(): Promise<ResourceManagerFake> {
  const token = `arm-${Math.random().toString(36).slice(2)}`;
  const [world, roles] = [noSignals(), noRoles()];
  const server: JsonServer = await startJsonServer((request) => {
    if (request.authorization !== `Bearer ${token}`) return failure(401, 'AuthenticationFailed');
    if (request.url.pathname.includes('/Microsoft.Authorization/')) return rolesReply(roles, server.url, request);
    return signalsReply(world, server.url, request);
  });
  const credential = { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) };
  return { ...server, world, roles, credential };
}
