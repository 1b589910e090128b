import { randomBytes } from 'node:crypto';
import { DefaultAzureCredential } from '@azure/identity';
import type { Logger } from 'pino';
import { createAppInstallations } from '../services/app-installations.ts';
import { createAzureDevOps } from '../services/azure-devops/azure-devops.ts';
import { createDeployments } from '../services/azure-devops/deployments.ts';
import { createPipelines } from '../services/azure-devops/pipelines.ts';
import { createPlatformSetUp } from '../services/azure-devops/platform-set-up.ts';
import { createAssets } from '../services/azure-resources/resource-graph.ts';
import { RESOURCE_MANAGER_URLS, type ResourceManagerOptions } from '../services/azure-resources/resource-manager.ts';
import { createBackups } from '../services/backups.ts';
import { createDeploymentReports, type DeploymentReports } from '../services/deployment-reports.ts';
import { GRAPH_URLS } from '../services/directory/graph-client.ts';
import { createGraphTeamsApps } from '../services/directory/graph-teams-apps.ts';
import { CHECK_PATH } from '../services/domain/check-form.ts';
import { createExportedDecisions, type ExportFile } from '../services/exported-decisions.ts';
import { createOnboarding, type Onboard } from '../services/onboarding.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Conversations } from '../services/ports/notifier.ts';
import type { Policy } from '../services/ports/policy.ts';
import { createSigstoreVerifier } from '../services/provenance/sigstore-verifier.ts';
import { createPulse } from '../services/pulse.ts';
import { createSetUps } from '../services/set-ups.ts';
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
import { verifySigned } from '../services/vault/verify-signed.ts';
import {
  addressesOf,
  blobPortsOf,
  directoryOf,
  identityOf,
  listeningAt,
  operatorOf,
  policyOf,
  signalPortsOf,
  signerOf,
  tableConnection,
  vaultOf,
} from './adapters.ts';
import type { Environment } from './check-settings.ts';
import type { Config } from './config.ts';
import type { SetUpNeeds } from './console/set-up-azure-devops.ts';
import type { TeamsNeeds } from './console/set-up-teams.ts';
import { createCore, type Ports } from './core.ts';
import { nativeOf } from './native.ts';
import { orgsOf } from './reading.ts';
import { tellContradictions, tellRefusals } from './refusals.ts';
import { readSetUpConfig, readTeamsConfig } from './set-up-config.ts';
import { type Measuring, UNMEASURED } from './telemetry/measuring.ts';

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
  readonly measuring?: Measuring | undefined;
}

/** Simulators bear more than Azure DevOps does: all of a platform is read at once. */
const SIMULATED = { callBudget: 1_000 };

/** Real adapters around the core, for every process of the product; nothing is called yet. */
export function composeCore({ config, clock, log, instance, edge, azure, measuring = UNMEASURED }: Composed) {
  const { tenantId: tenant } = config.bot;
  const { organizations } = config.azureDevOps;
  const random = RANDOM;
  const { table, ...watch } = heardEdges(config, clock, instance, measuring);
  const due = createDueIndex({ table, clock });
  const directory = directoryOf(config, log);
  const conversations = createConversations({ table, tenant, now: clock.now });
  const orgs = orgsOf({ tenant, organizations });
  const operator = operatorOf(config);
  const stores = createStores({ table, due, clock, random, instance, tenant, orgs, operator });
  const throttled = (seconds: number) => {
    watch.pulse.throttled(seconds);
    measuring.throttled();
  };
  const ports = measuring.ports({
    clock,
    due,
    directory,
    ...watch,
    reader: createReportReader(createSigstoreVerifier()),
    ...signalPortsOf(config, directory, azure),
    ...stores,
    gates: tellContradictions(stores.gates, log),
    conversations,
    ...edge({ conversations, throttled }),
    vault: vaultOf(config, random),
    ...proofPortsOf(config),
  });
  const settings = {
    ...{ tenant, organizations, log, ...addressesOf(config), native: nativeOf(config) },
    ...{ retentionSettings: config.retention, measured: measuring.handlers, ...(azure && SIMULATED) },
  };
  const core = createCore(ports, settings);
  return { table, stores, core: measuring.core(tellRefusals(core, log)), policy: watch.policy, due: ports.due };
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
    wait,
  });
}

const wait = (seconds: number) => new Promise<void>((wake) => setTimeout(wake, seconds * 1_000));

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

/** With the account of whoever runs it, over the catalog in force; nothing of the store. Throws SettingsError. */
export function setUpOf(env: Environment): SetUpNeeds {
  const config = readSetUpConfig(env);
  const [[checkKey], [hookPassword]] = [config.checkSecrets, config.hookSecrets];
  const { organizations } = config.azureDevOps;
  const clock = { now: () => new Date().toISOString() };
  const listening = listeningAt(config.publicUrl);
  const platform = createPlatformSetUp({
    ...{ organizations, ...identityOf({ ...config, local: false }) },
    addresses: { ...listening, baseUrl: listening.checksUrl.slice(0, -CHECK_PATH.length) },
    secrets: { ...(checkKey && { checkKey }), ...(hookPassword && { hookPassword }) },
  });
  return {
    setUp: createSetUps({ platform, organizations, wait }),
    ...{ policy: policyOf(config, clock, () => undefined), clock },
    ...{ hasKey: checkKey !== undefined, hasPassword: hookPassword !== undefined },
  };
}

/** As setUpOf, over Microsoft Graph; `token` in place of the sign-in. */
export function teamsSetUpOf(env: Environment, token?: string): TeamsNeeds {
  const config = readTeamsConfig(env);
  const credential = token
    ? { getToken: async () => ({ token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER }) }
    : new DefaultAzureCredential();
  const clock = { now: () => new Date().toISOString() };
  const apps = createGraphTeamsApps({ url: GRAPH_URLS[config.bot.cloud], credential });
  const directory = directoryOf(config, { warn: () => undefined }, credential);
  return {
    installApp: createAppInstallations({ directory, apps, wait }),
    policy: policyOf(config, clock, () => undefined),
    botId: config.bot.id,
  };
}

/** What others can check without asking us. */
function proofPortsOf(config: Config) {
  return { signer: signerOf(config), verifier: verifySigned, ...blobPortsOf(config) };
}

/** Those whose answers this process remembers, and compares its clock with. */
function heardEdges(config: Config, clock: Clock, instance: string, measuring: Measuring) {
  const { tenantId: tenant } = config.bot;
  const store = createAzureTable({
    connection: tableConnection(config),
    prefix: config.tables.prefix,
    dated: (date) => pulse.dated('Azure Table Storage', date),
  });
  const table = createNotedTable(measuring.table(store), { tenant, clock });
  const pulses = createPulses({ table, tenant });
  const pulse = createPulse({ clock, instance, pulses });
  const policy = policyOf(config, clock, () => pulse.heard({ kind: 'policy' }));
  const azureDevOps = createAzureDevOps({
    organizations: config.azureDevOps.organizations,
    ...identityOf(config),
    dated: (date) => pulse.dated('Azure DevOps', date),
  });
  return { table, noted: () => table.noted(), azureDevOps, policy, pulse, pulses };
}
