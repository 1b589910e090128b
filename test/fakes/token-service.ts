import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

type Json = Record<string, unknown>;

/** An account at Entra with which somebody signs in. */
export interface EntraAccount {
  readonly tenant: string;
  readonly oid: string;
}

/** What goes wrong with the next requests; `silent` never answers. */
export interface TokenFault {
  readonly on: RegExp;
  readonly status?: number;
  readonly silent?: true;
  /** How many requests it meets; default 1. */
  readonly times?: number;
}

interface TokenRequest {
  readonly call: string;
  readonly query: Readonly<Record<string, string>>;
  readonly authorization: string | undefined;
}

export interface TokenService {
  /** Ends in `/`. */
  readonly url: string;
  /** `METHOD /path` of every request, in order. */
  readonly requests: readonly TokenRequest[];
  /** Every token that the service gave out, or that Teams was given to have exchanged. */
  readonly secrets: readonly string[];
  /**
   * Somebody opens the link that this user was given and signs in with an account: the code that Teams then sends, good
   * for this user once.
   */
  signIn(link: string, account: EntraAccount): string;
  /** The account that this user is signed in with. */
  accountOf(userId: string): EntraAccount | undefined;
  /** Another sign-in of the person, about which the bot is told nothing. */
  keep(userId: string, account: EntraAccount): void;
  /** Their sign-in ends. */
  drop(userId: string): void;
  /** What Teams itself knows of a person, to be exchanged; `unknown` is refused by the service. */
  ssoToken(account: EntraAccount | 'unknown'): string;
  fail(fault: TokenFault): void;
  close(): Promise<void>;
}

const CHANNEL = 'msteams';

/**
 * The token service of the Bot Framework for one OAuth connection, as its API describes requests and answers: GetToken,
 * exchange, SignOut, GetSignInResource.
 */
export async function startTokenService(connection: string): Promise<TokenService> {
  const requests: TokenRequest[] = [];
  const secrets: string[] = [];
  const kept = new Map<string, EntraAccount>();
  const codes = new Map<string, { userId: string; account: EntraAccount }>();
  const known = new Map<string, EntraAccount>();
  let faults: { fault: TokenFault; left: number }[] = [];
  let nextCode = 314_159;
  let url = '';

  const tokenOf = (account: EntraAccount): Json => {
    const token = tokenFor(account, secrets.length);
    secrets.push(token);
    return { channelId: CHANNEL, connectionName: connection, token, expiration: '2099-01-01T00:00:00Z' };
  };
  const signedIn = (userId: string, account: EntraAccount | undefined): Reply => {
    if (account === undefined) return failure(404, 'NotFound');
    kept.set(userId, account);
    return { status: 200, body: tokenOf(account) };
  };
  const redeemed = (userId: string, code: string): Reply => {
    const found = codes.get(code);
    if (found?.userId !== userId) return failure(404, 'NotFound');
    codes.delete(code);
    return signedIn(userId, found.account);
  };
  const routes: Readonly<Record<string, (query: Record<string, string>, body: Json) => Reply>> = {
    'GET /api/usertoken/GetToken': ({ userId = '', code = '' }) =>
      code === '' ? signedIn(userId, kept.get(userId)) : redeemed(userId, code),
    'POST /api/usertoken/exchange': ({ userId = '' }, { token }) => {
      const account = known.get(String(token));
      return account === undefined ? failure(400, 'BadRequest') : signedIn(userId, account);
    },
    'DELETE /api/usertoken/SignOut': ({ userId = '' }) => {
      kept.delete(userId);
      return { status: 200, body: {} };
    },
    'GET /api/botsignin/GetSignInResource': ({ state = '' }) => {
      const link = `https://token.example/start?state=${encodeURIComponent(state)}`;
      return {
        status: 200,
        body: { signInLink: link, tokenExchangeResource: { id: 'exchange-1', uri: 'api://botid-countersign' } },
      };
    },
  };

  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { pathname, searchParams } = new URL(request.url ?? '/', url);
    const query = Object.fromEntries(searchParams);
    const call = `${request.method} ${pathname}`;
    const body = (await json(request).catch(() => ({}))) as Json;
    requests.push({ call, query, authorization: request.headers.authorization });
    const entry = faults.find(({ fault, left }) => left > 0 && fault.on.test(call));
    if (entry !== undefined) entry.left -= 1;
    if (entry?.fault.silent === true) return;
    const status = entry?.fault.status;
    if (status !== undefined) return answer(response, failure(status, 'ServiceError'));
    const route = routes[call];
    const isAsked = isFor(connection, query);
    answer(response, route === undefined || !isAsked ? failure(400, 'BadArgument') : route(query, body));
  };
  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  return {
    url,
    requests,
    secrets,
    signIn: (link, account) => {
      const code = String(nextCode++);
      codes.set(code, { userId: userIn(link), account });
      return code;
    },
    accountOf: (userId) => kept.get(userId),
    keep: (userId, account) => void kept.set(userId, account),
    drop: (userId) => void kept.delete(userId),
    ssoToken: (account) => {
      const token = `sso.${Buffer.from(`${JSON.stringify(account)} ${secrets.length}`).toString('base64url')}.canary${secrets.length}exchange`;
      secrets.push(token);
      if (account !== 'unknown') known.set(token, account);
      return token;
    },
    fail: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    async close() {
      faults = [];
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

interface Reply {
  readonly status: number;
  readonly body: object;
}

function failure(status: number, code: string): Reply {
  return { status, body: { error: { code, message: 'as the token service says it' } } };
}

function answer(response: ServerResponse, { status, body }: Reply): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}

/** The connection is named in the query, or in the state from which a link is made. */
function isFor(connection: string, query: Readonly<Record<string, string>>): boolean {
  const { connectionName = stateIn(query['state'] ?? '')['connectionName'], channelId = CHANNEL } = query;
  return connectionName === connection && channelId === CHANNEL;
}

function userIn(link: string): string {
  const { conversation } = stateIn(new URL(link).searchParams.get('state') ?? '') as {
    conversation?: { user?: { id?: string } };
  };
  return conversation?.user?.id ?? '';
}

function stateIn(state: string): Json {
  try {
    return JSON.parse(Buffer.from(state, 'base64').toString()) as Json;
  } catch {
    return {};
  }
}

/** As Entra makes one for Azure DevOps; nobody here can check the signature. */
function tokenFor({ tenant, oid }: EntraAccount, serial: number): string {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const claims = { aud: '499b84ac-1321-427f-aa17-267ca6975798', tid: tenant, oid, scp: 'user_impersonation', serial };
  return `${part({ typ: 'JWT', alg: 'RS256' })}.${part(claims)}.canary${serial}signature`;
}
