import { defineConfig } from 'vitest/config';

/** The tests that Stryker runs for each mutant: those of the domain. Some read sources as texts, in which its mutants stand. */
export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    exclude: ['test/unit/{docs,guards,permissions}.test.ts'],
    testTimeout: 60_000,
    isolate: false,
  },
});
