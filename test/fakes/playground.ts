import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { stringify } from 'yaml';

/** One person of the Playground. `aadObjectId` is sent as it is, so it has to be a real GUID where the bot checks it. */
export interface PlaygroundUser {
  /** Channel account id, what Teams calls `29:…`. Unique among all users. */
  readonly id: string;
  readonly name: string;
  readonly userPrincipleName: string;
  readonly aadObjectId: string;
  readonly givenName: string;
  readonly surname: string;
  readonly email: string;
}

/**
 * The Playground's configuration file, version 0.1.1, with the names and the counts of its schema
 * (https://aka.ms/teams-app-test-tool-config/0.1.1/config.schema.json): exactly five users besides the current one, and at
 * most one channel besides General. All conversation ids have to differ.
 */
export interface PlaygroundConfig {
  /** Sent as `conversation.tenantId` and `channelData.tenant.id` of every activity. */
  readonly tenantId: string;
  readonly bot: { readonly id: string; readonly name: string };
  /** The person in front of the page: one for each Playground. */
  readonly currentUser: PlaygroundUser;
  readonly users: readonly [PlaygroundUser, PlaygroundUser, PlaygroundUser, PlaygroundUser, PlaygroundUser];
  readonly personalChat: { readonly id: string };
  readonly groupChat: { readonly id: string; readonly name: string };
  /** `id` is also the conversation id of the General channel. */
  readonly team: {
    readonly id: string;
    readonly name: string;
    readonly aadGroupId: string;
    readonly channels: readonly [{ readonly id: string; readonly name: string }];
  };
}

export interface PlaygroundOptions {
  /** The bot's messaging endpoint, for example `http://127.0.0.1:3978/api/messages`. */
  readonly botUrl: string;
  readonly config: PlaygroundConfig;
  /** 0 takes a free one. */
  readonly port?: number;
}

/** A running Agents Playground: the local Teams client and its connector. */
export interface Playground {
  /** The page to open, `http://127.0.0.1:PORT/`. */
  readonly url: string;
  readonly port: number;
  /** The connector's address as the activities name it. */
  readonly serviceUrl: string;
  /** Stops the process and removes its folder. May be called twice. */
  close(): Promise<void>;
}

const require = createRequire(import.meta.url);

const startLimitMs = 30_000;
const closeLimitMs = 3_000;

/**
 * Starts the Agents Playground on the loopback interface and resolves once its page answers. It works in a temporary folder,
 * where its configuration and its log lie. Rejects with the end of that log when it stops by itself, and when the port asked
 * for is taken (left alone, the Playground would silently use another).
 */
export async function startPlayground({ botUrl, config, port = 56_150 }: PlaygroundOptions): Promise<Playground> {
  const folder = await mkdtemp(join(tmpdir(), 'playground-'));
  await writeFile(join(folder, '.m365agentsplayground.yml'), stringify({ version: '0.1.1', ...config }));
  const child = spawnPlayground(folder, botUrl, port);
  const exited = once(child, 'exit');
  const close = async () => {
    await stop(child, exited);
    await rm(folder, { recursive: true, force: true });
  };
  try {
    const listening = await listeningPort(child, exited);
    if (port !== 0 && listening !== port) {
      throw new Error(`port ${port} is taken. Stop what uses it, or give the Playground another port.`);
    }
    const url = `http://127.0.0.1:${listening}/`;
    await answering(url);
    return { url, port: listening, serviceUrl: `http://localhost:${listening}/_connector`, close };
  } catch (error) {
    const log = await logTail(folder);
    await close();
    throw new Error(`The Agents Playground did not start: ${reasonOf(error)}\nIts log ends:\n${log}`, { cause: error });
  }
}

function spawnPlayground(folder: string, botUrl: string, port: number): ChildProcess {
  const cli = join(dirname(require.resolve('@microsoft/m365agentsplayground/package.json')), 'cli.js');
  const preload = new URL('./playground-preload.ts', import.meta.url).href;
  const flags = ['-e', botUrl, '-c', 'msteams', '-p', String(port), '--disable-telemetry'];
  return spawn(process.execPath, ['--import', preload, cli, 'start', ...flags], {
    cwd: folder,
    env: { PATH: process.env['PATH'], HOME: process.env['HOME'], TEAMSAPPTESTER_BROWSER: 'none' },
    stdio: ['pipe', 'pipe', 'ignore'],
  });
}

/** The port of the line `Listening on N`, which the Playground writes where its output is no terminal. */
async function listeningPort(child: ChildProcess, exited: Promise<unknown>): Promise<number> {
  if (child.stdout === null) throw new Error('the Playground has no output to read');
  const lines = createInterface({ input: child.stdout });
  const heard = new Promise<number>((resolve) => {
    lines.on('line', (line) => {
      const port = /^Listening on (\d+)$/.exec(line)?.[1];
      if (port !== undefined) resolve(Number(port));
    });
  });
  const stopped = exited.then(() => {
    throw new Error('it stopped by itself');
  });
  const tooLate = wait(startLimitMs, undefined, { ref: false }).then(() => {
    throw new Error(`it did not listen within ${startLimitMs / 1000} s`);
  });
  return await Promise.race([heard, stopped, tooLate]);
}

async function answering(url: string): Promise<void> {
  const response = await fetch(url, { signal: AbortSignal.timeout(startLimitMs) });
  await response.text();
  if (!response.ok) throw new Error(`${url} answered ${response.status}`);
}

async function logTail(folder: string): Promise<string> {
  const log = await readFile(join(folder, 'devTools', 'm365agentsplayground.log'), 'utf8').catch(
    () => '(it left no log)',
  );
  const lines = log.split('\n').filter((line) => line !== '' && !line.startsWith('debug'));
  return lines.slice(-10).join('\n');
}

function reasonOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

async function stop(child: ChildProcess, exited: Promise<unknown>): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const forced = setTimeout(() => child.kill('SIGKILL'), closeLimitMs);
  await exited;
  clearTimeout(forced);
}
