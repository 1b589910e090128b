import { randomBytes } from 'node:crypto';
import { DefaultAzureCredential } from '@azure/identity';
import type { Logger } from 'pino';
import { createAzureDevOps } from '../services/azure-devops/azure-devops.ts';
import { createDeployments } from '../services/azure-devops/deployments.ts';
import { createPipelines } from '../services/azure-devops/pipelines.ts';
import { createAssets } from '../services/azure-resources/resource-graph.ts';
import { RESOURCE_MANAGER_URLS, type ResourceManagerOptions } from '../services/azure-resources/resource-manager.ts';
import { createBackups } from '../services/backups.ts';
import { createDeploymentReports, type DeploymentReports } from '../services/deployment-reports.ts';
import { createExportedDecisions, type ExportFile } from '../services/exported-decisions.ts';
import { createOnboarding, type Onboard } from '../services/onboarding.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Conversations } from '../services/ports/notifier.ts';
import type { Policy } from '../services/ports/policy.ts';
import { createSigstoreVerifier } from '../services/provenance/sigstore-verifier.ts';
import { createPulse } from '../services/pulse.ts';
import { createReportReader } from '../services/signals/readers.ts';
import { createStoredDecisions } from '../services/stored-decisions.ts';
import { createAzureTable } from '../services/tables/azure-table.ts';
import { createBackupStore } from '../services/tables/backup-store.ts';
import { createConversations } from '../services/tables/conversations.ts';
import { createDueIndex } from '../services/tables/due-index.ts';
import { createIndexRebuild } from '../services/tables/index-rebuild.ts';
import { createNotedTable } from '../services/tables/noted-table.ts';
import { createPulses } from '../services/tables/pulses.ts';
import { createStores } from '../services/tables/stores.ts';
import { createAesVault } from '../services/vault/aes-vault.ts';
import { createEd25519Signer } from '../services/vault/ed25519-signer.ts';
import { verifySigned } from '../services/vault/verify-signed.ts';
import {
  addressesOf,
  blobPortsOf,
  directoryOf,
  identityOf,
  policyOf,
  signalPortsOf,
  signingKey,
  tableConnection,
  tokenKey,
} from './adapters.ts';
import type { Config } from './config.ts';
import { createCore, type Ports } from './core.ts';
import { nativeOf } from './native.ts';
import { orgsOf } from './reading.ts';

/** How people are told something, and asked for their own token. */
export type Edge = (own: {
  readonly conversations: Conversations;
  readonly throttled: (seconds: number) => void;
}) => Pick<Ports, 'personTokens' | 'notifier'>;

/** Of the command line: it shows nobody anything, the running bot does. Teams' SDKs stay unloaded. */
export const NO_EDGE: Edge = () => {
  const unavailable = async () => ({ kind: 'unavailable' }) as const;
  return {
    personTokens: { tokenOf: async () => ({ kind: 'not-configured' }) },
    notifier: { post: unavailable, update: unavailable, tell: unavailable, retell: unavailable },
  };
};

const RANDOM = { bytes: (count: number) => Uint8Array.from(randomBytes(count)) };

interface Composed {
  readonly config: Config;
  readonly clock: Clock;
  readonly log: Logger;
  /** Names this process among those of the store. */
  readonly instance: string;
  readonly edge: Edge;
  /** A simulated one in the place of the cloud's own. */
  readonly azure?: ResourceManagerOptions | undefined;
}

/** Simulators bear more than Azure DevOps does: all of a platform is read at once. */
const SIMULATED = { callBudget: 1_000 };

/** Real adapters around the core, for every process of the product; nothing is called yet. */
export function composeCore({ config, clock, log, instance, edge, azure }: Composed) {
  const { tenantId: tenant } = config.bot;
  const { organizations } = config.azureDevOps;
  const { table, azureDevOps, policy, ...watch } = heardEdges(config, clock, instance);
  const due = createDueIndex({ table, clock });
  const directory = directoryOf(config, log);
  const conversations = createConversations({ table, tenant, now: clock.now });
  const random = RANDOM;
  const stores = createStores({ table, due, clock, random, instance, tenant, orgs: orgsOf({ tenant, organizations }) });
  const core = createCore(
    {
      clock,
      policy,
      due,
      directory,
      azureDevOps,
      ...watch,
      reader: createReportReader(createSigstoreVerifier()),
      ...signalPortsOf(config, directory, azure),
      ...stores,
      conversations,
      ...edge({ conversations, throttled: watch.pulse.throttled }),
      vault: createAesVault({ key: tokenKey(config), random }),
      ...proofPortsOf(config),
    },
    {
      tenant,
      organizations,
      log,
      ...addressesOf(config),
      native: nativeOf(config),
      retentionSettings: config.retention,
      ...(azure && SIMULATED),
    },
  );
  return { table, stores, core, policy, due };
}

