import type { DecisionClass } from './contract.ts';
import { isBeforeDay, plusDays } from './instant.ts';

/** Until a day (ISO date, inclusive, UTC), or until a report says that a fix exists. */
export type Snooze = { readonly until: string } | { readonly untilFix: true };

/** What people do with one finding, in every environment of its service at once. */
export interface Triage {
  readonly fingerprint: string;
  /** Object id, lower case, of whoever mends it: claimed it, or was named. */
  readonly assignee?: string;
  readonly snoozed?: Snooze;
  /** Object id of whoever changed it last. */
  readonly by: string;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** Longest snooze in days, where no due date lies later. */
export const SNOOZE_DAYS = 30;

/** The last ISO date until which something may be snoozed; `dueAt` are its due dates (ISO-8601 UTC). */
export function latestSnooze(today: string, dueAt: readonly string[]): string {
  const furthest = plusDays(today, SNOOZE_DAYS);
  return [furthest, ...dueAt.map((at) => at.slice(0, 10))].sort().at(-1) ?? furthest;
}

/** What triage has to know of a finding where it is judged. */
export interface Triaged {
  readonly decision: DecisionClass;
  /** ISO-8601 UTC; absent: no date is set, and it is never overdue. */
  readonly dueAt?: string;
  readonly fixAvailable?: boolean;
}

export function isOverdue({ decision, dueAt }: Triaged, now: string): boolean {
  return decision === 'warn' && dueAt !== undefined && dueAt <= now;
}

/** A snooze keeps a warning quiet until its end, and never once it is overdue. What blocks is never quiet. */
export function isSnoozed({ snoozed }: Pick<Triage, 'snoozed'>, finding: Triaged, now: string): boolean {
  if (snoozed === undefined || finding.decision !== 'warn' || isOverdue(finding, now)) return false;
  return 'untilFix' in snoozed ? finding.fixAvailable !== true : isBeforeDay(now, plusDays(snoozed.until, 1));
}

/** Who may be asked about the people that a finding names. */
export interface People {
  /** Known to the directory, not disabled and no guest. */
  readonly isActive: (oid: string) => boolean;
  /** Whether at least one of its owners is. */
  readonly hasOwner: boolean;
}

/** Nobody mends it: whoever had it is gone, or nobody has it and nobody is left of its owners. */
export function isUnowned(triage: Pick<Triage, 'assignee'> | undefined, { isActive, hasOwner }: People): boolean {
  return triage?.assignee === undefined ? !hasOwner : !isActive(triage.assignee);
}

/** The latest word on a finding that several tools call by different fingerprints. */
export function latestWord(triages: ReadonlyMap<string, Triage>, prints: readonly string[]): Triage | undefined {
  const words = prints.flatMap((print) => triages.get(print) ?? []);
  return words.reduce<Triage | undefined>(
    (latest, word) => (latest === undefined || word.at > latest.at ? word : latest),
    undefined,
  );
}

/** With these members anew. */
export function triaged(
  before: Triage | undefined,
  fingerprint: string,
  change: Pick<Triage, 'by' | 'at'> & Partial<Pick<Triage, 'assignee' | 'snoozed'>>,
): Triage {
  return { ...before, ...change, fingerprint };
}

/** Fewer characters of a fingerprint are taken for a mistake. */
export const SHORTEST_PREFIX = 8;
const PREFIX = new RegExp(`^[0-9a-f]{${SHORTEST_PREFIX},32}$`);

/** The beginning of a fingerprint as somebody wrote it; undefined for what can be none. */
export function prefixOf(written: string): string | undefined {
  const prefix = written.trim().toLowerCase();
  return PREFIX.test(prefix) ? prefix : undefined;
}
