import { NO_COMMIT } from '../domain/scan-head.ts';
import type { ImportChange } from '../ports/scope-store.ts';
import type { Row } from '../ports/table.ts';
import { hasRoomForHeads } from './head-codec.ts';
import { hasRoomForPasts } from './ladder-codec.ts';
import { hasRoom } from './vex-codec.ts';

interface Stored {
  /** Of the commit. */
  readonly heads: readonly Row[];
  /** Of the scope. */
  readonly ladders: readonly Row[];
}

/** Whether Azure DevOps confirmed the run that it is of. */
export function isVouchedFor({ heads: [head], vex }: ImportChange): boolean {
  return (head ?? vex)?.verified === true;
}

/** What is so whatever is deployed has no sender. */
export function isLimited({ heads: [head] }: ImportChange): boolean {
  return head?.commit !== NO_COMMIT;
}

/** What there is no room for: judgements read all of it. */
export function fullOf(
  change: ImportChange,
  { heads, ladders }: Stored,
): 'full' | 'crowded' | 'too-many-pasts' | undefined {
  if (!isLimited(change)) return undefined;
  if (change.vex !== undefined && !hasRoom(change.vex, heads)) return 'full';
  if (!hasRoomForHeads(change.heads, heads)) return 'crowded';
  return hasRoomForPasts(change.ladders, ladders, isVouchedFor(change)) ? undefined : 'too-many-pasts';
}
