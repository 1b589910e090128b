import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { EvidenceEntry } from '../../services/domain/evidence.ts';
import { readExportLine } from '../../services/domain/evidence-export.ts';
import { createLineSplitter, type SplitLine } from '../../services/domain/line-splitter.ts';
import { createExportReading, verifyExport } from '../../services/evidence-verification.ts';
import { evidenceScene, lively } from '../fakes/evidence-scene.ts';
import { bytesOf, inChunks, keysOf, NEEDS, verified } from '../fakes/verified-export.ts';

const LARGE = await (await lively(200)).exported();
const SCENE = await lively(40);
const LINES = await SCENE.exported();
const BYTES = bytesOf(LINES.join(''));
const LAST = LINES.length;
/** Each line as it is read; the first is line 1. */
const READ = LINES.map((line) => readExportLine(line.slice(0, -1)));
const LAST_CHECKPOINT = (await verifyExport(NEEDS, { export: inChunks(BYTES) })).lastCheckpoint?.at ?? '';
const kindAt = (number: number) => READ[number - 1]?.kind;
const entryAt = (number: number): EvidenceEntry | undefined => {
  const line = READ[number - 1];
  return line?.kind === 'entry' ? line.entry : undefined;
};

/** Without this line, the one that comes after it does not go on from the one before it. */
function isHeldByNext(number: number): boolean {
  if (kindAt(number) === 'checkpoint') return [number - 1, number + 1].every((one) => kindAt(one) === 'checkpoint');
  return kindAt(number) === 'head' || entryAt(number)?.aggregate === entryAt(number + 1)?.aggregate;
}

test('an export as it was written verifies, and says how much of it checkpoints have signed', async () => {
  const { fault, lacking, walked, checkpoints, isPinned, lines } = await verified(LINES, { keys: await keysOf(7) });
  expect([fault, lacking, isPinned, lines]).toEqual([undefined, [], true, LAST]);
  expect([walked.entries, walked.unanchored, checkpoints]).toEqual([40, 1, 4]);
});

test('it verifies whatever the chunks are in which it is read', async () => {
  await fc.assert(
    fc.asyncProperty(fc.integer({ min: 1, max: 5_000 }), async (size) => {
      const found = await verifyExport(NEEDS, { export: inChunks(BYTES, size) });
      expect(found.fault).toBeUndefined();
    }),
    { numRuns: 20, examples: [[1], [BYTES.length]] },
  );
});

const flippedAt = (bytes: Uint8Array, at: number, bit: number) => bytes.with(at, (bytes[at] ?? 0) ^ (1 << bit));

/** The one line in these bytes. */
function lineIn(bytes: Uint8Array): SplitLine {
  const [line, ...more] = createLineSplitter(bytes.length).push(bytes);
  if (line === undefined || more.length > 0) throw new Error('one line was meant');
  return line;
}

test('of 200 entries every single byte that is changed after the first line is found in its own line', async () => {
  const reading = createExportReading(NEEDS, {});
  for (const [index, line] of LARGE.entries()) {
    const bytes = bytesOf(line);
    for (let at = 0; at < bytes.length - 1 && index > 0; at += 1) {
      const was = bytes[at] ?? 0;
      // Never the bit by which a letter becomes a line end, which is another test's.
      bytes[at] = was ^ (1 << (at % 6));
      const fault = await reading.take(lineIn(bytes));
      if (fault?.line !== index + 1) throw new Error(`byte ${at} of line ${index + 1}: ${JSON.stringify(fault)}`);
      bytes[at] = was;
    }
    expect(await reading.take(lineIn(bytes))).toBeUndefined();
  }
  expect(reading.cutOff()).toBeUndefined();
});

test('every single byte that is changed in the first line is found, at the latest by the last, which signs it', async () => {
  const length = bytesOf(LINES[0] ?? '').length - 1;
  for (let at = 0; at < length; at += 1) {
    const { fault } = await verified(flippedAt(BYTES, at, at % 7));
    // Another tenant or other keys are found by the first line that is of another tenant, or signed by others.
    expect(fault?.line, `byte ${at}: ${fault?.why}`).toBeLessThanOrEqual(2);
  }
});

test('a line end that is changed is found where it stood, and so is a change that makes one', async () => {
  const ends = [...BYTES.keys()].filter((at) => BYTES[at] === 10);
  const made = [...BYTES.keys()].filter((at) => BYTES[at] === 0x4a).filter((_, n) => n % 10 === 0);
  let number = 0;
  for (const at of ends) {
    number += 1;
    expect((await verified(flippedAt(BYTES, at, number % 8))).fault?.line).toBe(number);
  }
  for (const at of made) expect((await verified(flippedAt(BYTES, at, 6))).fault?.line).toBeDefined();
});

