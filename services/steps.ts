import { instantOf, minuteOf } from './domain/finding-history.ts';
import { agesOf, nextAge } from './domain/past.ts';
import type { Clock } from './ports/clock.ts';
import type { DueIndex } from './ports/due-index.ts';
import type { Policy } from './ports/policy.ts';
import type { ScopeKey, ScopeStore } from './ports/scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly due: DueIndex;
  readonly policy: Policy;
  readonly scopes: ScopeStore;
}

/** After a step of age was reached in a scope: a hint for the next one there. Rejects with StoreUnavailableError. */
export function createSteps({ clock, due, policy, scopes }: Needs) {
  return async (scope: ScopeKey): Promise<void> => {
    const { pasts } = await scopes.view(scope, []);
    const next = nextAge(pasts.values(), agesOf((await policy.current()).contract), minuteOf(clock.now()));
    if (next !== undefined) await due.remind({ kind: 'scope', ...scope, step: true }, instantOf(next));
  };
}
