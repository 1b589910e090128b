import { areProtected } from '../services/domain/branch-protection.ts';
import type { Gate } from '../services/domain/gate.ts';

/** What is known of the branches that a run ships from; undefined: nobody looked, as no contract asks. */
export function branchWords({ sources }: Gate): string | undefined {
  const looked = (sources?.branches ?? []).filter(({ protection }) => protection !== undefined);
  if (looked.length === 0) return undefined;
  switch (areProtected(looked)) {
    case true:
      return 'branch protected';
    case false:
      return 'branch not protected';
    default:
      return 'branch protection unknown';
  }
}
