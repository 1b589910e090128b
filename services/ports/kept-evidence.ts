import { type CheckpointHealth, checkpointHealth } from '../domain/anchoring.ts';
import { type RetentionHealth, retentionHealth } from '../domain/retention-health.ts';
import type { Anchors } from './anchors.ts';
import type { RetentionStore } from './retention-store.ts';

export interface KeptEvidence {
  readonly anchors: Pick<Anchors, 'read'>;
  /** Absent: evidence is not anchored. */
  readonly checkpointLog?: unknown;
  readonly retention: Pick<RetentionStore, 'state'>;
  /** Absent: nothing is ever deleted. */
  readonly archive?: unknown;
  readonly retentionSettings?: { readonly days: number; readonly legalHold: boolean };
}

interface EvidenceHealth {
  readonly checkpoints: CheckpointHealth;
  readonly retention: RetentionHealth;
}

const USUAL = { days: 400, legalHold: false };

/** How far evidence is under checkpoints, and how far what ended long ago is archived; `now`: ISO-8601 UTC. Two calls at most. */
export async function evidenceIn(
  { anchors, checkpointLog, retention, archive, retentionSettings = USUAL }: KeptEvidence,
  now: string,
): Promise<EvidenceHealth> {
  const isArchived = archive !== undefined;
  const [anchoring, state] = await Promise.all([anchors.read(), isArchived ? retention.state() : undefined]);
  return {
    checkpoints: checkpointHealth(anchoring, checkpointLog !== undefined, now),
    retention: retentionHealth(state ?? {}, { ...retentionSettings, isConfigured: isArchived }),
  };
}
