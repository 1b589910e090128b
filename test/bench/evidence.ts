import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { evidenceScene, lively } from '../fakes/evidence-scene.ts';
import type { VerifyWork } from './child-evidence.ts';
import { startChild } from './children.ts';
import { type Line, line } from './line.ts';
import { median } from './load.ts';
import { SMALL_HEAP, START } from './sarif.ts';

const ENTRIES = 100_000;
const ROUNDS = 3;

/** An export of 100,000 entries: time and memory of its verification, beside SHA-256 and JSON.parse of each line of the same file. */
export async function evidence(): Promise<readonly Line[]> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-bench-'));
  try {
    const [large, tenth] = [join(folder, 'large.jsonl'), join(folder, 'tenth.jsonl')];
    await writeExport(large, ENTRIES);
    await writeExport(tenth, ENTRIES / 10);
    const [ours, plain, small]: [VerifyWork[], number[], VerifyWork[]] = [[], [], []];
    for (let n = 0; n < ROUNDS; n += 1) {
      ours.push(await verifyBy(large));
      plain.push(await readPlainly(large));
      small.push(await verifyBy(tenth, [SMALL_HEAP]));
    }
    return lines(ours, plain, small);
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function writeExport(file: string, entries: number): Promise<void> {
  await writeFile(file, (await (await lively(entries, evidenceScene(), entries / 10)).exported()).join(''));
}

async function verifyBy(file: string, flags: readonly string[] = []): Promise<VerifyWork> {
  const child = await startChild('child-evidence.ts', [file], [...START, ...flags]);
  try {
    return await child.ask<VerifyWork>('verify');
  } finally {
    await child.close();
  }
}

/** Milliseconds of what nobody can do without: the checksum of the bytes, and JSON.parse of each line. */
async function readPlainly(file: string): Promise<number> {
  const begun = performance.now();
  const hash = createHash('sha256');
  let entries = 0;
  // Not by readline, to which other characters end a line too.
  for (const text of (await readFile(file, 'utf8')).split('\n')) {
    hash.update(text);
    if (text !== '' && typeof JSON.parse(text) === 'object') entries += 1;
  }
  hash.digest();
  if (entries < ENTRIES) throw new Error('it has as many lines as entries at least');
  return performance.now() - begun;
}

function lines(ours: readonly VerifyWork[], plain: readonly number[], small: readonly VerifyWork[]): readonly Line[] {
  const ms = median(ours.map((work) => work.ms));
  const beside = { what: 'SHA-256 and JSON.parse of the same file', value: median([...plain]) };
  const tenth = { what: 'ten times that of 10,000 entries', value: 10 * median(small.map((work) => work.ms)) };
  const rss = (of: readonly VerifyWork[]) => median(of.map((work) => work.rssMb));
  const of = `evidence of ${ENTRIES} entries`;
  return [
    line(`${of}, verified`, 'ms', ms, beside, { bar: 'at most 5,000 ms', met: ms <= 5_000 }),
    line(`${of}, verified, beside a tenth of it`, 'ms', ms, tenth),
    line(`${of}, memory above the idle process`, 'MiB', rss(ours), { what: '10,000 entries', value: rss(small) }),
  ];
}
