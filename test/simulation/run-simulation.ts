import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url));

/** `npm run simulate` in a process of its own, with one of the mutants planted in the product's sources or none. */
export async function runSimulation(args: readonly string[], planted?: string) {
  const preloaded = planted === undefined ? [] : ['--import', file('plant.ts')];
  const child = spawn(process.execPath, [...preloaded, file('simulate.ts'), ...args], {
    env: { ...process.env, ...(planted === undefined ? {} : { PLANTED: planted }) },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [printed] = await Promise.all([text(child.stdout), once(child, 'close')]);
  return { code: child.exitCode, lines: printed.trimEnd().split('\n') };
}
