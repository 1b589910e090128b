import type { Activity } from 'botbuilder';
import type { UserTokenClient } from 'botframework-connector';
import { PersonTokensUnavailableError } from '../../services/ports/person-tokens.ts';
import { at, isFields, textAt } from './fields.ts';
import { unverifiedClaimsOf } from './unverified-claims.ts';

const CHANNEL_ID = 'msteams';

/** A person at the token service of the Bot Framework, and who they are in Entra. */
export interface Account {
  readonly client: UserTokenClient;
  /** Name of the bot's OAuth connection. */
  readonly connection: string;
  /** `29:…` */
  readonly userId: string;
  readonly tenant: string;
  readonly oid: string;
}

export type Held =
  | { readonly kind: 'token'; readonly token: string }
  | { readonly kind: 'none' }
  /** They signed in as somebody else; that account has been signed out again. */
  | { readonly kind: 'foreign' };

/** What the service keeps for this person; `code` redeems a sign-in that has just ended. Rejects as every call here. */
export async function keptToken(account: Account, code = ''): Promise<Held> {
  const { client, connection, userId } = account;
  const answer = await asked(() => client.getUserToken(userId, connection, CHANNEL_ID, code));
  return ownToken(account, textAt(answer, 'token'));
}

/** Exchanges what Teams knows of the person for a token of the connection. */
export async function exchangedToken(account: Account, token: string): Promise<Held> {
  const { client, connection, userId } = account;
  const answer = await asked(() => client.exchangeToken(userId, connection, CHANNEL_ID, { token }));
  return ownToken(account, textAt(answer, 'token'));
}

/** Where this person signs in, and what Teams may exchange instead of asking them. */
export interface SignInResource {
  readonly link: string;
  readonly tokenExchangeResource?: object;
}

export async function signInResource(account: Account, activity: Activity): Promise<SignInResource> {
  const answer = await asked(() => account.client.getSignInResource(account.connection, activity, ''));
  const [link, exchange] = [textAt(answer, 'signInLink'), at(answer, 'tokenExchangeResource')];
  if (link === undefined) throw new PersonTokensUnavailableError('the token service gave no link to sign in');
  return { link, ...(isFields(exchange) ? { tokenExchangeResource: exchange } : {}) };
}

/**
 * Runs a call to the token service. Rejects with a PersonTokensUnavailableError that has no cause: the client's own
 * errors quote addresses with codes in them.
 */
async function asked<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call();
  } catch (fault) {
    throw new PersonTokensUnavailableError(`the token service ${saidIn(fault)}`);
  }
}

/** A decision must not be made with somebody else's account, whoever that is. */
async function ownToken(account: Account, token: string | undefined): Promise<Held> {
  if (token === undefined) return { kind: 'none' };
  const { client, connection, userId, tenant, oid } = account;
  const claims = unverifiedClaimsOf(token);
  const isOwn = isSame(claims['oid'], oid) && isSame(claims['tid'], tenant);
  if (isOwn) return { kind: 'token', token };
  // One that stays because this fails is refused in the same way the next time.
  await client.signOutUser(userId, connection, CHANNEL_ID).catch(() => {});
  return { kind: 'foreign' };
}

function isSame(claim: unknown, id: string): boolean {
  return typeof claim === 'string' && claim.toLowerCase() === id.toLowerCase();
}

function saidIn(fault: unknown): string {
  const status = at(fault, 'statusCode');
  if (typeof status === 'number') return `answered ${status}`;
  const name = fault instanceof Error ? fault.name : '';
  const code = textAt(fault, 'code') ?? textAt(fault, 'errorCode') ?? name;
  return /^[\w.-]{1,60}$/.test(code) ? `did not answer: ${code}` : 'did not answer';
}
