import { guidOf, isSame, type SimulatedProject } from './azure-devops-model.ts';
import type { World } from './azure-devops-world.ts';

/** Service hooks: who is told of what, and what becomes of a subscription whose receiver does not answer well. */

export interface SimulatedSubscription {
  readonly id: string;
  readonly organization: string;
  readonly eventType: string;
  readonly project: SimulatedProject | undefined;
  readonly url: string;
  readonly username: string;
  readonly password: string;
  /** Filter: of this pipeline alone; '' for all. */
  readonly pipelineId: string;
  status: string;
  probationRetries: number;
  /** On probation: milliseconds before which nothing is sent. */
  nextTryAt: number;
  notifications: number;
}

export interface SubscriptionInput {
  readonly eventType: string;
  readonly url: string;
  readonly username?: string;
  readonly password?: string;
  readonly pipelineId?: string;
  /** Absent: all of the organization. */
  readonly project?: SimulatedProject;
  readonly organization?: string;
}

interface Notification {
  readonly subscription: SimulatedSubscription;
  readonly body: string;
  readonly event: string;
  readonly resent: number;
  readonly dueAt: number;
}

export interface Hooks {
  readonly subscriptions: SimulatedSubscription[];
  /** Not yet delivered, in the order of the events. */
  queue: Notification[];
  events: number;
  /** Subscriptions that ever were. */
  made: number;
}

/** One POST to a receiver. */
export interface HookDelivery {
  readonly eventType: string;
  /** The event's id, the same in a resending. */
  readonly event: string;
  /** Absent when nothing was answered in time. */
  readonly status?: number;
}

export interface DeliverOptions {
  /** The last event first. */
  readonly reversed?: boolean;
  /** Each one twice. */
  readonly twice?: boolean;
}

const ANSWER_WITHIN_MS = 5_000;
const TRANSIENT = [408, 502, 503, 504];
/** Before each resending of one notification. */
const RESEND_AFTER_SECONDS = [1, 2, 4, 8, 16, 32, 60, 60];
/** Before each try on probation. */
const PROBATION_AFTER_MINUTES = [20, 40, 80, 160, 320, 640, 900];

export function noHooks(): Hooks {
  return { subscriptions: [], queue: [], events: 0, made: 0 };
}

export function subscribe(world: World, input: SubscriptionInput): SimulatedSubscription {
  const subscription = {
    id: guidOf(`subscription ${world.hooks.made++}`),
    organization: input.organization ?? world.organizations[0] ?? '',
    eventType: input.eventType,
    project: input.project,
    url: input.url,
    username: input.username ?? 'countersign',
    password: input.password ?? '',
    pipelineId: input.pipelineId ?? '',
    status: 'enabled',
    probationRetries: 0,
    nextTryAt: 0,
    notifications: 0,
  };
  world.hooks.subscriptions.push(subscription);
  return subscription;
}

/** Queues the event for every subscription that is enabled, or due for a try on probation; for others it is lost. */
export function emit(world: World, project: SimulatedProject, eventType: string, text: string, resource: object): void {
  world.hooks.events += 1;
  const event = guidOf(`event ${world.hooks.events}`);
  for (const subscription of world.hooks.subscriptions) {
    if (!isTold(subscription, project, eventType) || !maySend(world, subscription)) continue;
    subscription.notifications += 1;
    const body = {
      subscriptionId: subscription.id,
      notificationId: subscription.notifications,
      id: event,
      eventType,
      publisherId: 'pipelines',
      message: { text, html: text, markdown: text },
      detailedMessage: { text, html: text, markdown: text },
      resource,
      resourceVersion: '5.1-preview.1',
      resourceContainers: {
        collection: { id: guidOf(`collection ${project.organization}`) },
        account: { id: guidOf(`account ${project.organization}`) },
        project: { id: project.id },
      },
      createdDate: new Date(world.now()).toISOString(),
    };
    world.hooks.queue.push({ subscription, body: JSON.stringify(body), event, resent: 0, dueAt: world.now() });
  }
}

/** Sends what is due by the simulator's clock, once each. What has to be sent again waits for a later call. */
export async function deliverHooks(world: World, options: DeliverOptions = {}): Promise<readonly HookDelivery[]> {
  const due = world.hooks.queue.filter(({ dueAt }) => dueAt <= world.now());
  world.hooks.queue = world.hooks.queue.filter((notification) => !due.includes(notification));
  const ordered = options.reversed ? due.toReversed() : due;
  const deliveries: HookDelivery[] = [];
  for (const notification of options.twice ? ordered.flatMap((one) => [one, one]) : ordered) {
    const { subscription, event } = notification;
    if (!maySend(world, subscription)) continue;
    const status = await post(notification);
    deliveries.push({ eventType: subscription.eventType, event, ...(status === undefined ? {} : { status }) });
    settle(world, notification, status);
  }
  return deliveries;
}

async function post({ subscription, body }: Notification): Promise<number | undefined> {
  const { url, username, password } = subscription;
  try {
    const answer = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json; charset=utf-8',
        authorization: `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`,
      },
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
    });
    await answer.arrayBuffer();
    return answer.status;
  } catch {
    return undefined;
  }
}

/** Troubleshooting of service hooks: terminal, transient and enduring failures. */
function settle(world: World, notification: Notification, status: number | undefined): void {
  const { subscription } = notification;
  if (status !== undefined && status >= 200 && status < 300) {
    Object.assign(subscription, { status: 'enabled', probationRetries: 0 });
  } else if (status === 410) {
    subscription.status = 'disabledBySystem';
  } else {
    const wait = RESEND_AFTER_SECONDS[notification.resent];
    const isTransient = status !== undefined && TRANSIENT.includes(status) && subscription.status === 'enabled';
    if (isTransient && wait !== undefined)
      world.hooks.queue.push({ ...notification, resent: notification.resent + 1, dueAt: world.now() + wait * 1_000 });
    else putOnProbation(world, subscription);
  }
}

function putOnProbation(world: World, subscription: SimulatedSubscription): void {
  if (subscription.status === 'onProbation') subscription.probationRetries += 1;
  const wait = PROBATION_AFTER_MINUTES[subscription.probationRetries];
  subscription.status = wait === undefined ? 'disabledBySystem' : 'onProbation';
  subscription.nextTryAt = world.now() + (wait ?? 0) * 60_000;
}

function isTold({ organization, ...wanted }: SimulatedSubscription, project: SimulatedProject, eventType: string) {
  const here = isSame(organization, project.organization) && wanted.eventType === eventType;
  return here && (wanted.project === undefined || wanted.project === project);
}

function maySend(world: World, { status, nextTryAt }: SimulatedSubscription): boolean {
  return status === 'enabled' || (status === 'onProbation' && world.now() >= nextTryAt);
}
