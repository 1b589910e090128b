import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { renderCards, samplesNamed } from '../cards/render.ts';

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'cards-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  return folder;
}

/** Width and height stand in a PNG's first chunk, at bytes 16 and 20 (PNG specification, IHDR). */
async function sizeOf(path: string): Promise<{ readonly width: number; readonly height: number }> {
  const png = await readFile(path);
  return { width: png.readUInt32BE(16), height: png.readUInt32BE(20) };
}

test('a card is drawn light, dark and narrow, and grows where its text wraps', async () => {
  const text = 'payments-api waits for an approval to prod since Friday';
  const card = { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text, wrap: true }] };

  const files = await renderCards([{ name: 'waiting', card }], await aFolder());

  const [light, dark, narrow] = await Promise.all(files.map(sizeOf));
  expect(files.map((file) => basename(file))).toEqual(['waiting.light.png', 'waiting.dark.png', 'waiting.narrow.png']);
  expect([light?.width, dark?.width, narrow?.width]).toEqual([480, 480, 320]);
  expect(narrow?.height).toBeGreaterThan(light?.height ?? Number.NaN);
});

test('a card with a problem is not drawn, the error names it', async () => {
  const card = { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'Chart' }] };

  await expect(renderCards([{ name: 'waiting', card }], await aFolder())).rejects.toThrow(/waiting: .*"Chart"/);
});

test('cards are chosen by how their names begin, and a beginning that none has is refused by name', () => {
  const chosen = samplesNamed(['digest-', 'help']).map(({ name }) => name);

  expect(chosen).toContain('help');
  expect(chosen).toContain('digest-busy');
  expect(chosen.filter((name) => !/^(digest-|help)/.test(name))).toEqual([]);
  expect(() => samplesNamed(['help', 'digset'])).toThrow('No card\'s name begins with "digset"');
});
