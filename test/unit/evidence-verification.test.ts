import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { sha256 } from '../../services/domain/checksum.ts';
import type { EvidenceEntry } from '../../services/domain/evidence.ts';
import { readExportLine } from '../../services/domain/evidence-export.ts';
import { verifyExport } from '../../services/evidence-verification.ts';
import { evidenceScene, lively, signerOf } from '../fakes/evidence-scene.ts';
import { bytesOf, keysOf, NEEDS, verified } from '../fakes/verified-export.ts';

const SCENE = await lively(40);
const LINES = await SCENE.exported();
const BYTES = bytesOf(LINES.join(''));
const LAST = LINES.length;
/** Each line as it is read; the first is line 1. */
const READ = LINES.map((line) => readExportLine(line.slice(0, -1)));
const entryAt = (number: number): EvidenceEntry | undefined => {
  const line = READ[number - 1];
  return line?.kind === 'entry' ? line.entry : undefined;
};

test('an export that somebody else has signed verifies by its own key alone, and not by the one that is known', async () => {
  const forged = await (await lively(40, evidenceScene({ signer: signerOf(8) }))).exported();
  const unpinned = await verified(forged);
  expect([unpinned.fault, unpinned.isPinned]).toEqual([undefined, false]);
  expect(unpinned.keyIds).toEqual((await keysOf(8)).map(({ kid }) => kid));
  const { fault } = await verified(forged, { keys: await keysOf(7) });
  expect(fault).toMatchObject({ line: 2, why: expect.stringContaining('signature does not verify') });
  const withoutCheckpoints = forged.filter((line) => !line.startsWith('{"checkpoint"'));
  const end = await verified(withoutCheckpoints, { keys: await keysOf(7) });
  expect(end.fault).toEqual({ in: 'export', line: 42, why: 'its signature does not verify with these keys' });
});

test('of a chain that was rewritten, hashes and all, the first entry that a checkpoint has signed is named', async () => {
  const scene = await lively(40);
  const [name, { entries }] =
    [...scene.chains].find(([, one]) => one.entries.length > 3) ?? expect.fail('a long chain');
  const forged = evidenceScene();
  for (const [n] of entries.entries()) forged.happens(name, `2026-11-26T08:00:0${n}.000Z`);
  scene.rewrite(name, forged.chains.get(name)?.entries ?? []);
  const { fault } = await verified(await scene.exported());
  expect(fault).toMatchObject({
    aggregate: entries[0]?.aggregate,
    why: expect.stringContaining('checkpoint 1 has signed'),
  });
});

test('a chain that was cut at its end in the store is named by what a checkpoint has signed of it', async () => {
  const scene = await lively(40);
  const [name, { entries }] =
    [...scene.chains].find(([, one]) => one.entries.length > 3) ?? expect.fail('a long chain');
  scene.rewrite(name, entries.slice(0, 1));
  const { fault, lacking } = await verified(await scene.exported());
  expect(fault).toBeUndefined();
  expect(lacking).toEqual([
    { aggregate: entries[0]?.aggregate, seq: expect.any(Number), checkpoint: expect.any(Number) },
  ]);
  expect(lacking[0]?.seq).toBeGreaterThan(1);
});

test('an aggregate that is gone from the store is named by what a checkpoint has signed of it', async () => {
  const scene = await lively(40);
  scene.chains.delete('once-0');
  const { fault, lacking } = await verified(await scene.exported());
  expect([fault, lacking]).toEqual([
    undefined,
    [{ aggregate: expect.stringContaining('once-0'), seq: 1, checkpoint: 1 }],
  ]);
});

