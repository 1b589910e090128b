import { z } from 'zod';
import type { HookFact, PlatformIdentity } from '../domain/platform.ts';
import { translated } from './platform-faults.ts';
import { allSubscriptionsPath } from './platform-paths.ts';
import { readSteps, type SectionReader } from './platform-read.ts';
import { isBelow } from './read-subscriptions.ts';

const PERMISSION = 'give the bot "View subscriptions" of service hooks in the organization';

const text = z.string().nullish();
const subscriptions = z.object({
  value: z.array(
    z.object({
      id: z.string(),
      eventType: z.string(),
      status: z.string().nullish().catch(undefined),
      createdBy: z.object({ id: text, displayName: text, uniqueName: text, descriptor: text }).nullish(),
      publisherInputs: z
        .object({ projectId: text.catch(undefined) })
        .nullish()
        .catch(undefined),
      consumerInputs: z.record(z.string(), text.catch(undefined)).nullish(),
    }),
  ),
});
type Subscription = z.output<typeof subscriptions>['value'][number];

interface State {
  readonly isDone?: boolean;
  readonly hooks: readonly HookFact[];
}

/** Service hook subscriptions of an organization. `ours`: where we listen for them; absent: none is known to be ours. */
export function createHookReader(ours: string | undefined): SectionReader<'hooks'> {
  return (read, section) =>
    translated(PERMISSION, async () => {
      const first: State = { hooks: [] };
      const { state, ...cost } = await readSteps(read, section, first, async () => {
        const page = await read(allSubscriptionsPath(), subscriptions);
        return { isDone: true, hooks: page.value.value.map((one) => hookOf(one, ours)) };
      });
      return { facts: state.hooks, ...cost };
    });
}

function hookOf(
  { id, eventType, status, createdBy, publisherInputs, consumerInputs }: Subscription,
  ours: string | undefined,
): HookFact {
  const creator = createdBy?.id || createdBy?.descriptor ? creatorOf(createdBy) : undefined;
  const project = publisherInputs?.projectId?.toLowerCase();
  return {
    id: id.toLowerCase(),
    event: eventType,
    status: status ?? 'unknown',
    ...(creator === undefined ? {} : { createdBy: creator }),
    ...(project ? { project } : {}),
    isOurs: ours !== undefined && isBelow(consumerInputs?.['url'] ?? '', ours),
  };
}

/** By their storage key; service principals have a descriptor of their own kind. */
function creatorOf({ id, displayName, uniqueName, descriptor }: NonNullable<Subscription['createdBy']>) {
  const key = (id || descriptor || '').toLowerCase();
  const isService = /^(?:aadsp|svc)\./i.test(descriptor ?? '');
  const kind = isService ? 'service' : 'person';
  return { id: key, name: displayName || uniqueName || key, kind } satisfies PlatformIdentity;
}
