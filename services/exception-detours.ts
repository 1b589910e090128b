import type { Exception } from './domain/exception.ts';
import { roadsIn } from './domain/roads.ts';
import { type Detour, detourOf } from './ports/detour.ts';
import type { Directory } from './ports/directory.ts';
import type { Conversations, Recipient } from './ports/notifier.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly policy: Policy;
  readonly directory: Pick<Directory, 'membersOf' | 'person'>;
  readonly conversations: Pick<Conversations, 'find' | 'lostBecause'>;
}

/** Who gets a message about an exception that reaches nobody of those it is for. */
export type ExceptionDetours = (exception: Exception, lost: readonly Recipient[]) => Promise<Detour | undefined>;

/** Who stands in for them was told with them. Rejects when store, directory or policy do not answer. */
export function createExceptionDetours(needs: Needs): ExceptionDetours {
  return async ({ target }, lost) => {
    const { contract, catalog } = await needs.policy.current();
    if (contract === undefined) return undefined;
    const service = catalog.services.get(target.service);
    const control = contract.controls.find(({ name }) => name === target.control);
    const roads = roadsIn({
      channels: service?.channel === undefined ? [] : [service.channel],
      covers: [],
      leads: [...(service?.lead === undefined ? [] : [service.lead]), ...(control ? [control.owner.fallback] : [])],
      ...contract,
    });
    return detourOf(needs, lost, roads);
  };
}
