import type { Handlers } from '../../services/outbox.ts';
import type { OutboxItem, OutboxKind, StoredGate } from '../../services/ports/gate-store.ts';
import type { Telemetry } from '../../services/ports/telemetry.ts';
import type { Backstage } from './backstage.ts';

type Try<T> = (stored: StoredGate, item: OutboxItem) => Promise<T>;

/** Each item as a span of its request's trace. */
export function createMeasuredOutbox(
  { moving, side }: Handlers,
  { telemetry, backstage }: { readonly telemetry: Telemetry; readonly backstage: Backstage },
): Handlers {
  const measured =
    <T>(kind: OutboxKind, run: Try<T>, outcomeOf: (done: T) => 'done' | 'again' | 'given-up'): Try<T> =>
    (stored, item) => {
      const { gate } = stored;
      backstage.tried(stored);
      const attributes = {
        'gate.request_id': gate.id,
        'gate.attempts': String(item.attempts),
        ...backstage.environment(gate.environment),
      };
      return telemetry.span(`gate.outbox ${kind}`, { parent: gate.traceparent, attributes }, async (note) => {
        let outcome = 'failed';
        try {
          const done = await run(stored, item);
          outcome = outcomeOf(done);
          return done;
        } finally {
          note({ 'gate.outcome': outcome });
          telemetry.count('gate.outbox.attempts', { kind, outcome });
        }
      });
    };
  const all = <T>(
    handlers: Readonly<Partial<Record<OutboxKind, Try<T>>>>,
    outcomeOf: (done: T) => 'done' | 'again' | 'given-up',
  ) =>
    Object.fromEntries(
      (Object.entries(handlers) as [OutboxKind, Try<T>][]).map(([kind, run]) => [kind, measured(kind, run, outcomeOf)]),
    );
  return {
    moving: all(moving, () => 'done'),
    side: all(side, ({ retry, hopeless }) => (retry !== undefined ? 'again' : hopeless === true ? 'given-up' : 'done')),
  };
}
