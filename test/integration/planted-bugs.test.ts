import { describe, expect, test } from 'vitest';
import { MUTANTS } from '../simulation/mutants.ts';
import { runSimulation } from '../simulation/run-simulation.ts';

const MINUTES = 60_000;

describe('a design that looks right and is not is found within 100 worlds', () => {
  test.each(MUTANTS)('$name', { timeout: 6 * MINUTES }, async ({ name, breaks, from = 1 }) => {
    const seeds = ['--seeds', '100', '--from', `${from}`];
    const { code, lines } = await runSimulation([...seeds, '--until-violation'], name);

    const broken = lines.find((line) => line.startsWith('seed '))?.split(' ')[2];
    expect(breaks).toContain(broken);
    expect(code).toBe(1);
  });
});
