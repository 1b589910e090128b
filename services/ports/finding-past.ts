import { instantOf, lastSeenAt } from '../domain/finding-history.ts';
import type { FindingEvent, ScopeKey, ScopeStore } from './scope-store.ts';

/** One finding over time, as far as scans of the default branch have seen it. Times are ISO-8601 UTC, to the minute. */
export interface FindingPast {
  readonly state: 'open' | 'gone';
  readonly tool: string;
  readonly firstSeen: string;
  /** Absent: so long ago that it is not kept. */
  readonly lastSeen?: string;
  /** Scans that have seen it. */
  readonly count: number;
  /** Oldest first; of imports that changed more than 2,000 findings at once some are missing. */
  readonly events: readonly FindingEvent[];
}

/** What is known of one finding; undefined when no history knows it. Rejects with StoreUnavailableError. */
export async function findingPast(
  scopes: Pick<ScopeStore, 'finding'>,
  scope: ScopeKey,
  fingerprint: string,
): Promise<FindingPast | undefined> {
  const { events, known } = await scopes.finding(scope, fingerprint);
  if (known === undefined) return undefined;
  const { tool, track, history } = known;
  const lastSeen = lastSeenAt(history, track);
  return {
    state: history.present.has(fingerprint) ? 'open' : 'gone',
    tool,
    firstSeen: instantOf(track.firstSeen),
    ...(lastSeen === undefined ? {} : { lastSeen: instantOf(lastSeen) }),
    count: track.total,
    events,
  };
}
