import { AsyncLocalStorage } from 'node:async_hooks';

const quiet = new AsyncLocalStorage<true>();
const { console: output } = globalThis;
let passOn = output.error;

const filter: typeof passOn = (...data) => {
  if (quiet.getStore() === undefined) passOn(...data);
};

/**
 * Runs `work` without what the libraries below it print with `console.error`: botframework-connector prints keys and
 * tokens' errors for every forged call. Only calls made by `work` are dropped, not those of others at the same time.
 */
export function quietly<T>(work: () => Promise<T>): Promise<T> {
  if (output.error !== filter) {
    passOn = output.error;
    output.error = filter;
  }
  return quiet.run(true, work);
}
