import { type Door, type Gate, isSettled, type SealedVerdict } from './gate.ts';
import { plusMinutes } from './instant.ts';

/** What is read of one job that deployed. */
export interface Deployed {
  readonly runId: number;
  readonly stage: string;
  readonly attempt: number;
  /** ISO-8601 UTC. */
  readonly startedAt?: string;
  readonly finishedAt?: string;
  readonly result?: string;
}

/** What is read of a request to tell whether it let something go: from its record, or from its evidence alone. */
export interface StandingGate extends Pick<Gate, 'id' | 'state' | 'receivedAt' | 'stage' | 'environment' | 'attempt'> {
  readonly run: Pick<Gate['run'], 'id'>;
  readonly door: Pick<Door, 'kind'>;
  readonly verdict?: Pick<SealedVerdict, 'result'>;
}

/**
 * `covered`: we let it go, its gate is known as bypassed, or nothing was deployed. `waits`: it has not begun, or its gate is about to say.
 * `off-path`: it went on although nothing here let it.
 */
export type DeploymentStanding =
  | { readonly kind: 'covered' | 'waits' }
  | { readonly kind: 'off-path'; readonly gate?: Pick<Gate, 'id' | 'state'> };

/** Until then reconciling finds out by itself that a gate was passed by, and tells it. */
const GRACE_MINUTES = 8;
/** By so much clocks differ. */
const SKEW_MINUTES = 5;
const DEPLOYED = /^(?:succeeded(?:WithIssues)?|failed)$/;

/** When its job began; undefined: it has not, or never did. */
export function begunAt({ startedAt, finishedAt, result = '' }: Deployed): string | undefined {
  return startedAt ?? (DEPLOYED.test(result) ? finishedAt : undefined);
}

/**
 * How one deployment stands. `all`: what else is known to have been deployed there, itself among it; `gates`: those of its run. Their order
 * does not matter.
 */
export function deploymentStanding(
  deployed: Deployed,
  environment: string,
  all: readonly Deployed[],
  gates: readonly StandingGate[],
  now: string,
): DeploymentStanding {
  const begun = begunAt(deployed);
  if (begun === undefined) return { kind: deployed.result === undefined ? 'waits' : 'covered' };
  const answering = answeringGates(deployed, environment, all, gates, begun);
  if (answering.some(letsGo)) return { kind: 'covered' };
  const newest = answering.at(-1);
  const isAsked = answering.some(({ state }) => !isSettled(state));
  if (isAsked && now < plusMinutes(begun, GRACE_MINUTES)) return { kind: 'waits' };
  return { kind: 'off-path', ...(newest === undefined ? {} : { gate: { id: newest.id, state: newest.state } }) };
}

/** Of these requests, those that were to say whether it may go on, oldest first. `begun`: ISO-8601 UTC; of one that has not, now. */
export function answeringGates<G extends StandingGate>(
  deployed: Deployed,
  environment: string,
  all: readonly Deployed[],
  gates: readonly G[],
  begun: string,
): G[] {
  const own = gates.filter((gate) => isSameStage(gate, deployed, environment));
  return ofAttempt(deployed, all, own, begun);
}

/** Of a bypass people are told by its gate. */
export function letsGo({ state, verdict }: StandingGate): boolean {
  return LETS_GO.includes(state) || verdict?.result === 'succeeded';
}

const LETS_GO: readonly Gate['state'][] = ['approved', 'passed', 'bypassed'];

function isSameStage(gate: StandingGate, { runId, stage }: Deployed, environment: string): boolean {
  const isStage = stage === '' || isSame(gate.stage, stage);
  return gate.run.id === runId && isSame(gate.environment, environment) && isStage;
}

function isSame(one: string, other: string): boolean {
  return one.toLowerCase() === other.toLowerCase();
}

/**
 * The gates that stood before this attempt, oldest first. A native approval knows its attempt. A check counts its own evaluations: those
 * belong to the attempt that came between the job before and this one; where no earlier job is known, to the last ones.
 */
function ofAttempt<G extends StandingGate>(
  deployed: Deployed,
  all: readonly Deployed[],
  gates: readonly G[],
  begun: string,
): G[] {
  const before = all
    .filter(
      ({ runId, stage, attempt }) =>
        runId === deployed.runId && isSame(stage, deployed.stage) && attempt < deployed.attempt,
    )
    .flatMap((one) => begunAt(one) ?? [])
    .sort()
    .at(-1);
  const checks = gates
    .filter(({ door, receivedAt }) => door.kind === 'check' && receivedAt <= plusMinutes(begun, SKEW_MINUTES))
    .sort(byReceipt);
  const approvals = gates.filter(({ door, attempt }) => door.kind === 'approval' && attempt === deployed.attempt);
  const own =
    before === undefined
      ? checks.slice(Math.min(deployed.attempt, checks.length) - 1)
      : checks.filter(({ receivedAt }) => receivedAt > before);
  return [...own, ...approvals].sort(byReceipt);
}

function byReceipt(a: StandingGate, b: StandingGate): number {
  return a.receivedAt < b.receivedAt ? -1 : a.receivedAt > b.receivedAt ? 1 : a.id < b.id ? -1 : 1;
}
