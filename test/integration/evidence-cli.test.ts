import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { commandLine } from '../fakes/command-line.ts';
import { lively } from '../fakes/evidence-scene.ts';
import { keysOf } from '../fakes/verified-export.ts';

/** Every command is a process of its own. */
vi.setConfig({ testTimeout: 180_000 });

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-evidence-'));
});
afterAll(() => rm(folder, { recursive: true }));

const SCENE = await lively(40);
const LINES = await SCENE.exported();

async function fileOf(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

/** Without a single setting. */
const verify = (...args: readonly string[]) => commandLine({}, ['evidence', 'verify', ...args]);

test('an export is verified without settings, by the key and the log of checkpoints that are given', async () => {
  const file = await fileOf('whole.jsonl', LINES.join(''));
  const key = await fileOf('jwks.json', JSON.stringify({ keys: await keysOf(7) }));
  const log = await fileOf(
    'log.jsonl',
    SCENE.log()
      .map((line) => `${line}\n`)
      .join(''),
  );
  const { code, out, error } = await verify(file, '--key', key, '--checkpoints', log);
  expect([code, error]).toEqual([0, '']);
  expect(out).toContain('verified: 40 entries of 11 aggregates');
  expect(out).toContain(
    '39 entries are under a signed checkpoint of that time, 1 under the signature of this export alone',
  );
  expect(out).toContain('4 checkpoints of the log that was given');
  expect(out).toContain('signed by a key that you gave');
});

test('without a key it says that it is not pinned, and which key the export names', async () => {
  const { code, out } = await verify(await fileOf('unpinned.jsonl', LINES.join('')));
  expect([code, out]).toEqual([0, expect.stringContaining('not pinned: signed by a key that the export names itself')]);
  expect(out).toContain((await keysOf(7))[0]?.kid);
});

test('a tampered export is answered with 1, its first bad line, aggregate and entry, and no terminal is commanded', async () => {
  const lines = LINES.with(9, LINES[9]?.replace('prod', '\\u001bod') ?? '');
  const { code, out, error } = await verify(await fileOf('tampered.jsonl', lines.join('')));
  expect([code, error]).toEqual([1, 'Not verified.\n']);
  expect(out).toMatch(/^line 10 \(entry \d+ of h624y6jwcq [^)]+\): it, or what it says of entry|^line 10 \(entry 1 of/);
  expect(out).not.toContain('\u001b');
  expect(out.trim().split('\n')).toHaveLength(1);
});

test.each([
  ['another product', '{"level":30,"msg":"ready"}\n', 'line 1: this is no export of evidence'],
  ['a later version', '{"export":{"v":2}}\n', 'line 1: it is of version 2 of the form'],
  ['nothing', '', 'line 1: the file is empty'],
])('%s is named in one line, without a stack trace', async (name, text, says) => {
  const { code, out, error } = await verify(await fileOf(`${name}.jsonl`, text));
  expect([code, error]).toEqual([1, 'Not verified.\n']);
  expect(out).toContain(says);
  expect(out).not.toMatch(/\n\s+at /);
});

test('a file that cannot be read, and a key that is none, end with 2 and say which', async () => {
  const whole = await fileOf('again.jsonl', LINES.join(''));
  const missing = await verify(join(folder, 'missing.jsonl'));
  expect([missing.code, missing.out]).toEqual([2, '']);
  expect(missing.error).toMatch(/^Could not run: FILE .*missing\.jsonl cannot be read \(ENOENT\)\n$/);
  const key = await fileOf('none.json', '{"keys":[{"kty":"RSA"}]}');
  const noKey = await verify(whole, '--key', key);
  expect([noKey.code, noKey.error]).toEqual([2, expect.stringContaining('is no JWK Set of Ed25519 or P-256 keys')]);
});
