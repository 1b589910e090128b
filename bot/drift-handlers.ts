import type { ActionTable } from './actions.ts';
import type { Core } from './core.ts';
import { createAcceptDrift } from './handlers/accept-drift.ts';
import { createExceptDrift } from './handlers/except-drift.ts';

/** The buttons of drift. */
export function driftActions(
  core: Pick<Core, 'baselines' | 'driftViews'>,
  request: Parameters<typeof createExceptDrift>[1],
): Pick<ActionTable, 'drift.accept' | 'drift.except'> {
  const accept = createAcceptDrift(core.baselines);
  const except = createExceptDrift(core.driftViews, request);
  return {
    'drift.accept': (by, { verb: _, only, ...word }, op) => accept(by, { ...word, ...chosen(only), op }),
    'drift.except': (by, { verb: _, only, ...word }, op) => except(by, { ...word, ...chosen(only) }, op),
  };
}

/** What a list of choices gives back: values with commas between them. */
function chosen(only = ''): { readonly only?: readonly string[] } {
  const prints = only.split(',').filter((print) => print !== '');
  return prints.length === 0 ? {} : { only: prints };
}
