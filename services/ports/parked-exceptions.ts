import { topicsOf } from '../domain/exception-topics.ts';
import { numberOf } from '../domain/exception-use.ts';
import { plusMinutes } from '../domain/instant.ts';
import type { Clock } from './clock.ts';
import { type ExceptionStore, type LiveException, scopeOf } from './exception-store.ts';
import { inLanes } from './lanes.ts';

/** Each of these is read on its own: of more, the newest are looked at. */
const MOST_READ = 500;

/** Somebody for whom something waits: `user:oid` or `channel:…`, and the id of the request or the exception. */
export interface Parked {
  readonly recipient: string;
  readonly id: string;
}

/** What waits about exceptions that are not asked for any more is read again after so long. */
const KEPT_MINUTES = 1;

/**
 * For whom a message about one of these exceptions waits that it still calls for; each once for each exception. What is
 * asked for is read at each call, the rest once a minute: `/health` is asked by machines. Rejects with StoreUnavailableError.
 */
export function createParkedFor(exceptions: Pick<ExceptionStore, 'read'>, clock: Clock) {
  let kept: { readonly until: string; readonly parked: readonly Parked[] } | undefined;
  return async (live: readonly LiveException[]): Promise<readonly Parked[]> => {
    const { asked = [], rest = [] } = Object.groupBy(live, ({ exception }) =>
      exception.state === 'requested' ? 'asked' : 'rest',
    );
    const now = clock.now();
    if (kept === undefined || now >= kept.until)
      kept = { until: plusMinutes(now, KEPT_MINUTES), parked: await parkedIn(exceptions, rest) };
    const ids = new Set(rest.map(({ id }) => id));
    return [...(await parkedIn(exceptions, asked)), ...kept.parked.filter(({ id }) => ids.has(id))];
  };
}

async function parkedIn(
  exceptions: Pick<ExceptionStore, 'read'>,
  live: readonly LiveException[],
): Promise<readonly Parked[]> {
  const newest = live.toSorted((a, b) => numberOf(b.exception) - numberOf(a.exception)).slice(0, MOST_READ);
  const found = await inLanes(newest, ({ exception }) => exceptions.read(scopeOf(exception), exception.id));
  return found.flatMap((stored) => {
    if (stored === undefined) return [];
    const wanted = new Set(topicsOf(stored.exception).map(({ key }) => key));
    const parked = stored.cards.filter(({ conversation, topic }) => conversation === '' && wanted.has(topic));
    const recipients = [...new Set(parked.map(({ recipient }) => recipient))];
    return recipients.map((recipient) => ({ recipient, id: stored.exception.id }));
  });
}
