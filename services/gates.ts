import { type Assessment, assessed, sameRoute } from './domain/assess.ts';
import { type Gate, isSettled, scopesOf } from './domain/gate.ts';
import type { Clock } from './ports/clock.ts';
import type { Evaluate } from './ports/evaluation.ts';
import type { GateChange, GateStore, OutboxItem, StoredGate } from './ports/gate-store.ts';
import type { ScopeKey, ScopeStore } from './ports/scope-store.ts';
import { openJobToken, type Vault } from './ports/vault.ts';

interface Needs {
  readonly clock: Clock;
  readonly gates: GateStore;
  readonly scopes: ScopeStore;
  readonly vault: Vault;
  readonly evaluate: Evaluate;
}

export function createGates(needs: Needs) {
  return {
    /** Judges a gate that is not settled, anew or again; completes `done`. Rejects when something could not be read. */
    assess: (stored: StoredGate, done: readonly OutboxItem[]): Promise<StoredGate> => assess(needs, stored, done),
    /** Ends what has waited too long. */
    close: (stored: StoredGate): Promise<StoredGate> => close(needs, stored),
  };
}

async function assess(needs: Needs, stored: StoredGate, done: readonly OutboxItem[], tries = 3): Promise<StoredGate> {
  const { gate } = stored;
  if (isSettled(gate.state)) {
    // A process that died right after telling left its rows behind: the wake-up that finds them takes them away.
    if (gate.toldAt !== undefined) await forEachScope(gate, (scope) => needs.scopes.unregister(scope, gate.id));
    return tidied(needs, stored, done);
  }
  // Before anything of them is read: whatever is committed later finds this row and wakes the gate (storage.md rule 5).
  await forEachScope(gate, (scope) => needs.scopes.register(scope, gate.id));
  const now = needs.clock.now();
  const evaluation = await needs.evaluate(gate, () => openJobToken(needs.vault, stored), now);
  const next = nextGate(gate, evaluation, now);
  if (next === undefined) return tidied(needs, stored, done);
  const committed = await needs.gates.commit(stored, assessedChange(gate, next, evaluation, now, done));
  if (committed.kind === 'committed') return committed.stored;
  // Who was first may have judged on less than what is committed by now: only a look of our own can tell.
  if (tries === 0) throw new Error(`request ${gate.id} changed again and again while it was judged`);
  const left = committed.stored.outbox.filter((item) => done.some((d) => d.seq === item.seq && d.kind === item.kind));
  return assess(needs, committed.stored, left, tries - 1);
}

async function tidied(needs: Needs, stored: StoredGate, done: readonly OutboxItem[]): Promise<StoredGate> {
  if (done.length > 0) await needs.gates.tidy(stored, { done, retry: [], cards: [], droppedCards: [] });
  return { ...stored, outbox: stored.outbox.filter((item) => !done.includes(item)) };
}

async function forEachScope(gate: Gate, act: (scope: ScopeKey) => Promise<void>): Promise<void> {
  await Promise.all(scopesOf(gate).map(act));
}

/** The gate after this evaluation, or undefined when nothing that people or pipeline see has changed. */
function nextGate(gate: Gate, assessment: Assessment, now: string): Gate | undefined {
  const next = assessed(gate, assessment, now);
  const sameSubject =
    next.state === gate.state && next.subjectChecksum === gate.subjectChecksum && sameRoute(next.ask, gate.ask);
  if (sameSubject && JSON.stringify(next.ask) === JSON.stringify(gate.ask)) return undefined;
  // Who may decide can change under the same route: new approvers get the card, a card that was sent stays valid.
  return { ...next, revision: sameSubject || gate.state === 'received' ? gate.revision : gate.revision + 1 };
}

function assessedChange(
  gate: Gate,
  next: Gate,
  evaluation: Assessment,
  now: string,
  done: readonly OutboxItem[],
): GateChange {
  const { judgement } = evaluation;
  const hinted = gate.state === 'received' ? undefined : gate.closesAt;
  const wakeAt = [next.waitUntil, next.closesAt].filter((at) => at !== undefined).filter((at) => at !== hinted);
  return {
    op: `assess ${gate.id} ${next.revision} ${next.state} ${now}`,
    gate: next,
    evidence: {
      kind: next.state === 'failed' ? 'wait-ended' : 'judged',
      actor: { kind: 'countersign' },
      data: {
        state: next.state,
        revision: next.revision,
        subject: evaluation.subjectChecksum,
        contract: judgement.contract === undefined ? null : { ...judgement.contract },
        verdict: judgement.verdict,
        counts: { ...judgement.counts },
        obstacles: judgement.obstacles.map(({ kind }) => kind),
        blocks: judgement.blocks.map((group) => ({
          control: group.control,
          owner: group.owner,
          fingerprints: [...group.fingerprints],
        })),
        signals: judgement.signals.map((s) => ({
          control: s.control,
          service: s.service,
          owner: s.owner,
          state: s.state,
        })),
        exceptions: judgement.warns.flatMap((group) => (group.exceptionId === undefined ? [] : [group.exceptionId])),
        route: next.ask?.route,
        eligible: next.ask?.eligible.map(({ oid }) => oid),
        observed: evaluation.observed,
      },
    },
    outbox: isSettled(next.state) ? ['verdict', 'card'] : ['card', 'index'],
    done,
    at: now,
    wakeAt,
  };
}

async function close(needs: Needs, stored: StoredGate): Promise<StoredGate> {
  const { gate } = stored;
  const now = needs.clock.now();
  if (isSettled(gate.state)) return stored;
  if (now < gate.closesAt) {
    // The end of a block's wait: look once more, for a fix whose wake-up is still under way.
    return gate.state === 'blocked' && gate.waitUntil !== undefined && now >= gate.waitUntil
      ? assess(needs, stored, [])
      : stored;
  }
  const committed = await needs.gates.commit(stored, {
    op: `expire ${gate.id}`,
    gate: { ...gate, state: 'expired' },
    evidence: { kind: 'expired', actor: { kind: 'countersign' }, data: { closesAt: gate.closesAt, from: gate.state } },
    outbox: ['verdict', 'card'],
    at: now,
  });
  return committed.stored;
}
