import { expect, test } from 'vitest';
import { conversationOf, recipientsOf } from '../../bot/teams/conversations.ts';

const TENANT = '7f1c2a34-0000-4000-8000-00000000000a';
const OID = 'AAAAAAAA-0000-4000-8000-000000000001';

const personal = {
  serviceUrl: 'https://smba.trafficmanager.net/emea/',
  from: { id: '29:ann', aadObjectId: OID },
  recipient: { id: '28:bot' },
  conversation: { id: 'a:ann', conversationType: 'personal' },
};
const inThread = {
  ...personal,
  conversation: { id: '19:releases@thread.tacv2;messageid=17', conversationType: 'channel' },
  channelData: {
    team: { id: '19:payments@thread.tacv2', name: 'Payments' },
    channel: { id: '19:releases@thread.tacv2', name: 'Releases' },
  },
};

test('a personal chat reaches its person', () => {
  expect(recipientsOf(personal)).toEqual([{ kind: 'person', oid: OID.toLowerCase() }]);
});

test('a channel is reached by its id and by team and channel name', () => {
  expect(recipientsOf(inThread)).toEqual([
    { kind: 'channel', channel: '19:releases@thread.tacv2' },
    { kind: 'channel', channel: 'Payments/Releases' },
  ]);
});

test('a person who writes in a channel is not reached there', () => {
  expect(recipientsOf(inThread)).not.toContainEqual(expect.objectContaining({ kind: 'person' }));
});

test('the next message to a channel starts a new post', () => {
  expect(conversationOf(inThread, TENANT)).toMatchObject({ id: '19:releases@thread.tacv2', kind: 'channel' });
});

test('the General channel has the id of its team and no name', () => {
  const general = {
    ...inThread,
    conversation: { id: '19:payments@thread.tacv2', conversationType: 'channel' },
    channelData: { team: inThread.channelData.team, channel: { id: '19:payments@thread.tacv2' } },
  };

  expect(recipientsOf(general)).toContainEqual({ kind: 'channel', channel: 'Payments/General' });
});

test('an event about a team is about its General channel', () => {
  const team = {
    ...inThread,
    conversation: { id: '19:payments@thread.tacv2', conversationType: 'channel' },
    channelData: { team: inThread.channelData.team },
  };

  expect(recipientsOf(team)).toEqual([
    { kind: 'channel', channel: '19:payments@thread.tacv2' },
    { kind: 'channel', channel: 'Payments/General' },
  ]);
});

test('a channel without names is reached by its id alone', () => {
  const nameless = { ...inThread, channelData: { channel: { id: '19:releases@thread.tacv2' } } };

  expect(recipientsOf(nameless)).toEqual([{ kind: 'channel', channel: '19:releases@thread.tacv2' }]);
});

test('a group chat is reached by its id', () => {
  const group = { ...personal, conversation: { id: '19:x@thread.v2', conversationType: 'groupChat' } };

  expect(recipientsOf(group)).toEqual([{ kind: 'channel', channel: '19:x@thread.v2' }]);
});

test.each([
  ['an id of a shared chat', { conversation: { id: '19:x@thread.v2' } }],
  ['a group mark', { conversation: { id: 'x', isGroup: true } }],
  ['a team', { conversation: { id: 'x' }, channelData: { team: { id: 't' } } }],
])('without a conversation type %s is never taken for a personal chat', (_sign, members) => {
  expect(conversationOf({ ...personal, ...members }, TENANT).kind).not.toBe('personal');
  expect(recipientsOf({ ...personal, ...members })).not.toContainEqual(expect.objectContaining({ kind: 'person' }));
});
