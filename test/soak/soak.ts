import { parseArgs } from 'node:util';
import { heapGrowth } from './measures.ts';
import { runSoak, type SoakOutcome } from './run-soak.ts';

/**
 * `npm run soak -- --requests N [--seed S]`: that many requests from check to verdict while one call in a hundred fails; exit code 1 when a
 * promise was broken, an operation takes more calls than at the beginning, or the process grew.
 */
const { values } = parseArgs({
  options: { requests: { type: 'string', default: '100000' }, seed: { type: 'string', default: '1' } },
});
const requests = Number(values.requests);
if (!Number.isSafeInteger(requests) || requests < 100) {
  console.error(`--requests is ${values.requests}; allowed: a whole number from 100 on`);
  process.exit(2);
}
const outcome = await runSoak({ requests, seed: Number(values.seed), said: (line) => console.error(line) });
for (const line of tablesOf(outcome)) console.log(line);
process.exitCode = outcome.failures.length === 0 ? 0 : 1;

function tablesOf({ requests: played, seconds, faults, checkpoints, samples, calls, failures }: SoakOutcome): string[] {
  const [first = [], middle = [], last = []] = calls;
  const { grownMb, allowedMb } = heapGrowth(samples);
  return [
    '| operation | calls at the beginning | in the middle | at the end | budget |',
    '|---|---|---|---|---|',
    ...first.map(
      ({ what, made, budget }, n) => `| ${what} | ${made} | ${middle[n]?.made} | ${last[n]?.made} | ${budget} |`,
    ),
    '',
    '| requests | heap in MB | RSS in MB | rows in the store |',
    '|---|---|---|---|',
    ...samples.map((one) => `| ${one.requests} | ${one.heapMb.toFixed(1)} | ${one.rssMb.toFixed(1)} | ${one.rows} |`),
    '',
    `${played} requests, ${(played / seconds).toFixed(0)} a second, ${faults} calls failed, ${checkpoints} checkpoints`,
    `heap beside the rows of the store: ${grownMb.toFixed(1)} MB more, ${allowedMb.toFixed(1)} allowed`,
    ...failures.map((failure) => `FAILED ${failure}`),
    failures.length === 0 ? 'no promise broken, no call more, no memory lost' : `${failures.length} failures`,
  ];
}
