import type { Gate, StageResult } from './domain/gate.ts';
import { layersOf } from './domain/layers.ts';
import type { StageRef, StageState } from './domain/stage.ts';
import { type AzureDevOps, AzureDevOpsRefusedError, AzureDevOpsUnavailableError } from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';
import type { GateStore, StoredGate } from './ports/gate-store.ts';

/** Whether the stage must be looked at again; seconds, when Azure DevOps said so. */
export interface StageLook {
  readonly retry?: { readonly afterSeconds?: number };
}

interface Needs {
  readonly clock: Clock;
  readonly azureDevOps: AzureDevOps;
  readonly gates: GateStore;
  /** Called with what was committed, so that its cards do not wait for the next pass. */
  readonly committed: (stored: StoredGate) => void;
}

/** A stage that runs longer than these tries last is left to the hook that tells its end. */
const MOST_TRIES = 28;
const DONE: StageLook = {};

/** How stages end that Azure DevOps was told about: read with the bot's own account, for the job's token is gone. */
export function createStages(needs: Needs) {
  return {
    /** Records the end of a told gate's stage. What the bot may not read is left out, and nobody is alarmed. */
    look: (stored: StoredGate): Promise<StageLook> => look(needs, stored),
  };
}

async function look(needs: Needs, stored: StoredGate): Promise<StageLook> {
  const { gate, outbox } = stored;
  if (gate.toldAt === undefined || gate.stageResult !== undefined) return DONE;
  const tries = Math.max(0, ...outbox.filter(({ kind }) => kind === 'stage').map(({ attempts }) => attempts));
  const again = (retry: StageLook['retry'] = {}): StageLook => (tries >= MOST_TRIES ? DONE : { retry });
  try {
    const stage = await needs.azureDevOps.stage(refOf(gate));
    if (stage === undefined) return DONE;
    if (stage.state !== 'completed') return again();
    return (await isRecorded(needs, stored, stage)) ? DONE : again();
  } catch (error) {
    if (error instanceof AzureDevOpsRefusedError) return DONE;
    if (!(error instanceof AzureDevOpsUnavailableError)) throw error;
    return again(error.retryAfter === undefined ? {} : { afterSeconds: error.retryAfter });
  }
}

/** A check counts its own evaluations: of its stage the latest attempt is meant. */
function refOf({ door, run, stage: name, attempt }: Gate): StageRef {
  const ref = { organization: door.organization, projectId: run.projectId, runId: run.id, name };
  return door.kind === 'approval' ? { ...ref, attempt } : ref;
}

async function isRecorded(needs: Needs, stored: StoredGate, stage: StageState): Promise<boolean> {
  const { gate } = stored;
  const { result = 'unknown', startedAt, finishedAt } = stage;
  const stageResult: StageResult = {
    result,
    ...(startedAt === undefined ? {} : { startedAt }),
    ...(finishedAt === undefined ? {} : { finishedAt }),
  };
  const committed = await needs.gates.commit(stored, {
    op: `stage ${gate.id} ${stage.attempt}`,
    gate: { ...gate, stageResult },
    evidence: {
      kind: 'stage-finished',
      actor: { kind: 'countersign' },
      data: { ...layersOf(gate), ...stageResult, attempt: stage.attempt },
    },
    outbox: ['card'],
    at: needs.clock.now(),
  });
  if (committed.kind === 'committed') needs.committed(committed.stored);
  return committed.kind === 'committed';
}
