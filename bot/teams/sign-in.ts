import type { Activity, TurnContext } from 'botbuilder';
import { PersonTokensUnavailableError } from '../../services/ports/person-tokens.ts';
import type { ConnectorAdapter } from './adapter.ts';
import { at, textAt } from './fields.ts';
import type { Turn } from './guard.ts';
import { loginRequest, messageToAction, preconditionFailed, respondToSignIn, wrongCode } from './invoke-response.ts';
import type { TeamsLog } from './log.ts';
import { messageOf } from './message.ts';
import {
  type Account,
  exchangedToken,
  type Held,
  keptToken,
  type SignInResource,
  signInResource,
} from './token-service.ts';

interface SignInNeeds {
  readonly adapter: ConnectorAdapter;
  /** Name of the bot's OAuth connection; absent: nobody can sign in. */
  readonly connection: string | undefined;
  readonly log: TeamsLog;
}

/** What ends a sign-in: a code, or what Teams knows of the person, to be exchanged. */
type Proof =
  | { readonly kind: 'code'; readonly code: unknown }
  | { readonly kind: 'exchange'; readonly exchange: unknown };

/** `none` is a proof that the service does not take, `silent` a service that does not answer. */
type Outcome = Held['kind'] | 'silent' | 'not-set-up';

const SAID = {
  none: 'The sign-in did not succeed or took too long. Nothing was done; click again.',
  foreign:
    'You signed in with an account that is not the one you use in Teams. Nothing was done, and that account is signed out again. Click again and sign in as yourself.',
  silent: 'Sign-in does not answer at the moment. Nothing was done; try again in a minute.',
  'not-set-up':
    'This needs your own sign-in, which is not set up here. Nothing was done. Those who run Countersign can set SIGNIN_CONNECTION.',
} as const;
const SIGNED_IN = 'You are signed in; click again.';
const SIGN_IN = 'Sign in';
const MOST_EXCHANGES = 1_000;

/**
 * Signing in to the bot's OAuth connection by the token service of the Bot Framework: asked for in the answer to a
 * click or by a card in the chat, redeemed when the click comes again or by an invoke of its own. The library's own
 * way needs a storage and keeps a turn's state.
 */
export function createSignIn({ adapter, connection, log }: SignInNeeds) {
  const accountOf = async ({ activity }: TurnContext, { person }: Turn): Promise<Account | undefined> => {
    if (connection === undefined || person === undefined) return undefined;
    const client = await adapter.userTokenClient();
    return { client, connection, userId: activity.from.id, tenant: person.tenant, oid: person.oid };
  };
  /** A fault other than the service's own goes on. */
  const unlessSilent = async <T>(context: TurnContext, turn: Turn, work: (account: Account) => Promise<T>) => {
    const account = await accountOf(context, turn);
    if (account === undefined) return 'not-set-up';
    try {
      return await work(account);
    } catch (error) {
      if (!(error instanceof PersonTokensUnavailableError)) throw error;
      log.warn({ err: error }, 'token service did not answer');
      return 'silent';
    }
  };
  const redeem: Redeem = (context, turn, proof) =>
    unlessSilent(context, turn, async (account) => (await redeemed(account, proof)).kind);
  const offer = (context: TurnContext, turn: Turn, text: string) =>
    unlessSilent(context, turn, async (account) =>
      offerOf(account, turn, await signInResource(account, context.activity), text),
    );
  return {
    redeem: redeemClick(redeem),
    finish: finishSignIn(redeem, log),
    /** The answer to a click that needs a sign-in. */
    askInAction: async (context: TurnContext, turn: Turn, text: string): Promise<Partial<Activity>> => {
      const offered = await offer(context, turn, text);
      return typeof offered === 'string' ? messageToAction(SAID[offered]) : loginRequest(offered);
    },
    /** The message for those who clicked without Action.Execute, or typed. */
    askInChat: async (context: TurnContext, turn: Turn, text: string): Promise<Partial<Activity>> => {
      const offered = await offer(context, turn, text);
      return typeof offered === 'string' ? messageOf({ text: SAID[offered] }) : cardOf(offered);
    },
  };
}

type Redeem = (context: TurnContext, turn: Turn, proof: Proof) => Promise<Outcome>;

/**
 * Redeems what a click that comes again brings along. Resolves with nothing when the action may run, otherwise with the
 * answer in its place.
 */
function redeemClick(redeem: Redeem) {
  return async (context: TurnContext, turn: Turn): Promise<Partial<Activity> | undefined> => {
    const proof = broughtBy(context.activity.value);
    if (proof === undefined) return undefined;
    const outcome = await redeem(context, turn, proof);
    if (outcome === 'token') return undefined;
    if (outcome !== 'none') return messageToAction(SAID[outcome]);
    return proof.kind === 'code' ? wrongCode() : preconditionFailed('The token could not be exchanged.');
  };
}

