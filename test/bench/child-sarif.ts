import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { createReportReader } from '../../services/signals/readers.ts';
import { serveParent, usage } from './children.ts';

/** Reads one report once, by the product or by JSON.parse. */
const [reader = '', file = ''] = process.argv.slice(2);

export interface ReadWork {
  readonly ms: number;
  readonly cpuMs: number;
  /** At its peak, above what the process had before. */
  readonly rssMb: number;
  readonly blockMs: number;
}

async function read(): Promise<ReadWork> {
  const delay = monitorEventLoopDelay({ resolution: 1 });
  delay.enable();
  const idle = usage();
  const begun = performance.now();
  await (reader === 'product' ? readReport() : parse());
  const ms = performance.now() - begun;
  const cpuMs = usage().cpuMs - idle.cpuMs;
  await new Promise((resolve) => setTimeout(resolve, 20));
  delay.disable();
  return { ms, cpuMs, rssMb: process.resourceUsage().maxRSS / 1_024 - idle.rssMb, blockMs: delay.max / 1e6 };
}

async function readReport(): Promise<void> {
  const report = await createReportReader().read(createReadStream(file, { highWaterMark: 1 << 16 }), {});
  if ('refused' in report) throw new Error(`the report was refused: ${report.detail}`);
}

async function parse(): Promise<void> {
  const log = JSON.parse(await readFile(file, 'utf8')) as { readonly runs: readonly object[] };
  if (log.runs.length !== 1) throw new Error('there is one run');
}

serveParent({ read });
