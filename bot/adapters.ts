import type { KeyObject } from 'node:crypto';
import { DefaultAzureCredential } from '@azure/identity';
import type { Logger } from 'pino';
import { createAdvancedSecurity } from '../services/azure-devops/advanced-security.ts';
import { createAuditLog } from '../services/azure-devops/audit-log.ts';
import { createDeployments } from '../services/azure-devops/deployments.ts';
import { createEntraIdentity, createPatIdentity } from '../services/azure-devops/identity.ts';
import { createPlatform, type PlatformOptions } from '../services/azure-devops/platform.ts';
import { createPolicyRepository } from '../services/azure-devops/policy-repository.ts';
import { createActivityLog } from '../services/azure-resources/activity-log.ts';
import { createBaselineResources } from '../services/azure-resources/baseline-resources.ts';
import { createManagedIdentities } from '../services/azure-resources/managed-identities.ts';
import { createAssets } from '../services/azure-resources/resource-graph.ts';
import {
  PORTAL_URLS,
  RESOURCE_MANAGER_URLS,
  type ResourceManagerOptions,
} from '../services/azure-resources/resource-manager.ts';
import { createRoleAssignments, type RoleAssignmentsOptions } from '../services/azure-resources/role-assignments.ts';
import { createDefenderSignals, createPolicyStates } from '../services/azure-resources/subscription-lists.ts';
import { createAppendLog } from '../services/blob/append-log.ts';
import { createArchive } from '../services/blob/archive.ts';
import { createFileDirectory } from '../services/directory/file-directory.ts';
import { GRAPH_URLS } from '../services/directory/graph-client.ts';
import { createGraphDirectory } from '../services/directory/graph-directory.ts';
import { createGraphServicePrincipals } from '../services/directory/graph-service-principals.ts';
import { createFolderPolicy } from '../services/policy/folder-policy.ts';
import { loadDirectory } from '../services/policy/load-directory.ts';
import { createSourcedPolicy } from '../services/policy/sourced-policy.ts';
import type { Archive } from '../services/ports/archive.ts';
import type { CheckpointLog } from '../services/ports/checkpoint-log.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { PlatformSource } from '../services/ports/platform-source.ts';
import type { Policy } from '../services/ports/policy.ts';
import { readLogEntry } from '../services/signals/log-entry-reader.ts';
import { localSigningKey } from '../services/vault/ed25519-signer.ts';
import type { Config } from './config.ts';
import { EVENTS } from './native.ts';

/** Where checks of environments call. */
const CHECKS = 'api/azure-devops/checks';

/** Locally the host has no identity in Azure, and only a simulated one is asked about roles. */
export function signalPortsOf(config: Config, directory: Directory, simulated?: ResourceManagerOptions) {
  const { pullSignals, azureDevOps, bot, local, http } = config;
  const azure = simulated ?? { url: RESOURCE_MANAGER_URLS[bot.cloud], credential: new DefaultAzureCredential() };
  const devOps = { ...azureDevOps, ...identityOf(config) };
  const { publicUrl } = http;
  const listening =
    publicUrl === undefined
      ? {}
      : { checksUrl: new URL(CHECKS, publicUrl).href, hooksUrl: new URL(EVENTS, publicUrl).href };
  const sources = {
    'azure-policy': () => createPolicyStates(azure),
    defender: () => createDefenderSignals(azure),
    'advanced-security': () => createAdvancedSecurity(devOps),
  };
  const roles = simulated ?? (local ? undefined : rolesOf(config));
  const logs = {
    'azure-devops-audit': () => createAuditLog(devOps),
    'azure-activity': () => createActivityLog(azure),
  };
  const made = <Name extends string, T>(all: Readonly<Record<Name, () => T>>) =>
    (Object.keys(all) as Name[]).filter((name) => pullSignals.some((one) => one === name)).map((name) => all[name]());
  const isScanned = pullSignals.includes('azure-devops-platform');
  return {
    signalSources: made(sources),
    auditLogs: made(logs),
    readLogEntry,
    platformSources: isScanned ? platformSourcesOf({ ...devOps, ...listening, directory }, roles) : [],
    ...(pullSignals.includes('deployments') ? { deployments: createDeployments(devOps) } : {}),
    ...(local ? {} : { assets: createAssets(azure), baselineResources: createBaselineResources(azure) }),
  };
}

