import { type Gate, isSettled, type SealedVerdict } from './gate.ts';
import { verdictLines } from './verdict-lines.ts';

/** What the fresh evaluation just before the seal said. */
export interface FreshView {
  readonly outcome: 'block' | 'ask' | 'pass';
  readonly observed: boolean;
  readonly subjectChecksum: string;
  /** Whether those who approved may still decide and are enough; true when nobody had to. */
  readonly votesHold: boolean;
}

/**
 * The only function that produces `succeeded` (storage.md rule 4). Undefined when the fresh view does not
 * carry the recorded state any more: then people must be asked again, or the gate is blocked.
 */
export function sealSucceeded(gate: Gate, fresh: FreshView, now: string): SealedVerdict | undefined {
  const reason = successReason(gate, fresh);
  if (reason === undefined || now >= gate.closesAt) return undefined;
  return {
    result: 'succeeded',
    reason,
    lines: verdictLines(gate, 'succeeded', reason),
    sealedAt: now,
    subjectChecksum: fresh.subjectChecksum,
  };
}

/** Whether what was sealed lets the stage go on. */
export function isLetThrough({ verdict }: Pick<Gate, 'verdict'>): boolean {
  return verdict?.result === 'succeeded';
}

function successReason(gate: Gate, fresh: FreshView): 'approved' | 'passed' | 'observed' | undefined {
  if (fresh.observed) return gate.state === 'passed' ? 'observed' : undefined;
  if (fresh.outcome === 'block' || gate.observed) return undefined;
  if (gate.state === 'passed') return fresh.outcome === 'pass' ? 'passed' : undefined;
  const sameSubject = fresh.subjectChecksum === gate.subjectChecksum;
  return gate.state === 'approved' && gate.decision?.verdict === 'approve' && sameSubject && fresh.votesHold
    ? 'approved'
    : undefined;
}

/** Every other end of a gate. */
export function sealFailed(gate: Gate, now: string): SealedVerdict {
  const reason = failureReason(gate, now);
  return {
    result: 'failed',
    reason,
    lines: verdictLines(gate, 'failed', reason),
    sealedAt: now,
    subjectChecksum: gate.subjectChecksum ?? '',
  };
}

function failureReason(gate: Gate, now: string): 'rejected' | 'blocked' | 'expired' | 'superseded' {
  if (gate.state === 'rejected' || gate.state === 'superseded') return gate.state;
  if (gate.state === 'expired' || (isSettled(gate.state) && gate.state !== 'failed' && now >= gate.closesAt))
    return 'expired';
  return 'blocked';
}
