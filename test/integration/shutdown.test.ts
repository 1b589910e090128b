import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { beforeAll, expect, test, vi } from 'vitest';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { createLeases } from '../../services/tables/leases.ts';
import { COMMIT, ORGANIZATION, TENANT } from '../builders.ts';
import { startAzurite } from '../fakes/azurite.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';
import { commandOf, readDockerfile } from '../unit/read-dockerfile.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
/** As the container has it: Node lets the process write no file and start no other one. */
const COMMAND = commandOf(readDockerfile()).map((part) => part.replace('/app/', ROOT));
const POLICY = fileURLToPath(new URL('../../manifest/policy', import.meta.url));
const REPORT = new URL('../fixtures/sarif/gitleaks-clean.sarif', import.meta.url);
const START_MS = 90_000;

/** One life of the real process, from its start to its end by SIGTERM. */
interface Life {
  /** What a connection was answered that had half a request under way when the signal came. */
  readonly readyz: string;
  readonly findings: string;
  readonly exitCode: number | null;
  /** Whether another process got the lease while this one lived, and after its end. */
  readonly lease: { readonly during: boolean; readonly after: boolean };
}

let life: Life;
beforeAll(async () => {
  const azurite = await startAzurite();
  try {
    life = await live(azurite.connectionString);
  } finally {
    await azurite.close();
  }
});

async function live(connectionString: string): Promise<Life> {
  const bot = await start(connectionString);
  try {
    const { leases, during } = await watchLease(connectionString);
    const report = await readFile(REPORT, 'utf8');
    const [ready, findings] = await Promise.all([
      begun(bot.port, 'GET /readyz HTTP/1.1\r\nHost: bot\r\n'),
      begun(bot.port, `${headOf(report)}${report.slice(0, 50)}`),
    ]);
    // Whatever is answered after these has been read after them.
    expect((await fetch(`http://127.0.0.1:${bot.port}/livez`)).status).toBe(200);
    bot.child.kill('SIGTERM');
    await bot.logged('stopping');
    ready.socket.write('\r\n');
    findings.socket.write(report.slice(50));
    const [readyz, taken, exitCode] = await Promise.all([ready.answer, findings.answer, bot.exit]);
    return { readyz, findings: taken, exitCode, lease: { during, after: await leases.hold('scheduler', 30) } };
  } finally {
    bot.child.kill('SIGKILL');
  }
}

async function start(TABLES_CONNECTION_STRING: string) {
  const env = {
    COUNTERSIGN_LOCAL: 'true',
    PORT: '0',
    BOT_TENANT_ID: TENANT,
    TABLES_CONNECTION_STRING,
    AZURE_DEVOPS_ORGS: ORGANIZATION,
    CHECK_SECRETS: CHECK_KEY,
    LOCAL_API_KEY: API_KEY,
    POLICY_DIR: POLICY,
    TOKEN_KEY: Buffer.alloc(32, 7).toString('base64'),
  };
  const child = spawn(process.execPath, COMMAND.slice(1), { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = once(child, 'exit').then(([code]) => code as number | null);
  let log = '';
  child.stdout.on('data', (chunk) => {
    log += chunk;
  });
  const logged = async (message: string) => {
    const signal = AbortSignal.timeout(START_MS);
    while (!log.includes(`"msg":"${message}"`)) await once(child.stdout, 'data', { signal });
  };
  await logged('listening');
  const port = Number(/"port":(\d+)[^\n]*"msg":"listening"/.exec(log)?.[1]);
  return { child, port, logged, exit };
}

/** Whether another process can have the lease, once this one has had the time to take it. */
async function watchLease(connectionString: string) {
  const table = createAzureTable({ connection: { connectionString }, prefix: 'countersign', budgetMs: 20_000 });
  const leases = createLeases({ table, clock: { now: () => new Date().toISOString() }, instance: 'the next' });
  await vi.waitFor(async () => expect(await table.list('sys', 'leases')).toHaveLength(1), { timeout: START_MS });
  return { leases, during: await leases.hold('scheduler', 30) };
}

/** A connection on which this much of a request has been sent. */
async function begun(port: number, part: string): Promise<{ socket: Socket; answer: Promise<string> }> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  const answer = once(socket, 'close').then(() => text);
  await new Promise<void>((resolve) => socket.write(part, () => resolve()));
  return { socket, answer };
}

function headOf(report: string): string {
  return [
    `POST /api/findings?service=payments-api&commit=${COMMIT} HTTP/1.1`,
    'Host: bot',
    `X-Api-Key: ${API_KEY}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(report)}`,
    '',
    '',
  ].join('\r\n');
}

test('after SIGTERM a connection that is still open is told that this process is not ready', () => {
  expect(life.readyz).toMatch(/^HTTP\/1\.1 503 [\s\S]*"not ready"/);
});

test('a report that was half sent when SIGTERM came is taken whole', () => {
  expect(life.findings).toMatch(/^HTTP\/1\.1 200 [\s\S]*"tool":"gitleaks"/);
});

test('the command of the image, which may write nothing, lives from start to end and ends with 0', () => {
  expect(life.exitCode).toBe(0);
});

test('the lease is taken at the start and given back at the end, so that the next process goes on at once', () => {
  expect(life.lease).toEqual({ during: false, after: true });
});
