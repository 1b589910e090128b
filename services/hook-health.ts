import type { HookHealth } from './domain/delivery-health.ts';
import type { HookEvent } from './domain/hook-event.ts';
import {
  type AzureDevOps,
  AzureDevOpsRefusedError,
  AzureDevOpsUnavailableError,
  type HookSubscription,
} from './ports/azure-devops.ts';
import type { Clock } from './ports/clock.ts';

interface Needs {
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly azureDevOps: AzureDevOps;
  /** Where service hooks send to; absent: none are expected. */
  readonly url: string | undefined;
}

const KEPT_MS = 60_000;
/** Without these an approval is only found by reconciling. */
const NEEDED = ['approval-pending', 'approval-completed'].map((what) => `ms.vss-pipelinechecks-events.${what}`);

/** How the service hooks of each organization are; Azure DevOps is asked once a minute at most. */
export function createHookHealth(needs: Needs) {
  const lastEvents = new Map<string, string>();
  let kept: { readonly at: number; readonly health: Promise<readonly HookHealth[]> } | undefined;
  const ask = () => {
    const now = Date.parse(needs.clock.now());
    if (kept === undefined || now - kept.at >= KEPT_MS) kept = { at: now, health: read(needs) };
    return kept.health;
  };
  return {
    /** Notes that a delivery came, which counts for every organization that it can be of. */
    received: ({ organization }: HookEvent): void => {
      for (const name of organization === undefined ? needs.organizations : [organization])
        lastEvents.set(name, needs.clock.now());
    },
    /** Empty where no hooks are expected. Never rejects for what Azure DevOps does not tell. */
    current: async (): Promise<readonly HookHealth[]> =>
      (await ask()).map((health) => {
        const lastEventAt = lastEvents.get(health.organization);
        return { ...health, ...(lastEventAt === undefined ? {} : { lastEventAt }) };
      }),
  };
}

function read({ organizations, azureDevOps, url }: Needs): Promise<readonly HookHealth[]> {
  if (url === undefined) return Promise.resolve([]);
  return Promise.all(
    organizations.map(async (organization): Promise<HookHealth> => {
      try {
        return { organization, ...healthOf(await azureDevOps.hookSubscriptions(organization, url)) };
      } catch (error) {
        if (!(error instanceof AzureDevOpsRefusedError) && !(error instanceof AzureDevOpsUnavailableError)) throw error;
        return { organization, state: 'unknown', missing: [] };
      }
    }),
  );
}

function healthOf(subscriptions: readonly HookSubscription[]): Pick<HookHealth, 'state' | 'missing'> {
  const missing = NEEDED.filter((type) => !subscriptions.some(({ eventType }) => eventType === type));
  const is = (...wanted: readonly HookSubscription['status'][]) =>
    subscriptions.some(({ status }) => wanted.includes(status));
  if (subscriptions.length === 0) return { state: 'none', missing };
  if (is('disabledByUser', 'disabledBySystem', 'disabledByInactiveIdentity')) return { state: 'disabled', missing };
  if (is('onProbation')) return { state: 'on-probation', missing };
  return { state: missing.length > 0 ? 'incomplete' : 'ok', missing };
}
