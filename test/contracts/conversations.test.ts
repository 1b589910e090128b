import { describe, expect, test } from 'vitest';
import type { Conversation, Recipient } from '../../services/ports/notifier.ts';
import { createConversations } from '../../services/tables/conversations.ts';
import { BOB, ORG, TENANT } from '../builders.ts';
import { type FaultyTable, freshTables } from './fresh-tables.ts';

const BOBS: Recipient = { kind: 'person', oid: BOB.oid };
const OTHER: Recipient = { kind: 'channel', channel: 'Payments/other' };
const CHANNEL: Recipient = { kind: 'channel', channel: 'payments/approvals' };
const REQUEST = { org: ORG, id: 'aaaabbbbccccdddd' };

const aConversation = (over: Partial<Conversation> = {}): Conversation => ({
  id: 'a:bob',
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  tenantId: TENANT,
  kind: 'personal',
  botId: '28:bot',
  ...over,
});

async function setScene(newTable: () => Promise<FaultyTable>) {
  const table = await newTable();
  const time = { now: Date.parse('2026-11-23T09:30:00.000Z') };
  const start = (tenant = TENANT) =>
    createConversations({ table, tenant, now: () => new Date(time.now).toISOString() });
  return {
    conversations: start(),
    restart: start,
    advance: (minutes: number) => {
      time.now += minutes * 60_000;
    },
  };
}

