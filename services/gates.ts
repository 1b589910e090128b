import { type Assessment, reassessed } from './domain/assess.ts';
import { type Gate, isSettled } from './domain/gate.ts';
import type { Judgement } from './domain/judgement.ts';
import { layersOf } from './domain/layers.ts';
import { isWaitOver, nextLookAt } from './domain/schedule.ts';
import type { Clock } from './ports/clock.ts';
import type { Evaluate } from './ports/evaluation.ts';
import type { GateChange, GateStore, OutboxItem, OutboxKind, StoredGate } from './ports/gate-store.ts';
import { enterScopes, leaveScopes, type ScopeStore } from './ports/scope-store.ts';
import { openJobToken, type Vault } from './ports/vault.ts';

interface Needs {
  readonly clock: Clock;
  readonly gates: GateStore;
  readonly scopes: ScopeStore;
  readonly vault: Vault;
  readonly evaluate: Evaluate;
  /** Called with exceptions that do not cover what a gate is blocked by any more, because that is worse than it was. */
  readonly outgrown: (ids: readonly string[]) => void;
}

export function createGates(needs: Needs) {
  return {
    /** Judges a gate that is not settled, anew or again; completes `done`. Rejects when something could not be read. */
    assess: (stored: StoredGate, done: readonly OutboxItem[]): Promise<StoredGate> => assess(needs, stored, done),
    /** Ends what has waited too long; reminds and escalates what has waited long enough. */
    close: (stored: StoredGate): Promise<StoredGate> => close(needs, stored),
  };
}

async function assess(needs: Needs, stored: StoredGate, done: readonly OutboxItem[], tries = 3): Promise<StoredGate> {
  const { gate } = stored;
  if (isSettled(gate.state)) {
    // A process that died right after telling left its rows behind: the wake-up that finds them takes them away.
    if (gate.toldAt !== undefined) await leaveScopes(needs.scopes, gate);
    return tidied(needs, stored, done);
  }
  // Before anything of them is read: whatever is committed later finds this row and wakes the gate (storage.md rule 5).
  await enterScopes(needs.scopes, gate);
  const now = needs.clock.now();
  const evaluation = await needs.evaluate(gate, () => openJobToken(needs.vault, stored), now);
  const next = reassessed(gate, evaluation, now);
  if (next === undefined) return tidied(needs, stored, done);
  const committed = await needs.gates.commit(stored, assessedChange(gate, next, evaluation, now, done));
  if (committed.kind === 'committed') {
    const ids = evaluation.judgement.blocks.flatMap((block) => block.outgrown ?? []);
    if (ids.length > 0) needs.outgrown([...new Set(ids)]);
    return committed.stored;
  }
  // Who was first may have judged on less than what is committed by now: only a look of our own can tell.
  if (tries === 0) throw new Error(`request ${gate.id} changed again and again while it was judged`);
  const left = committed.stored.outbox.filter((item) => done.some((d) => d.seq === item.seq && d.kind === item.kind));
  return assess(needs, committed.stored, left, tries - 1);
}

async function tidied(needs: Needs, stored: StoredGate, done: readonly OutboxItem[]): Promise<StoredGate> {
  if (done.length > 0) await needs.gates.tidy(stored, { done, retry: [], cards: [], droppedCards: [] });
  return { ...stored, outbox: stored.outbox.filter((item) => !done.includes(item)) };
}

function assessedChange(
  gate: Gate,
  next: Gate,
  evaluation: Assessment,
  now: string,
  done: readonly OutboxItem[],
): GateChange {
  const lookAt = nextLookAt(next);
  const isHinted = gate.state !== 'received' && nextLookAt(gate) === lookAt;
  return {
    op: `assess ${gate.id} ${next.revision} ${next.state} ${now}`,
    gate: next,
    evidence: {
      kind: next.state === 'failed' ? 'wait-ended' : 'judged',
      actor: { kind: 'countersign' },
      data: assessedData(next, evaluation),
    },
    outbox: outboxOf(gate, next, evaluation),
    done,
    at: now,
    wakeAt: isHinted ? [] : [lookAt],
  };
}

