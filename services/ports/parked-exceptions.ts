import { topicsOf } from '../domain/exception-topics.ts';
import { numberOf } from '../domain/exception-use.ts';
import { type ExceptionStore, type LiveException, scopeOf } from './exception-store.ts';
import { inLanes } from './lanes.ts';

/** Each of these is read on its own: of more, the newest are looked at. */
const MOST_READ = 500;

/** Recipients for whom a message about one of these exceptions waits that it still calls for: `user:oid` or `channel:…`. */
export async function parkedFor(
  exceptions: Pick<ExceptionStore, 'read'>,
  live: readonly LiveException[],
): Promise<readonly string[]> {
  const newest = live.toSorted((a, b) => numberOf(b.exception) - numberOf(a.exception)).slice(0, MOST_READ);
  const found = await inLanes(newest, ({ exception }) => exceptions.read(scopeOf(exception), exception.id));
  return found.flatMap((stored) => {
    if (stored === undefined) return [];
    const wanted = new Set(topicsOf(stored.exception).map(({ key }) => key));
    const parked = stored.cards.filter(({ conversation, topic }) => conversation === '' && wanted.has(topic));
    return parked.map(({ recipient }) => recipient);
  });
}
