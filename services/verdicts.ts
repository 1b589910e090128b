import { stillHolds } from './domain/approval.ts';
import { asksAnew, assessed } from './domain/assess.ts';
import { endedElsewhere } from './domain/completed-elsewhere.ts';
import { type Ask, type Gate, isSettled, type SealedVerdict } from './domain/gate.ts';
import { layersOf } from './domain/layers.ts';
import { releaseOf } from './domain/release.ts';
import { nextLookAt } from './domain/schedule.ts';
import { sealFailed, sealSucceeded } from './domain/seal.ts';
import { AzureDevOpsRefusedError } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';
import type { Covers } from './ports/covers.ts';
import type { Directory } from './ports/directory.ts';
import type { DoorState, Doors } from './ports/doors.ts';
import type { Evaluate } from './ports/evaluation.ts';
import type { GateStore, OutboxItem, OutboxKind, StoredGate } from './ports/gate-store.ts';
import { leaveScopes, type ScopeStore } from './ports/scope-store.ts';
import { standingOf } from './ports/standing.ts';
import { openJobToken, type Vault } from './ports/vault.ts';

interface Needs {
  readonly clock: Clock;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly doors: Doors;
  readonly gates: GateStore;
  readonly scopes: ScopeStore;
  readonly vault: Vault;
  readonly evaluate: Evaluate;
}

export function createVerdicts(needs: Needs) {
  return {
    /**
     * Seals the verdict of a settled gate from a fresh evaluation, tells Azure DevOps, records that it was told.
     * Rejects when one of them did not answer: the item stays, the seal too.
     */
    deliver: async (stored: StoredGate, item: OutboxItem): Promise<StoredGate> => {
      if (!isSettled(stored.gate.state)) return dismiss(needs, stored, item);
      const sealed = stored.gate.verdict === undefined ? await seal(needs, stored, item) : stored;
      return sealed.gate.verdict === undefined ? sealed : tell(needs, sealed, item, sealed.gate.verdict);
    },
  };
}

/** The gate went back to waiting: there is nothing to tell any more. */
async function dismiss(needs: Needs, stored: StoredGate, item: OutboxItem): Promise<StoredGate> {
  await needs.gates.tidy(stored, { done: [item], retry: [], cards: [], droppedCards: [] });
  return { ...stored, outbox: stored.outbox.filter((other) => other.seq !== item.seq || other.kind !== item.kind) };
}

/** storage.md rule 4: everything acts until `t` exists, nothing after. */
async function seal(needs: Needs, stored: StoredGate, item: OutboxItem): Promise<StoredGate> {
  const { gate } = stored;
  const now = needs.clock.now();
  if (gate.state !== 'approved' && gate.state !== 'passed')
    return sealAs(needs, stored, gate, sealFailed(gate, now), now);
  const fresh = await needs.evaluate(gate, () => openJobToken(needs.vault, stored), now);
  const seen = { ...gate, sources: fresh.sources };
  const view = { ...fresh, votesHold: await votesHold(needs, seen, fresh.ask ?? gate.ask, now) };
  const judged: Gate = { ...gate, judgement: fresh.judgement };
  const succeeded = sealSucceeded(judged, view, now);
  if (succeeded !== undefined) return sealAs(needs, stored, judged, succeeded, now);
  const next = assessed(gate, fresh, now);
  if (next.state === 'failed' || next.state === 'expired' || next.state === 'superseded') {
    return sealAs(needs, stored, { ...judged, ...settledBy(next) }, sealFailed(next, now), now);
  }
  return reopen(needs, stored, { ...asksAnew(gate, next, fresh), revision: gate.revision + 1 }, item, now);
}

function settledBy({ state, supersededBy }: Gate): Partial<Gate> {
  return { state, ...(supersededBy === undefined ? {} : { supersededBy }) };
}

/** By the routes as they are now: approvers whom they no longer name do not carry the approval. */
async function votesHold(needs: Needs, gate: Gate, ask: Ask | undefined, now: string): Promise<boolean> {
  if (gate.decision === undefined) return true;
  if (ask === undefined) return false;
  const backings = await Promise.all(
    gate.votes.map(async (vote) => ({ vote, standing: await standingOf(needs, vote.by.oid, ask.levels, now) })),
  );
  return stillHolds({ ...gate, ask }, ask.levels, backings);
}

