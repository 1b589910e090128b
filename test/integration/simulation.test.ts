import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { MUTANTS } from '../simulation/mutants.ts';
import { simulate } from '../simulation/run.ts';

const file = (name: string) => fileURLToPath(new URL(`../simulation/${name}`, import.meta.url));

/** `npm run simulate` in a process of its own, with one of the mutants planted in the product's sources or none. */
async function run(args: readonly string[], planted?: string) {
  const preloaded = planted === undefined ? [] : ['--import', file('plant.ts')];
  const child = spawn(process.execPath, [...preloaded, file('simulate.ts'), ...args], {
    env: { ...process.env, ...(planted === undefined ? {} : { PLANTED: planted }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code: child.exitCode, lines: printed.trimEnd().split('\n') };
}

const MINUTES = 60_000;

test('in 400 worlds of troubles, people and pipelines every promise is kept', { timeout: 12 * MINUTES }, async () => {
  const { code, lines } = await run(['--seeds', '400']);

  expect(lines.filter((line) => line.startsWith('seed '))).toEqual([]);
  expect(code).toBe(0);
  // What never happens proves nothing.
  for (const what of COVERED)
    expect(
      lines.some((line) => line.startsWith(`${what}: `)),
      what,
    ).toBe(true);
});

const COVERED = [
  'answer decided',
  'answer already-decided',
  'answer stale-revision',
  'answer own-deployment',
  'answer guest',
  'answer cannot-verify-now',
  'card of several',
  'exception requested',
  'exception joined',
  'exception own-exception',
  'exception already-excepted',
  'exception renewals-used',
  'evidence exception-granted',
  'evidence exception-renewed',
  'evidence exception-expired',
  'evidence exception-revoked',
  'evidence review-answered',
  'evidence bypass-detected',
  'evidence completed-without-us',
  'evidence decision-void',
  'state approved',
  'state rejected',
  'state passed',
  'state failed',
  'state expired',
  'state abandoned',
];

describe('a design that looks right and is not is found within 200 worlds', () => {
  test.each(MUTANTS)('$name', { timeout: 6 * MINUTES }, async ({ name, breaks }) => {
    const { code, lines } = await run(['--seeds', '200', '--until-violation'], name);

    const broken = lines.find((line) => line.startsWith('seed '))?.split(' ')[2];
    expect(breaks).toContain(broken);
    expect(code).toBe(1);
  });
});

test('the same seed is the same world, turn by turn', async () => {
  const [first, second] = [await simulate(17, true), await simulate(17, true)];

  expect(first.trace.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
});