describe.each(freshTables())('%s', (_, newTable) => {
  test('a conversation is found under each of its names, whatever their case, by every process', async () => {
    const { conversations, restart } = await setScene(newTable);
    const channel = aConversation({ id: '19:x@thread.tacv2', kind: 'channel' });
    const byId: Recipient = { kind: 'channel', channel: '19:x@thread.tacv2' };
    expect(await conversations.find(BOBS)).toBeUndefined();
    await conversations.remember([BOBS], aConversation());
    await conversations.remember([CHANNEL, byId], channel);
    for (const one of [conversations, restart()]) {
      expect(await one.find({ kind: 'person', oid: BOB.oid.toUpperCase() })).toEqual(aConversation());
      expect(await one.find({ kind: 'channel', channel: 'Payments/Approvals' })).toEqual(channel);
      expect(await one.find(byId)).toEqual(channel);
    }
  });

  test('everybody is found at once as one by one, as of that moment, and nobody of another tenant', async () => {
    const { conversations, restart } = await setScene(newTable);
    const [one, two] = ['19:one@thread.tacv2', '19:two@thread.tacv2'].map((id) =>
      aConversation({ id, kind: 'channel' }),
    );
    if (one === undefined || two === undefined) throw new Error('no channels');
    await conversations.remember([BOBS], aConversation());
    await conversations.remember([OTHER], one);
    for (const ambiguous of [one, two]) await conversations.remember([CHANNEL], ambiguous);
    const { find } = await restart().everybody();
    expect(await find({ kind: 'person', oid: BOB.oid.toUpperCase() })).toEqual(aConversation());
    expect(await find(OTHER)).toEqual(one);
    expect(await find(CHANNEL)).toBeUndefined();
    await conversations.forget(OTHER, 'ChannelDeleted');
    expect(await (await restart().everybody()).find(OTHER)).toBeUndefined();
    expect(await (await restart('00000000-0000-4000-8000-00000000000f').everybody()).find(BOBS)).toBeUndefined();
  });

  test('what was said for one request is not said again for another for five minutes, by any process', async () => {
    const { conversations, restart, advance } = await setScene(newTable);
    const other = { org: ORG, id: 'bbbbccccddddeeee' };
    const reminder = { kind: 'reminder' } as const;
    const anew = { kind: 'asked-anew', runId: 7 } as const;

    expect(await conversations.saysFirst(BOBS, reminder, REQUEST)).toBe(true);
    expect(await conversations.saysFirst(BOBS, reminder, REQUEST)).toBe(true);
    expect(await restart().saysFirst(BOBS, reminder, other)).toBe(false);
    expect(await conversations.saysFirst(CHANNEL, reminder, other)).toBe(true);
    expect(await conversations.saysFirst(BOBS, anew, other)).toBe(true);
    expect(await conversations.saysFirst(BOBS, anew, REQUEST)).toBe(false);
    expect(await conversations.saysFirst(BOBS, { ...anew, runId: 8 }, REQUEST)).toBe(true);
    advance(5);
    expect(await conversations.saysFirst(BOBS, reminder, other)).toBe(true);
  });

  test('of two that say the same at once one is the first', async () => {
    const { conversations, restart } = await setScene(newTable);
    const ids = ['a', 'b', 'c'].map((letter) => letter.repeat(16));
    const said = await Promise.all(
      ids.map((id, index) =>
        (index === 0 ? conversations : restart()).saysFirst(BOBS, { kind: 'reminder' }, { org: ORG, id }),
      ),
    );

    expect(said.filter((isFirst) => isFirst)).toHaveLength(1);
  });

  test('a person and a channel of the same name are two, and so are two tenants', async () => {
    const { conversations, restart } = await setScene(newTable);
    await conversations.remember([BOBS], aConversation());
    expect(await conversations.find({ kind: 'channel', channel: BOB.oid })).toBeUndefined();
    expect(await restart('another-tenant').find(BOBS)).toBeUndefined();
  });

  test('a changed service address is learnt and kept', async () => {
    const { conversations, restart } = await setScene(newTable);
    const moved = aConversation({ serviceUrl: 'https://smba.trafficmanager.net/amer/' });
    await conversations.remember([BOBS], aConversation());
    conversations.released(BOBS);
    expect(await conversations.remember([BOBS], aConversation())).toEqual([]);
    expect(await conversations.remember([BOBS], moved)).toEqual([BOBS]);
    expect(await conversations.find(BOBS)).toEqual(moved);
    expect(await restart().find(BOBS)).toEqual(moved);
  });

  test('another process sees the change ten minutes later at the latest', async () => {
    const { conversations, restart, advance } = await setScene(newTable);
    const moved = aConversation({ serviceUrl: 'https://smba.trafficmanager.net/amer/' });
    await conversations.remember([BOBS], aConversation());
    await restart().remember([BOBS], moved);
    advance(10);
    expect(await conversations.find(BOBS)).toEqual(moved);
  });

  test('who is met is looked at until what was parked for them is released, and again after a minute', async () => {
    const { conversations, restart, advance } = await setScene(newTable);
    expect(await conversations.remember([BOBS, CHANNEL], aConversation())).toEqual([BOBS, CHANNEL]);
    conversations.released(BOBS);
    expect(await conversations.remember([BOBS, CHANNEL], aConversation())).toEqual([CHANNEL]);
    advance(2);
    expect(await conversations.remember([BOBS, CHANNEL], aConversation())).toEqual([BOBS, CHANNEL]);
    for (const met of [BOBS, CHANNEL] as const) conversations.released(met);
    expect(await conversations.remember([BOBS, CHANNEL], aConversation())).toEqual([]);
    expect(await restart().remember([BOBS], aConversation())).toEqual([BOBS]);
  });

  test('who is forgotten is found no more, and is new when met again', async () => {
    const { conversations, restart } = await setScene(newTable);
    await conversations.remember([BOBS], aConversation());
    await conversations.forget(BOBS);
    await conversations.forget(BOBS);
    expect(await conversations.find(BOBS)).toBeUndefined();
    expect(await restart().find(BOBS)).toBeUndefined();
    expect(await conversations.remember([BOBS], aConversation())).toEqual([BOBS]);
    expect(await restart().find(BOBS)).toEqual(aConversation());
  });

  test('why somebody was forgotten is known to every process, and nothing of somebody never met', async () => {
    const { conversations, restart } = await setScene(newTable);
    expect(await conversations.lostBecause(BOBS)).toBeUndefined();
    await conversations.remember([BOBS], aConversation());
    await conversations.forget(BOBS, 'ConversationBlockedByUser');
    expect(await restart().lostBecause(BOBS)).toMatchObject({ code: 'ConversationBlockedByUser' });
    await conversations.remember([BOBS], aConversation());
    await conversations.forget(BOBS, 'BotRemoved', aConversation());
    expect(await restart().lostBecause(BOBS)).toMatchObject({ code: 'BotRemoved' });
  });

  test('a channel that its team no longer lists was deleted, one of a team that lists none lost the bot', async () => {
    const { conversations } = await setScene(newTable);
    const conversation = aConversation({ id: '19:one@thread.tacv2', kind: 'channel' });
    await conversations.rememberTeam('team', [{ recipients: [CHANNEL, OTHER], conversation }]);
    await conversations.rememberTeam('team', [{ recipients: [OTHER], conversation }]);
    expect(await conversations.lostBecause(CHANNEL)).toMatchObject({ code: 'ChannelDeleted' });
    expect(await conversations.lostBecause(OTHER)).toBeUndefined();
    await conversations.rememberTeam('team', []);
    expect(await conversations.lostBecause(OTHER)).toMatchObject({ code: 'BotRemoved' });
  });

  test('how Teams names a person is known at once, by every process, and outlives their conversation', async () => {
    const { conversations, restart } = await setScene(newTable);
    expect(await conversations.userIdOf(BOB.oid)).toBeUndefined();
    const stored = conversations.rememberUser({ oid: BOB.oid, userId: '29:bob' });
    expect(await conversations.userIdOf(BOB.oid.toUpperCase())).toBe('29:bob');
    await stored;
    await conversations.remember([BOBS], aConversation());
    await conversations.forget(BOBS);
    expect(await conversations.find(BOBS)).toBeUndefined();
    expect(await restart().userIdOf(BOB.oid)).toBe('29:bob');
    expect(await restart('another-tenant').userIdOf(BOB.oid)).toBeUndefined();
    await conversations.rememberUser({ oid: BOB.oid, userId: '29:new' });
    expect(await restart().userIdOf(BOB.oid)).toBe('29:new');
  });

  test('what is parked waits, once each, until it is taken away, and outlives the conversation', async () => {
    const { conversations, restart } = await setScene(newTable);
    const other = { org: ORG, id: 'zzzz' };
    expect(await conversations.parked(BOBS)).toEqual([]);
    for (const request of [REQUEST, REQUEST, other]) await conversations.park(BOBS, request);
    await conversations.park(CHANNEL, REQUEST);
    await conversations.remember([BOBS], aConversation());
    await conversations.forget(BOBS);
    expect(await restart().parked(BOBS)).toEqual([REQUEST, other]);
    await conversations.unpark(BOBS, REQUEST);
    await conversations.unpark(BOBS, REQUEST);
    expect(await conversations.parked(BOBS)).toEqual([other]);
    expect(await conversations.parked(CHANNEL)).toEqual([REQUEST]);
  });

  test('a name of two channels means neither of them, until one of them is forgotten', async () => {
    const { conversations, restart } = await setScene(newTable);
    const [one, other] = ['19:one@thread.tacv2', '19:other@thread.tacv2'].map((id) =>
      aConversation({ id, kind: 'channel' }),
    ) as [Conversation, Conversation];
    await conversations.remember([CHANNEL], one);
    expect(await conversations.find(CHANNEL)).toEqual(one);
    await conversations.remember([CHANNEL], other);
    expect(await conversations.find(CHANNEL)).toBeUndefined();
    expect(await restart().find(CHANNEL)).toBeUndefined();
    await conversations.forget(CHANNEL, undefined, one);
    expect(await conversations.find(CHANNEL)).toEqual(other);
    expect(await restart().find(CHANNEL)).toEqual(other);
  });

  test('what a team no longer lists is forgotten by every process, and names that it freed may be looked at', async () => {
    const { conversations, restart } = await setScene(newTable);
    const conversation = aConversation({ id: '19:one@thread.tacv2', kind: 'channel' });
    const renamed: Recipient = { kind: 'channel', channel: 'payments/releases' };
    const elsewhere = aConversation({ id: '19:other@thread.tacv2', kind: 'channel' });
    await conversations.rememberTeam('19:team', [{ recipients: [CHANNEL], conversation }]);
    await conversations.rememberTeam('19:team2', [{ recipients: [CHANNEL], conversation: elsewhere }]);
    expect(await conversations.find(CHANNEL)).toBeUndefined();

    const later = restart();
    const learnt = await later.rememberTeam('19:team', [{ recipients: [renamed], conversation }]);
    expect(learnt).toEqual([renamed, CHANNEL]);
    expect(await later.find(CHANNEL)).toEqual(elsewhere);
    expect(await later.find(renamed)).toEqual(conversation);

    await restart().rememberTeam('19:team', []);
    expect(await restart().find(renamed)).toBeUndefined();
  });
});
