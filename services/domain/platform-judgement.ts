import type { Catalog } from './catalog.ts';
import type { Contract } from './contract.ts';
import type { Platform } from './platform.ts';
import { concerning } from './platform-known.ts';
import { PLATFORM_RULES } from './platform-rule-table.ts';
import { type PlacedFinding, platformFindings } from './platform-rules.ts';

/** Every rule over all that is known of a platform and concerns the catalog. `now`: ISO-8601 UTC. */
export function judgedPlatform(
  all: Platform,
  { catalog, contract }: { readonly catalog: Catalog; readonly contract: Contract },
  now: string,
): { readonly platform: Platform; readonly findings: readonly PlacedFinding[] } {
  const platform = concerning(all, catalog);
  return { platform, findings: platformFindings(PLATFORM_RULES, platform, { catalog, contract, now }) };
}
