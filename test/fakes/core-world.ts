import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { type Core, createCore, type Ports } from '../../bot/core.ts';
import type { NativeSettings } from '../../bot/native.ts';
import { orgsOf } from '../../bot/reading.ts';
import type { RetentionSettings } from '../../bot/retention-settings.ts';
import { createFileDirectory } from '../../services/directory/file-directory.ts';
import type { CheckIds } from '../../services/domain/gate.ts';
import type { Person } from '../../services/domain/person.ts';
import type { Protection, Run, RunSources } from '../../services/domain/run.ts';
import { createFolderPolicy } from '../../services/policy/folder-policy.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import type { Archive } from '../../services/ports/archive.ts';
import type { Assets } from '../../services/ports/assets.ts';
import type { AzureDevOps, ToldVerdict } from '../../services/ports/azure-devops.ts';
import type { BaselineResources } from '../../services/ports/baseline-resources.ts';
import type { CheckpointLog } from '../../services/ports/checkpoint-log.ts';
import type { Deployments } from '../../services/ports/deployments.ts';
import type { Directory } from '../../services/ports/directory.ts';
import type { Conversation, Notifier } from '../../services/ports/notifier.ts';
import type { PersonTokens } from '../../services/ports/person-tokens.ts';
import type { PlatformStore } from '../../services/ports/platform-store.ts';
import type { Table } from '../../services/ports/table.ts';
import { createPulse } from '../../services/pulse.ts';
import { readLogEntry } from '../../services/signals/log-entry-reader.ts';
import { createReportReader } from '../../services/signals/readers.ts';
import { createConversations } from '../../services/tables/conversations.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createNotedTable } from '../../services/tables/noted-table.ts';
import { createPulses } from '../../services/tables/pulses.ts';
import { createStores } from '../../services/tables/stores.ts';
import { createAesVault } from '../../services/vault/aes-vault.ts';
import { aCheck, aRun, aRunSources, COMMIT, ORGANIZATION, TENANT } from '../builders.ts';
import { fakeAzureDevOps } from './core-azure-devops.ts';
import { fakeNotifier, type PostedCard, type TeamsAnswers, type ToldNews } from './core-notifier.ts';
import { createInMemoryTable, type InMemoryTable, type InMemoryTableOptions } from './in-memory-table.ts';
import { READS_NOTHING } from './platform-store.ts';
import { proofPorts } from './proof-ports.ts';

const POLICY = fileURLToPath(new URL('../../manifest/policy', import.meta.url));

/** People of manifest/policy/directory.yaml that the stories speak of. */
export const PEOPLE = {
  /** Leads payments: may approve payments-api. */
  alex: '6a090ea8-2d23-42f0-ae08-8772ed927db2',
  /** Asked for the deployment. */
  adele: 'c2e34489-8d8a-4e19-9539-ef98ff5aee4e',
  /** Leads payments too. */
  megan: '1f21ced3-ef3b-424b-b7aa-6985319a5af6',
  /** Leads nothing of payments. */
  isaiah: 'd20939b8-87c4-4046-b361-3c2c9a0a46e8',
  /** Eligible for the leads of payments, without an active membership. */
  lee: 'a334807a-aed6-4561-9069-6489fbe40623',
} as const;

export interface CoreWorld {
  readonly core: Core;
  readonly ports: Ports;
  readonly table: InMemoryTable;
  readonly posted: PostedCard[];
  /** What people were told of covers. */
  readonly news: ToldNews[];
  readonly told: (ToldVerdict & { readonly check: CheckIds })[];
  /** Switches of the Azure DevOps fake. */
  readonly azureDevOps: {
    run: Run;
    sources: RunSources;
    /** Of every branch. */
    protection: Protection;
    down: boolean;
    /** Proving works, reading what a run ships does not. */
    sourcesDown: boolean;
    completed: string | undefined;
    proof: 'proven' | 'unproven' | 'completed';
  };
  readonly teams: TeamsAnswers;
  now: string;
  advance(minutes: number): void;
  /** Person and bot meet: from now on there is a conversation. */
  meet(oid: string): Promise<void>;
  /** A second process on the same store. */
  restart(): Core;
  deliver(environment?: string, service?: string): Promise<string>;
  report(
    name: string,
    over?: { readonly service?: string; readonly commit?: string; readonly environment?: string },
  ): Promise<unknown>;
  /** Runs the outbox and everything due, until nothing moves. */
  settle(): Promise<void>;
}

