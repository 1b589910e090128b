import { createCheckpoints } from '../services/checkpoints.ts';
import type { EvidenceTrouble } from '../services/domain/anchoring.ts';
import type { CheckpointLog } from '../services/ports/checkpoint-log.ts';

type Checkpointing = Omit<Parameters<typeof createCheckpoints>[0], 'checkpointLog' | 'alarmed'>;

export interface AnchorPorts extends Omit<Checkpointing, 'clock' | 'tenant' | 'signer'> {
  /** Absent: evidence is not anchored. */
  readonly checkpointLog?: CheckpointLog;
}

interface Needs extends Checkpointing, AnchorPorts {
  readonly later: (work: Promise<void>) => void;
  readonly log: { warn(data: object, message: string): void; error(data: object, message: string): void };
}

/** Begins a round of checkpoints where one is due and none is under way, for the process that holds the lease; it is not waited for. */
export function createAnchoring({ checkpointLog, later, log, ...needs }: Needs): () => void {
  if (checkpointLog === undefined) return () => {};
  const alarmed = (trouble: EvidenceTrouble) => log.error({ trouble }, 'evidence is not what it was');
  const checkpoints = createCheckpoints({ ...needs, checkpointLog, alarmed });
  let isRunning = false;
  const run = async () => {
    isRunning = true;
    try {
      await checkpoints.run();
    } catch (err) {
      log.warn({ err }, 'evidence is not under a checkpoint yet');
    } finally {
      isRunning = false;
    }
  };
  return () => {
    if (!isRunning && checkpoints.isDue()) later(run());
  };
}
