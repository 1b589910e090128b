import { parseArgs } from 'node:util';
import { type Outcome, simulate } from './run.ts';

/**
 * `npm run simulate -- --seeds N [--from S]`: that many worlds, each from its own seed; exit code 1 when one of them
 * breaks a promise. `--seed S` plays one and prints everything that happened in it. `--until-violation` ends at the first.
 */
const { values } = parseArgs({
  options: {
    seeds: { type: 'string', default: '1000' },
    from: { type: 'string', default: '1' },
    seed: { type: 'string' },
    'until-violation': { type: 'boolean', default: false },
  },
});

const one = values.seed === undefined ? undefined : Number(values.seed);
const from = one ?? Number(values.from);
const count = one === undefined ? Number(values.seeds) : 1;
const covered = new Map<string, number>();
const broken: Outcome[] = [];
let steps = 0;
const began = performance.now();
let played = 0;
for (let seed = from; seed < from + count; seed += 1) {
  const outcome = await simulate(seed, one !== undefined);
  played += 1;
  steps += outcome.steps;
  for (const what of outcome.covered) covered.set(what, (covered.get(what) ?? 0) + 1);
  for (const line of outcome.trace) console.log(line);
  if (outcome.violations.length === 0) continue;
  broken.push(outcome);
  for (const violation of outcome.violations) console.log(`seed ${seed}: ${violation}`);
  if (values['until-violation']) break;
}
for (const [what, seeds] of [...covered].sort(([a], [b]) => (a < b ? -1 : 1))) console.log(`${what}: ${seeds}`);
const seconds = ((performance.now() - began) / 1_000).toFixed(1);
console.log(`${played} seeds, ${steps} turns, ${seconds} s: ${broken.length} broken`);
process.exitCode = broken.length === 0 ? 0 : 1;