/** Answers `signin/…`, by which Teams ends a sign-in that was asked for in the chat. */
function finishSignIn(redeem: Redeem, log: TeamsLog) {
  const isNew = createSeen();
  return async (context: TurnContext, turn: Turn): Promise<void> => {
    const { name = '', value } = context.activity;
    const proof = sentAs(name, value);
    if (proof === undefined) {
      if (name === 'signin/failure') log.warn({ code: failureCodeOf(value) }, 'sign-in failed');
      await context.sendActivity(respondToSignIn(200));
      return;
    }
    const outcome = await redeem(context, turn, proof);
    const exchange = proof.kind === 'exchange' ? proof.exchange : undefined;
    await context.sendActivity(respondToSignIn(outcome === 'token' ? 200 : 412, exchange));
    const text = sentenceOn(proof, outcome);
    if (text === undefined || !isNew(exchangeOf(context.activity, outcome))) return;
    await context.sendActivity(messageOf({ text })).catch((error: unknown) => {
      log.warn({ err: error }, 'outcome of a sign-in not told');
    });
  };
}

/** Every device of a person exchanges by itself, all under one id. */
function exchangeOf({ from, id, value }: Activity, outcome: Outcome): string {
  return `${from.id} ${outcome} ${textAt(value, 'id') ?? id}`;
}

/** To an exchange that is refused Teams itself answers with the button to sign in. */
function sentenceOn(proof: Proof, outcome: Outcome): string | undefined {
  if (outcome === 'token') return SIGNED_IN;
  return proof.kind === 'exchange' && outcome === 'none' ? undefined : SAID[outcome];
}

function broughtBy(value: unknown): Proof | undefined {
  const [exchange, code] = [at(value, 'authentication') ?? undefined, at(value, 'state') ?? undefined];
  if (exchange !== undefined) return { kind: 'exchange', exchange };
  return code === undefined ? undefined : { kind: 'code', code };
}

function sentAs(name: string, value: unknown): Proof | undefined {
  if (name === 'signin/tokenExchange') return { kind: 'exchange', exchange: value };
  return name === 'signin/verifyState' ? { kind: 'code', code: at(value, 'state') } : undefined;
}

function redeemed(account: Account, proof: Proof): Promise<Held> {
  return proof.kind === 'code' ? byCode(account, proof.code) : byExchange(account, proof.exchange);
}

/** A code works once, and Teams may send a click again: whoever has a token by then needs no code. */
async function byCode(account: Account, code: unknown): Promise<Held> {
  if (typeof code !== 'string' || !/^\d{1,10}$/.test(code)) return { kind: 'none' };
  const held = await keptToken(account, code);
  return held.kind === 'none' ? keptToken(account) : held;
}

async function byExchange(account: Account, exchange: unknown): Promise<Held> {
  const token = textAt(exchange, 'token');
  const isOurs = (textAt(exchange, 'connectionName') ?? account.connection) === account.connection;
  return token === undefined || !isOurs ? { kind: 'none' } : exchangedToken(account, token);
}

/** Teams' own word for what went wrong, never its sentence. */
function failureCodeOf(value: unknown): string {
  const code = textAt(value, 'code') ?? '';
  return /^[\w.-]{1,64}$/.test(code) ? code : 'unknown';
}

/** True once for each key, as long as it is among the last of this process. */
function createSeen() {
  const seen = new Set<string>();
  return (key: string): boolean => {
    if (seen.has(key)) return false;
    seen.add(key);
    const [oldest] = seen;
    if (seen.size > MOST_EXCHANGES && oldest !== undefined) seen.delete(oldest);
    return true;
  };
}

/** How to sign in, as a card action's answer and as a card. */
interface Offer extends Partial<Pick<SignInResource, 'tokenExchangeResource'>> {
  readonly text: string;
  readonly connectionName: string;
  readonly buttons: readonly object[];
}

/** In a channel Teams exchanges nothing, and fails when it is offered to. */
function offerOf({ connection }: Account, turn: Turn, resource: SignInResource, text: string): Offer {
  const { link, tokenExchangeResource } = resource;
  const buttons = [{ type: 'signin', title: SIGN_IN, text: SIGN_IN, value: link }];
  const isExchangeable = tokenExchangeResource !== undefined && turn.conversation.kind !== 'channel';
  return { text, connectionName: connection, buttons, ...(isExchangeable ? { tokenExchangeResource } : {}) };
}

function cardOf(offer: Offer): Partial<Activity> {
  const { text, buttons, tokenExchangeResource } = offer;
  const attachment =
    tokenExchangeResource === undefined
      ? { contentType: 'application/vnd.microsoft.card.signin', content: { text, buttons } }
      : { contentType: 'application/vnd.microsoft.card.oauth', content: offer };
  return { type: 'message', summary: text, attachments: [attachment] };
}
