import type { Gate } from './gate.ts';
import { isSettled } from './gate.ts';
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
  gates: readonly Gate[],
  now: string,
): DeploymentStanding {
  const begun = begunAt(deployed);
  if (begun === undefined) return { kind: deployed.result === undefined ? 'waits' : 'covered' };
  const own = gates.filter((gate) => isSameStage(gate, deployed, environment));
  const answering = ofAttempt(deployed, all, own, begun);
  if (answering.some(({ state, verdict }) => LETS_GO.includes(state) || verdict?.result === 'succeeded'))
    return { kind: 'covered' };
  const newest = answering.at(-1);
  const isAsked = answering.some(({ state }) => !isSettled(state));
  if (isAsked && now < plusMinutes(begun, GRACE_MINUTES)) return { kind: 'waits' };
  return { kind: 'off-path', ...(newest === undefined ? {} : { gate: { id: newest.id, state: newest.state } }) };
}

/** Of a bypass people are told by its gate. */
const LETS_GO: readonly Gate['state'][] = ['approved', 'passed', 'bypassed'];

function isSameStage(gate: Gate, { runId, stage }: Deployed, environment: string): boolean {
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
function ofAttempt(deployed: Deployed, all: readonly Deployed[], gates: readonly Gate[], begun: string): Gate[] {
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

function byReceipt(a: Gate, b: Gate): number {
  return a.receivedAt < b.receivedAt ? -1 : a.receivedAt > b.receivedAt ? 1 : a.id < b.id ? -1 : 1;
}
