import { TENANT } from '../builders.ts';
import type { FakeTeams } from '../fakes/teams.ts';
import type { TokenOverrides } from '../fakes/teams-tokens.ts';

/** What is posted as an activity and is none of the Bot Connector's for this bot and tenant. */

export const BOT = '11111111-2222-4333-8444-555555555555';
export const OTHER_APP = '99999999-2222-4333-8444-555555555555';
export const OTHER_TENANT = '7f1c2a34-0000-4000-8000-00000000000b';

export interface Attempt {
  readonly what: string;
  readonly token: (teams: FakeTeams) => Promise<string>;
  /** Over those of a true activity. */
  readonly members?: Readonly<Record<string, unknown>>;
}

const signed =
  (overrides?: TokenOverrides) =>
  (teams: FakeTeams): Promise<string> =>
    teams.tokens?.sign(teams.url, overrides) ?? Promise.reject(new Error('this Teams signs nothing'));
const claiming = (claims: Record<string, unknown>) => signed({ claims });
/** As Entra signs, not the connector. */
const entra = (tenant: string, claims: Record<string, unknown>) =>
  claiming({ iss: `https://sts.windows.net/${tenant}/`, tid: tenant, ver: '1.0', ...claims });
const bearing = (token: string) => async () => token;
const inTenant = (members: Readonly<Record<string, unknown>>) => ({ token: signed(), members });
const ours = { conversation: { id: 'c', tenantId: TENANT }, channelData: { tenant: { id: TENANT } } };

/** By design: clocks differ, and tokens of the connector have no id to be remembered by. */
export const LET_IN: readonly Attempt[] = [
  { what: 'a valid token', token: signed() },
  { what: 'a token that expired less than five minutes ago', token: signed({ expiresIn: -240 }) },
];

export const FORGED: readonly Attempt[] = [
  { what: 'no token', token: bearing('') },
  { what: 'garbage for a token', token: bearing('abc.def.ghi') },
  { what: 'a token whose payload is null', token: bearing('eyJhbGciOiJSUzI1NiJ9.bnVsbA.AAAA') },
  { what: 'alg none', token: async (teams) => teams.tokens?.unsigned(teams.url) ?? '' },
  { what: 'the signature of another key under the id of ours', token: signed({ forged: true }) },
  { what: 'an unknown key', token: signed({ keyId: 'unknown' }) },
  { what: 'another audience', token: claiming({ aud: OTHER_APP }) },
  { what: 'another issuer', token: claiming({ iss: 'https://evil.example' }) },
  { what: 'a token that expired ten minutes ago', token: signed({ expiresIn: -600 }) },
  { what: 'a token for another service url', token: claiming({ serviceurl: 'https://evil.example/' }) },
  { what: 'a token without a service url', token: claiming({ serviceurl: undefined }) },
  { what: 'an activity with another service url', token: signed(), members: { serviceUrl: 'https://evil.example/' } },
  { what: 'an activity without a service url', token: signed(), members: { serviceUrl: undefined } },
  { what: 'a channel that the key is not endorsed for', token: signed(), members: { channelId: 'directline' } },
  { what: 'a blank channel', token: signed(), members: { channelId: '' } },
  {
    what: 'an activity of another tenant',
    ...inTenant({
      conversation: { id: 'c', tenantId: OTHER_TENANT },
      channelData: { tenant: { id: OTHER_TENANT } },
    }),
  },
  {
    what: 'a conversation of another tenant',
    ...inTenant({ ...ours, conversation: { id: 'c', tenantId: OTHER_TENANT } }),
  },
  { what: 'channel data of another tenant', ...inTenant({ ...ours, channelData: { tenant: { id: OTHER_TENANT } } }) },
  {
    what: 'a sender of another tenant',
    ...inTenant({ from: { id: '29:x', aadObjectId: BOT, tenantId: OTHER_TENANT } }),
  },
  { what: 'no tenant at all', ...inTenant({ conversation: { id: 'c' }, channelData: {} }) },
  { what: 'a tenant that is no text', ...inTenant({ ...ours, channelData: { tenant: { id: [TENANT] } } }) },
  { what: 'an activity for another bot', token: signed(), members: { recipient: { id: `28:${OTHER_APP}` } } },
  { what: 'a sender without an object id', token: signed(), members: { from: { id: '29:x', name: 'Alex Wilber' } } },
  {
    what: 'a sender whose object id is none',
    token: signed(),
    members: { from: { id: '29:x', aadObjectId: 'alex.wilber@contoso.example' } },
  },
  { what: 'an invoke of an unknown family', token: signed(), members: { name: 'approve/everything' } },
  { what: 'a type that Teams does not send', token: signed(), members: { type: 'command' } },
  {
    what: "a person's Entra v2 token for the bot, from any tenant",
    token: entra(OTHER_TENANT, {
      iss: `https://login.microsoftonline.com/${OTHER_TENANT}/v2.0`,
      ver: '2.0',
      azp: BOT,
      aud: BOT,
    }),
  },
  {
    what: "the bot's own token for the connector",
    token: entra(TENANT, { appid: BOT, aud: 'https://api.botframework.com' }),
  },
  {
    what: "the bot's own token for the connector with another tenant's name",
    token: entra(OTHER_TENANT, { appid: BOT, aud: 'https://api.botframework.com' }),
  },
  { what: "another app's token for the bot (skill)", token: entra(TENANT, { appid: OTHER_APP, aud: BOT }) },
  {
    what: "another app's token for the bot under the connector's name",
    token: claiming({ ver: '1.0', appid: OTHER_APP }),
  },
];