test('whatever bytes are changed, taken away or put in, wherever: it does not verify', async () => {
  const change = fc.record({
    at: fc.nat({ max: BYTES.length - 1 }),
    away: fc.nat({ max: 3 }),
    put: fc.uint8Array({ maxLength: 3 }),
  });
  await fc.assert(
    fc.asyncProperty(change, async ({ at, away, put }) => {
      const changed = new Uint8Array([...BYTES.subarray(0, at), ...put, ...BYTES.subarray(at + away)]);
      fc.pre(Buffer.compare(changed, BYTES) !== 0);
      expect((await verified(changed)).fault).toBeDefined();
    }),
    { numRuns: 100 },
  );
});

test('each line that is taken away is named by the line that now stands there, or by the last where no line follows from it', async () => {
  for (let number = 1; number <= LAST; number += 1) {
    const { fault } = await verified(LINES.toSpliced(number - 1, 1));
    expect([number, fault?.line]).toEqual([number, isHeldByNext(number) || number === LAST ? number : LAST - 1]);
  }
});

test('each line that stands twice is named where it stands the second time', async () => {
  for (let number = 1; number <= LAST; number += 1) {
    const { fault } = await verified(LINES.toSpliced(number, 0, LINES[number - 1] ?? ''));
    expect(fault?.line, `line ${number}`).toBe(number + 1);
  }
});

test('two neighbours that changed places are named by the first line that does not follow, at the latest by the last', async () => {
  for (let number = 1; number < LAST; number += 1) {
    const [one = '', two = ''] = LINES.slice(number - 1, number + 1);
    const { fault } = await verified(LINES.toSpliced(number - 1, 2, two, one));
    const isSeen = isHeldByNext(number) || entryAt(number)?.aggregate === entryAt(number + 2)?.aggregate;
    expect(fault?.line, `line ${number}`).toSatisfy((line: number) =>
      isSeen ? line >= number && line <= number + 2 : line >= number,
    );
  }
});

test('an entry of another chain, whole as it is, is named wherever it is put in', async () => {
  const other = (await lively(12, evidenceScene())).chains.get('once-11');
  const strange = evidenceScene();
  const entry = strange.happens('stranger', '2026-11-27T09:00:00.000Z');
  expect(other?.entries).toHaveLength(1);
  const line = `${JSON.stringify({ entry: { aggregate: entry.aggregate, entry: entry.entry, hash: entry.hash, op: entry.op, seq: 1, texts: entry.texts } })}\n`;
  for (let number = 1; number <= LAST; number += 1) {
    const { fault } = await verified(LINES.toSpliced(number - 1, 0, line));
    const isWithin = entryAt(number - 1) !== undefined && entryAt(number - 1)?.aggregate === entryAt(number)?.aggregate;
    const line1 = isWithin || kindAt(number) === 'checkpoint' ? number + 1 : LAST + 1;
    expect([number, fault?.line]).toEqual([number, number === 1 ? 1 : line1]);
  }
});

test('an export that ends too early is named after its last whole line, wherever it was cut off', async () => {
  for (let number = 0; number < LAST; number += 1) {
    expect((await verified(LINES.slice(0, number))).fault).toMatchObject({ line: number + 1 });
    const within = LINES[number] ?? '';
    for (const kept of [1, Math.floor(within.length / 2), within.length - 1]) {
      const { fault } = await verified([...LINES.slice(0, number), within.slice(0, kept)]);
      expect(fault).toEqual({ in: 'export', line: number + 1, why: expect.stringContaining('cut off') });
    }
  }
});

test('an aggregate that was left out is named by the checkpoint that has signed it, whatever else the last line says', async () => {
  const of = new Set(READ.flatMap((line) => (line.kind === 'entry' ? [line.entry.aggregate] : [])));
  const { lacking: none } = await verified(LINES);
  expect(none).toEqual([]);
  for (const aggregate of of) {
    const left = LINES.filter((_, index) => entryAt(index + 1)?.aggregate !== aggregate);
    const { fault, lacking } = await verified(left);
    expect(fault?.line).toBe(left.length);
    const [latest] = [...SCENE.chains.values()].filter(({ entries }) => entries[0]?.aggregate === aggregate);
    // What happened after the last checkpoint only the last line knows.
    const isAnchored = (latest?.times[0] ?? '') < LAST_CHECKPOINT;
    expect(lacking.map((one) => one.aggregate)).toEqual(isAnchored ? [aggregate] : []);
  }
});
