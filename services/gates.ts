import { type Catalog, type Origin, servicesOf, speaksFor } from './domain/catalog.ts';
import {
  type Ask,
  type CheckIds,
  type Gate,
  isSettled,
  latestClose,
  orgOf,
  requestIdOf,
  scopesOf,
  tupleOf,
} from './domain/gate.ts';
import { earlier, plusMinutes } from './domain/instant.ts';
import type { Run } from './domain/run.ts';
import type { AzureDevOps } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';
import type { Evaluate, Evaluation } from './ports/evaluation.ts';
import type { GateChange, GateStore, OutboxItem, StoredGate } from './ports/gate-store.ts';
import type { Policy } from './ports/policy.ts';
import type { ScopeKey, ScopeStore } from './ports/scope-store.ts';
import type { Vault } from './ports/vault.ts';

/** One delivery of a check, authenticated and parsed; everything in it but the ids is still unproven. */
export interface Delivery {
  readonly check: CheckIds;
  readonly jobToken: string;
  readonly runId: number;
  readonly stage: string;
  readonly environment: string;
  readonly service?: string;
  readonly artifact?: string;
}

export type Receipt =
  | { readonly kind: 'accepted'; readonly org: string; readonly requestId: string; readonly known: boolean }
  | { readonly kind: 'unproven'; readonly why: string }
  | { readonly kind: 'finished' }
  | { readonly kind: 'invalid'; readonly code: 'service-mismatch' | 'unknown-environment'; readonly detail: string };

interface Needs {
  readonly tenant: string;
  readonly clock: Clock;
  readonly policy: Policy;
  readonly azureDevOps: AzureDevOps;
  readonly gates: GateStore;
  readonly scopes: ScopeStore;
  readonly vault: Vault;
  readonly evaluate: Evaluate;
}

export type Gates = ReturnType<typeof createGates>;

export function createGates(needs: Needs) {
  return {
    /** Proves, then stores as `received`; the judgement follows from the outbox. Rejects when nothing could be learnt or stored. */
    receive: (delivery: Delivery): Promise<Receipt> => receive(needs, delivery),
    /** Judges a gate that is not settled, anew or again; completes `done`. Rejects when something could not be read. */
    assess: (stored: StoredGate, done: readonly OutboxItem[]): Promise<StoredGate> => assess(needs, stored, done),
    /** Ends what has waited too long. */
    close: (stored: StoredGate): Promise<StoredGate> => close(needs, stored),
  };
}

async function receive(needs: Needs, delivery: Delivery): Promise<Receipt> {
  const proof = await needs.azureDevOps.prove(delivery.check, delivery.runId, delivery.jobToken);
  if (proof.kind === 'unproven') return proof;
  const org = orgOf(needs.tenant, delivery.check.organization);
  const id = requestIdOf(org, delivery.check, proof.attempt);
  if (proof.completed) {
    const known = await needs.gates.read(org, id);
    return known === undefined ? { kind: 'finished' } : { kind: 'accepted', org, requestId: id, known: true };
  }
  const { contract, catalog } = await needs.policy.current();
  if (contract !== undefined && !contract.environments.has(delivery.environment)) {
    const names = [...contract.environments.keys()].join(', ');
    return { kind: 'invalid', code: 'unknown-environment', detail: `"${delivery.environment}" is none of ${names}` };
  }
  const services = servicesFor(delivery, proof.run, catalog);
  if (typeof services === 'string') return { kind: 'invalid', code: 'service-mismatch', detail: services };
  const gate = receivedGate(delivery, org, id, proof.attempt, proof.run, services, needs.clock.now());
  return store(needs, gate, delivery.jobToken);
}

/** The services that this run may speak for, or what is wrong (contract.md: a run may only speak for its own service). */
function servicesFor(delivery: Delivery, run: Run, catalog: Catalog): string[] | string {
  const origin: Origin = { repository: run.repository.name, pipeline: run.pipeline.name };
  const where = `pipeline "${origin.pipeline}" or repository "${origin.repository}"`;
  if (delivery.service === undefined) {
    const found = servicesOf(catalog, origin);
    return found.length > 0 ? found : `the catalog ties no service to ${where}: name one, or add it to the catalog`;
  }
  // A service whose own file is broken stays closed by its judgement, where people see why.
  if (catalog.broken.has(delivery.service)) return [delivery.service];
  const service = catalog.services.get(delivery.service);
  if (service !== undefined && speaksFor(service, origin)) return [service.name];
  return `the catalog does not tie "${delivery.service}" to ${where}`;
}

function receivedGate(
  delivery: Delivery,
  org: string,
  id: string,
  attempt: number,
  run: Run,
  services: readonly string[],
  now: string,
): Gate {
  return {
    id,
    org,
    check: delivery.check,
    attempt,
    run,
    stage: delivery.stage,
    environment: delivery.environment,
    services,
    ...(delivery.artifact === undefined ? {} : { artifact: delivery.artifact }),
    state: 'received',
    revision: 1,
    receivedAt: now,
    closesAt: latestClose(now),
    observed: false,
  };
}

