import type { Gate } from './gate.ts';
import type { NudgeRecord } from './nudge.ts';

/** How often people were asked to decide, or reminded to, in the last seven days. */
export interface Prompts {
  readonly people: number;
  /** By nearest rank, of those who were asked at all. */
  readonly median: number;
  /** The most first. */
  readonly most: readonly { readonly name: string; readonly count: number; readonly heldBack?: number }[];
  /** Nudges that were held back because somebody had as many messages that day as they may: how many, and from how many people. */
  readonly heldBack?: { readonly count: number; readonly people: number };
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

/** What was held back since an ISO date, by reader: it was not put to them that day. */
export function heldBackSince(
  records: readonly Pick<NudgeRecord, 'reader' | 'days'>[],
  date: string,
): ReadonlyMap<string, number> {
  const counts = records.map(({ reader, days }): [string, number] => [
    reader,
    days.filter((day) => day.date >= date).reduce((sum, { heldBack }) => sum + heldBack, 0),
  ]);
  return new Map(counts.filter(([, count]) => count > 0));
}

export function promptsOf(counts: PromptCounts, heldBack: ReadonlyMap<string, number> = new Map()): Prompts {
  const all = [...counts].sort(([a, one], [b, other]) => other.count - one.count || (a < b ? -1 : 1));
  const median = all.at(Math.floor(all.length / 2))?.[1].count ?? 0;
  const most = all.slice(0, MOST_SHOWN).map(([oid, { name, count }]) => {
    const held = heldBack.get(`user:${oid}`);
    return { name, count, ...(held === undefined ? {} : { heldBack: held }) };
  });
  const total = [...heldBack.values()].reduce((sum, count) => sum + count, 0);
  const isHeldBack = total > 0 ? { heldBack: { count: total, people: heldBack.size } } : {};
  return { people: all.length, median, most, ...isHeldBack };
}