test('a log of checkpoints that was kept apart shows what the export and its checkpoints were robbed of together', async () => {
  const [whole, robbed] = [await lively(40), evidenceScene()];
  for (const [name, { times }] of whole.chains) if (name !== 'once-0') for (const at of times) robbed.happens(name, at);
  await robbed.anchor('2026-11-28T09:00:00.000Z');
  const lines = await robbed.exported();
  expect((await verified(lines)).lacking).toEqual([]);
  const found = await verified(lines, { log: whole.log() });
  expect(found.fault).toMatchObject({ in: 'export', line: 2, why: 'the log of checkpoints has another checkpoint 1' });
  const { lacking, compared } = await verified(await evidenceScene().exported(), { log: whole.log() });
  expect([lacking.length, compared]).toEqual([whole.chains.size, 4]);
});

test('the last checkpoint that is told of is the last of both, whichever of export and log ends first', async () => {
  for (const log of [SCENE.log(), SCENE.log().slice(0, 2)])
    expect((await verified(LINES, { log })).lastCheckpoint?.number).toBe(4);
  const robbed = await SCENE.exported({ to: '2026-11-26T12:00:00.000Z' });
  expect((await verified(robbed, { log: SCENE.log() })).lastCheckpoint?.number).toBe(4);
});

test('each line of the log of checkpoints that was changed, taken away or moved is named', async () => {
  const log = SCENE.log();
  expect((await verified(LINES, { log })).fault).toBeUndefined();
  expect((await verified(LINES, { log: [] })).fault).toEqual({ in: 'checkpoints', line: 1, why: 'the file is empty' });
  const [one = '', two = '', ...more] = log;
  const faults = [
    [one, ...more],
    [two, one, ...more],
    [one, one, two],
    [one, two.replace(/.(?="})/, (last) => (last === 'A' ? 'B' : 'A')), ...more],
    [one, '{"checkpoint":1}'],
    [one, two.slice(0, -3)],
  ].map(async (lines) => (await verified(LINES, { log: lines })).fault);
  expect(await Promise.all(faults)).toEqual(
    [2, 2, 2, 2, 2, 2].map((line) => ({ in: 'checkpoints', line, why: expect.any(String) })),
  );
});

const foreign = 'this is no export of evidence';

test.each([
  ['nothing', '', 'the file is empty'],
  ['a line end', '\n', `${foreign}: it is no JSON object`],
  ['a text', 'Dear auditor,\n', `${foreign}: it is no JSON object`],
  ['a list', '[1]\n', `${foreign}: it is no JSON object`],
  ['the log of another product', '{"time":"2026-11-28","level":30,"msg":"ready"}\n', `${foreign}: it is neither`],
  ['a log of checkpoints', `${SCENE.log()[0]}\n`, `${foreign}: its first line is missing`],
  ['a key set', '{"keys":[]}\n', `${foreign}: it is neither`],
  [
    'an export of the next version',
    '{"export":{"v":2,"tenant":"t"}}\n{"entry":{}}\n',
    'it is of version 2 of the form',
  ],
  ['an export without a version', '{"export":{"tenant":"t"}}\n', 'its export has no version'],
  ['an export of the version before the first', '{"export":{"v":0}}\n', 'it is of version 0'],
])('%s is told apart in its first line', async (_, text, why) => {
  const { fault, head } = await verified(text);
  expect(fault).toEqual({ in: 'export', line: 1, why: expect.stringContaining(why) });
  expect(head).toBeUndefined();
});

test('a compressed export, UTF-16 and a byte order mark are told apart in the first line', async () => {
  const utf16 = Buffer.from(LINES.join(''), 'utf16le');
  for (const bytes of [gzipSync(BYTES), utf16, new Uint8Array([0xef, 0xbb, 0xbf, ...BYTES])]) {
    const { fault } = await verified(Uint8Array.from(bytes));
    expect(fault).toEqual({ in: 'export', line: 1, why: expect.stringContaining(foreign) });
  }
});

test('an entry of a later version is named as such, whoever has signed it', async () => {
  const scene = evidenceScene();
  const { aggregate, op } = scene.happens('service-1 gate', '2026-11-27T09:00:00.000Z');
  const entry = JSON.stringify({ v: 2, aggregate, seq: 1, op, prev: '0'.repeat(64), texts: {} });
  const later = { aggregate, op, seq: 1, entry, hash: sha256('\0', '0'.repeat(64), entry), texts: {} };
  scene.rewrite('service-1 gate', [later]);
  const { fault } = await verified(await scene.exported());
  expect(fault).toMatchObject({ line: 2, aggregate, seq: 1, why: expect.stringContaining('of a version that') });
});

test('of 100 MB without a line end no more than one line is kept, and it is named as too long', async () => {
  const chunk = new Uint8Array(1 << 20).fill(0x61);
  let taken = 0;
  async function* endless() {
    for (; taken < 100; taken += 1) yield chunk;
  }
  const { fault } = await verifyExport(NEEDS, { export: endless() });
  expect(fault).toMatchObject({ line: 1, why: expect.stringContaining('longer than 16777216 bytes') });
  expect(taken).toBe(16);
});

test('what is no entry although it is JSON is named, whatever its members hold', async () => {
  const odd = [{}, { seq: 1.5 }, { seq: null }, { texts: [] }, { texts: { a: 1 } }, { entry: 7 }, { aggregate: {} }];
  const first = entryAt(6);
  for (const over of odd) {
    const line = `${JSON.stringify({ entry: over && { ...(Object.keys(over).length > 0 ? first : {}), ...over } })}\n`;
    expect((await verified(LINES.toSpliced(5, 1, line))).fault?.line).toBe(6);
  }
  for (const name of ['__proto__', 'constructor']) {
    const line = LINES[5]?.replace('{"entry":{', `{"entry":{"${name}":{},`) ?? '';
    expect((await verified(LINES.toSpliced(5, 1, line))).fault?.line).toBe(6);
  }
});

test('a text that was erased in the store leaves its chain whole; taken out of an export, the last line tells', async () => {
  const { scene, name, seqs } = await withTexts();
  const [data, actor] = [{ field: 'comment', seqs }, { kind: 'countersign' }] as const;
  scene.happens(name, '2026-11-28T11:00:00.000Z', { kind: 'text-erased', actor, data });
  scene.rewrite(name, withoutComments(scene, name));
  const { fault, walked } = await verified(await scene.exported());
  expect([fault, walked.erased, walked.gone]).toEqual([undefined, seqs.length, []]);

  const number = READ.findIndex((line) => line.kind === 'entry' && hasTexts(line.entry)) + 1;
  const line = LINES[number - 1]?.replace(/"texts":\{"comment".*\}\}\}/, '"texts":{}}}') ?? '';
  expect(line).not.toBe(LINES[number - 1]);
  expect((await verified(LINES.toSpliced(number - 1, 1, line))).fault?.line).toBe(LAST);
});

/** A chain of which some entries have a comment, and which. */
async function withTexts() {
  const scene = await lively(40);
  const isLong = ({ entries }: { readonly entries: readonly EvidenceEntry[] }) => entries.filter(hasTexts).length > 1;
  const [name, { entries }] = [...scene.chains].find(([, one]) => isLong(one)) ?? expect.fail('texts');
  return { scene, name, seqs: entries.filter(hasTexts).map(({ seq }) => seq) };
}

function withoutComments({ chains }: typeof SCENE, name: string): EvidenceEntry[] {
  const rest = ({ comment: _, ...texts }: EvidenceEntry['texts']) => texts;
  return (chains.get(name)?.entries ?? []).map((one) => ({ ...one, texts: rest(one.texts) }));
}

test('a text that is gone although no entry says that it was erased is named, and so is one of which another entry says so', async () => {
  const { scene, name, seqs } = await withTexts();
  const [first = 0, ...others] = seqs;
  const actor = { kind: 'countersign' } as const;
  for (const data of [
    { field: 'name', seqs },
    { field: 'comment', seqs: others },
    { field: 'comment', seqs: 'all' },
  ])
    scene.happens(name, '2026-11-28T11:00:00.000Z', { kind: 'text-erased', actor, data });
  scene.happens(name, '2026-11-28T11:00:00.000Z', { kind: 'judged', actor, data: { field: 'comment', seqs } });
  scene.rewrite(name, withoutComments(scene, name));
  const { fault, walked } = await verified(await scene.exported());
  expect([fault, walked.gone]).toEqual([
    undefined,
    [{ aggregate: expect.stringContaining(name), seq: first, field: 'comment' }],
  ]);
});

test('a chain that stands a second time is named, whatever the second says', async () => {
  const scene = await lively(40);
  const [[name, one] = expect.fail('a chain')] = [...scene.chains];
  const places = scene.evidenceLog.changed;
  scene.evidenceLog.changed = async function* (from, before) {
    yield* places(from, before);
    yield { ...one, partition: 'elsewhere' };
  };
  const { fault } = await verified(await scene.exported());
  expect(fault).toMatchObject({ aggregate: expect.stringContaining(name), why: expect.stringContaining('already') });
});

test('what a checkpoint of the time names is in the export, however long ago it changed and wherever it has moved to', async () => {
  const scene = evidenceScene();
  const about = (environment?: string) => ({
    kind: 'judged',
    actor: { kind: 'countersign' } as const,
    data: { service: 'shop', ...(environment === undefined ? {} : { environment }) },
  });
  scene.happens('restored', '2026-11-20T08:00:00.000Z', about('prod'));
  scene.happens('moved', '2026-11-27T07:59:00.000Z', about());
  await scene.anchor('2026-11-27T08:10:00.000Z');
  scene.happens('moved', '2026-11-27T08:20:00.000Z', about('staging'));
  for (const scope of [undefined, 'shop/prod'] as const) {
    const lines = await scene.exported({ from: '2026-11-27T08:00:00.000Z', ...(scope && { scope }) });
    const { fault, lacking, walked } = await verified(lines, { log: scene.log() });
    expect([fault, lacking, walked.chains]).toEqual([undefined, [], 2]);
  }
});

const hasTexts = ({ texts }: EvidenceEntry) => Object.keys(texts).length > 0;

test('an export of a time has what changed in it and all that its checkpoints name, and verifies', async () => {
  const scene = await lively(200);
  const wishes = fc.record({
    from: fc.option(
      fc.date({ min: new Date('2026-11-25T00:00:00Z'), max: new Date('2026-11-29T00:00:00Z'), noInvalidDate: true }),
    ),
    hours: fc.option(fc.integer({ min: 1, max: 60 })),
    scope: fc.option(fc.constantFrom('service-1', 'service-2/prod', 'service-3/test', 'nobody')),
  });
  await fc.assert(
    fc.asyncProperty(wishes, async ({ from, hours, scope }) => {
      const to =
        hours === null
          ? undefined
          : new Date((from?.getTime() ?? Date.parse('2026-11-26T00:00:00Z')) + hours * 3_600_000);
      const lines = await scene.exported({
        ...(from === null ? {} : { from: from.toISOString() }),
        ...(to === undefined ? {} : { to: to.toISOString() }),
        ...(scope === null ? {} : { scope }),
      });
      const found = await verified(lines, { keys: await keysOf(7), log: scene.log() });
      expect([found.fault, found.lacking]).toEqual([undefined, []]);
      const there = new Set(lines.flatMap((line) => /"aggregate":"([^"]*)"/.exec(line)?.[1] ?? []));
      for (const [name, { times, entries }] of scene.chains) {
        const isMeant =
          times.some((at) => at >= (from?.toISOString() ?? '') && at < (to?.toISOString() ?? '9')) &&
          (scope === null || (name.startsWith(`${scope.split('/')[0]} `) && !scope.endsWith('test')));
        if (isMeant) expect(there).toContain(entries[0]?.aggregate);
        if (scope !== null && !name.startsWith(scope.split('/')[0] ?? ''))
          expect(there).not.toContain(entries[0]?.aggregate);
      }
    }),
    { numRuns: 60 },
  );
});
