import { createWriteStream } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ReadWork } from './child-sarif.ts';
import { startChild } from './children.ts';
import { type Line, line } from './line.ts';
import { median } from './load.ts';

const BYTES = 100_000_000;
const ROUNDS = 3;
/** As `npm start` has it. */
const YOUNG = '--max-semi-space-size=8';
const SMALL_HEAP = '--max-old-space-size=128';

/** A report of 100 MB: time, memory and the longest block of the event loop, beside JSON.parse of the same bytes. */
export async function sarif(): Promise<readonly Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  try {
    const file = join(folder, 'large.sarif');
    await pipeline(Readable.from(sarifOf(BYTES)), createWriteStream(file));
    const [ours, theirs, small]: [ReadWork[], ReadWork[], ReadWork[]] = [[], [], []];
    for (let n = 0; n < ROUNDS; n += 1) {
      ours.push(await readBy('product', file));
      theirs.push(await readBy('JSON.parse', file));
      small.push(await readBy('product', file, [SMALL_HEAP]));
    }
    return lines(ours, theirs, small);
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** A process for each reading: memory that was once taken is not given back. */
async function readBy(reader: string, file: string, flags: readonly string[] = []): Promise<ReadWork> {
  const child = await startChild('child-sarif.ts', [reader, file], [YOUNG, ...flags]);
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
    line('SARIF of 100 MB, time in a heap of 128 MiB', 'ms', inSmall, { what: 'in any heap', value: inLarge }),
  ];
}

/** One run of one tool with 400 rules and as many results as it takes. */
function* sarifOf(bytes: number): Iterable<string> {
  const rules = Array.from({ length: 400 }, (_, n) => ({
    id: `RULE${n}`,
    shortDescription: { text: `rule ${n}` },
    help: { text: 'x'.repeat(600) },
    properties: { 'security-severity': String(n % 10) },
  }));
  let written = 0;
  const head = JSON.stringify({ name: 'semgrep', version: '1.0.0', rules });
  yield `{"version":"2.1.0","runs":[{"tool":{"driver":${head}},"results":[`;
  for (let n = 0; written < bytes; n += 1) {
    const text = `${n === 0 ? '' : ','}${JSON.stringify(resultOf(n))}`;
    written += text.length;
    yield text;
  }
  yield ']}]}';
}

function resultOf(n: number) {
  const region = { startLine: (n % 2_000) + 1, startColumn: 3, snippet: { text: `const a = b + ${n}` } };
  const artifactLocation = { uri: `src/mod${n % 977}/file${n % 13}.ts`, uriBaseId: '%SRCROOT%' };
  return {
    ruleId: `RULE${n % 400}`,
    ruleIndex: n % 400,
    level: ['error', 'warning', 'note'][n % 3],
    message: { text: `Finding ${n} in module ${n % 977}, possible issue with "quotes" and input handling` },
    locations: [{ physicalLocation: { artifactLocation, region } }],
    partialFingerprints: { primaryLocationLineHash: `${((n * 2_654_435_761) >>> 0).toString(16)}:1` },
    properties: { tags: ['security', `external/cwe/cwe-${n % 900}`] },
  };
}
