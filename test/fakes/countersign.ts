import { existsSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type App, createApp } from '../../bot/app.ts';
import { readConfig } from '../../bot/config.ts';
import type { EntraKeys } from '../../bot/entra-keys.ts';
import { createLog } from '../../bot/log.ts';
import { telemetryOf } from '../../bot/telemetry/telemetry-of.ts';
import { POLICY_FILES } from '../../services/domain/policy-files.ts';
import type { Clock } from '../../services/ports/clock.ts';
import { TENANT } from '../builders.ts';
import { type AzureDevOpsSimulator, startAzureDevOps } from './azure-devops.ts';
import type { SimulatedGit } from './azure-devops-git.ts';
import { startAzurite } from './azurite.ts';
import { edited } from './policy-folder.ts';
import { type FakeTeams, startTeams } from './teams.ts';

export const CHECK_KEY = 'a-check-secret-for-tests';
export const API_KEY = 'an-api-key-for-tests-only';
const BOT_PASSWORD = 'a-bot-password-for-tests';

export interface Countersign {
  readonly app: App;
  readonly url: string;
  readonly azureDevOps: AzureDevOpsSimulator;
  readonly teams: FakeTeams;
  /** Folder of the policy, from which it comes unless from a repository. */
  readonly policy: string;
  /** Where the policy comes from, if from a repository. */
  readonly repository?: SimulatedGit;
  readonly lines: string[];
  /** Sends a fixture of test/fixtures/sarif as the pipeline of this run would. */
  report(name: string, query: Readonly<Record<string, string>>): Promise<Response>;
  close(): Promise<void>;
}

export interface CountersignOptions {
  readonly env?: Readonly<Record<string, string>>;
  /** Another store than a fresh Azurite in memory. */
  readonly tables?: string;
  /** With one, Teams signs what it sends and the bot checks it. */
  readonly botId?: string;
  /** The bot's personal access token in Azure DevOps; default one of its own. */
  readonly pat?: string;
  /** The policy comes from a branch of a repository, with or without a policy on it, in place of a folder. */
  readonly branch?: 'protected' | 'unprotected';
  /** The keys of Entra, where its tokens are to be taken. */
  readonly entraKeys?: EntraKeys;
  /** The bot's own time of day; default that of the machine. */
  readonly clock?: Clock;
  /** What is logged; default `warn`. */
  readonly level?: string;
  /** How often traces and metrics are sent, where `env` names a collector. */
  readonly pace?: Parameters<typeof telemetryOf>[2];
}

/** The real product on real ports: Azurite, the Azure DevOps simulator and a Teams connector around `createApp`. */
export async function startCountersign(options: CountersignOptions = {}): Promise<Countersign> {
  const azurite = options.tables === undefined ? await startAzurite() : undefined;
  const azureDevOps = await startAzureDevOps(options.pat === undefined ? {} : { pat: options.pat });
  const { botId } = options;
  const teams = await startTeams({ tenant: TENANT, ...(botId !== undefined && { botId, authenticated: true }) });
  const identity = botId !== undefined && {
    BOT_ID: botId,
    BOT_PASSWORD,
    BOT_OPENID_METADATA_URL: teams.openIdMetadataUrl,
  };
  const lines: string[] = [];
  const policy = await timelessPolicy();
  const repository = options.branch && (await repositoryOf(azureDevOps, policy));
  if (options.branch === 'protected') repository?.protect();
  const reading = readConfig({
    COUNTERSIGN_LOCAL: 'true',
    PORT: '0',
    BOT_TENANT_ID: TENANT,
    TABLES_CONNECTION_STRING: options.tables ?? azurite?.connectionString ?? '',
    AZURE_DEVOPS_ORGS: azureDevOps.organizationUrl(),
    AZURE_DEVOPS_TOKEN: azureDevOps.pat,
    CHECK_SECRETS: CHECK_KEY,
    LOCAL_API_KEY: API_KEY,
    ...(repository === undefined
      ? { POLICY_DIR: policy }
      : { POLICY_REPO: `${azureDevOps.organizationUrl()}/Shop/_git/policy` }),
    DIRECTORY_FILE: `${policy}/directory.yaml`,
    TOKEN_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...identity,
    ...options.env,
  });
  if ('problems' in reading) throw new Error(reading.problems.join('\n'));
  const log = createLog(options.level ?? 'warn', (line) => lines.push(line));
  const app = createApp(reading.config, log, {
    entraKeys: options.entraKeys,
    clock: options.clock,
    telemetry: await telemetryOf(reading.config, log, options.pace),
  });
  await app.start();
  const url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  teams.connect(`${url}/api/messages`);
  return {
    app,
    url,
    azureDevOps,
    teams,
    policy,
    ...(repository === undefined ? {} : { repository }),
    lines,
    report: async (name, query) =>
      fetch(`${url}/api/findings?${new URLSearchParams(query)}`, {
        method: 'POST',
        headers: { 'X-Api-Key': options.env?.['LOCAL_API_KEY'] ?? API_KEY, 'Content-Type': 'application/json' },
        body: await readFile(new URL(`../fixtures/sarif/${name}`, import.meta.url)),
      }),
    close: async () => {
      await app.stop();
      await Promise.all([azureDevOps.close(), teams.close(), azurite?.close()]);
      await rm(policy, { recursive: true, force: true });
    },
  };
}

async function repositoryOf(azureDevOps: AzureDevOpsSimulator, folder: string): Promise<SimulatedGit> {
  const git = azureDevOps.addRepository('policy');
  const there = POLICY_FILES.filter((file) => existsSync(join(folder, file)));
  const texts = there.map(async (file) => [file, await readFile(join(folder, file), 'utf8')] as const);
  git.push(Object.fromEntries(await Promise.all(texts)));
  return git;
}

/** The sample policy without what depends on the hour: outside working hours others would be asked at once. */
async function timelessPolicy(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-policy-'));
  await cp(fileURLToPath(new URL('../../manifest/policy', import.meta.url)), folder, { recursive: true });
  await edited(folder, ['routes.yaml', /^ +escalateTo: .*$/gm, '']);
  return folder;
}
