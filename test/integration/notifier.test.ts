import { afterEach, beforeEach, expect, onTestFinished, test, vi } from 'vitest';
import { createNotifier, type NotifierNeeds, type RenderedNotice } from '../../bot/teams/notifier.ts';
import { createPace } from '../../bot/teams/pace.ts';
import type { Gate } from '../../services/domain/gate.ts';
import type { Conversation, Notice, Notifier } from '../../services/ports/notifier.ts';
import { createFaultProxy } from '../fakes/fault-proxy.ts';
import { type FakeTeams, startTeams } from '../fakes/teams.ts';
import { startTeamsBot, type TeamsBot } from '../fakes/teams-bot.ts';

const TENANT = '7f1c2a34-0000-4000-8000-00000000000a';
const OID = 'aaaaaaaa-0000-4000-8000-000000000001';
const CHANNEL = '19:releases@thread.tacv2';

let teams: FakeTeams;
let bot: TeamsBot;
let notifier: Notifier;
let rendered: RenderedNotice;
let short: RenderedNotice;
const notice: Notice = { gate: { id: 'gate-1' } as Gate, audience: { kind: 'person', oid: OID } };

beforeEach(async () => {
  rendered = { card: { type: 'AdaptiveCard', version: '1.5', body: [] }, summary: 'Approval wanted' };
  short = { card: { type: 'AdaptiveCard', version: '1.5', body: [], speak: 'short' }, summary: 'Approval wanted' };
  teams = await startTeams({ tenant: TENANT });
  bot = await startTeamsBot(teams, TENANT);
  notifier = aNotifier();
});

afterEach(async () => {
  await bot.close();
  await teams.close();
});

function aNotifier(over: Partial<NotifierNeeds> = {}): Notifier {
  const { adapter, log } = bot;
  const render = { render: () => rendered, renderShort: () => short, renderNews: () => short };
  return createNotifier({ adapter, appId: '', hosts: [], local: true, ...render, log, ...over });
}

function aConversation(members: Partial<Conversation> = {}): Conversation {
  return { id: 'a:ann', serviceUrl: teams.url, tenantId: TENANT, kind: 'personal', botId: 'bot', ...members };
}

test('a card arrives with its summary and alerts the reader', async () => {
  const sent = await notifier.post(aConversation(), notice);

  const [message] = teams.messages('a:ann');
  expect(sent).toEqual({ kind: 'sent', activityId: message?.id });
  expect(message?.activity).toMatchObject({
    summary: 'Approval wanted',
    attachments: [{ contentType: 'application/vnd.microsoft.card.adaptive', content: rendered.card }],
    channelData: { notification: { alert: true } },
  });
});

test('a card for a channel starts a post and is known by the id of its message', async () => {
  const sent = await notifier.post(aConversation({ id: CHANNEL, kind: 'channel' }), notice);

  expect(teams.requests).toMatchObject([{ method: 'POST', path: `/v3/conversations/${CHANNEL}/activities` }]);
  expect(sent).toEqual({ kind: 'sent', activityId: teams.messages(CHANNEL)[0]?.id });
});

test('an update replaces the card that was sent', async () => {
  const to = aConversation();
  const sent = await notifier.post(to, notice);
  rendered = {
    card: { type: 'AdaptiveCard', version: '1.5', body: [{ type: 'TextBlock', text: 'Approved' }] },
    summary: 'Approved',
  };

  const updated = await notifier.update(to, sent.kind === 'sent' ? sent.activityId : '', notice);

  expect(updated).toEqual(sent);
  expect(teams.messages()).toHaveLength(1);
  expect(teams.cardOf(teams.messages()[0] ?? expect.fail('no message'))).toEqual(rendered.card);
});

test('a card that is no longer there is gone', async () => {
  expect(await notifier.update(aConversation(), 'deleted', notice)).toEqual({ kind: 'gone' });
});

test('a card whose id Teams never told is gone', async () => {
  expect(await notifier.update(aConversation(), '', notice)).toEqual({ kind: 'gone' });
  expect(teams.requests).toEqual([]);
});

test('a reader whom Teams will not reach is a refusal with its code', async () => {
  teams.fail({ status: 403, code: 'ConversationBlockedByUser' });

  expect(await notifier.post(aConversation(), notice)).toEqual({ kind: 'refused', code: 'ConversationBlockedByUser' });
});

test('throttling is passed on with its wait after one request', async () => {
  teams.fail({ status: 429, code: 'Throttled', retryAfter: '7', times: 10 });

  expect(await notifier.post(aConversation(), notice)).toEqual({ kind: 'unavailable', retryAfter: 7 });
  expect(teams.requests).toHaveLength(1);
});

test('a lost answer is worth another try', async () => {
  teams.fail({ cut: 'after' });

  expect(await notifier.post(aConversation(), notice)).toEqual({ kind: 'unavailable' });
});

