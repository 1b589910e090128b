import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/{unit,integration,contracts,hostile,e2e}/**/*.test.ts', 'test/*.test.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Two cores: Azurite, Chromium and the Playground share them with the workers.
    maxWorkers: 2,
  },
});
