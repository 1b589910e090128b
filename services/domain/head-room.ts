import { OWN_TOOL } from './branch-protection.ts';

/**
 * Heads that one commit has in one scope at most, and characters in them: every judgement of the commit reads them all. Thirty
 * tools in each of six categories fit, and ten reports that are as large as reports may be.
 */
const MOST_HEADS = 200;
const MOST_LENGTH = 35_000_000;
/** Tools of which a scope keeps pasts of open findings, whatever the commit. */
const MOST_PASTS = 200;

export const TOO_MANY_TOOLS = {
  kind: 'refused',
  refused: 'too-many-tools',
  detail:
    'the commit has as many scans of different tools and categories (200), or as much found by them, as can be judged together: send each scan under the same tool name every time; what names its run (runId) is counted apart',
} as const;
export const TOO_MANY_PASTS = {
  kind: 'refused',
  refused: 'too-many-tools',
  detail:
    'so many tools have open findings on the default branch of this service that no further one is taken: send each scan under the same tool name every time, and name its run (runId), for which room is kept',
} as const;

/** A scan head as far as it takes room. */
export interface Roomed {
  readonly tool: string;
  /** As its tool and category are told from others of the commit. */
  readonly name: string;
  readonly length: number;
}

/**
 * Whether these heads fit beside those of their commit that are as much vouched for: what nobody vouched for never takes the
 * room of what somebody did. What takes the place of others and needs no more room than they do always fits.
 */
export function headsFit(heads: readonly Roomed[], stored: readonly Roomed[]): boolean {
  const before = counted(stored);
  const after = counted([...stored, ...heads]);
  return after.size <= Math.max(MOST_HEADS, before.size) && lengthOf(after) <= Math.max(MOST_LENGTH, lengthOf(before));
}

/** By name, the last one of each; what the bot finds out by itself is no sender's to keep out. */
function counted(heads: readonly Roomed[]): ReadonlyMap<string, number> {
  return new Map(heads.filter(({ tool }) => tool !== OWN_TOOL).map(({ name, length }) => [name, length]));
}

function lengthOf(heads: ReadonlyMap<string, number>): number {
  return [...heads.values()].reduce((sum, length) => sum + length, 0);
}

/** Whether pasts of these tools fit beside those that a scope keeps; as much room again is kept for what is vouched for. */
export function pastsFit(tools: readonly string[], stored: ReadonlySet<string>, verified: boolean): boolean {
  const added = tools.filter((tool) => tool !== OWN_TOOL && !stored.has(tool));
  return added.length === 0 || stored.size + added.length <= (verified ? 2 : 1) * MOST_PASTS;
}
