import { OWN_TOOL } from './branch-protection.ts';
import { DRIFT_TOOL } from './drift.ts';
import { PLATFORM_SOURCE, PLATFORM_TOOL } from './platform-rules.ts';
import { PROVENANCE_FORMAT, PROVENANCE_TOOL } from './provenance.ts';

/** What the bot finds out or verifies by itself is nobody else's to say, or to take back. */
export function isReserved(tool: string, format: string): boolean {
  if (tool === OWN_TOOL || tool === DRIFT_TOOL) return true;
  if (tool === PLATFORM_TOOL) return format !== PLATFORM_SOURCE;
  return tool === PROVENANCE_TOOL && format !== PROVENANCE_FORMAT;
}
