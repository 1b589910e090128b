import { expect, test } from 'vitest';
import { CLOUD_ENDPOINTS, isAllowedServiceUrl } from '../../bot/teams/clouds.ts';
import { type GuardSettings, guard } from '../../bot/teams/guard.ts';

const TENANT = '7f1c2a34-0000-4000-8000-00000000000a';
const OTHER_TENANT = '7f1c2a34-0000-4000-8000-00000000000b';
const BOT = '11111111-2222-4333-8444-555555555555';
const OID = 'aaaaaaaa-0000-4000-8000-000000000001';

const settings: GuardSettings = {
  tenants: [TENANT],
  botId: BOT,
  hosts: CLOUD_ENDPOINTS.public.hosts,
  local: false,
};
const local: GuardSettings = { tenants: [TENANT], hosts: [], local: true };

function anActivity(members: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'message',
    id: 'f:1',
    channelId: 'msteams',
    serviceUrl: 'https://smba.trafficmanager.net/emea/',
    from: { id: '29:ann', aadObjectId: OID, name: 'Ann' },
    recipient: { id: `28:${BOT}` },
    conversation: { id: 'a:ann', conversationType: 'personal', tenantId: TENANT },
    channelData: { tenant: { id: TENANT } },
    text: 'help',
    ...members,
  };
}

test('a message from our tenant tells person, conversation and names', () => {
  expect(guard(anActivity(), settings)).toEqual({
    kind: 'turn',
    turn: {
      person: { kind: 'person', tenant: TENANT, oid: OID, name: 'Ann' },
      conversation: {
        id: 'a:ann',
        kind: 'personal',
        serviceUrl: 'https://smba.trafficmanager.net/emea/',
        tenantId: TENANT,
        botId: `28:${BOT}`,
      },
      recipients: [{ kind: 'person', oid: OID }],
    },
  });
});

test('a zone that exists is known of the person, any other is left out', () => {
  const zoneOf = (localTimezone: unknown) => {
    const guarded = guard(anActivity({ localTimezone }), settings);
    return guarded.kind === 'turn' ? guarded.turn.person?.zone : guarded;
  };

  expect(zoneOf('Europe/Berlin')).toBe('Europe/Berlin');
  for (const wrong of ['Mars/Olympus', '', 7, null, 'Europe/Berlin<at>']) expect(zoneOf(wrong)).toBeUndefined();
});

test('the Teams id of a person stands for their own view only where others see the message too', () => {
  const conversation = { id: '19:x@thread.tacv2;messageid=1', conversationType: 'channel', tenantId: TENANT };
  const inChannel = guard(anActivity({ conversation }), settings);

  expect(inChannel).toMatchObject({ turn: { person: { refreshFor: ['29:ann'] } } });
  expect(guard(anActivity(), settings)).not.toHaveProperty('turn.person.refreshFor');
});

const refused: readonly [rule: string, reason: string, members: Record<string, unknown>][] = [
  ['another channel', 'channel', { channelId: 'directline' }],
  ['a blank channel', 'channel', { channelId: '' }],
  ['no channel', 'channel', { channelId: undefined }],
  ['no service url', 'service-url', { serviceUrl: undefined }],
  ['a service url that is no address', 'service-url', { serviceUrl: 'smba.trafficmanager.net' }],
  ['a foreign service url', 'service-url', { serviceUrl: 'https://evil.example/' }],
  ['a host that only ends like ours', 'service-url', { serviceUrl: 'https://smba.trafficmanager.net.evil.example/' }],
  ['a host that only contains ours', 'service-url', { serviceUrl: 'https://evilbotframework.com/' }],
  ['a service url without TLS', 'service-url', { serviceUrl: 'http://smba.trafficmanager.net/emea/' }],
  ['a service url on another port', 'service-url', { serviceUrl: 'https://smba.trafficmanager.net:8443/' }],
  ['a service url with a user', 'service-url', { serviceUrl: 'https://a@smba.trafficmanager.net/' }],
  ['a service url of another cloud', 'service-url', { serviceUrl: 'https://smba.infra.gov.teams.microsoft.us/teams' }],
  ['loopback outside local mode', 'service-url', { serviceUrl: 'http://127.0.0.1:9000/' }],
  ['another tenant', 'tenant', { conversation: { id: 'a:ann', tenantId: OTHER_TENANT }, channelData: {} }],
  ['no tenant at all', 'tenant', { conversation: { id: 'a:ann' }, channelData: {} }],
  ['two tenants that disagree', 'tenant', { channelData: { tenant: { id: OTHER_TENANT } } }],
  ['a tenant that is no text', 'tenant', { channelData: { tenant: { id: [TENANT] } } }],
  ['a sender of another tenant', 'tenant', { from: { id: '29:ann', aadObjectId: OID, tenantId: OTHER_TENANT } }],
  ['another bot', 'recipient', { recipient: { id: `28:${OTHER_TENANT}` } }],
  ['no recipient', 'recipient', { recipient: undefined }],
  ['an unknown type', 'type', { type: 'command' }],
  ['an unknown kind of invoke', 'invoke-name', { type: 'invoke', name: 'evil/action' }],
  ['an invoke without a name', 'invoke-name', { type: 'invoke' }],
  ['no conversation id', 'conversation', { conversation: { tenantId: TENANT } }],
  ['no sender', 'conversation', { from: undefined }],
  ['a message without an object id', 'person', { from: { id: '29:ann' } }],
  ['an object id that is no GUID', 'person', { from: { id: '29:ann', aadObjectId: 'boss' } }],
  ['an object id that only starts as a GUID', 'person', { from: { id: '29:ann', aadObjectId: `${OID}\nx` } }],
  ['an invoke without an object id', 'person', { type: 'invoke', name: 'adaptiveCard/action', from: { id: '29:ann' } }],
];

