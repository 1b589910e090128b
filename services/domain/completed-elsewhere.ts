import type { EvidenceDraft } from './evidence.ts';
import type { Gate } from './gate.ts';
import { layersOf } from './layers.ts';

/** Whether Azure DevOps let the stage go on although no decision of ours did: by an administrator, or by the pipeline itself. */
export function isBypass({ state }: Pick<Gate, 'state'>): boolean {
  return state === 'bypassed';
}

/** How Azure DevOps holds what a gate is about. */
export interface EndedElsewhere {
  /** succeeded: the stage goes on though neither we nor an approver of Azure DevOps let it. */
  readonly result?: string;
  /** Names of those who decided there, as Azure DevOps writes them. */
  readonly by?: readonly string[];
}

/**
 * The gate whose check or approval Azure DevOps holds as completed with another result than ours, and what evidence says
 * of it: `bypass-detected` when the stage went on, else `completed-without-us` (timed out, cancelled, completed or
 * decided by others).
 */
export function endedElsewhere(
  gate: Gate,
  { result = 'unknown', by = [] }: EndedElsewhere,
  now: string,
): { gate: Gate; evidence: EvidenceDraft } {
  const state = result === 'succeeded' ? 'bypassed' : 'abandoned';
  const completedBy = by.length === 0 ? {} : { completedBy: by };
  const ended: Gate = { ...gate, state, completedElsewhere: result, toldAt: now, ...completedBy };
  return {
    gate: ended,
    evidence: {
      kind: isBypass(ended) ? 'bypass-detected' : 'completed-without-us',
      actor: { kind: 'countersign' },
      data: { ...layersOf(gate), result, sealed: gate.verdict?.result ?? 'none', from: gate.state },
      ...(by.length === 0 ? {} : { texts: { by: by.join(', ') } }),
    },
  };
}