/** What was deployed and who decided on it, over files of exported evidence, or over what is stored where there are none. */
export function deploymentReportsOf(
  config: Config,
  { stores, policy, clock }: Pick<ReturnType<typeof composeCore>, 'stores' | 'policy'> & { readonly clock: Clock },
  files: readonly ExportFile[],
): DeploymentReports {
  const { tenantId: tenant } = config.bot;
  const { organizations } = config.azureDevOps;
  const stored = { log: stores.evidenceLog, gates: stores.gates };
  return createDeploymentReports({
    ...{ tenant, organizations, policy, clock },
    deployments: createDeployments({ organizations, ...identityOf(config) }),
    evidence: files.length === 0 ? createStoredDecisions(stored) : createExportedDecisions({ tenant, files }),
    wait: (seconds) => new Promise((wake) => setTimeout(wake, seconds * 1_000)),
  });
}

/** A row of a large store may take longer than somebody who waits for an answer would. */
const COPY_BUDGET_MS = 60_000;

/** The store as files, and its lists anew; tables of its own, which have more time for each call. */
export function backupsOf(
  config: Config,
  { policy, clock }: Pick<ReturnType<typeof composeCore>, 'policy'> & { readonly clock: Clock },
) {
  const { tenantId: tenant } = config.bot;
  const table = createAzureTable({
    connection: tableConnection(config),
    prefix: config.tables.prefix,
    budgetMs: COPY_BUDGET_MS,
  });
  const noted = createNotedTable(table, { tenant, clock });
  const orgs = orgsOf({ tenant, organizations: config.azureDevOps.organizations });
  const due = createDueIndex({ table, clock });
  const rebuild = createIndexRebuild({ table, due, clock, tenant, orgs, names: () => namesIn(policy) });
  const store = createBackupStore({ table, noted, tenant, random: RANDOM });
  return { rebuild, backups: createBackups({ store, clock, tenant, reindex: async () => void (await rebuild()) }) };
}

async function namesIn(policy: Policy): Promise<readonly string[]> {
  const { catalog, contract } = await policy.current();
  return [...catalog.services.keys(), ...(contract?.environments.keys() ?? [])];
}

/** Over the catalog in force, Azure DevOps, and Azure where the host has an identity: nothing of the store. */
export function onboardingOf(config: Config, policy: Policy): Onboard {
  const { organizations } = config.azureDevOps;
  const azure = { url: RESOURCE_MANAGER_URLS[config.bot.cloud], credential: new DefaultAzureCredential() };
  return createOnboarding({
    ...{ policy, organizations, pipelines: createPipelines({ organizations, ...identityOf(config) }) },
    ...(config.local ? {} : { assets: createAssets(azure) }),
  });
}

/** What others can check without asking us. */
function proofPortsOf(config: Config) {
  return { signer: createEd25519Signer(signingKey(config)), verifier: verifySigned, ...blobPortsOf(config) };
}

/** Those whose answers this process remembers, and compares its clock with. */
function heardEdges(config: Config, clock: Clock, instance: string) {
  const { tenantId: tenant } = config.bot;
  const store = createAzureTable({
    connection: tableConnection(config),
    prefix: config.tables.prefix,
    dated: (date) => pulse.dated('Azure Table Storage', date),
  });
  const table = createNotedTable(store, { tenant, clock });
  const pulses = createPulses({ table, tenant });
  const pulse = createPulse({ clock, instance, pulses });
  const policy = policyOf(config, clock, () => pulse.heard({ kind: 'policy' }));
  const azureDevOps = createAzureDevOps({
    organizations: config.azureDevOps.organizations,
    ...identityOf(config),
    dated: (date) => pulse.dated('Azure DevOps', date),
  });
  return { table, azureDevOps, policy, pulse, pulses };
}
