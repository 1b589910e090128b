import { DefaultAzureCredential, type TokenCredential } from '@azure/identity';
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
import { createTokenOwner } from '../services/directory/token-owner.ts';
import { CHECK_PATH } from '../services/domain/check-form.ts';
import type { Actor } from '../services/domain/person.ts';
import { createFolderPolicy } from '../services/policy/folder-policy.ts';
import { loadDirectory } from '../services/policy/load-directory.ts';
import { createSourcedPolicy } from '../services/policy/sourced-policy.ts';
import type { Archive } from '../services/ports/archive.ts';
import type { CheckpointLog } from '../services/ports/checkpoint-log.ts';
import type { Clock, Random } from '../services/ports/clock.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { PlatformSource } from '../services/ports/platform-source.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { Signer } from '../services/ports/signer.ts';
import type { Vault } from '../services/ports/vault.ts';
import { readLogEntry } from '../services/signals/log-entry-reader.ts';
import { createAesVault } from '../services/vault/aes-vault.ts';
import { createEd25519Signer, localSigningKey } from '../services/vault/ed25519-signer.ts';
import { createKeyVaultClient } from '../services/vault/key-vault-client.ts';
import { createKeyVaultSigner } from '../services/vault/key-vault-signer.ts';
import { createKeyVaultVault } from '../services/vault/key-vault-vault.ts';
import type { Config } from './config.ts';
import { EVENTS } from './native.ts';

/** Where checks of environments and service hooks call. */
export function listeningAt(publicUrl: URL) {
  return { checksUrl: new URL(CHECK_PATH.slice(1), publicUrl).href, hooksUrl: new URL(EVENTS, publicUrl).href };
}

/** Locally the host has no identity in Azure, and only a simulated one is asked about roles. */
export function signalPortsOf(config: Config, directory: Directory, simulated?: ResourceManagerOptions) {
  const { pullSignals, azureDevOps, bot, local, http } = config;
  const azure = simulated ?? { url: RESOURCE_MANAGER_URLS[bot.cloud], credential: new DefaultAzureCredential() };
  const devOps = { ...azureDevOps, ...identityOf(config) };
  const { publicUrl } = http;
  const listening = publicUrl === undefined ? {} : listeningAt(publicUrl);
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

/** Whoever runs this process, where Azure knows it: by a connection string anybody is let in. */
export function operatorOf(config: Config): (() => Promise<Actor>) | undefined {
  return 'url' in config.tables.connection ? createTokenOwner(new DefaultAzureCredential()) : undefined;
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

export function identityOf(config: Pick<Config, 'azureDevOps' | 'local'>) {
  const { token } = config.azureDevOps;
  if (token !== undefined) return { identity: createPatIdentity(token) };
  return config.local ? {} : { identity: createEntraIdentity(new DefaultAzureCredential()) };
}

export function policyOf(
  config: Pick<Config, 'policy' | 'azureDevOps' | 'local'>,
  clock: Clock,
  answered: () => void,
): Policy {
  const { policy } = config;
  if ('directory' in policy) return createFolderPolicy({ dir: policy.directory, clock, answered });
  const repository = { ...policy.repository, ref: policy.ref };
  const source = createPolicyRepository({ repository, ...identityOf(config), clock });
  return createSourcedPolicy({ source, clock, answered });
}

/** With a key in Key Vault TOKEN_KEY only opens what it has sealed. */
export function vaultOf({ tokenKey }: Config, random: Random): Vault {
  const local = tokenKey.bytes === undefined ? {} : { before: createAesVault({ key: tokenKey.bytes, random }) };
  if (!('keyVaultKeyId' in tokenKey)) return createAesVault({ key: tokenKey.bytes, random });
  const client = createKeyVaultClient({ keyId: tokenKey.keyVaultKeyId, credential: new DefaultAzureCredential() });
  return createKeyVaultVault({ client, random, now: () => performance.now(), ...local });
}

/** With a key in Key Vault SIGNING_KEY signs nothing more, and its public half is still published. */
export function signerOf({ signing, tokenKey }: Config): Signer {
  if ('key' in signing) return createEd25519Signer(signing.key);
  if ('derived' in signing) {
    if (tokenKey.bytes === undefined) throw new Error('a signing key is derived from TOKEN_KEY, which is missing');
    return createEd25519Signer(localSigningKey(tokenKey.bytes));
  }
  const client = createKeyVaultClient({ keyId: signing.keyVaultKeyId, credential: new DefaultAzureCredential() });
  const { retired } = signing;
  return createKeyVaultSigner({
    ...{ client, now: () => Date.now() },
    ...(retired === undefined ? {} : { retired: createEd25519Signer(retired) }),
  });
}

/** Locally the port may be any, and no deploy job elsewhere reads what is signed. */
export function addressesOf({ local, http, bot }: Config): { readonly issuer?: string; readonly portal: string } {
  const portal = PORTAL_URLS[bot.cloud];
  return local || http.publicUrl === undefined
    ? { portal }
    : { portal, issuer: http.publicUrl.href.replace(/\/+$/, '') };
}

/** Microsoft Entra with the identity of the host, unless a local file says who is who. */
export function directoryOf(
  { directoryFile, bot }: Pick<Config, 'directoryFile'> & { readonly bot: Pick<Config['bot'], 'cloud'> },
  log: Pick<Logger, 'warn'>,
  credential: TokenCredential = new DefaultAzureCredential(),
): Directory {
  if (directoryFile !== undefined) return createFileDirectory({ file: directoryFile, load: loadDirectory });
  return createGraphDirectory({
    url: GRAPH_URLS[bot.cloud],
    credential,
    failed: (err) => log.warn({ err }, 'directory did not answer'),
  });
}