async function sealAs(
  needs: Needs,
  stored: StoredGate,
  gate: Gate,
  verdict: SealedVerdict,
  now: string,
): Promise<StoredGate> {
  const committed = await needs.gates.commit(stored, {
    op: `seal ${gate.id} ${now}`,
    gate: { ...gate, verdict },
    evidence: {
      kind: 'verdict-sealed',
      actor: { kind: 'countersign' },
      data: {
        ...layersOf(gate),
        result: verdict.result,
        reason: verdict.reason,
        subject: verdict.subjectChecksum,
      },
    },
    outbox: [],
    at: now,
  });
  return committed.stored;
}

/** The approval no longer carries: its votes are void, and whoever must act is told (revision rises). */
async function reopen(
  needs: Needs,
  stored: StoredGate,
  gate: Gate,
  item: OutboxItem,
  now: string,
): Promise<StoredGate> {
  const committed = await needs.gates.commit(stored, {
    op: `reopen ${gate.id} ${gate.revision} ${now}`,
    gate,
    evidence: {
      kind: 'decision-void',
      actor: { kind: 'countersign' },
      data: {
        ...layersOf(gate),
        state: gate.state,
        was: stored.gate.subjectChecksum ?? null,
        changes: gate.changes?.map((change) => ({ ...change })),
      },
    },
    outbox: reopenedOutbox(gate),
    done: [item],
    at: now,
    wakeAt: [nextLookAt(gate)],
  });
  return committed.stored;
}

/** Judged once more: a wake-up that came while the gate was settled has passed it by (storage.md rule 12). */
function reopenedOutbox({ state }: Gate): OutboxKind[] {
  if (state === 'passed') return ['verdict', 'card'];
  return state === 'asked' ? ['judge', 'card', 'index', 'ask-again'] : ['judge', 'card', 'index'];
}

async function tell(needs: Needs, stored: StoredGate, item: OutboxItem, verdict: SealedVerdict): Promise<StoredGate> {
  if (stored.gate.toldAt !== undefined) return dismiss(needs, stored, item);
  const door = needs.doors[stored.gate.door.kind];
  const before = item.attempts > 0 ? await door.state(stored) : undefined;
  if (before?.completed) return told(needs, stored, item, before);
  try {
    const handover = await door.tell(stored, verdict);
    const said = handover === undefined ? {} : { handover };
    return await told(needs, stored, item, { completed: true, result: verdict.result, ...said });
  } catch (error) {
    // Refused because it is completed already, by an earlier try of ours or by somebody else: ask which.
    if (!(error instanceof AzureDevOpsRefusedError)) throw error;
    const state = await door.state(stored);
    if (!state.completed) throw error;
    return told(needs, stored, item, state);
  }
}

/** Recorded as told, or as completed without us when Azure DevOps holds another result than the sealed one. */
async function told(needs: Needs, stored: StoredGate, item: OutboxItem, state: DoorState): Promise<StoredGate> {
  const now = needs.clock.now();
  const ours = state.result !== undefined && state.result === stored.gate.verdict?.result;
  const said = ours ? toldBy(stored.gate, state, now) : endedElsewhere(stored.gate, state, now);
  const committed = await needs.gates.commit(stored, {
    op: `told ${stored.gate.id}`,
    ...said,
    outbox: ['card', 'index', 'stage', ...(releaseOf(said.gate) === undefined ? [] : (['released'] as const))],
    done: [item],
    dropToken: true,
    at: now,
  });
  await leaveScopes(needs.scopes, said.gate);
  return committed.stored;
}

/** What nobody's word was passed on for is left to Azure DevOps, which goes on waiting. */
function toldBy(gate: Gate, { result = '', handover }: DoorState, now: string) {
  const kind = handover?.kind === 'left' ? 'left-to-azure-devops' : 'told';
  const data = {
    ...layersOf(gate),
    result,
    sealed: result,
    ...(handover?.kind === 'sent' ? { as: handover.as, missing: handover.missing } : {}),
  };
  const evidence = { kind, actor: { kind: 'countersign' } as const, data };
  return { gate: { ...gate, toldAt: now, ...(handover === undefined ? {} : { handover }) }, evidence };
}
