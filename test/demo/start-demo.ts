import { appendFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Logger } from 'pino';
import { type App, createApp } from '../../bot/app.ts';
import { cannotStart, readConfig } from '../../bot/config.ts';
import { createLog } from '../../bot/log.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from '../fakes/azure-devops.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { type Playground, startPlayground } from '../fakes/playground.ts';
import type { ResourceManagerFake } from '../fakes/resource-manager.ts';
import { startAzure } from './azure.ts';
import { DEMO_API_KEY, DEMO_CHECK_KEY, DEMO_PAT, DEMO_TOKEN_KEY } from './demo-keys.ts';
import { type DemoPorts, needFreePorts } from './free-ports.ts';
import { openJournal } from './journal.ts';
import { createPipelines, type DemoRun, stageLine } from './pipelines.ts';
import { addPlatform } from './platform.ts';
import { DEMO_TENANT, playgroundConfig, readPeople } from './playground-config.ts';
import { runPage, settingsPage } from './run-page.ts';

const DEMO_PORTS: DemoPorts = { bot: 3978, azureDevOps: 8181, playground: 56_150 };

/** Of reading the platform: its projects, what they hold, and who that leads to. */
const ROUNDS = 3;

const POLICY = fileURLToPath(new URL('../../manifest/policy', import.meta.url));
const DIRECTORY = join(POLICY, 'directory.yaml');

export interface DemoOptions {
  readonly ports?: DemoPorts;
  /** Folder that a restart finds again; absent: everything ends with the process. */
  readonly data?: string;
  /** Default true; false leaves the local Teams client out. */
  readonly playground?: boolean;
  readonly print?: (line: string) => void;
}

export interface Demo {
  /** The bot, without a slash at the end. */
  readonly url: string;
  /** The page to open; absent without the Playground. */
  readonly page?: string;
  readonly azureDevOps: AzureDevOpsSimulator;
  /** What this start queued. */
  readonly runs: readonly DemoRun[];
  /** Runs of earlier starts whose stage still waits. */
  readonly waiting: readonly DemoRun[];
  /** Stops everything, at most once; what was kept is written. */
  close(): Promise<void>;
}

type Closers = (() => Promise<void>)[];

/**
 * Storage, simulators of Azure DevOps and Azure, the bot and a local Teams client on this machine, with one run that waits
 * for an approval and one that is blocked, once the bot has read the platform that both go through. With `data`, runs of earlier starts are there again as they were, and new ones are
 * queued besides. Rejects with a CannotStartError when a port is taken, and stops what had been started.
 */
export async function startDemo(options: DemoOptions = {}): Promise<Demo> {
  const { ports = DEMO_PORTS, playground = true, print = console.log } = options;
  await needFreePorts(playground ? ports : { bot: ports.bot, azureDevOps: ports.azureDevOps });
  const closers: Closers = [];
  try {
    return await startParts({ ...options, ports, playground, print }, closers);
  } catch (error) {
    await closeAll(closers);
    throw error;
  }
}

/** The last one started first; what cannot be closed keeps nothing else from being closed. */
async function closeAll(closers: Closers): Promise<void> {
  const close = closers.pop();
  if (close === undefined) return;
  try {
    await close();
  } finally {
    await closeAll(closers);
  }
}

type Settled = Required<Omit<DemoOptions, 'data'>> & Pick<DemoOptions, 'data'>;

