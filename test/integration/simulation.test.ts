import { expect, test } from 'vitest';
import { KEPT_SEEDS } from '../simulation/kept-seeds.ts';
import { simulate } from '../simulation/run.ts';
import { runSimulation } from '../simulation/run-simulation.ts';

const MINUTES = 60_000;

test('in 300 worlds of troubles, people and pipelines every promise is kept', { timeout: 12 * MINUTES }, async () => {
  const { code, lines } = await runSimulation(['--seeds', '300']);

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
  'digest',
  'two versions',
  'evidence approval-noticed',
  'evidence left-to-azure-devops',
  'dead letter',
  'card of drift',
  'drift accepted',
  'exception brought in',
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

test.each(KEPT_SEEDS)('the world of seed $seed does not show again $showed', async ({ seed }) => {
  expect((await simulate(seed)).violations).toEqual([]);
});

test('the same seed is the same world, turn by turn', async () => {
  const [first, second] = [await simulate(17, true), await simulate(17, true)];

  expect(first.trace.length).toBeGreaterThan(100);
  expect(second).toEqual(first);
});
