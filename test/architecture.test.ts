import { execFile } from 'node:child_process';
import { cp, glob, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { BAD, GOOD, type Planted } from './planted-sources.ts';

// The rules of biome.json, proven on planted files: one that stops firing is noticed here.

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BIOME = join(ROOT, 'node_modules/@biomejs/biome/bin/biome');

let folders: readonly string[];
/** Of the bad and of the good sources: file → rules that flagged it. */
let bad: Flagged;
let good: Flagged;

beforeAll(async () => {
  folders = await Promise.all([planted(BAD), planted(GOOD)]);
  [bad, good] = (await Promise.all(folders.map(lint))) as [Flagged, Flagged];
});
afterAll(() => Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true }))));

type Flagged = ReadonlyMap<string, ReadonlySet<string>>;

/** A new folder with these sources under the product's own rules. */
async function planted(sources: readonly Planted[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-rules-'));
  await cp(join(ROOT, 'biome.json'), join(folder, 'biome.json'));
  for (const { file, code } of sources) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), code);
  }
  return folder;
}

interface Diagnostic {
  readonly category: string;
  readonly location: { readonly path: string | { readonly file: string } };
}

/** What the linter has against each file of this folder. */
async function lint(root: string): Promise<Flagged> {
  const output = await new Promise<string>((resolve) => {
    const options = { cwd: root, maxBuffer: 64 * 1024 * 1024 };
    execFile(
      process.execPath,
      [BIOME, 'lint', '--reporter=json', '--max-diagnostics=none'],
      options,
      (_error, stdout) => resolve(stdout),
    );
  });
  const { diagnostics } = JSON.parse(output) as { readonly diagnostics: readonly Diagnostic[] };
  const found = new Map<string, Set<string>>();
  for (const { category, location } of diagnostics) {
    const file = typeof location.path === 'string' ? location.path : location.path.file;
    const rules = found.get(file) ?? new Set<string>();
    found.set(file, rules.add(category.split('/').at(-1) ?? category));
  }
  return found;
}

const shown = ({ file, code, rule }: Planted) => [file, code.trim().split('\n')[0] ?? '', rule] as const;

test.each(BAD.map(shown))('%s with `%s` is flagged by %s', (file, _code, rule) => {
  expect([...(bad.get(file) ?? [])]).toContain(rule);
});

test.each(GOOD.map(shown))('%s with `%s` is in order', (file) => {
  expect([...(good.get(file) ?? [])]).toEqual([]);
});

async function sourcesIn(...patterns: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const sources = new Map<string, string>();
  for await (const file of glob(patterns, { cwd: ROOT })) sources.set(file, await readFile(join(ROOT, file), 'utf8'));
  return sources;
}

test('only bot/teams knows the Teams SDKs', async () => {
  const sources = await sourcesIn('{bot,cards,services,manifest}/**/*.ts');
  const sdk =
    /from '(?:botbuilder|botframework-|@microsoft\/(?:teams|agents))|import\('(?:botbuilder|botframework-|@microsoft\/)/;
  const users = [...sources].filter(([, text]) => sdk.test(text)).map(([file]) => dirname(file));
  expect([...new Set(users)]).toEqual(['bot/teams']);
});

test('no source knows a language model', async () => {
  const sources = await sourcesIn('{bot,cards,services,manifest}/**/*.ts');
  // Of the Teams library only what routes activities; the rest of it brings the client of a model along.
  const model =
    /(?:from|import\() ?'(?:[^']*(?:openai|anthropic|langchain|ollama|huggingface|@google\/gen)[^']*|ai)'|import (?!type)[^;]*from '@microsoft\/teams-ai(?!\/lib\/(?:Application|TeamsAdapter)\.js)/;
  expect(sources.size).toBeGreaterThan(100);
  expect([...sources].filter(([, text]) => model.test(text)).map(([file]) => file)).toEqual([]);
});

const WIRING = ['bot/adapters.ts', 'bot/compose.ts', 'bot/app.ts', 'bot/cli.ts'];

test('only the roots of composition wire adapters', async () => {
  const sources = await sourcesIn('bot/**/*.ts');
  const adapter = /from '(?:\.\.\/)+services\/(?:tables|azure-devops|azure-resources|policy|directory|vault|signals)\//;
  const users = [...sources].filter(([, text]) => adapter.test(text)).map(([file]) => file);
  expect(users.filter((file) => !WIRING.includes(file))).toEqual([]);
});

test('the command line loads nothing of Teams, and without a collector nothing of OpenTelemetry is loaded', async () => {
  const script = `
    import { createRequire } from 'node:module';
    await Promise.all(['compose', 'adapters', 'telemetry/telemetry-of'].map((name) => import('./bot/' + name + '.ts')));
    const loaded = Object.keys(createRequire(import.meta.url).cache);
    console.log(loaded.filter((file) => /node_modules.(?:botbuilder|botframework|@microsoft|@opentelemetry)/.test(file)).length, loaded.length);`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script], { cwd: ROOT });
  expect(stdout).toMatch(/^0 [1-9]/);
});

test('no source switches the compiler off, or a rule that keeps the parts apart', async () => {
  const sources = await sourcesIn('{bot,cards,services,manifest}/**/*.ts');
  const off =
    /@ts-(?:ignore|expect-error|nocheck)|biome-ignore-(?:all|start)|biome-ignore lint\/(?:style|nursery|performance)/;
  expect([...sources].filter(([, text]) => off.test(text)).map(([file]) => file)).toEqual([]);
});

test('a handler has at most 40 lines and a hook at most 70', async () => {
  const sources = await sourcesIn('bot/{handlers,hooks}/*.ts');
  expect(sources.size).toBeGreaterThan(5);
  for (const [file, text] of sources) {
    expect(text.trimEnd().split('\n').length, file).toBeLessThanOrEqual(file.startsWith('bot/hooks') ? 70 : 40);
  }
});
