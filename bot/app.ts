import { randomBytes, randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import { DefaultAzureCredential } from '@azure/identity';
import type { Logger } from 'pino';
import { createAzureDevOps } from '../services/azure-devops/azure-devops.ts';
import { createDeployments } from '../services/azure-devops/deployments.ts';
import { createPipelines } from '../services/azure-devops/pipelines.ts';
import { readHookEvent } from '../services/azure-devops/read-hook-event.ts';
import { createAssets } from '../services/azure-resources/resource-graph.ts';
import { RESOURCE_MANAGER_URLS, type ResourceManagerOptions } from '../services/azure-resources/resource-manager.ts';
import { createDeploymentReports, type DeploymentReports } from '../services/deployment-reports.ts';
import { createExportedDecisions, type ExportFile } from '../services/exported-decisions.ts';
import { createOnboarding, type Onboard } from '../services/onboarding.ts';
import { readOutsideExceptions } from '../services/policy/read-outside-exceptions.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Policy } from '../services/ports/policy.ts';
import { createSigstoreVerifier } from '../services/provenance/sigstore-verifier.ts';
import { createPulse } from '../services/pulse.ts';
import { createReportReader } from '../services/signals/readers.ts';
import { createStoredDecisions } from '../services/stored-decisions.ts';
import { type AzureTable, createAzureTable } from '../services/tables/azure-table.ts';
import { createConversations } from '../services/tables/conversations.ts';
import { createDueIndex } from '../services/tables/due-index.ts';
import { createEvidenceLog } from '../services/tables/evidence-log.ts';
import { createLeases } from '../services/tables/leases.ts';
import { createPulses } from '../services/tables/pulses.ts';
import { createStores } from '../services/tables/stores.ts';
import { createAesVault } from '../services/vault/aes-vault.ts';
import { createEd25519Signer } from '../services/vault/ed25519-signer.ts';
import {
  addressesOf,
  createTeamsAdapter,
  directoryOf,
  identityOf,
  policyOf,
  signalPortsOf,
  signingKey,
  tableConnection,
  tokenKey,
} from './adapters.ts';
import { createAuthenticate, createAuthenticatePerson } from './authenticate.ts';
import type { Config } from './config.ts';
import { type Core, createCore } from './core.ts';
import { authenticateSettings, remoteKeys } from './entra-keys.ts';
import { handlersOf } from './handlers-of.ts';
import { createAzureEventsHook } from './hooks/azure-events.ts';
import { createCheckHook } from './hooks/check.ts';
import { createDecisionHook } from './hooks/decision.ts';
import { createEventsHook } from './hooks/events.ts';
import { createExceptionImportsHook } from './hooks/exception-imports.ts';
import { createExceptionsHook } from './hooks/exceptions.ts';
import { createFindingsHook } from './hooks/findings.ts';
import { createHealthHook } from './hooks/health.ts';
import { createJwksHook } from './hooks/jwks.ts';
import { createRequestHooks } from './hooks/requests.ts';
import { nativeOf } from './native.ts';
import { orgsOf } from './reading.ts';
import { createRender, renderNews, renderShort } from './render.ts';
import { createScheduler } from './scheduler.ts';
import { createServer } from './server.ts';
import { stop } from './stop.ts';
import { createApplication } from './teams/application.ts';
import { CLOUD_ENDPOINTS, GCC_URL } from './teams/clouds.ts';
import { createMessagesEndpoint } from './teams/messages.ts';
import { createNotifier } from './teams/notifier.ts';
import { createPersonTokens } from './teams/person-tokens.ts';

/** How often the due index is read. */
const TICK_MS = 5_000;

export interface App {
  readonly server: Server;
  readonly core: Core;
  start(): Promise<void>;
  /** Finishes what is under way, at most 10 s. */
  stop(): Promise<void>;
}

const CLOCK: Clock = { now: () => new Date().toISOString() };

/** The composition root: adapters → services → handlers. `azure`: a simulated one in the place of the cloud's own. */
export function createApp(
  config: Config,
  log: Logger,
  entraKeys = remoteKeys(),
  clock: Clock = CLOCK,
  azure?: ResourceManagerOptions,
): App {
  const instance = randomUUID();
  const { table, core, teams } = composeCore(config, clock, log, instance, azure);
  let stopping = false;
  const server = createServer({
    messages: teams.messages,
    ...hooksOf(config, core, authenticateSettings(config, entraKeys), log),
    ready: async () => (await canServe(teams.policy, table, clock, log)) && !stopping,
    failed: (data) => log.error(data, 'request failed'),
  });
  const scheduler = createScheduler({
    clock,
    due: teams.due,
    leases: createLeases({ table, clock, instance }),
    beat: core.beat,
    run: core.runDue,
    reconcile: core.reconcile,
    failed: (err) => log.warn({ err }, 'due item left for the next pass'),
    intervalMs: TICK_MS,
  });
  return {
    server,
    core,
    start: async () => {
      await table.prepare();
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject);
        server.listen(config.http.port, config.http.host, () => resolve());
      });
      scheduler.start();
    },
    stop: () => {
      stopping = true;
      return stop({ server, scheduler, core });
    },
  };
}

