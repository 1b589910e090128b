import { randomUUID } from 'node:crypto';
import type { Server } from 'node:http';
import type { Logger } from 'pino';
import { readHookEvent } from '../services/azure-devops/read-hook-event.ts';
import type { ResourceManagerOptions } from '../services/azure-resources/resource-manager.ts';
import { readOutsideExceptions } from '../services/policy/read-outside-exceptions.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { Telemetry } from '../services/ports/telemetry.ts';
import type { AzureTable } from '../services/tables/azure-table.ts';
import { refuseHalfRestored } from '../services/tables/backup-store.ts';
import { createLeases } from '../services/tables/leases.ts';
import { createAuthenticate, createAuthenticatePerson } from './authenticate.ts';
import { composeCore } from './compose.ts';
import type { Config } from './config.ts';
import type { Core } from './core.ts';
import { authenticateSettings, type EntraKeys, remoteKeys } from './entra-keys.ts';
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
import { createReadiness, isAlive, onceDone, type Readiness } from './readiness.ts';
import { createScheduler } from './scheduler.ts';
import { createServer } from './server.ts';
import { stop } from './stop.ts';
import { createTeamsEdge } from './teams-edge.ts';
import { createMeasuring, UNMEASURED } from './telemetry/measuring.ts';

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

/** What the product is run with besides its settings; a test gives its own. */
export interface AppOptions {
  readonly entraKeys?: EntraKeys | undefined;
  readonly clock?: Clock | undefined;
  /** A simulated one in the place of the cloud's own. */
  readonly azure?: ResourceManagerOptions | undefined;
  /** Absent: nothing is measured. */
  readonly telemetry?: Telemetry | undefined;
}

/** The composition root: adapters → services → handlers. */
export function createApp(config: Config, log: Logger, options: AppOptions = {}): App {
  const { entraKeys = remoteKeys(), clock = CLOCK, azure, telemetry } = options;
  const instance = randomUUID();
  const measuring = telemetry === undefined ? UNMEASURED : createMeasuring(telemetry, clock);
  const edge = createTeamsEdge(config, log, measuring);
  const { table, core, policy, due } = composeCore({
    ...{ config, clock, log, instance, edge: edge.sending, azure, measuring },
  });
  let stopping = false;
  const ready = readinessOf({ policy, table, clock, signing: core.requests.jwks, log });
  const server = createServer({
    messages: edge.hearing(core),
    ...hooksOf(config, core, authenticateSettings(config, entraKeys), log, ready),
    alive: isAlive,
    ready: async () => (await ready()).isReady && !stopping,
    failed: (data) => log.error(data, 'request failed'),
    refused: (data) => log.info(data, 'call refused'),
    ...(measuring.around === undefined ? {} : { around: measuring.around }),
  });
  const scheduler = createScheduler({
    clock,
    due,
    leases: measuring.leases(createLeases({ table, clock, instance })),
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
    stop: async () => {
      stopping = true;
      await stop({ server, scheduler, core });
      await telemetry?.stop();
    },
  };
}

/** The routes of machines and of people who use no Teams. */
function hooksOf(
  config: Config,
  core: Core,
  settings: ReturnType<typeof authenticateSettings>,
  log: Logger,
  ready: Readiness,
) {
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
    health: createHealthHook({ authenticate, status: core.status, ready }),
  };
}

interface Serving {
  readonly policy: Policy;
  readonly table: AzureTable;
  readonly clock: Clock;
  readonly signing: () => Promise<{ readonly keys: readonly unknown[] }>;
  readonly log: Logger;
}

/** A policy that was read once is enough: where it comes from may be silent, and a broken one blocks and says why. */
function readinessOf({ policy, table, clock, signing, log }: Serving): Readiness {
  return createReadiness({
    clock,
    parts: {
      store: () => table.probe(clock.now()),
      policy: onceDone(policy.current),
      signing: async () => {
        if ((await signing()).keys.length === 0) throw new Error('there is no key to sign with');
      },
    },
    failed: (part, err) => log.warn({ part, err }, 'not ready'),
  });
}
