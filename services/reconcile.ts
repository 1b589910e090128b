import { endedElsewhere } from './domain/completed-elsewhere.ts';
import { isSettled } from './domain/gate.ts';
import { AzureDevOpsUnavailableError } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';
import type { Doors } from './ports/doors.ts';
import type { GateStore, StoredGate } from './ports/gate-store.ts';
import { leaveScopes, type ScopeStore } from './ports/scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly doors: Doors;
  readonly gates: GateStore;
  readonly scopes: ScopeStore;
  /** Judges a waiting gate again, or carries on with a settled one. */
  readonly carryOn: (stored: StoredGate, reassess: boolean) => Promise<void>;
  readonly failed: (requestId: string, error: unknown) => void;
}

/** A gate younger than this is still being worked on: a look at it would only double the work. */
const YOUNG_MS = 300_000;

/** An organization that was silent so often in a row is left to the next round: what is due waits meanwhile. */
const MOST_SILENT = 3;

/** Compares what is open with Azure DevOps, which alone knows whether a stage still waits (architecture.md, Outbox and due index). */
export function createReconcile(needs: Needs) {
  return {
    all: (): Promise<void> => reconcileAll(needs),
    /** Ends one request that waits here and no longer there, and does nothing else. Rejects when that could not be told. */
    one: async (org: string, id: string): Promise<void> => {
      const stored = await needs.gates.read(org, id);
      if (stored !== undefined && stored.gate.toldAt === undefined) await endIfCompleted(needs, stored);
    },
  };
}

async function reconcileAll(needs: Needs): Promise<void> {
  const silent = new Map<string, number>();
  for (const { org, id } of await needs.gates.open()) {
    const before = silent.get(org) ?? 0;
    // One after the other: nobody waits for this, and Azure DevOps counts every call.
    if (before < MOST_SILENT) silent.set(org, (await isAnswered(needs, org, id)) ? 0 : before + 1);
  }
}

/** False when Azure DevOps did not answer; whatever fails is for the next round. */
async function isAnswered(needs: Needs, org: string, id: string): Promise<boolean> {
  try {
    await reconcile(needs, org, id);
    return true;
  } catch (error) {
    needs.failed(id, error);
    return !(error instanceof AzureDevOpsUnavailableError);
  }
}

async function reconcile(needs: Needs, org: string, id: string): Promise<void> {
  const stored = await needs.gates.read(org, id);
  if (stored === undefined) return;
  const { gate } = stored;
  if (gate.toldAt !== undefined) return needs.gates.markClosed(gate);
  if (Date.parse(needs.clock.now()) - Date.parse(gate.receivedAt) < YOUNG_MS) return;
  const waits = !isSettled(gate.state);
  if (!waits || !(await endIfCompleted(needs, stored))) await needs.carryOn(stored, waits);
}

/** What is settled and not told is left alone: telling it finds out by itself. */
async function endIfCompleted(needs: Needs, stored: StoredGate): Promise<boolean> {
  const { gate } = stored;
  if (isSettled(gate.state)) return false;
  const state = await needs.doors[gate.door.kind].state(stored);
  if (!state.completed) return false;
  const committed = await needs.gates.commit(stored, {
    op: `reconcile ${gate.id} ${gate.revision}`,
    ...endedElsewhere(gate, state, needs.clock.now()),
    outbox: ['card', 'index', 'stage'],
    dropToken: true,
    at: needs.clock.now(),
  });
  if (committed.kind === 'lost') return true;
  await leaveScopes(needs.scopes, committed.stored.gate);
  await needs.carryOn(committed.stored, false);
  return true;
}
