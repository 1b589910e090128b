import { OWN_TOOL } from './branch-protection.ts';
import { DRIFT_TOOL } from './drift.ts';
import { PROVENANCE_FORMAT, PROVENANCE_TOOL } from './provenance.ts';

/** What the bot finds out or verifies by itself is nobody else's to say, or to take back. */
export function isReserved(tool: string, format: string): boolean {
  return tool === OWN_TOOL || tool === DRIFT_TOOL || (tool === PROVENANCE_TOOL && format !== PROVENANCE_FORMAT);
}
