import type { DecisionEvidence } from './ports/decision-evidence.ts';
import type { EvidenceLog } from './ports/evidence-log.ts';
import type { GateStore } from './ports/gate-store.ts';

interface Needs {
  readonly log: Pick<EvidenceLog, 'changed'>;
  readonly gates: Pick<GateStore, 'ofRun' | 'read'>;
}

/** Evidence as it is stored now. */
export function createStoredDecisions({ log, gates }: Needs): DecisionEvidence {
  return {
    chains: async function* (from, before) {
      for await (const { entries } of log.changed(from, before)) yield entries;
    },
    ofRun: async (org, runId) => {
      const all = await Promise.all((await gates.ofRun(org, runId)).map((id) => gates.read(org, id)));
      return all.flatMap((stored) => (stored === undefined ? [] : [stored.evidence]));
    },
    gaps: () => [],
  };
}
