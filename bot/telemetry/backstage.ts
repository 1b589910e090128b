import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { Clock } from '../../services/ports/clock.ts';
import { type StoredGate, sinceOf } from '../../services/ports/gate-store.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import type { Labels, Telemetry } from '../../services/ports/telemetry.ts';

export type Backstage = ReturnType<typeof createBackstage>;

/** A count of the outbox is of use until the next two should have come. */
const COUNTED_MS = 660_000;

/** What gauges say when they are asked, learnt from what passes by: nothing is read for it. */
export function createBackstage(telemetry: Telemetry, clock: Clock) {
  let environments: ReadonlySet<string> = new Set();
  let oldestSeconds = 0;
  let dueSeconds = 0;
  let appendedAt: number | undefined;
  const now = () => Date.parse(clock.now());
  const secondsSince = (instant: string) => Math.max(0, (now() - Date.parse(instant)) / 1_000);
  watchEventLoop(telemetry);
  telemetry.watch('gate.outbox.age.max', () => {
    const value = oldestSeconds;
    oldestSeconds = 0;
    return [{ value }];
  });
  telemetry.watch('gate.due.lag', () => [{ value: dueSeconds }]);
  telemetry.watch('gate.evidence.checkpoint.age', () =>
    appendedAt === undefined ? [] : [{ value: (now() - appendedAt) / 1_000 }],
  );
  return {
    secondsSince,
    /** Whose environments are told apart. */
    policy: ({ contract }: PolicySnapshot): void => {
      if (contract !== undefined) environments = new Set(contract.environments.keys());
    },
    /** Anybody may send a name; only those of the contract become a label. */
    environment: (name: string): Labels => ({ env: environments.has(name) ? name : 'other' }),
    due: (oldest: string | undefined): void => {
      dueSeconds = oldest === undefined ? 0 : secondsSince(oldest);
    },
    appended: (): void => {
      appendedAt = now();
    },
    tried: ({ outbox, evidence }: StoredGate): void => {
      for (const item of outbox) oldestSeconds = Math.max(oldestSeconds, secondsSince(sinceOf(item, evidence)));
    },
    ...createCensus(telemetry, now),
  };
}

function watchEventLoop(telemetry: Telemetry): void {
  const lag = monitorEventLoopDelay({ resolution: 20 });
  lag.enable();
  telemetry.watch('gate.eventloop.lag', () => {
    const value = lag.max / 1e9;
    lag.reset();
    return [{ value }];
  });
}

/** What waits in the outboxes of all open requests, as a round reads them. */
function createCensus(telemetry: Telemetry, now: () => number) {
  let census: Map<string, StoredGate> | undefined;
  let counted: { readonly at: number; readonly kinds: ReadonlyMap<string, number> } | undefined;
  telemetry.watch('gate.outbox.depth', () => {
    if (counted === undefined || now() - counted.at > COUNTED_MS) return [];
    return [...counted.kinds].map(([kind, value]) => ({ value, labels: { kind } }));
  });
  return {
    read: (stored: StoredGate): void => {
      census?.set(stored.gate.id, stored);
    },
    /** Every open request is read by `round` anyway. */
    counting: async (round: () => Promise<void>): Promise<void> => {
      const seen = new Map<string, StoredGate>();
      census = seen;
      try {
        await round();
      } finally {
        census = undefined;
        const items = [...seen.values()].flatMap(({ outbox }) => outbox);
        const kinds = Map.groupBy(items, ({ kind }) => kind);
        counted = { at: now(), kinds: new Map([...kinds].map(([kind, { length }]) => [kind, length])) };
      }
    },
  };
}
