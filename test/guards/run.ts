import { execFile } from 'node:child_process';
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { patched } from '../patch.ts';
import type { Guard } from './guard.ts';
import { GUARDS } from './guards.ts';
import { namePattern } from './name-pattern.ts';

/**
 * `npm run test:guards [-- T17 I5]`: takes each guard away in a copy of the tree, runs its tests there and expects the one
 * that is named to fail. Exit code 1 when a guard could be missing without a test that fails, 2 when none is meant.
 */

const ROOT = join(import.meta.dirname, '../..');
const MOST_MS = 300_000;
/** Such a test was broken by the patch, not by what is missing. */
const BROKEN = /ReferenceError|SyntaxError|is not a function|Transform failed/;
/** What takes long comes last. */
const KINDS = ['test/unit', 'test/contracts', 'test/hostile', 'test/integration'];

interface Ran {
  readonly title: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

async function main(numbers: readonly string[]): Promise<number> {
  const isMeant = ({ against }: Guard) => numbers.length === 0 || numbers.some((one) => against.includes(one));
  const guards = GUARDS.filter(isMeant).sort((a, b) => kindOf(a) - kindOf(b));
  if (guards.length === 0) {
    console.error(`no guard is against ${numbers.join(', ')}; see test/guards/`);
    return 2;
  }
  const folder = await copied();
  try {
    const unsound = await whatFailsAnyway(folder, guards);
    for (const name of unsound) console.error(`does not pass with all guards in place: ${name}`);
    if (unsound.length > 0) return 1;
    let unnoticed = 0;
    for (const guard of guards) {
      const start = performance.now();
      const outcome = await without(folder, guard);
      if (outcome !== 'noticed') unnoticed += 1;
      const seconds = ((performance.now() - start) / 1_000).toFixed(0).padStart(4);
      console.log(`${guard.against.join(' ').padEnd(12)} ${outcome.padEnd(9)} ${seconds} s  ${guard.guard}`);
    }
    console.log(`${guards.length - unnoticed} of ${guards.length} guards cannot be taken away unnoticed`);
    return unnoticed === 0 ? 0 : 1;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function kindOf({ tests }: Guard): number {
  return Math.max(...tests.map((file) => KINDS.findIndex((kind) => file.startsWith(kind))));
}

/** The tree without what git keeps for itself; packages are linked. */
async function copied(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'countersign-guards-'));
  const left = ['node_modules', '.git'];
  await cp(ROOT, folder, { recursive: true, filter: (path) => !left.includes(relative(ROOT, path)) });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Names of tests that would fail, or not run, for another reason. */
async function whatFailsAnyway(folder: string, guards: readonly Guard[]): Promise<string[]> {
  const names = [...new Set(guards.map(({ fails }) => fails))];
  const ran = await runTests(folder, [...new Set(guards.flatMap(({ tests }) => tests))], names);
  return names.filter((name) => {
    const named = ofName(ran, name);
    return named.length === 0 || named.some(({ status }) => status !== 'passed');
  });
}

async function without(folder: string, { patches, tests, fails }: Guard): Promise<'noticed' | 'UNNOTICED' | 'BROKEN'> {
  const files = [...new Set(patches.map(({ file }) => file))];
  for (const file of files) {
    const source = await readFile(join(ROOT, file), 'utf8');
    await writeFile(join(folder, file), patches.filter((patch) => patch.file === file).reduce(patched, source));
  }
  const ran = await runTests(folder, tests, [fails]);
  for (const file of files) await cp(join(ROOT, file), join(folder, file));
  const named = ofName(ran, fails);
  const failed = named.filter(({ status }) => status === 'failed');
  const isBroken = failed.every(({ failureMessages }) => BROKEN.test(failureMessages.join('\n')));
  if (named.length === 0 || (failed.length > 0 && isBroken)) return 'BROKEN';
  return failed.length > 0 ? 'noticed' : 'UNNOTICED';
}

function ofName(ran: readonly Ran[], name: string): Ran[] {
  const pattern = new RegExp(namePattern(name));
  return ran.filter(({ title, status }) => pattern.test(title) && (status === 'passed' || status === 'failed'));
}

/** Only the tests of these names; nothing of a file that could not be run. */
async function runTests(folder: string, files: readonly string[], names: readonly string[]): Promise<Ran[]> {
  const output = join(folder, 'ran.json');
  await rm(output, { force: true });
  const only = names.map((name) => `(?:${namePattern(name)})`).join('|');
  const args = ['run', ...files, '-t', only, '--reporter=json', `--outputFile=${output}`];
  const options = { cwd: folder, timeout: MOST_MS * names.length, maxBuffer: 64 * 1024 * 1024 };
  await new Promise<void>((resolve) => {
    execFile(process.execPath, ['node_modules/vitest/vitest.mjs', ...args], options, () => resolve());
  });
  const text = await readFile(output, 'utf8').catch(() => '{"testResults":[]}');
  const { testResults } = JSON.parse(text) as {
    readonly testResults: readonly { readonly assertionResults: readonly Ran[] }[];
  };
  return testResults.flatMap(({ assertionResults }) => assertionResults);
}

process.exit(await main(process.argv.slice(2).map((number) => number.toUpperCase())));
