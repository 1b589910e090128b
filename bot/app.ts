import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { readHookEvent } from '../services/azure-devops/read-hook-event.ts';
import type { ResourceManagerOptions } from '../services/azure-resources/resource-manager.ts';
import { readOutsideExceptions } from '../services/policy/read-outside-exceptions.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { AzureTable } from '../services/tables/azure-table.ts';
import { refuseHalfRestored } from '../services/tables/backup-store.ts';
import { createLeases } from '../services/tables/leases.ts';
import { createAuthenticate, createAuthenticatePerson } from './authenticate.ts';
import { composeCore } from './compose.ts';
import type { Config } from './config.ts';
import type { Core } from './core.ts';
import { authenticateSettings, remoteKeys } from './entra-keys.ts';
import { createAzureEventsHook } from './hooks/azure-events.ts';
import { createCheckHook } from './hooks/check.ts';
import { createDecisionHook } from './hooks/decision.ts';
import { createEventsHook } from './hooks/events.ts';
import { createEvidenceHook } from './hooks/evidence.ts';
import { createExceptionImportsHook } from './hooks/exception-imports.ts';
import { createExceptionsHook } from './hooks/exceptions.ts';
import { createFindingsHook } from './hooks/findings.ts';
import { createHealthHook } from './hooks/health.ts';
import { createJwksHook } from './hooks/jwks.ts';
import { createRequestHooks } from './hooks/requests.ts';
import { createScheduler } from './scheduler.ts';
import { createServer } from './server.ts';
import { stop } from './stop.ts';
import { createTeamsEdge } from './teams-edge.ts';

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
  const edge = createTeamsEdge(config, log);
  const { table, core, policy, due } = composeCore({ config, clock, log, instance, edge: edge.sending, azure });
  let stopping = false;
  const server = createServer({
    messages: edge.hearing(core),
    ...hooksOf(config, core, authenticateSettings(config, entraKeys), log),
    ready: async () => (await canServe(policy, table, clock, log)) && !stopping,
    failed: (data) => log.error(data, 'request failed'),
  });
  const scheduler = createScheduler({
    clock,
    due,
    leases: createLeases({ table, clock, instance }),
    beat: core.beat,
    run: core.runDue,
    anchor: core.anchor,
    reconcile: core.reconcile,
    failed: (err) => log.warn({ err }, 'due item left for the next pass'),
    intervalMs: TICK_MS,
  });
  return {
    server,
    core,
    start: async () => {
      await table.prepare();
      await refuseHalfRestored(table, config.bot.tenantId);
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
    evidence: createEvidenceHook({ authenticate, evidence: core.evidenceExports }),
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