function platformSourcesOf(options: PlatformOptions, roles: RoleAssignmentsOptions | undefined): PlatformSource[] {
  return [createPlatform(options), ...(roles === undefined ? [] : [createRoleAssignments(roles)])];
}

/** Roles in Azure are the host's to read. */
function rolesOf({ bot }: Config): RoleAssignmentsOptions {
  const credential = new DefaultAzureCredential();
  const azure = { url: RESOURCE_MANAGER_URLS[bot.cloud], credential };
  const identities = [
    createGraphServicePrincipals({ url: GRAPH_URLS[bot.cloud], credential }),
    createManagedIdentities(azure),
  ];
  return { ...azure, identities };
}

export function tableConnection(config: Config) {
  const { connection } = config.tables;
  return 'url' in connection ? { url: connection.url, credential: new DefaultAzureCredential() } : connection;
}

/**
 * Beside the tables of the same prefix, each in a container of its own; without a blob store evidence is not anchored and nothing is ever
 * deleted, and `status` says so.
 */
export function blobPortsOf(config: Config): { readonly checkpointLog?: CheckpointLog; readonly archive?: Archive } {
  const blobs = config.blobs;
  if (blobs === undefined) return {};
  const connection = 'url' in blobs ? { url: blobs.url, credential: new DefaultAzureCredential() } : blobs;
  const [prefix, tenant] = [config.tables.prefix.toLowerCase(), config.bot.tenantId];
  return {
    checkpointLog: createAppendLog({ connection, container: `${prefix}-log`, tenant }),
    archive: createArchive({ connection, container: `${prefix}-archive`, tenant }),
  };
}

export function identityOf(config: Config) {
  const { token } = config.azureDevOps;
  if (token !== undefined) return { identity: createPatIdentity(token) };
  return config.local ? {} : { identity: createEntraIdentity(new DefaultAzureCredential()) };
}

export function policyOf(config: Config, clock: Clock, answered: () => void): Policy {
  const { policy } = config;
  if ('directory' in policy) return createFolderPolicy({ dir: policy.directory, clock, answered });
  const repository = { ...policy.repository, ref: policy.ref };
  const source = createPolicyRepository({ repository, ...identityOf(config), clock });
  return createSourcedPolicy({ source, clock, answered });
}

export function tokenKey(config: Config): Uint8Array {
  if ('bytes' in config.tokenKey) return config.tokenKey.bytes;
  throw new Error('KEY_VAULT_KEY_ID is not supported yet: set TOKEN_KEY');
}

export function signingKey(config: Config): KeyObject {
  return 'key' in config.signing ? config.signing.key : localSigningKey(tokenKey(config));
}

/** Locally the port may be any, and no deploy job elsewhere reads what is signed. */
export function addressesOf({ local, http, bot }: Config): { readonly issuer?: string; readonly portal: string } {
  const portal = PORTAL_URLS[bot.cloud];
  return local || http.publicUrl === undefined
    ? { portal }
    : { portal, issuer: http.publicUrl.href.replace(/\/+$/, '') };
}

/** Microsoft Entra with the identity of the host, unless a local file says who is who. */
export function directoryOf({ directoryFile, bot }: Config, log: Logger): Directory {
  if (directoryFile !== undefined) return createFileDirectory({ file: directoryFile, load: loadDirectory });
  return createGraphDirectory({
    url: GRAPH_URLS[bot.cloud],
    credential: new DefaultAzureCredential(),
    failed: (err) => log.warn({ err }, 'directory did not answer'),
  });
}