interface WorldOptions {
  readonly policyDir?: string;
  readonly directory?: Directory;
  /** In place of the switches, with its one organization. */
  readonly azureDevOps?: AzureDevOps;
  readonly organization?: string;
  /** Further organizations. */
  readonly others?: readonly string[];
  readonly personTokens?: PersonTokens;
  readonly native?: NativeSettings;
  readonly signalSources?: Ports['signalSources'];
  readonly platformSources?: Ports['platformSources'];
  readonly auditLogs?: Ports['auditLogs'];
  readonly deployments?: Deployments;
  readonly assets?: Assets;
  readonly platforms?: PlatformStore;
  readonly baselineResources?: BaselineResources;
  readonly checkpointLog?: CheckpointLog;
  readonly archive?: Archive;
  readonly retentionSettings?: RetentionSettings;
  /** In place of the one that keeps what it was sent. */
  readonly notifier?: Notifier;
  readonly log?: (message: string, data: object) => void;
}

/** The whole core on the in-memory table, with Teams and Azure DevOps as switches: no network, no clock. */
export async function createCoreWorld(options: InMemoryTableOptions & WorldOptions = {}): Promise<CoreWorld> {
  const table = createInMemoryTable(options);
  return Object.assign(createCoreWorldOn(table, options), { table });
}

