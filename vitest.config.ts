import { defineConfig } from 'vitest/config';
import { LongFirst } from './test/long-first.ts';

export default defineConfig({
  test: {
    include: ['test/{unit,integration,contracts,hostile,e2e}/**/*.test.ts', 'test/*.test.ts'],
    sequence: { sequencer: LongFirst },
    setupFiles: ['test/seeded.ts'],
    // Of machines that others use too; nothing here asks how long something took.
    testTimeout: 120_000,
    hookTimeout: 300_000,
    // Packages are loaded once for each worker, not once for each file: a third of what the suite took. So no file may leave
    // anything behind in a module, on a clock or in the environment.
    isolate: false,
    // Two cores: Azurite, Chromium and the Playground share them with the workers.
    maxWorkers: 2,
  },
});
