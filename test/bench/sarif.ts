import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ReadWork } from './child-sarif.ts';
import { startChild } from './children.ts';
import { writeLargeSarif } from './large-sarif.ts';
import { type Line, line } from './line.ts';
import { median } from './load.ts';

const BYTES = 100_000_000;
const ROUNDS = 3;
/** As `npm start` has it. */
export const START = ['--max-semi-space-size=8', '--heap-growing-percent=50'];
export const SMALL_HEAP = '--max-old-space-size=128';

/** A report of 100 MB: time, memory and the longest block of the event loop, beside JSON.parse of the same bytes. */
export async function sarif(): Promise<readonly Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  try {
    const file = join(folder, 'large.sarif');
    await writeLargeSarif(file, { bytes: BYTES });
    const [ours, theirs, small]: [ReadWork[], ReadWork[], ReadWork[]] = [[], [], []];
    for (let n = 0; n < ROUNDS; n += 1) {
      ours.push(await readBy('product', file, START));
      theirs.push(await readBy('JSON.parse', file));
      small.push(await readBy('product', file, [...START, SMALL_HEAP]));
    }
    return lines(ours, theirs, small);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A process for each reading: memory that was once taken is not given back. */
async function readBy(reader: string, file: string, flags: readonly string[] = []): Promise<ReadWork> {
  const child = await startChild('child-sarif.ts', [reader, file], flags);
  try {
    return await child.ask<ReadWork>('read');
  } finally {
    await child.close();
  }
}

function lines(ours: readonly ReadWork[], theirs: readonly ReadWork[], small: readonly ReadWork[]): readonly Line[] {
  const figure = (what: string, unit: string, of: keyof ReadWork, bar?: string, most?: number) => {
    const [value, beside] = [ours, theirs].map((all) => median(all.map((work) => work[of]))) as [number, number];
    const met = most !== undefined && (unit === 'ms' && of !== 'blockMs' ? value / beside : value) <= most;
    const what100 = `SARIF of 100 MB, ${what}`;
    return line(
      what100,
      unit,
      value,
      { what: 'JSON.parse', value: beside },
      bar === undefined ? undefined : { bar, met },
    );
  };
  const inSmall = median(small.map(({ ms }) => ms));
  const inLarge = median(ours.map(({ ms }) => ms));
  return [
    figure('time', 'ms', 'ms', 'at most 1.5', 1.5),
    figure('CPU', 'ms', 'cpuMs'),
    figure('memory above the idle process at its peak', 'MiB', 'rssMb', 'at most 100 MiB', 100),
    figure('longest block of the event loop', 'ms', 'blockMs', 'at most 40 ms', 40),
    figure('CPU of the longest turn', 'ms', 'turnCpuMs'),
    line('SARIF of 100 MB, time in a heap of 128 MiB', 'ms', inSmall, { what: 'in any heap', value: inLarge }),
  ];
}