/** The same on any table. */
export function createCoreWorldOn(store: Table, options: WorldOptions = {}): Omit<CoreWorld, 'table'> {
  const posted: PostedCard[] = [];
  const news: CoreWorld['news'] = [];
  const told: CoreWorld['told'] = [];
  const adele: Pick<Person, 'oid' | 'upn'> = { oid: PEOPLE.adele, upn: 'adele.vance@contoso.example' };
  const requester = { id: adele.oid, uniqueName: adele.upn, name: 'Adele Vance' };
  const azureDevOps: CoreWorld['azureDevOps'] = {
    run: aRun({
      requestedFor: requester,
      requestedBy: requester,
      repository: { id: 'r1', name: 'payments-api', type: 'TfsGit' },
    }),
    sources: aRunSources({
      commits: [{ commit: COMMIT, repository: 'payments-api', pipeline: 'payments-api', runId: 7 }],
      requesters: [requester],
      authors: [requester],
      unreadable: [],
    }),
    protection: { kind: 'protected' },
    down: false,
    sourcesDown: false,
    completed: undefined,
    proof: 'proven',
  };
  const teams: CoreWorld['teams'] = { answer: () => undefined };
  let seed = 0;
  const random = {
    bytes: (count: number) => {
      seed += 1;
      return Uint8Array.from(createHash('sha512').update(String(seed)).digest().subarray(0, count));
    },
  };
  const world = { now: '2026-11-24T09:00:00.000Z' };
  const clock = { now: () => world.now };
  const say = (data: object, message: string) => options.log?.(message, data);
  const settings = {
    tenant: TENANT,
    organizations: [options.organization ?? ORGANIZATION, ...(options.others ?? [])],
    log: { info: say, warn: say, error: say },
    ...(options.retentionSettings === undefined ? {} : { retentionSettings: options.retentionSettings }),
    ...(options.native === undefined ? {} : { native: options.native }),
  };

  let processes = 0;
  function compose(): { core: Core; ports: Ports } {
    processes += 1;
    const table = createNotedTable(store, { tenant: TENANT, clock });
    const due = createDueIndex({ table, clock });
    const pulses = createPulses({ table, tenant: TENANT });
    const instance = `process ${processes}`;
    const pulse = createPulse({ clock, instance, pulses });
    const ports: Ports = {
      noted: () => table.noted(),
      pulse,
      pulses,
      clock,
      due,
      policy: createFolderPolicy({
        dir: options.policyDir ?? POLICY,
        clock,
        answered: () => pulse.heard({ kind: 'policy' }),
      }),
      directory:
        options.directory ??
        createFileDirectory({ file: `${options.policyDir ?? POLICY}/directory.yaml`, load: loadDirectory }),
      azureDevOps: options.azureDevOps ?? fakeAzureDevOps(azureDevOps, told),
      reader: createReportReader(),
      ...createStores({ table, due, clock, random, orgs: orgsOf(settings), instance, tenant: TENANT }),
      ...(options.platforms === undefined ? {} : { platforms: options.platforms }),
      auditLogs: options.auditLogs ?? [],
      readLogEntry,
      ...(options.deployments === undefined ? {} : { deployments: options.deployments }),
      platformSources: options.platformSources ?? (options.platforms === undefined ? [] : [READS_NOTHING]),
      signalSources: options.signalSources ?? [],
      ...(options.assets === undefined ? {} : { assets: options.assets }),
      ...(options.baselineResources === undefined ? {} : { baselineResources: options.baselineResources }),
      conversations: createConversations({ table, tenant: TENANT, now: clock.now }),
      notifier: options.notifier ?? fakeNotifier(posted, news, teams),
      personTokens: options.personTokens ?? { tokenOf: async () => ({ kind: 'not-configured' }) },
      vault: createAesVault({ key: new Uint8Array(32).fill(7), random }),
      ...proofPorts(options.checkpointLog),
      ...(options.archive === undefined ? {} : { archive: options.archive }),
    };
    return { core: createCore(ports, settings), ports };
  }

  const { core, ports } = compose();
  return {
    core,
    ports,
    posted,
    news,
    told,
    azureDevOps,
    teams,
    get now() {
      return world.now;
    },
    set now(value) {
      world.now = value;
    },
    advance: (minutes) => {
      world.now = new Date(Date.parse(world.now) + minutes * 60_000).toISOString();
    },
    meet: (oid) => core.reached([{ kind: 'person', oid }], personal(oid)),
    restart: () => compose().core,
    deliver: (environment = 'prod', service) => deliver(core, environment, service),
    report: (name, over = {}) => report(core, name, over),
    settle: async () => {
      for (let n = 0; n < 4; n += 1) {
        await core.idle();
        for (const item of await ports.due.take(world.now).catch(() => [])) {
          await core
            .runDue(item.hint)
            .then(() => ports.due.done(item))
            .catch(() => undefined);
        }
      }
      await core.idle();
    },
  };
}

export function personal(oid: string): Conversation {
  return {
    id: `a:${oid}`,
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    tenantId: TENANT,
    kind: 'personal',
    botId: '28:bot',
  };
}

async function deliver(core: Core, environment: string, service: string | undefined): Promise<string> {
  const receipt = await core.deliveries.receive({
    check: aCheck(),
    jobToken: 'job-token-of-the-check',
    runId: 7,
    stage: 'Deploy',
    environment,
    ...(service === undefined ? {} : { service }),
  });
  if (receipt.kind !== 'accepted') throw new Error(`not accepted: ${JSON.stringify(receipt)}`);
  await core.outbox.drain(receipt.org, receipt.requestId);
  return receipt.requestId;
}

async function report(
  core: Core,
  name: string,
  over: { readonly service?: string; readonly commit?: string; readonly environment?: string },
) {
  const bytes = await readFile(new URL(`../fixtures/sarif/${name}`, import.meta.url));
  async function* body() {
    yield Uint8Array.from(bytes);
  }
  const outcome = await core.findings.import({ service: 'payments-api', commit: COMMIT, ...over, body: body() });
  await core.idle();
  return outcome;
}
