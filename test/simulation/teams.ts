import type { Activity, ConversationReference } from 'botbuilder';
import { renderFor, renderNews, renderShort } from '../../bot/render.ts';
import type { ConnectorAdapter } from '../../bot/teams/adapter.ts';
import { CLOUD_ENDPOINTS } from '../../bot/teams/clouds.ts';
import { createNotifier } from '../../bot/teams/notifier.ts';
import type { Exception } from '../../services/domain/exception.ts';
import { lookOf } from '../../services/domain/exception-topics.ts';
import { type ExceptionNews, type News, type Notifier, nameOf } from '../../services/ports/notifier.ts';
import { buttonById } from '../cards/read.ts';
import { onceOfEach } from './once-of-each.ts';
import type { Life } from './turns.ts';
import { faultOf, type World } from './world.ts';

/** A message of ours as the people see it; versions are kept because somebody may still look at an old one. */
export interface TeamsMessage {
  readonly id: string;
  readonly conversation: string;
  readonly versions: Partial<Activity>[];
}

/** What a click on a card sends. */
export interface Click {
  readonly messageId: string;
  readonly items: readonly Offered[];
}

/** What a card lets its reader decide. */
export interface Offered {
  readonly requestId: string;
  readonly revision: number;
}

export interface Teams {
  readonly messages: readonly TeamsMessage[];
  /** The real notifier before a connector that loses calls and answers. */
  notifier(life: Life): Notifier;
  /** A card with buttons that this conversation shows or once showed. */
  click(conversation: string): Click | undefined;
  /** The revision of this exception that a message in this conversation shows or once showed. */
  revisionShown(conversation: string, id: string): number | undefined;
  /** A click on what a card offered before its gate was asked anew. */
  lateClick(conversation: string): Click | undefined;
}

/** Refusals and outages of the connector (Microsoft Teams, status codes of bot conversations). */
const ANSWERS = [
  { statusCode: 429, code: 'Throttled', retryAfter: '7' },
  { statusCode: 412, code: 'PreconditionFailed' },
  { statusCode: 502, code: 'ServiceError' },
  { statusCode: 404, code: 'ActivityNotFoundInConversation' },
  { statusCode: 403, code: 'ConversationBlockedByUser' },
  { statusCode: undefined, code: 'ECONNRESET' },
];

interface Hears {
  /** An address that a card and our token are about to be sent to. */
  calledOut(serviceUrl: string): void;
  /** A message as it arrives, by what its notification says. */
  cameTo(summary: string): void;
  /** Something is gone there, or everything is, by the answer to a call. */
  lost(conversation: string): void;
}

export function createTeams(world: World, hears: Hears): Teams {
  const messages: TeamsMessage[] = [];

  async function send<T>(life: Life, reference: Partial<ConversationReference>, apply: () => T): Promise<T> {
    hears.calledOut(reference.serviceUrl ?? '');
    await world.turns.take(life);
    const fault = faultOf(world);
    if (fault === 'before') {
      const error = failure(world);
      if ([403, 404].includes(Number(Reflect.get(error, 'statusCode')))) hears.lost(reference.conversation?.id ?? '');
      throw error;
    }
    const answer = apply();
    await world.turns.take(life);
    if (fault === 'after') throw failure(world, true);
    return answer;
  }

  const adapterOf = (life: Life) => ({
    continueConversationAsync: async (
      _appId: string,
      reference: Partial<ConversationReference>,
      logic: (context: object) => Promise<void>,
    ) => {
      const conversation = reference.conversation?.id ?? '';
      await logic({
        activity: {},
        sendActivity: (activity: Partial<Activity>) =>
          send(life, reference, () => {
            const id = `m${messages.length + 1}`;
            hears.cameTo(activity.summary ?? '');
            messages.push({ id, conversation, versions: [activity] });
            world.note(`teams: ${id} in ${conversation}: ${activity.summary}`);
            return { id };
          }),
        updateActivity: (activity: Partial<Activity>) =>
          send(life, reference, () => {
            const message = messages.find((one) => one.id === activity.id && one.conversation === conversation);
            if (message === undefined) throw Object.assign(new Error('gone'), { statusCode: 404 });
            message.versions.push(activity);
            world.note(`teams: ${message.id} now: ${activity.summary}`);
          }),
      });
    },
  });

  const keep = (data: object, message: string) => void world.log.push(JSON.stringify([message, textsOf(data)]));
  return {
    messages,
    notifier: (life) =>
      createNotifier({
        adapter: adapterOf(life) as unknown as ConnectorAdapter,
        appId: 'bot',
        hosts: CLOUD_ENDPOINTS.public.hosts,
        local: false,
        render: (notice) => renderFor(notice, notice.audience.kind === 'person' ? { oid: notice.audience.oid } : {}),
        renderShort,
        renderNews: (news) => ('exception' in news ? exceptionMessage(news) : renderedNews(news)),
        pace: Object.assign(async () => {}, { hold: () => {}, heldFor: () => 0 }),
        log: { warn: keep, error: keep },
      }),
    click: (conversation) => {
      const shown = messages.filter((message) => message.conversation === conversation);
      if (shown.length === 0) return undefined;
      const message = world.dice.pick(shown);
      const version = world.dice.chance(0.7) ? message.versions.at(-1) : world.dice.pick(message.versions);
      const items = offeredBy(version);
      return items.length === 0 ? undefined : { messageId: message.id, items };
    },
    revisionShown: (conversation, id) => {
      const said = messages
        .filter((message) => message.conversation === conversation)
        .flatMap(({ versions }) => versions.map(({ summary = '' }) => summary.split(' ')));
      const shown = said.flatMap(([about, revision]) => (about === id ? [Number(revision)] : []));
      return shown.length === 0 ? undefined : world.dice.pick(shown);
    },
    lateClick: (conversation) => {
      const late = messages.filter((one) => one.conversation === conversation).flatMap(outdatedIn);
      return late.length === 0 ? undefined : world.dice.pick(late);
    },
  };
}

