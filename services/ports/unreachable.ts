import { type Unreachable, whyUnreachable } from '../domain/unreachable.ts';
import type { Directory } from './directory.ts';
import { type Conversations, nameOf, type Recipient } from './notifier.ts';

interface Needs {
  readonly directory: Pick<Directory, 'person'>;
  readonly conversations: Pick<Conversations, 'lostBecause'>;
}

/** Who this is that nothing reaches, and why; a directory that does not answer leaves the id. Rejects with StoreUnavailableError. */
export async function unreachable({ directory, conversations }: Needs, recipient: Recipient): Promise<Unreachable> {
  const loss = await conversations.lostBecause(recipient);
  const known = { recipient: nameOf(recipient), ...(loss === undefined ? {} : { loss }) };
  if (recipient.kind === 'channel') return { ...known, name: recipient.channel, why: whyUnreachable(loss) };
  const found = await directory.person(recipient.oid).then(
    (person) => ({ name: person?.name, isActive: person !== undefined && !person.disabled }),
    () => undefined,
  );
  return { ...known, name: found?.name ?? recipient.oid, why: whyUnreachable(loss, found?.isActive) };
}
