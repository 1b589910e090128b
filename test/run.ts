import { join } from 'node:path';
import type { TestModule, Vitest } from 'vitest/node';

/**
 * `npm test [vitest arguments]`: every test, then one last line `N passed, N failed`.
 * A suite or file that could not run and an unhandled error count as one failure each. Exit code 1 when anything failed or
 * no test ran, 2 when this Node is too old.
 */

const oldestNode = 24;

interface Count {
  readonly passed: number;
  readonly failed: number;
}

async function main(args: readonly string[]): Promise<number> {
  if (Number(process.versions.node.split('.')[0]) < oldestNode) {
    console.error(`needs Node ≥ ${oldestNode}, this is ${process.version}. Install it, or run by "npm test".`);
    return 2;
  }
  const count = await runTests(args).catch((error: unknown): Count => {
    console.error(error instanceof Error ? (error.stack ?? error.message) : error);
    return { passed: 0, failed: 1 };
  });
  await writeLine(`${count.passed} passed, ${count.failed} failed`);
  return count.failed > 0 || count.passed === 0 ? 1 : Number(process.exitCode ?? 0);
}

async function runTests(args: readonly string[]): Promise<Count> {
  // Each file has a process of its own, and would compile the same packages again.
  process.env['NODE_COMPILE_CACHE'] ??= join(import.meta.dirname, '../node_modules/.cache/node');
  // Imported here: what an older Node cannot load must not hide the sentence about its version.
  const [{ parseCLI, startVitest }, { ensureChromium }] = await Promise.all([
    import('vitest/node'),
    import('./browser/chromium.ts'),
  ]);
  ensureChromium();
  const { filter, options } = parseCLI(['vitest', 'run', ...args]);
  const vitest = await startVitest(filter, { ...options, watch: false, run: true });
  try {
    return counted(vitest);
  } finally {
    await vitest.close();
  }
}

function counted(vitest: Vitest): Count {
  const modules = vitest.state.getTestModules();
  const tests = modules.flatMap((module) => [...module.children.allTests()]);
  const inState = (state: string) => tests.filter((test) => test.result().state === state).length;
  const failedSuites = modules.flatMap(suitesWithErrors).length;
  const unhandled = vitest.state.getUnhandledErrors().length;
  return { passed: inState('passed'), failed: inState('failed') + failedSuites + unhandled };
}

function suitesWithErrors(module: TestModule): unknown[] {
  return [module, ...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
}

/** Written to the end before the process exits: a pipe takes it later than a terminal. */
function writeLine(line: string): Promise<void> {
  return new Promise((resolve) => process.stdout.write(`${line}\n`, () => resolve()));
}

process.exit(await main(process.argv.slice(2)));
