import type { Clock } from './ports/clock.ts';
import type { Covers, Untold } from './ports/covers.ts';
import { type Conversations, lossIn, type Notifier } from './ports/notifier.ts';

interface Needs {
  readonly clock: Clock;
  readonly covers: Covers;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
}

/** Tells people of covers that others arranged or ended; what nobody can be told yet stays until they are met. */
export function createCoverNews(needs: Needs) {
  let last: Promise<void> = Promise.resolve();
  return {
    /** One pass after another, so that nobody is told twice by this process. Rejects when the store does not answer. */
    tell: (to?: string): Promise<void> => {
      const pass = last.catch(() => undefined).then(() => tellAll(needs, to));
      last = pass;
      return pass;
    },
  };
}

async function tellAll(needs: Needs, to: string | undefined): Promise<void> {
  const untold = await needs.covers.untold();
  const wanted = untold.filter(({ news }) => to === undefined || news.to === to);
  for (const one of wanted) if (await isDone(needs, one)) await needs.covers.told(one);
}

/** True when nothing is left to be said: it was, can never be, or is over. */
async function isDone({ clock, conversations, notifier }: Needs, { news }: Untold): Promise<boolean> {
  if (news.cover.until <= clock.now()) return true;
  const recipient = { kind: 'person' as const, oid: news.to };
  const to = await conversations.find(recipient);
  if (to === undefined) return false;
  const sent = await notifier.tell(to, news);
  const loss = lossIn(sent);
  if (loss !== undefined) await conversations.forget(recipient, loss);
  return sent.kind === 'sent' || (sent.kind === 'failed' && sent.isFinal);
}
