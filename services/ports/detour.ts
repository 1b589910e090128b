import type { Road } from '../domain/roads.ts';
import type { Unreachable } from '../domain/unreachable.ts';
import type { Directory } from './directory.ts';
import { groupOrLead } from './group-or-lead.ts';
import { type Conversations, nameOf, type Recipient } from './notifier.ts';
import { unreachable } from './unreachable.ts';

interface Needs {
  readonly directory: Pick<Directory, 'membersOf' | 'person'>;
  readonly conversations: Pick<Conversations, 'find' | 'lostBecause'>;
}

/** Where a message goes that does not reach those it is meant for, and why. What is meant for them stays due. */
export interface Detour {
  readonly to: readonly Recipient[];
  readonly instead: readonly Unreachable[];
}

/**
 * The first of these roads on which anybody is reached. Undefined: on none, or nobody is lost. Rejects with
 * DirectoryUnavailableError or StoreUnavailableError.
 */
export async function detourOf(
  needs: Needs,
  lost: readonly Recipient[],
  roads: readonly Road[],
): Promise<Detour | undefined> {
  if (lost.length === 0) return undefined;
  const names = new Set(lost.map(nameOf));
  for (const road of roads) {
    const reached = await reachedOn(needs, road);
    const to = reached.filter((recipient) => !names.has(nameOf(recipient)));
    if (to.length > 0) return { to, instead: await Promise.all(lost.map((one) => unreachable(needs, one))) };
  }
  return undefined;
}

async function reachedOn({ directory, conversations }: Needs, road: Road): Promise<Recipient[]> {
  const recipients = await recipientsOn(directory, road);
  const found = await Promise.all(recipients.map((recipient) => conversations.find(recipient)));
  return recipients.filter((_, index) => found[index] !== undefined);
}

async function recipientsOn(directory: Needs['directory'], road: Road): Promise<Recipient[]> {
  if (road.kind === 'channel') return [{ kind: 'channel', channel: road.channel }];
  const oids =
    road.kind === 'people'
      ? road.oids
      : (await groupOrLead(directory, road.principal, undefined)).map(({ oid }) => oid);
  return oids.map((oid) => ({ kind: 'person', oid }));
}
