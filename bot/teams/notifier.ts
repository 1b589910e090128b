import type { Activity, ConversationReference, TurnContext } from 'botbuilder';
import {
  type Conversation,
  type News,
  type Notice,
  type Notifier,
  nameOf,
  type Sent,
} from '../../services/ports/notifier.ts';
import type { ConnectorAdapter } from './adapter.ts';
import { isAllowedServiceUrl, type ServiceUrlRule } from './clouds.ts';
import { CARD_CONTENT_TYPE } from './invoke-response.ts';
import type { TeamsLog } from './log.ts';
import { createPace, type Pace } from './pace.ts';
import { isThrottled, meaningOf, sentOf } from './sent.ts';

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
  /** `zone`: IANA name of the reader's time zone, where it is known. */
  render(notice: Notice, zone?: string): RenderedNotice | Promise<RenderedNotice>;
  /** The same in a few lines, for when the whole is more than Teams takes. */
  renderShort(notice: Notice, zone?: string): RenderedNotice;
  renderNews(news: News, zone?: string): RenderedNotice;
  /** Where to ask once more when Teams says that the tenant lives at another host; it must be an allowed one. */
  readonly otherUrl?: string;
  /** Teams has asked to be left alone for so many seconds. */
  readonly throttled?: (seconds: number) => void;
  readonly log: TeamsLog;
  /** Waits for a send's turn; unless given, what Teams allows. */
  readonly pace: Pace;
}

/** Teams takes about 100 KB in UTF-16; the rest is left to what it adds. */
const MAX_ACTIVITY_BYTES = 60 * 1024;

/**
 * Sends cards where nobody asked. Each call is one request, and one more where the answer names another way: the outbox
 * retries, not we. Never rejects; an address outside the list gets neither card nor token, whoever wrote it into the
 * store.
 */
export function createNotifier(given: Omit<NotifierNeeds, 'pace'> & { readonly pace?: Pace }): Notifier {
  const needs = { pace: createPace(), ...given };
  return {
    post: (to, notice) => deliver(needs, to, aboutGate(needs, notice), alert),
    update: (to, activityId, notice) => deliver(needs, to, aboutGate(needs, notice), edit(activityId)),
    tell: (to, news) => deliver(needs, to, about(needs, news), alert),
    retell: (to, activityId, news) => deliver(needs, to, about(needs, news), edit(activityId)),
  };
}

function edit(activityId: string): Send {
  return async (context, activity) => {
    if (activityId === '') return { kind: 'gone' };
    await context.updateActivity({ ...activity, id: activityId });
    return { kind: 'sent', activityId };
  };
}

/** What is sent, whole or in a few lines. */
interface Letter {
  /** For the log. */
  readonly about: Readonly<Record<string, string>>;
  render(zone?: string): RenderedNotice | Promise<RenderedNotice>;
  renderShort(zone?: string): RenderedNotice;
}

function aboutGate({ render, renderShort }: NotifierNeeds, notice: Notice): Letter {
  const about = { requestId: notice.gate.id };
  return { about, render: (zone) => render(notice, zone), renderShort: (zone) => renderShort(notice, zone) };
}

function about({ renderNews }: NotifierNeeds, news: News): Letter {
  const render = (zone?: string) => renderNews(news, zone);
  return { about: subjectOf(news), render, renderShort: render };
}

function subjectOf(news: News): Letter['about'] {
  if ('review' in news) return { review: news.review.id, topic: news.topic };
  if ('calibration' in news) return { person: news.to, control: news.calibration.control };
  if ('digest' in news) return { digest: nameOf(news.audience) };
  if ('offPath' in news) return { offPath: news.offPath.id, person: nameOf(news.audience) };
  if ('nudges' in news) return { nudges: nameOf(news.audience) };
  if ('drifted' in news) return { drift: news.drifted.service, topic: news.topic };
  if ('postDeploy' in news) return { postDeploy: news.postDeploy.release.requestId };
  return 'exception' in news ? { exception: news.exception.id, topic: news.topic } : { person: news.to };
}

async function alert(context: TurnContext, activity: Partial<Activity>): Promise<Sent> {
  const sent = await context.sendActivity({ ...activity, channelData: { notification: { alert: true } } });
  return { kind: 'sent', activityId: messageIdOf(sent?.id ?? '') };
}

type Send = (context: TurnContext, activity: Partial<Activity>) => Promise<Sent>;

/** One way to send a notice: where, and how much of it. */
interface Attempt {
  readonly to: Conversation;
  readonly isShort: boolean;
}

async function deliver(needs: NotifierNeeds, to: Conversation, letter: Letter, send: Send): Promise<Sent> {
  if (!isAllowedServiceUrl(to.serviceUrl, needs)) {
    const about = { conversation: to.id, ...letter.about, serviceUrl: to.serviceUrl };
    needs.log.error(about, 'card not sent: service url not allowed');
    return { kind: 'refused', code: 'service-url-not-allowed' };
  }
  const first = { to, isShort: false };
  try {
    return await attempt(needs, first, letter, send);
  } catch (fault) {
    const second = otherWay(needs, first, fault);
    if (second === undefined) return failed(needs, to, letter, fault);
    return attempt(needs, second, letter, send).catch((again: unknown) => failed(needs, to, letter, again));
  }
}

/** Undefined when the answer names none. */
function otherWay({ otherUrl, ...rule }: NotifierNeeds, { to }: Attempt, fault: unknown): Attempt | undefined {
  const meaning = meaningOf(fault);
  if (meaning === 'too-large') return { to, isShort: true };
  const isElsewhere = meaning === 'other-host' && otherUrl !== undefined && otherUrl !== to.serviceUrl;
  return isElsewhere && isAllowedServiceUrl(otherUrl, rule)
    ? { to: { ...to, serviceUrl: otherUrl }, isShort: false }
    : undefined;
}

function failed(needs: NotifierNeeds, to: Conversation, letter: Letter, fault: unknown): Sent {
  const sent = sentOf(fault);
  const seconds = sent.kind === 'unavailable' ? sent.retryAfter : undefined;
  if (seconds !== undefined) needs.pace.hold(to.id, seconds);
  if (isThrottled(fault)) needs.throttled?.(seconds ?? 0);
  const data = { conversation: to.id, ...letter.about, err: fault, outcome: sent.kind };
  if (sent.kind === 'failed') needs.log.error(data, 'card not sent');
  else needs.log.warn(data, 'card not sent');
  return sent;
}

async function attempt(needs: NotifierNeeds, { to, isShort }: Attempt, letter: Letter, send: Send): Promise<Sent> {
  const activity = await fitting(letter, to, isShort);
  const held = needs.pace.heldFor(to.id);
  if (held > 0) return { kind: 'unavailable', retryAfter: held };
  await needs.pace(to.tenantId, to.id);
  return inConversation(needs, to, (context) => send(context, activity));
}

async function fitting(letter: Letter, { zone }: Conversation, isShort: boolean): Promise<Partial<Activity>> {
  const whole = isShort ? undefined : activityOf(await letter.render(zone));
  return whole !== undefined && sizeOf(whole) <= MAX_ACTIVITY_BYTES ? whole : activityOf(letter.renderShort(zone));
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
