import { describe, expect, test } from 'vitest';
import { MUTANTS } from '../simulation/mutants.ts';
import { runSimulation } from '../simulation/run-simulation.ts';

const MINUTES = 60_000;

describe('a design that looks right and is not is found within 100 worlds', () => {
  test.each(MUTANTS)('$name', { timeout: 6 * MINUTES }, async ({ name, breaks }) => {
    const { code, lines } = await runSimulation(['--seeds', '100', '--until-violation'], name);

    const broken = lines.find((line) => line.startsWith('seed '))?.split(' ')[2];
    expect(breaks).toContain(broken);
    expect(code).toBe(1);
  });
});