function assessedData(next: Gate, { judgement, subjectChecksum, observed, policyProblems }: Assessment) {
  return {
    ...layersOf({ ...next, judgement, subjectChecksum }),
    state: next.state,
    verdict: judgement.verdict,
    counts: { ...judgement.counts },
    obstacles: judgement.obstacles.map(({ kind }) => kind),
    blocks: judgement.blocks.map(({ control, owner, fingerprints }) => ({
      control,
      owner,
      fingerprints: [...fingerprints],
    })),
    asked: next.ask?.levels.map(({ eligible }) => eligible.map(({ oid }) => oid)),
    changes: next.changes?.map((change) => ({ ...change })),
    supersededBy: next.supersededBy?.requestId,
    observed,
    policyProblems,
    platform: statesOf(judgement),
  };
}

/** What a card said of the platform and as of when, without its texts. */
function statesOf({ platform }: Judgement) {
  if (platform === undefined) return undefined;
  const { environment, access, breadth } = platform;
  const of = ({ state, asOf }: { readonly state: string; readonly asOf?: string }) => ({ state, asOf });
  return { environment: of(environment), access: of(access), breadth: of(breadth) };
}

/** Those whose votes were voided, or who were asked before a block, are asked aloud: a changed card makes no sound. */
function outboxOf(gate: Gate, next: Gate, { predecessors }: Assessment): OutboxKind[] {
  const supersede: OutboxKind[] = predecessors.length === 0 || next.state === 'superseded' ? [] : ['supersede'];
  if (isSettled(next.state)) return ['verdict', 'card', ...supersede];
  const isAnew = next.state === 'asked' && gate.askedAt !== undefined && next.revision > gate.revision;
  return ['card', 'index', ...(isAnew ? (['ask-again'] as const) : []), ...supersede];
}

async function close(needs: Needs, stored: StoredGate): Promise<StoredGate> {
  const { gate } = stored;
  const now = needs.clock.now();
  if (isSettled(gate.state)) return stored;
  if (now < gate.closesAt) {
    // The end of a block's wait: look once more, for a fix whose wake-up is still under way.
    return isWaitOver(gate, now) ? assess(needs, stored, []) : nudge(needs, stored, now);
  }
  const committed = await needs.gates.commit(stored, {
    op: `expire ${gate.id}`,
    gate: { ...gate, state: 'expired' },
    evidence: {
      kind: 'expired',
      actor: { kind: 'countersign' },
      data: { ...layersOf(gate), closesAt: gate.closesAt, from: gate.state },
    },
    outbox: ['verdict', 'card'],
    at: now,
  });
  return committed.stored;
}

/** Who is silent is reminded once; then others are asked too, whom the next look at the directory finds. */
async function nudge(needs: Needs, stored: StoredGate, now: string): Promise<StoredGate> {
  const { gate } = stored;
  if (gate.state !== 'asked') return stored;
  const isDue = (at: string | undefined, done: string | undefined) =>
    at !== undefined && done === undefined && now >= at;
  const reminds = isDue(gate.remindAt, gate.remindedAt);
  const escalates = isDue(gate.escalateAt, gate.escalatedAt);
  if (!reminds && !escalates) return stored;
  const done = { ...(reminds ? { remindedAt: now } : {}), ...(escalates ? { escalatedAt: now } : {}) };
  const committed = await needs.gates.commit(stored, {
    op: `nudge ${gate.id} ${now}`,
    gate: { ...gate, ...done },
    evidence: {
      kind: escalates ? 'escalated' : 'reminded',
      actor: { kind: 'countersign' },
      data: { ...layersOf(gate), reminded: reminds },
    },
    outbox: [...(reminds ? (['remind'] as const) : []), ...(escalates ? (['judge'] as const) : [])],
    at: now,
    wakeAt: [nextLookAt({ ...gate, ...done })],
  });
  return committed.stored;
}
