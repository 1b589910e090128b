import { parseArgs } from 'node:util';
import { type Outcome, simulate } from './run.ts';
import { simulateByMany } from './workers.ts';

/**
 * `npm run simulate -- --seeds N [--from S] [--workers P]`: that many worlds, each from its own seed, shared by P processes; exit code 1
 * when one of them breaks a promise. `--seed S` plays one and prints everything that happened in it. `--until-violation` ends at the first.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    workers: { type: 'string', default: '1' },
    'until-violation': { type: 'boolean', default: false },
  },
});

const one = values.seed === undefined ? undefined : Number(values.seed);
const from = one ?? Number(values.from);
const count = one === undefined ? Number(values.seeds) : 1;
const workers = Number(values.workers);
if (![from, count, workers].every((number) => Number.isSafeInteger(number) && number >= 1)) {
  console.error('--seeds, --from, --seed and --workers are whole numbers of at least 1');
  process.exit(2);
}

// What failed is told by its seed, where it is told at all: the traces of thousands of planned faults are read by nobody.
if (one === undefined) Error.stackTraceLimit = 0;

const covered = new Map<string, number>();
const began = performance.now();
let [played, steps, broken] = [0, 0, 0];

function tally(outcome: Outcome): void {
  played += 1;
  steps += outcome.steps;
  for (const what of outcome.covered) covered.set(what, (covered.get(what) ?? 0) + 1);
  for (const line of outcome.trace) console.log(line);
  for (const violation of outcome.violations) console.log(`seed ${outcome.seed}: ${violation}`);
  if (outcome.violations.length > 0) broken += 1;
}

async function* outcomes(): AsyncGenerator<Outcome> {
  for (let seed = from; seed < from + count; seed += 1) yield await simulate(seed, one !== undefined);
}

for await (const outcome of workers === 1 ? outcomes() : simulateByMany({ from, count, workers })) {
  // To the process that shared the seeds out, if there is one.
  if (process.send === undefined) tally(outcome);
  else process.send(outcome);
  if (values['until-violation'] && broken > 0) break;
}
if (process.send === undefined) {
  for (const [what, seeds] of [...covered].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${what}: ${seeds}`);
  const seconds = ((performance.now() - began) / 1_000).toFixed(1);
  console.log(`${played} seeds, ${steps} turns, ${seconds} s: ${broken} broken`);
  process.exitCode = broken === 0 ? 0 : 1;
} else process.disconnect();
