import type { Activity, ConversationReference, TurnContext } from 'botbuilder';
import type { Conversation, Notice, Notifier, Sent } from '../../services/ports/notifier.ts';
import type { ConnectorAdapter } from './adapter.ts';
import { isAllowedServiceUrl, type ServiceUrlRule } from './clouds.ts';
import { CARD_CONTENT_TYPE } from './invoke-response.ts';
import type { TeamsLog } from './log.ts';
import { createPace, type Pace } from './pace.ts';
import { sentOf } from './sent.ts';

export interface RenderedNotice {
  /** Adaptive Card as JSON. */
  readonly card: unknown;
  /** What the notification and a screen reader say. */
  readonly summary: string;
}

export interface NotifierNeeds extends ServiceUrlRule {
  readonly adapter: ConnectorAdapter;
  /** App id of the bot; empty in local mode without one. */
  readonly appId: string;
  render(notice: Notice): RenderedNotice;
  readonly log: TeamsLog;
  /** Waits for a send's turn; unless given, what Teams allows. */
  readonly pace: Pace;
}

/** Teams takes about 100 KB in UTF-16; the rest is left to what it adds. */
const MAX_ACTIVITY_BYTES = 60 * 1024;

/**
 * Sends cards where nobody asked. Each call is one request: the outbox retries, not we. Never rejects; an address
 * outside the list gets neither card nor token, whoever wrote it into the store.
 */
export function createNotifier(given: Omit<NotifierNeeds, 'pace'> & { readonly pace?: Pace }): Notifier {
  const needs = { pace: createPace(), ...given };
  return {
    post: (to, notice) =>
      deliver(needs, to, notice, async (context, activity) => {
        const sent = await context.sendActivity({ ...activity, channelData: { notification: { alert: true } } });
        return { kind: 'sent', activityId: messageIdOf(sent?.id ?? '') };
      }),
    update: (to, activityId, notice) =>
      deliver(needs, to, notice, async (context, activity) => {
        if (activityId === '') return { kind: 'gone' };
        await context.updateActivity({ ...activity, id: activityId });
        return { kind: 'sent', activityId };
      }),
  };
}

type Send = (context: TurnContext, activity: Partial<Activity>) => Promise<Sent>;

async function deliver(needs: NotifierNeeds, to: Conversation, notice: Notice, send: Send): Promise<Sent> {
  const about = { conversation: to.id, requestId: notice.gate.id };
  if (!isAllowedServiceUrl(to.serviceUrl, needs)) {
    needs.log.error({ ...about, serviceUrl: to.serviceUrl }, 'card not sent: service url not allowed');
    return { kind: 'refused', code: 'service-url-not-allowed' };
  }
  try {
    const activity = activityOf(needs.render(notice));
    if (sizeOf(activity) > MAX_ACTIVITY_BYTES) return { kind: 'refused', code: 'too-large' };
    await needs.pace(to.tenantId, to.id);
    return await inConversation(needs, to, (context) => send(context, activity));
  } catch (fault) {
    const sent = sentOf(fault);
    needs.log.warn({ ...about, err: fault, outcome: sent.kind }, 'card not sent');
    return sent;
  }
}

/** What is thrown in the turn is carried out of it: the adapter would take it for a fault in somebody's turn. */
async function inConversation(
  needs: NotifierNeeds,
  to: Conversation,
  send: (context: TurnContext) => Promise<Sent>,
): Promise<Sent> {
  let settled: Promise<Sent> | undefined;
  await needs.adapter.continueConversationAsync(needs.appId, referenceOf(to), async (context) => {
    // The SDK makes up an id for this turn and would send the card as a reply to it.
    delete context.activity.id;
    settled = send(context);
    await settled.catch(() => {});
  });
  return settled ?? Promise.reject(new Error('the turn did not run'));
}

function activityOf(rendered: RenderedNotice): Partial<Activity> {
  const attachment = { contentType: CARD_CONTENT_TYPE, content: rendered.card };
  return { type: 'message', summary: rendered.summary, attachments: [attachment] };
}

function sizeOf(activity: Partial<Activity>): number {
  return Buffer.byteLength(JSON.stringify(activity), 'utf16le');
}

function referenceOf(to: Conversation): Partial<ConversationReference> {
  return {
    channelId: 'msteams',
    serviceUrl: to.serviceUrl,
    bot: { id: to.botId, name: '' },
    conversation: {
      id: to.id,
      tenantId: to.tenantId,
      conversationType: to.kind,
      isGroup: to.kind !== 'personal',
      name: '',
    },
  };
}

/** For a new post Teams may answer with the id of its thread; the message's own is the part behind `messageid=`. */
function messageIdOf(id: string): string {
  return id.split(';messageid=').at(-1) ?? id;
}
