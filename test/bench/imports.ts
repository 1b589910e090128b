import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createReportReader } from '../../services/signals/readers.ts';
import { createCoreWorldOn } from '../fakes/core-world.ts';
import { countedInMemory } from '../fakes/counted-tables.ts';
import type { ImportWork } from './child-import.ts';
import { startChild } from './children.ts';
import { writeLargeSarif } from './large-sarif.ts';
import { type Line, line } from './line.ts';
import { median } from './load.ts';
import { SMALL_HEAP, START } from './sarif.ts';

const FINDINGS = 10_000;
const LARGE = 196_000;
const LARGE_ROUNDS = 3;
const ROUNDS = 5;
const CHUNK = 1 << 16;

interface Imported {
  readonly calls: number;
  readonly perSecond: number;
}

/**
 * A report of 10,000 findings: new, again as it was, and with one finding changed; on a table in memory, so that what
 * is timed is our own work. Beside it the same report merely read.
 */
export async function imports(): Promise<readonly Line[]> {
  const kinds: Readonly<Record<string, Imported[]>> = { new: [], identical: [], changed: [] };
  const read: number[] = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const importing = startImporting(round);
    const first = reportOf(round);
    kinds['new']?.push(await importing(first));
    kinds['identical']?.push(await importing(first));
    kinds['changed']?.push(await importing(reportOf(round, FINDINGS)));
    read.push(await readAlone(first));
  }
  const beside = { what: 'read alone', value: median(read) };
  const few = Object.entries(kinds).flatMap(([kind, made]) => {
    const what = `import of ${FINDINGS} findings, ${kind}`;
    const perSecond = median(made.map((one) => one.perSecond));
    return [line(what, 'calls', median(made.map(({ calls }) => calls))), line(what, 'findings/s', perSecond, beside)];
  });
  return [...few, ...(await large(median((kinds['new'] ?? []).map((one) => one.perSecond))))];
}

/** 196,000 findings in a process with the flags of `npm start`: new, and again as they were. */
async function large(fewPerSecond: number): Promise<readonly Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  try {
    const file = join(folder, 'large.sarif');
    await writeLargeSarif(file, { findings: LARGE });
    const made: ImportWork[][] = [[], [], []];
    for (let round = 0; round < LARGE_ROUNDS; round += 1) {
      const [first, again] = await importTwice(file, START);
      const [small] = await importTwice(file, [...START, SMALL_HEAP]);
      for (const [n, one] of [first, again, small].entries()) made[n]?.push(one);
    }
    const kinds = ['new', 'identical', 'new, in a heap of 128 MiB'];
    return kinds.flatMap((kind, n) => largeLines(`import of ${LARGE} findings, ${kind}`, made[n] ?? [], fewPerSecond));
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function importTwice(file: string, flags: readonly string[]): Promise<readonly [ImportWork, ImportWork]> {
  const child = await startChild('child-import.ts', [file], flags);
  try {
    return [await child.ask<ImportWork>('import'), await child.ask<ImportWork>('import')];
  } finally {
    await child.close();
  }
}

function largeLines(what: string, made: readonly ImportWork[], fewPerSecond: number): readonly Line[] {
  const of = (figure: (one: ImportWork) => number) => median(made.map(figure));
  const atMost = (bar: string, value: number, most: number) => ({ bar: `at most ${bar}`, met: value <= most });
  const [turn, memory] = [of(({ storing }) => storing.ms), of(({ rssMb }) => rssMb)];
  return [
    line(
      what,
      'findings/s',
      of((one) => one.perSecond),
      { what: `of ${FINDINGS}`, value: fewPerSecond },
    ),
    line(
      `${what}: longest turn after reading`,
      'ms',
      turn,
      { what: 'CPU of the longest', value: of(({ storing }) => storing.cpuMs) },
      atMost('40 ms', turn, 40),
    ),
    line(
      `${what}: longest turn of reading`,
      'ms',
      of(({ reading }) => reading.ms),
      {
        what: 'CPU of the longest',
        value: of(({ reading }) => reading.cpuMs),
      },
    ),
    line(
      `${what}: memory above the idle process at its peak`,
      'MiB',
      memory,
      undefined,
      atMost('100 MiB', memory, 100),
    ),
  ];
}

/** Into a store of its own. */
function startImporting(round: number): (report: Uint8Array) => Promise<Imported> {
  const { table, made } = countedInMemory([]);
  const { core } = createCoreWorldOn(table);
  const commit = round.toString(16).padStart(40, 'e');
  return async (report) => {
    made();
    const begun = performance.now();
    const outcome = await core.findings.import({ service: 'payments-api', commit, body: inChunks(report) });
    const seconds = (performance.now() - begun) / 1_000;
    if (outcome.kind !== 'imported') throw new Error(`the report was not imported: ${JSON.stringify(outcome)}`);
    const calls = made().length;
    await core.idle();
    return { calls, perSecond: FINDINGS / seconds };
  };
}

async function readAlone(report: Uint8Array): Promise<number> {
  const begun = performance.now();
  const read = await createReportReader().read(inChunks(report), {});
  if ('refused' in read) throw new Error(`the report was refused: ${read.detail}`);
  return FINDINGS / ((performance.now() - begun) / 1_000);
}

async function* inChunks(bytes: Uint8Array): AsyncIterable<Uint8Array> {
  for (let at = 0; at < bytes.length; at += CHUNK) yield bytes.subarray(at, at + CHUNK);
}

/** The finding of this number is another one than before. */
function reportOf(seed: number, changed?: number): Uint8Array {
  const results = Array.from({ length: FINDINGS }, (_, index) => {
    const n = index + 1 === changed ? index + 1 : index;
    const artifactLocation = { uri: `src/module-${n % 300}/file-${n}.ts` };
    return {
      ruleId: `rule-${n % 40}`,
      message: { text: `Finding ${n} of report ${seed}` },
      locations: [{ physicalLocation: { artifactLocation, region: { startLine: (n % 400) + 1 } } }],
    };
  });
  const log = { version: '2.1.0', runs: [{ tool: { driver: { name: 'semgrep' } }, results }] };
  return new TextEncoder().encode(JSON.stringify(log));
}