test('an answer that begins and never ends is given up like none', async () => {
  const proxy = createFaultProxy({ fate: () => 'drip' });
  const limit = new AbortController();
  const timeout = vi.spyOn(AbortSignal, 'timeout').mockReturnValue(limit.signal);
  onTestFinished(async () => {
    timeout.mockRestore();
    await proxy.close();
  });

  const sent = notifier.post(aConversation({ serviceUrl: await proxy.before('Teams', teams.url) }), notice);
  await expect.poll(() => proxy.held.size).toBe(1);
  limit.abort();

  expect(await sent).toEqual({ kind: 'unavailable' });
});

test('a failed card is logged once and apologised for to nobody', async () => {
  teams.fail({ status: 403 });

  await notifier.post(aConversation(), notice);

  expect(teams.messages()).toEqual([]);
  expect(bot.lines).toMatchObject([{ level: 'warn', message: 'card not sent' }]);
});

test('of a card over 60 KB in UTF-16 only the short form is sent', async () => {
  rendered = { ...rendered, card: { type: 'AdaptiveCard', body: 'x'.repeat(31_000) } };

  expect(await notifier.post(aConversation(), notice)).toMatchObject({ kind: 'sent' });
  expect(teams.messages().map((message) => teams.cardOf(message))).toEqual([short.card]);
  expect(teams.requests).toHaveLength(1);
});

test('a card that Teams finds too large is sent once more in its short form, and then no more', async () => {
  teams.fail({ status: 413, code: 'MessageSizeTooBig', times: 1 });
  expect(await notifier.post(aConversation(), notice)).toMatchObject({ kind: 'sent' });
  expect(teams.messages().map((message) => teams.cardOf(message))).toEqual([short.card]);

  teams.fail({ status: 413, code: 'MessageSizeTooBig', times: 2 });
  const sent = await notifier.post(aConversation(), notice);
  expect(sent).toEqual({ kind: 'failed', code: 'MessageSizeTooBig', isFinal: true });
  expect(teams.requests).toHaveLength(4);
});

test('a tenant that lives at another host is asked there, once, and only where that host is allowed', async () => {
  const elsewhere = await startTeams({ tenant: TENANT });
  const fault = { status: 403, code: 'InvalidBotApiHost' };
  teams.fail(fault);
  expect(await aNotifier({ otherUrl: elsewhere.url }).post(aConversation(), notice)).toMatchObject({ kind: 'sent' });
  expect(elsewhere.messages('a:ann')).toHaveLength(1);

  const refused = { kind: 'refused', code: 'InvalidBotApiHost' };
  teams.fail(fault);
  elsewhere.fail(fault);
  expect(await aNotifier({ otherUrl: elsewhere.url }).post(aConversation(), notice)).toEqual(refused);
  teams.fail(fault);
  expect(await aNotifier({ otherUrl: 'https://smba.example/' }).post(aConversation(), notice)).toEqual(refused);
  expect(elsewhere.requests).toHaveLength(2);
  await elsewhere.close();
});

test('a conversation that Teams throttled is left alone until its time has come, others are not', async () => {
  let now = 0;
  const sleep = async () => {};
  const paced = aNotifier({ pace: createPace({ now: () => now, sleep }) });
  teams.fail({ status: 429, code: 'Throttled', retryAfter: '7' });
  await paced.post(aConversation(), notice);
  now = 3_000;
  expect(await paced.post(aConversation(), notice)).toEqual({ kind: 'unavailable', retryAfter: 4 });
  expect(teams.requests).toHaveLength(1);
  expect(await paced.post(aConversation({ id: 'a:bea' }), notice)).toMatchObject({ kind: 'sent' });
  now = 7_000;
  expect(await paced.post(aConversation(), notice)).toMatchObject({ kind: 'sent' });
});

test('a service url that is not allowed gets neither card nor token', async () => {
  const hosts = ['smba.trafficmanager.net'];
  const strict = aNotifier({ hosts, local: false });

  expect(await strict.post(aConversation(), notice)).toEqual({ kind: 'refused', code: 'service-url-not-allowed' });
  expect(teams.requests).toEqual([]);
});

test('a redirect to another host is not followed', async () => {
  const elsewhere = await startTeams({ tenant: TENANT });
  teams.fail({ status: 307, location: `${elsewhere.url}v3/conversations/a:ann/activities` });

  expect((await notifier.post(aConversation(), notice)).kind).not.toBe('sent');
  expect(elsewhere.requests).toEqual([]);
  await elsewhere.close();
});

test('every card waits for its turn with its tenant and conversation', async () => {
  const turns: string[] = [];
  const turn = async (tenant: string, conversation: string) => void turns.push(`${tenant} ${conversation}`);
  const paced = aNotifier({ pace: Object.assign(turn, { hold: () => {}, heldFor: () => 0 }) });
  const to = aConversation();
  await paced.post(to, notice);
  await paced.update(to, 'gone', notice);
  expect(turns).toEqual([`${to.tenantId} ${to.id}`, `${to.tenantId} ${to.id}`]);
});
