import { type Gate, isSettled } from './gate.ts';
import type { Outage } from './pulse.ts';
import { isLetThrough } from './seal.ts';

/** What a stage asked for that nothing could do anything about for a while. */
export interface HitByOutage {
  /** Ended without anybody's word: it can be run again. */
  readonly failed: readonly Gate[];
  /** Still waits, and goes on by itself. */
  readonly waiting: readonly Gate[];
}

/** The same, told to somebody. */
export interface OutageNews extends HitByOutage {
  readonly outage: Outage;
  /** Object id. */
  readonly to: string;
}

/** Of these, those that waited for us at some time of the outage and were not let through; what people rejected is no loss. */
export function hitBy({ from, until }: Outage, gates: readonly Gate[]): HitByOutage {
  const waited = gates.filter(
    ({ receivedAt, toldAt }) => receivedAt < until && (toldAt === undefined || toldAt >= from),
  );
  return { failed: waited.filter(isLost), waiting: waited.filter(({ state }) => !isSettled(state)) };
}

function isLost(gate: Gate): boolean {
  if (isLetThrough(gate)) return false;
  return gate.state === 'failed' || gate.state === 'expired' || gate.state === 'abandoned';
}
