import type { DeliveryHealth } from './domain/delivery-health.ts';
import type { Gate } from './domain/gate.ts';
import type { Clock } from './ports/clock.ts';
import type { GateStore, StoredGate } from './ports/gate-store.ts';
import type { Policy } from './ports/policy.ts';
import { StoreUnavailableError } from './ports/table.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly gates: GateStore;
}

export type Status = ReturnType<typeof createStatus>;

export function createStatus(needs: Needs) {
  return {
    /** How well things reach people and pipelines now, over all open requests. Never rejects for a silent store. */
    deliveryHealth: (): Promise<DeliveryHealth> => deliveryHealth(needs),
  };
}

async function deliveryHealth({ clock, policy, gates }: Needs): Promise<DeliveryHealth> {
  const { contract, problems } = await policy.current();
  const known = {
    at: clock.now(),
    policyProblems: problems,
    ...(contract === undefined ? {} : { contract: { version: contract.version, checksum: contract.checksum } }),
  };
  try {
    const open = await gates.open();
    const found = await Promise.all(open.map(({ org, id }) => gates.read(org, id)));
    return { store: 'ok', ...outboxHealth(found.filter((gate) => gate !== undefined)), ...known };
  } catch (error) {
    if (!(error instanceof StoreUnavailableError)) throw error;
    return { store: 'unavailable', waiting: 0, deadLetters: [], unreachable: [], ...known };
  }
}

function outboxHealth(stored: readonly StoredGate[]) {
  const waiting = stored.flatMap(({ outbox }) => outbox);
  const oldest = waiting.map(({ dueAt }) => dueAt).sort()[0];
  return {
    waiting: waiting.length,
    ...(oldest === undefined ? {} : { waitingSince: oldest }),
    deadLetters: stored.flatMap(({ gate, deadLetters }) =>
      deadLetters.map(({ kind }) => ({ requestId: gate.id, kind })),
    ),
    unreachable: [
      ...new Set(stored.flatMap(({ gate, cards }) => unreached(gate, new Set(cards.map((c) => c.recipient))))),
    ],
  };
}

function unreached(gate: Gate, reached: ReadonlySet<string>): string[] {
  const { ask } = gate;
  if (gate.state !== 'asked' || ask === undefined) return [];
  const people = ask.dm ? ask.eligible.filter(({ oid }) => !reached.has(`user:${oid}`)).map(({ name }) => name) : [];
  return ask.channel === undefined || reached.has(`channel:${ask.channel}`) ? people : [...people, ask.channel];
}
