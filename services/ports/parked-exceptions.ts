import { topicsOf } from '../domain/exception-topics.ts';
import { numberOf } from '../domain/exception-use.ts';
import { type ExceptionStore, type LiveException, scopeOf } from './exception-store.ts';
import { inLanes } from './lanes.ts';

/** Each of these is read on its own: of more, the newest are looked at. */
const MOST_READ = 500;

/** Somebody for whom something waits: `user:oid` or `channel:…`, and the id of the request or the exception. */
export interface Parked {
  readonly recipient: string;
  readonly id: string;
}

/** For whom a message about one of these exceptions waits that it still calls for; each once for each exception. */
export async function parkedFor(
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