/** The routes of machines and of people who use no Teams. */
function hooksOf(config: Config, core: Core, settings: ReturnType<typeof authenticateSettings>, log: Logger) {
  const authenticate = createAuthenticate(settings);
  const people = { ...core, authenticate: createAuthenticatePerson(settings) };
  const { organizations } = config.azureDevOps;
  return {
    check: createCheckHook({ authenticate, organizations, deliveries: core.deliveries, accepted: core.accepted }),
    events: createEventsHook({
      secrets: config.hookSecrets,
      read: (body) => readHookEvent(body, organizations),
      received: core.eventReceived,
      log,
    }),
    azureEvents: createAzureEventsHook({ authenticate, secrets: config.hookSecrets, received: core.azureReceived }),
    findings: createFindingsHook({ authenticate, findings: core.findings }),
    ...createRequestHooks({ authenticate, organizations, requests: core.requests }),
    decide: createDecisionHook(people),
    requestException: createExceptionsHook(people),
    importExceptions: createExceptionImportsHook({ ...people, read: readOutsideExceptions }),
    jwks: createJwksHook(core.requests),
    health: createHealthHook({ authenticate, status: core.status }),
  };
}

async function canServe(policy: Policy, table: AzureTable, clock: Clock, log: Logger): Promise<boolean> {
  await policy.current();
  return table.probe(clock.now()).then(
    () => true,
    (err: unknown) => {
      log.warn({ err }, 'not ready');
      return false;
    },
  );
}

/** Real adapters around the core, for every process of the product; nothing is called yet. */
export function composeCore(
  config: Config,
  clock: Clock,
  log: Logger,
  instance: string,
  azure?: ResourceManagerOptions,
) {
  const { tenantId: tenant, signInConnection } = config.bot;
  const { organizations } = config.azureDevOps;
  const random = { bytes: (count: number) => Uint8Array.from(randomBytes(count)) };
  const { table, azureDevOps, policy, ...watch } = heardEdges(config, clock, instance);
  const due = createDueIndex({ table, clock });
  const directory = directoryOf(config, log);
  const adapter = createTeamsAdapter(config);
  const conversations = createConversations({ table, tenant, now: clock.now });
  const stores = createStores({ table, due, clock, random, instance, tenant, orgs: orgsOf({ tenant, organizations }) });
  const guard = { hosts: CLOUD_ENDPOINTS[config.bot.cloud].hosts, local: config.local };
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
      personTokens: createPersonTokens({ adapter, connection: signInConnection, userIdOf: conversations.userIdOf }),
      notifier: createNotifier({
        ...guard,
        adapter,
        appId: config.bot.id ?? '',
        render: createRender(conversations),
        renderShort,
        renderNews,
        otherUrl: GCC_URL,
        throttled: watch.pulse.throttled,
        log,
      }),
      vault: createAesVault({ key: tokenKey(config), random }),
      signer: createEd25519Signer(signingKey(config)),
    },
    { tenant, organizations, log, ...addressesOf(config), native: nativeOf(config) },
  );
  const { reached, left, listed } = core;
  const application = createApplication({ adapter, signInConnection, reached, left, listed, log, ...handlersOf(core) });
  const settings = { ...guard, tenants: [tenant], ...(config.bot.id === undefined ? {} : { botId: config.bot.id }) };
  const messages = createMessagesEndpoint({ adapter, application, guard: settings, log });
  return { table, stores, core, teams: { messages, policy, due } };
}

type Composed = Pick<ReturnType<typeof composeCore>, 'table' | 'stores' | 'teams'>;

/** What was deployed and who decided on it, over files of exported evidence, or over what is stored where there are none. */
export function deploymentReportsOf(
  config: Config,
  { table, stores, teams: { policy } }: Composed,
  files: readonly ExportFile[],
): DeploymentReports {
  const { tenantId: tenant } = config.bot;
  const { organizations } = config.azureDevOps;
  const stored = { log: createEvidenceLog({ table, tenant }), gates: stores.gates };
  return createDeploymentReports({
    ...{ tenant, organizations, policy, clock: CLOCK },
    deployments: createDeployments({ organizations, ...identityOf(config) }),
    evidence: files.length === 0 ? createStoredDecisions(stored) : createExportedDecisions({ tenant, files }),
    wait: (seconds) => new Promise((wake) => setTimeout(wake, seconds * 1_000)),
  });
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

/** Those whose answers this process remembers, and compares its clock with. */
function heardEdges(config: Config, clock: Clock, instance: string) {
  const table = createAzureTable({
    connection: tableConnection(config),
    prefix: config.tables.prefix,
    dated: (date) => pulse.dated('Azure Table Storage', date),
  });
  const pulses = createPulses({ table, tenant: config.bot.tenantId });
  const pulse = createPulse({ clock, instance, pulses });
  const policy = policyOf(config, clock, () => pulse.heard({ kind: 'policy' }));
  const azureDevOps = createAzureDevOps({
    organizations: config.azureDevOps.organizations,
    ...identityOf(config),
    dated: (date) => pulse.dated('Azure DevOps', date),
  });
  return { table, azureDevOps, policy, pulse, pulses };
}
