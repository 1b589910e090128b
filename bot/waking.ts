import type { Outbox } from '../services/outbox.ts';
import type { DueHint } from '../services/ports/due-index.ts';
import type { ScopeKey } from '../services/ports/scope-store.ts';
import { createSteps } from '../services/steps.ts';
import type { Ports } from './core.ts';

/** Every gate that waits in this scope is judged again; only then are the wake-ups done (storage.md rule 5). */
export async function wakeScope(ports: Ports, outbox: Outbox, scope: ScopeKey): Promise<void> {
  const wakes = await ports.scopes.pendingWakes(scope);
  if (wakes.length === 0) return;
  await judgeWaiting(ports, outbox, scope);
  await Promise.all(wakes.map((row) => ports.scopes.wakeDone(scope, row)));
}

/** By a wake-up those who wait, or because findings reach an age by time alone. */
export async function lookAtScope(ports: Ports, outbox: Outbox, hint: DueHint & { kind: 'scope' }): Promise<void> {
  if (hint.step !== true) return wakeScope(ports, outbox, hint);
  await judgeWaiting(ports, outbox, hint);
  await createSteps(ports)(hint);
}

async function judgeWaiting(ports: Ports, outbox: Outbox, scope: ScopeKey): Promise<void> {
  const waiting = await ports.scopes.waiting(scope);
  await Promise.all(
    waiting.map((id) =>
      // One that cannot be judged now is tried again on its own: it must not wake all the others again and again.
      outbox
        .drain(scope.org, id, { reassess: true })
        .catch(() => ports.gates.enqueue({ org: scope.org, id }, 'judge', ports.clock.now())),
    ),
  );
}
