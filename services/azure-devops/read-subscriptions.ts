import { HOOK_STATUSES, type HookSubscription } from '../ports/azure-devops.ts';
import { subscriptionsAnswer } from './answers.ts';
import { hookSubscriptionsPath, isGuid, sameId } from './paths.ts';
import type { Read } from './read.ts';

/** The subscriptions that send to `url` or below it. Rejects as Connection does. */
export async function readSubscriptions(url: string, read: Read): Promise<readonly HookSubscription[]> {
  const { value } = await read(hookSubscriptionsPath(), subscriptionsAnswer);
  return value.value
    .filter(({ consumerInputs }) => isBelow(consumerInputs?.['url'] ?? '', url))
    .map(({ id, eventType, status, publisherInputs, probationRetries }) => {
      const projectId = publisherInputs?.['projectId'] ?? '';
      return {
        id: id.toLowerCase(),
        eventType,
        status: HOOK_STATUSES.find((known) => typeof status === 'string' && sameId(status, known)) ?? 'unknown',
        ...(isGuid(projectId) ? { projectId: projectId.toLowerCase() } : {}),
        ...(typeof probationRetries === 'number' ? { probationRetries } : {}),
      };
    });
}

/** As addresses, not as texts: https://bot.example is no beginning of https://bot.example.org. */
export function isBelow(url: string, base: string): boolean {
  if (!URL.canParse(url) || !URL.canParse(base)) return false;
  const [one, other] = [new URL(url), new URL(base)];
  const path = other.pathname.replace(/\/$/, '');
  return one.origin === other.origin && (one.pathname === path || one.pathname.startsWith(`${path}/`));
}
