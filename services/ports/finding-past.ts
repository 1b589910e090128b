import type { FindingPast } from '../domain/finding-event.ts';
import { instantOf, lastSeenAt } from '../domain/finding-history.ts';
import type { ScopeKey, ScopeStore } from './scope-store.ts';

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