/**
 * Whether the message said so before an older pass overwrote it, which then died or found no way to note that: storage.md
 * rule 9. Without troubles nothing excuses that.
 */
export function wasOverwritten({ isTroubled }: World, message: TeamsMessage | undefined, said: string): boolean {
  return isTroubled && (message?.versions.some(({ summary }) => summary === said) ?? false);
}

/** What a message about an exception says is tested elsewhere: here it matters which state of it was told. */
function exceptionMessage({ exception, topic }: ExceptionNews) {
  return { card: { type: 'AdaptiveCard', version: '1.5', body: [] }, summary: saidOf(exception, topic) };
}

const DIGEST = 'digest to ';

/** Of a digest it matters to whom it came, of drift also which; the others are shown as they are. */
function renderedNews(news: Exclude<News, ExceptionNews>) {
  const { card, summary } = renderNews(news);
  if ('drifted' in news)
    return { card, summary: `drift to ${nameOf(news.audience)} ${news.drifted.drift.revision} ${news.topic}` };
  return 'digest' in news ? { card, summary: `${DIGEST}${nameOf(news.audience)}` } : { card, summary };
}

/** To whom this message is the digest of a day. */
export function digestReaderIn(summary: string): string | undefined {
  return summary.startsWith(DIGEST) ? summary.slice(DIGEST.length) : undefined;
}

export function saidOf(exception: Exception, topic: string): string {
  return `${exception.id} ${exception.revision} ${lookOf(exception, topic)}`;
}

function outdatedIn({ id, versions }: TeamsMessage): Click[] {
  const now = offeredBy(versions.at(-1));
  const isOutdated = (items: readonly Offered[]) =>
    items.some(({ requestId, revision }) =>
      now.some((item) => item.requestId === requestId && item.revision > revision),
    );
  return versions
    .map(offeredBy)
    .filter(isOutdated)
    .map((items) => ({ messageId: id, items }));
}

export function offeredBy(version: Partial<Activity> | undefined): readonly Offered[] {
  return version === undefined ? [] : offeredIn(version);
}

const offeredIn = onceOfEach((version: Partial<Activity>): readonly Offered[] => {
  const data = buttonById(version.attachments?.[0]?.content, 'approve')?.data;
  if (data === undefined) return [];
  const items = (data['items'] ?? [data]) as readonly Readonly<Record<string, unknown>>[];
  return items.map(({ requestId, revision }) => ({ requestId: String(requestId), revision: Number(revision) }));
});

function failure({ dice }: World, arrived = false): Error {
  const answer = arrived ? { statusCode: undefined, code: 'ECONNRESET' } : dice.pick(ANSWERS);
  const { statusCode, code } = answer;
  const headers = { get: (name: string) => (name === 'retry-after' ? Reflect.get(answer, 'retryAfter') : undefined) };
  return Object.assign(new Error(code), { statusCode, details: { error: { code } }, response: { headers } });
}

function textsOf(data: object): unknown {
  return Object.values(data).map((value) => (value instanceof Error ? String(value.stack) : value));
}
