import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';

const runner = fileURLToPath(new URL('../run.ts', import.meta.url));
const folders: string[] = [];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true });
});

/** Runs the runner over these test files; `end` is its last line. */
function run(files: Readonly<Record<string, string>>): { readonly code: number | null; readonly end: string } {
  const folder = mkdtempSync(join(tmpdir(), 'run-'));
  folders.push(folder);
  for (const [name, source] of Object.entries(files)) writeFileSync(join(folder, name), source);
  // Without what this run has told its own workers, so that the inner one starts as from a shell.
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|NODE_ENV|TEST$)/.test(name)),
  );
  const args = [runner, '--root', folder, '--globals'];
  const { status, stdout } = spawnSync(process.execPath, args, { env, encoding: 'utf8' });
  return { code: status, end: stdout.slice(stdout.lastIndexOf('\n', stdout.length - 2) + 1) };
}

test('a run where all tests pass ends with their number and exit code 0', () => {
  const files = { 'a.test.js': `test('a', () => {}); test('b', () => {}); test.skip('c', () => {});` };

  expect(run(files)).toEqual({ code: 0, end: '2 passed, 0 failed\n' });
});

test('failed tests, files that cannot be read, failed suites and unhandled errors all count as failures', () => {
  const files = {
    'test.test.js': `test('passes', () => {}); test('fails', () => { expect(1).toBe(2); });`,
    'file.test.js': `throw new Error('cannot be read');`,
    'suite.test.js': `describe('suite', () => { beforeAll(() => { throw new Error('no'); }); test('never runs', () => {}); });`,
    'unhandled.test.js': `test('passes', async () => { void Promise.reject(new Error('lost')); await new Promise(setImmediate); });`,
  };

  expect(run(files)).toEqual({ code: 1, end: '2 passed, 4 failed\n' });
});

test('a run without any test fails, and so does one where all are skipped', () => {
  expect(run({})).toEqual({ code: 1, end: '0 passed, 0 failed\n' });
  expect(run({ 'a.test.js': `test.skip('a', () => {});` })).toEqual({ code: 1, end: '0 passed, 0 failed\n' });
});

test('a Node older than 24 is told so, and nothing runs', () => {
  const older = `data:text/javascript,Object.defineProperty(process,'versions',{value:{...process.versions,node:'22.18.0'}})`;

  const { status, stdout, stderr } = spawnSync(process.execPath, ['--import', older, runner], { encoding: 'utf8' });

  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('needs Node ≥ 24');
});
