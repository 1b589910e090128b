import type { Gate } from './gate.ts';

/** How often people were asked to decide, or reminded to, in the last seven days. */
export interface Prompts {
  readonly people: number;
  /** By nearest rank, of those who were asked at all. */
  readonly median: number;
  /** The most first. */
  readonly most: readonly { readonly name: string; readonly count: number }[];
}

/** What has been counted of each person so far. */
export type PromptCounts = Map<string, { readonly name: string; readonly count: number }>;

const MOST_SHOWN = 3;

/** Adds what this gate asked of people since an instant (ISO-8601 UTC): each once, and once more by a reminder. */
export function countPrompts(counts: PromptCounts, { ask, askedAt, remindedAt }: Gate, since: string): void {
  const times = [askedAt, remindedAt].filter((at) => at !== undefined && at >= since).length;
  if (times === 0) return;
  const people = new Map(ask?.levels.flatMap(({ eligible }) => eligible.map(({ oid, name }) => [oid, name])));
  for (const [oid, name] of people) counts.set(oid, { name, count: (counts.get(oid)?.count ?? 0) + times });
}

export function promptsOf(counts: PromptCounts): Prompts {
  const all = [...counts].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1));
  const median = all.at(Math.floor(all.length / 2))?.[1].count ?? 0;
  return { people: all.length, median, most: all.slice(0, MOST_SHOWN).map(([, { name, count }]) => ({ name, count })) };
}
