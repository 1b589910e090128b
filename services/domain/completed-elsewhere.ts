import type { EvidenceDraft } from './evidence.ts';
import type { Gate } from './gate.ts';
import { layersOf } from './layers.ts';

/** Whether Azure DevOps let the stage go on although no decision of ours did: by an administrator, or by the pipeline itself. */
export function isBypass({ state }: Pick<Gate, 'state'>): boolean {
  return state === 'bypassed';
}

/**
 * The gate whose check Azure DevOps holds as completed with another result than ours, and what evidence says of it:
 * `bypass-detected` when the stage went on, else `completed-without-us` (timed out, cancelled, completed by others).
 */
export function endedElsewhere(gate: Gate, result: string, now: string): { gate: Gate; evidence: EvidenceDraft } {
  const state = result === 'succeeded' ? 'bypassed' : 'abandoned';
  const ended: Gate = { ...gate, state, completedElsewhere: result, toldAt: now };
  return {
    gate: ended,
    evidence: {
      kind: isBypass(ended) ? 'bypass-detected' : 'completed-without-us',
      actor: { kind: 'countersign' },
      data: { ...layersOf(gate), result, sealed: gate.verdict?.result ?? 'none', from: gate.state },
    },
  };
}