async function store(needs: Needs, gate: Gate, jobToken: string): Promise<Receipt> {
  const committed = await needs.gates.create({
    op: `receive ${gate.id} ${gate.receivedAt}`,
    gate,
    token: await needs.vault.seal(jobToken, gate.id),
    evidence: {
      kind: 'check-received',
      actor: { kind: 'pipeline', name: gate.run.pipeline.name },
      data: {
        tuple: [...tupleOf(gate.org, gate.check, gate.attempt)],
        run: gate.run.id,
        definition: gate.run.pipeline.id,
        commit: gate.run.commit,
        stage: gate.stage,
        environment: gate.environment,
        services: [...gate.services],
      },
    },
    outbox: ['judge', 'index'],
    at: gate.receivedAt,
  });
  const tuple = ({ org, check, attempt }: Gate) => JSON.stringify(tupleOf(org, check, attempt));
  if (tuple(committed.stored.gate) !== tuple(gate))
    throw new Error(`request ${gate.id} is already that of another check: ids collide`);
  return { kind: 'accepted', org: gate.org, requestId: gate.id, known: committed.kind === 'lost' };
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
  const evaluation = await needs.evaluate(gate, () => jobTokenOf(needs.vault, stored), now);
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

async function jobTokenOf(vault: Vault, stored: StoredGate): Promise<string> {
  if (stored.token === undefined) throw new Error(`request ${stored.gate.id} has no job token any more`);
  return vault.open(stored.token, stored.gate.id);
}

/** The gate after this evaluation, or undefined when nothing that people or pipeline see has changed. */
function nextGate(gate: Gate, evaluation: Evaluation, now: string): Gate | undefined {
  const { sources, judgement, subjectChecksum, observed } = evaluation;
  const { ask: _, waitUntil: __, decision: ___, ...rest } = gate;
  const base = { ...rest, sources, judgement, subjectChecksum, observed };
  const next = observed ? { ...base, state: 'passed' as const } : moved(gate, base, evaluation, now);
  const sameSubject =
    next.state === gate.state && subjectChecksum === gate.subjectChecksum && sameRoute(next.ask, gate.ask);
  if (sameSubject && JSON.stringify(next.ask) === JSON.stringify(gate.ask)) return undefined;
  // Who may decide can change under the same route: new approvers get the card, a card that was sent stays valid.
  return { ...next, revision: sameSubject || gate.state === 'received' ? gate.revision : gate.revision + 1 };
}

function moved(gate: Gate, base: Gate, evaluation: Evaluation, now: string): Gate {
  if (evaluation.outcome === 'pass') return { ...base, state: 'passed' };
  if (evaluation.outcome === 'ask' && evaluation.ask !== undefined) {
    const deadline = evaluation.ask.deadline ?? base.closesAt;
    const kept = gate.waitUntil === undefined ? {} : { waitUntil: gate.waitUntil };
    return { ...base, ...kept, state: 'asked', ask: evaluation.ask, closesAt: earlier(base.closesAt, deadline) };
  }
  const waitUntil = gate.waitUntil ?? earlier(plusMinutes(now, evaluation.blockWaitMinutes), base.closesAt);
  return { ...base, waitUntil, state: now >= waitUntil ? 'failed' : 'blocked' };
}

function sameRoute(a: Ask | undefined, b: Ask | undefined): boolean {
  const conditions = (ask: Ask | undefined) =>
    ask && [ask.route, ask.from, ask.quorum, ask.excludes, ask.comment, ask.channel, ask.dm, ask.deadline];
  return JSON.stringify(conditions(a)) === JSON.stringify(conditions(b));
}

function assessedChange(
  gate: Gate,
  next: Gate,
  evaluation: Evaluation,
  now: string,
  done: readonly OutboxItem[],
): GateChange {
  const { judgement } = evaluation;
  const hinted = gate.state === 'received' ? undefined : gate.closesAt;
  const wakeAt = [next.waitUntil, next.closesAt].filter((at) => at !== undefined && at > now && at !== hinted);
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
        exceptions: [...judgement.warns].flatMap((group) =>
          group.exceptionId === undefined ? [] : [group.exceptionId],
        ),
        route: next.ask?.route,
        eligible: next.ask?.eligible.map(({ oid }) => oid),
        observed: evaluation.observed,
      },
    },
    outbox: isSettled(next.state) ? ['verdict', 'card'] : ['card', 'index'],
    done,
    at: now,
    wakeAt: wakeAt as string[],
  };
}

async function close(needs: Needs, stored: StoredGate): Promise<StoredGate> {
  const { gate } = stored;
  const now = needs.clock.now();
  if (isSettled(gate.state)) return stored;
  if (now < gate.closesAt) {
    // The end of a block's wait: look once more, for a fix whose wake-up is still under way.
    return gate.state === 'blocked' && gate.waitUntil !== undefined && now >= gate.waitUntil
      ? assessEnded(needs, stored, now)
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

async function assessEnded(needs: Needs, stored: StoredGate, now: string): Promise<StoredGate> {
  const looked = await assess(needs, stored, []);
  if (looked.gate.state !== 'blocked') return looked;
  const committed = await needs.gates.commit(looked, {
    op: `wait-ended ${looked.gate.id}`,
    gate: { ...looked.gate, state: 'failed', revision: looked.gate.revision + 1 },
    evidence: { kind: 'wait-ended', actor: { kind: 'countersign' }, data: { waitUntil: looked.gate.waitUntil ?? now } },
    outbox: ['verdict', 'card'],
    at: now,
  });
  return committed.stored;
}