async function startParts({ ports, data, playground, print }: Settled, closers: Closers): Promise<Demo> {
  const azurite = await startAzurite({ blobs: true, ...(data === undefined ? {} : { location: data }) });
  closers.push(() => azurite.close());
  let ended = (_run: DemoRun, _result: string): void => {};
  const runs: DemoRun[] = [];
  const azureDevOps: AzureDevOpsSimulator = await startAzureDevOps({
    port: ports.azureDevOps,
    pat: DEMO_PAT,
    onStage: (check, result) => {
      const run = runs.find((one) => one.check === check);
      if (run !== undefined) ended(run, result);
    },
    page: (path) => runPage(path, runs, azureDevOps) ?? settingsPage(path),
  });
  closers.push(() => azureDevOps.close());
  const port = new URL(azureDevOps.url).port;
  const journal = openJournal(data, `azure-devops-${port}.json`);
  const pipelines = createPipelines(azureDevOps, journal);
  runs.push(...pipelines.restore());
  const waiting = runs.filter(({ check }) => azureDevOps.verdictOf(check) === undefined);
  ended = ({ check, start, service }, result) => {
    journal.end(start, service, result);
    print(stageLine(check, result));
    for (const line of (azureDevOps.logOf(check) ?? '').trim().split('\n').slice(1, 3)) print(`    ${line}`);
  };
  addPlatform(azureDevOps, {
    bot: addressOf(ports.bot),
    people: await readPeople(DIRECTORY),
    pipelines: pipelines.all,
  });
  const azure = await startAzure();
  closers.push(() => azure.close());
  const { app, url } = await startBot({ port: ports.bot, azurite, azureDevOps, azure, log: demoLog(data, print) });
  closers.push(() => app.stop());
  await readEverything(app);
  const client = playground ? await startClient(url, ports) : undefined;
  if (client !== undefined) closers.push(() => client.close());
  const begun = pipelines.begin(new Date().toISOString());
  runs.push(...begun);
  for (const run of begun) await pipelines.run(run, { url, checkKey: DEMO_CHECK_KEY, apiKey: DEMO_API_KEY });
  return {
    url,
    ...(client === undefined ? {} : { page: client.url }),
    azureDevOps,
    runs: begun,
    waiting,
    close: () => closeAll(closers),
  };
}

async function startClient(url: string, ports: DemoPorts): Promise<Playground> {
  const config = playgroundConfig(await readPeople(DIRECTORY));
  return startPlayground({ botUrl: `${url}/api/messages`, config, port: ports.playground });
}

/** As the settings of the bot have it: a port of 0 stays one. */
function addressOf(port: number): string {
  return `http://127.0.0.1:${port}`;
}

/** A round finds what the next one reads; five minutes apart are too long for a newcomer. */
async function readEverything({ core }: App): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    await core.reconcile();
    await core.idle();
  }
}

interface BotParts {
  readonly port: number;
  readonly azurite: Azurite;
  readonly azureDevOps: AzureDevOpsSimulator;
  readonly azure: ResourceManagerFake;
  readonly log: Logger;
}

/** The product itself, from an environment as env.sample describes it. */
async function startBot({ port, azurite, azureDevOps, azure, log }: BotParts): Promise<{ app: App; url: string }> {
  const reading = readConfig({
    COUNTERSIGN_LOCAL: 'true',
    PORT: String(port),
    BOT_TENANT_ID: DEMO_TENANT,
    TABLES_CONNECTION_STRING: azurite.connectionString,
    // Requests belong to an organization, and its address has the simulator's port in it.
    TABLES_PREFIX: `demo${new URL(azureDevOps.url).port}`,
    AZURE_DEVOPS_ORGS: azureDevOps.organizationUrl(),
    AZURE_DEVOPS_TOKEN: azureDevOps.pat,
    PUBLIC_URL: addressOf(port),
    PULL_SIGNALS: 'azure-policy,defender,advanced-security,azure-devops-platform',
    CHECK_SECRETS: DEMO_CHECK_KEY,
    LOCAL_API_KEY: DEMO_API_KEY,
    POLICY_DIR: POLICY,
    DIRECTORY_FILE: DIRECTORY,
    TOKEN_KEY: DEMO_TOKEN_KEY,
  });
  if ('problems' in reading) throw new Error(cannotStart(reading.problems));
  const { url, credential } = azure;
  const app = createApp(reading.config, log, { azure: { url, credential, allowLoopback: true } });
  await app.start();
  return { app, url: `http://127.0.0.1:${(app.server.address() as AddressInfo).port}` };
}

/** Warnings of the bot: each message is printed once, all of them go to `bot.log` where there is a folder. */
function demoLog(data: string | undefined, print: (line: string) => void): Logger {
  const printed = new Set<string>();
  return createLog('warn', (line) => {
    if (data !== undefined) appendFileSync(join(data, 'bot.log'), line);
    const { msg } = JSON.parse(line) as { readonly msg: string };
    if (printed.has(msg)) return;
    printed.add(msg);
    print(`! The bot warns: ${msg}${data === undefined ? '' : ` (${join(data, 'bot.log')} has the details)`}`);
  });
}
