import fc from 'fast-check';

/**
 * One seed for every property test, so that the same tree passes or fails everywhere alike. `SEED=n npm test -- FILE` tries others;
 * a counterexample that it finds goes into the test as an example.
 */
fc.configureGlobal({ seed: Number(process.env['SEED'] || 20_261_128) });
