import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { createReportReader } from '../../services/signals/readers.ts';
import { serveParent, usage } from './children.ts';
import { watchTurns } from './turns.ts';

/** Reads one report once, by the product or by JSON.parse. */
const [reader = '', file = ''] = process.argv.slice(2);

export interface ReadWork {
  readonly ms: number;
  readonly cpuMs: number;
  /** At its peak, above what the process had before. */
  readonly rssMb: number;
  readonly blockMs: number;
  readonly turnCpuMs: number;
}

async function read(): Promise<ReadWork> {
  const idle = usage();
  const longestTurn = watchTurns();
  const begun = performance.now();
  await (reader === 'product' ? readReport() : parse());
  const ms = performance.now() - begun;
  const cpuMs = usage().cpuMs - idle.cpuMs;
  const turn = longestTurn();
  const rssMb = process.resourceUsage().maxRSS / 1_024 - idle.rssMb;
  return { ms, cpuMs, rssMb, blockMs: turn.ms, turnCpuMs: turn.cpuMs };
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
