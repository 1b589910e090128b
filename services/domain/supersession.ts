import type { Gate, Successor } from './gate.ts';

/** One gate of a scope, as its row there says: the stage it is for, and which run and attempt of it. */
export interface Contender extends Successor {
  /** What must be equal for one to take another's place (lineOf). */
  readonly line: string;
  /** Whether it was released already: it waits for nothing any more. */
  readonly isReleased?: boolean;
}

/**
 * The same pipeline's same stage for the same environment and services: of these the newest counts. A check and a native
 * approval of one stage count their attempts apart, and both wait.
 */
export function lineOf(gate: Pick<Gate, 'door' | 'run' | 'stage' | 'environment' | 'services'>): string {
  const { projectId, pipeline } = gate.run;
  const door = gate.door.kind === 'check' ? [] : [gate.door.kind];
  return JSON.stringify([projectId, pipeline.id, gate.stage, gate.environment, [...gate.services].sort(), ...door]);
}

export function contenderOf(gate: Gate): Contender {
  return { line: lineOf(gate), requestId: gate.id, runId: gate.run.id, attempt: gate.attempt };
}

/** The newest that takes this gate's place, and those whose place it takes. Several checks of one attempt are equals. */
export function supersession(
  gate: Gate,
  others: readonly Contender[],
): { readonly successor?: Successor; readonly predecessors: readonly string[] } {
  const own = contenderOf(gate);
  const rivals = others.filter(({ line, requestId }) => line === own.line && requestId !== own.requestId);
  const newest = rivals
    .filter((rival) => compare(rival, own) > 0)
    .sort(compare)
    .at(-1);
  const older = rivals.filter((rival) => compare(rival, own) < 0 && rival.isReleased !== true);
  return {
    ...(newest === undefined
      ? {}
      : { successor: { requestId: newest.requestId, runId: newest.runId, attempt: newest.attempt } }),
    predecessors: [...new Set(older.map(({ requestId }) => requestId))],
  };
}

function compare(a: Contender, b: Contender): number {
  return a.runId - b.runId || a.attempt - b.attempt;
}
