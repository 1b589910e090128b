import { tokenEnd } from './domain/gate.ts';
import type { Clock } from './ports/clock.ts';
import type { GateStore, OutboxItem, OutboxKind, StoredGate } from './ports/gate-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly gates: GateStore;
}

export type Replay =
  | { readonly kind: 'unknown-request' }
  | { readonly kind: 'no-dead-letters' }
  | {
      readonly kind: 'replayed';
      readonly replayed: readonly OutboxKind[];
      /** Left where they are: they need a job token that has ended, so that no try can succeed. */
      readonly hopeless: readonly OutboxKind[];
      /** ISO-8601 UTC; when the job token ends or ended. */
      readonly tokenEnd: string;
    };

/** Gives the dead letters of a request another life; the process that takes what is due carries them out. */
export function createReplay({ clock, gates }: Needs) {
  /** Rejects with StoreUnavailableError; doing it again is then harmless. */
  return async (requestId: string): Promise<Replay> => {
    const stored = await gates.locate(requestId);
    if (stored === undefined) return { kind: 'unknown-request' };
    const { gate, deadLetters } = stored;
    if (deadLetters.length === 0) return { kind: 'no-dead-letters' };
    const now = clock.now();
    const hopeless = deadLetters.filter((item) => needsEndedToken(stored, item, now));
    const worth = deadLetters.filter((item) => !hopeless.includes(item));
    if (worth.length > 0) await gates.replay(gate, worth, now);
    return {
      kind: 'replayed',
      replayed: worth.map(({ kind }) => kind),
      hopeless: hopeless.map(({ kind }) => kind),
      tokenEnd: tokenEnd(gate.receivedAt),
    };
  };
}

function needsEndedToken({ gate, token }: StoredGate, { kind }: OutboxItem, now: string): boolean {
  const needsToken = kind === 'verdict' && gate.toldAt === undefined;
  return needsToken && (token === undefined || now >= tokenEnd(gate.receivedAt));
}
