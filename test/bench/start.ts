import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { startChild, type Usage } from './children.ts';
import { type Line, line } from './line.ts';
import { median } from './load.ts';
import { productSettings, startStore } from './product.ts';

const ROUNDS = 3;
const REQUESTS = 10_000;
const PRODUCT = '../../bot/index.ts';
const BARE = 'bare-express.ts';

/** How soon a process answers and what memory it takes, beside a bare server, and whether memory grows with work. */
export async function start(): Promise<readonly Line[]> {
  const { azurite, connectionString } = await startStore([]);
  try {
    const [ours, bare]: [Started[], Started[]] = [[], []];
    for (let n = 0; n < ROUNDS; n += 1) {
      ours.push(await started(PRODUCT, productSettings(connectionString)));
      bare.push(await started(BARE, {}));
    }
    const beside = (of: (one: Started) => number) =>
      [median(ours.map(of)), { what: 'a bare express server', value: median(bare.map(of)) }] as const;
    return [
      line('start, from spawn to the first /livez', 'ms', ...beside(({ ms }) => ms)),
      line('memory when idle (RSS)', 'MiB', ...beside(({ rssMb }) => rssMb)),
      ...(await memoryAfterWork()),
    ];
  } finally {
    await azurite.close();
  }
}

interface Started {
  readonly ms: number;
  readonly rssMb: number;
}

async function started(file: string, settings: Readonly<Record<string, string>>): Promise<Started> {
  const port = await freePort();
  const begun = performance.now();
  const child = spawn(process.execPath, [fileURLToPath(new URL(file, import.meta.url))], {
    env: { ...settings, PATH: process.env['PATH'] ?? '', PORT: String(port) },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  try {
    while (!(await answers(port))) {
      if (child.exitCode !== null) throw new Error(`${file} ended with ${child.exitCode}`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    return { ms: performance.now() - begun, rssMb: await rssOf(child.pid ?? 0) };
  } finally {
    if (child.exitCode === null) {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  }
}

function answers(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/livez`).then(
    ({ ok }) => ok,
    () => false,
  );
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  await new Promise((closed) => server.close(closed));
  return typeof address === 'object' && address !== null ? address.port : 0;
}

async function rssOf(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+([0-9]+) kB/.exec(status)?.[1]) / 1_024;
}

/** The core on a table in memory that forgets what was told: what stays is the product's own. */
async function memoryAfterWork(): Promise<readonly Line[]> {
  const child = await startChild('child-memory.ts', [], ['--expose-gc']);
  try {
    await child.ask('play', REQUESTS / 10);
    const before = await child.ask<Usage>('usage');
    await child.ask('play', REQUESTS);
    const after = await child.ask<Usage>('usage');
    const what = 'before them';
    return [
      line(`heap after ${REQUESTS} checks received, judged and decided`, 'MiB', after.heapMb, {
        what,
        value: before.heapMb,
      }),
      line(`memory after ${REQUESTS} checks received, judged and decided (RSS)`, 'MiB', after.rssMb, {
        what,
        value: before.rssMb,
      }),
    ];
  } finally {
    await child.close();
  }
}