test.each(refused)('%s is refused: %s', (_rule, reason, members) => {
  expect(guard(anActivity(members), settings)).toEqual({ kind: 'refused', reason });
});

test.each([
  ['nothing', undefined],
  ['null', null],
  ['a list', []],
  ['a text', 'x'],
  ['an empty object', {}],
  ['a type that is no text', { type: 7 }],
])('%s is no activity', (_what, body) => {
  expect(guard(body, settings)).toEqual({ kind: 'malformed' });
});

test('one statement of the tenant is enough, in any case', () => {
  const guarded = guard(
    anActivity({ conversation: { id: 'a:ann' }, channelData: { tenant: { id: TENANT.toUpperCase() } } }),
    settings,
  );

  expect(guarded).toMatchObject({ kind: 'turn', turn: { person: { tenant: TENANT } } });
});

test('the recipient may be written with or without its prefix', () => {
  expect(guard(anActivity({ recipient: { id: BOT } }), settings).kind).toBe('turn');
});

test('an object id is kept in lower case', () => {
  const guarded = guard(anActivity({ from: { id: '29:ann', aadObjectId: OID.toUpperCase() } }), settings);

  expect(guarded).toMatchObject({ turn: { person: { oid: OID, name: OID.toUpperCase() } } });
});

test.each(['installationUpdate', 'conversationUpdate'])('%s may lack a person', (type) => {
  const guarded = guard(anActivity({ type, from: { id: '29:ann' } }), settings);

  expect(guarded).toMatchObject({ kind: 'turn', turn: { recipients: [] } });
  expect(guarded).not.toHaveProperty('turn.person');
});

test.each(['typing', 'messageReaction', 'messageUpdate', 'messageDelete', 'event'])('%s is ignored', (type) => {
  expect(guard(anActivity({ type, from: undefined }), settings)).toEqual({ kind: 'ignored' });
});

test('what is ignored must be ours all the same', () => {
  expect(guard(anActivity({ type: 'typing', channelId: '' }), settings)).toEqual({
    kind: 'refused',
    reason: 'channel',
  });
});

test.each(['http://127.0.0.1:56150/', 'http://localhost:1/', 'https://[::1]:9/x'])(
  'local mode talks to %s',
  (serviceUrl) => {
    expect(guard(anActivity({ serviceUrl, recipient: { id: 'bot' } }), local).kind).toBe('turn');
  },
);

test.each([
  'https://smba.trafficmanager.net/emea/',
  'http://127.0.0.1.evil.example/',
  'http://10.0.0.1/',
  'file:///127.0.0.1',
])('local mode does not talk to %s', (serviceUrl) => {
  expect(guard(anActivity({ serviceUrl }), local)).toEqual({ kind: 'refused', reason: 'service-url' });
});

test('local mode keeps channel, tenant and person checks', () => {
  const here = { serviceUrl: 'http://127.0.0.1:1/' };

  expect(guard(anActivity({ ...here, channelId: 'emulator' }), local)).toMatchObject({ reason: 'channel' });
  expect(guard(anActivity({ ...here, conversation: { id: 'c' }, channelData: {} }), local)).toMatchObject({
    reason: 'tenant',
  });
  expect(guard(anActivity({ ...here, from: { id: 'u' } }), local)).toMatchObject({ reason: 'person' });
});

test('local mode with a bot id keeps the recipient check', () => {
  const guarded = guard(anActivity({ serviceUrl: 'http://127.0.0.1:1/', recipient: { id: 'bot' } }), {
    ...local,
    botId: BOT,
  });

  expect(guarded).toEqual({ kind: 'refused', reason: 'recipient' });
});

test('without a bot id nobody is let in outside local mode', () => {
  const { botId: _, ...withoutBot } = settings;

  expect(guard(anActivity(), withoutBot)).toEqual({ kind: 'refused', reason: 'recipient' });
});

test.each([
  ['public', 'https://smba.trafficmanager.net/teams/'],
  ['public', 'https://smba.infra.gcc.teams.microsoft.com/teams'],
  ['usgov', 'https://smba.infra.gov.teams.microsoft.us/teams'],
  ['usgov', 'https://smba.infra.dod.teams.microsoft.us/teams'],
  ['china', 'https://frontend.botapi.msg.infra.teams.microsoftonline.cn/teams'],
] as const)('the %s cloud is served at %s', (cloud, serviceUrl) => {
  expect(isAllowedServiceUrl(serviceUrl, { hosts: CLOUD_ENDPOINTS[cloud].hosts, local: false })).toBe(true);
});
