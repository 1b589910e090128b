import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TokenCredential } from '@azure/identity';
import { createFaults, type Faults } from './azure-devops-faults.ts';
import { faultReply, send } from './azure-devops-http.ts';
import type { Reply } from './azure-devops-model.ts';
import { answerTo, type GraphRequest, type GraphWorld, graphFailure } from './graph-answers.ts';
import { TEAMS_ROUTES } from './graph-teams.ts';

export interface GraphFake {
  readonly url: string;
  /** Users, groups and what the bot was granted; may be changed at any time. */
  readonly world: GraphWorld;
  /** What the credential gives out and the fake accepts. */
  readonly token: string;
  readonly credential: TokenCredential;
  /** Scopes that a token was asked for. */
  readonly scopes: readonly string[];
  /** `METHOD /path?query` decoded, of every request, in order. */
  readonly requests: string[];
  /** Tested against `METHOD /v1.0/path?query` as sent; with `delayMs` a request is never answered. */
  readonly faults: Pick<Faults, 'add' | 'clear'>;
  close(): Promise<void>;
}

/** Microsoft Graph on 127.0.0.1, as its documentation describes requests, answers and errors. */
export async function startGraph(): Promise<GraphFake> {
  const token = `entra-${Math.random().toString(36).slice(2)}`;
  const world: GraphWorld = {
    users: [],
    groups: [],
    servicePrincipals: [],
    eligible: [],
    teamsApps: [],
    installed: new Map(),
    granted: new Set(['User.Read.All', 'GroupMember.Read.All', 'PrivilegedEligibilitySchedule.Read.AzureADGroup']),
    pageSize: 100,
  };
  const faults = createFaults();
  const requests: string[] = [];
  const scopes: string[] = [];
  let url = '';

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const received = await receive(request, url);
    const sent = `${request.method} ${request.url}`;
    requests.push(`${request.method} ${decodeURIComponent(request.url ?? '')}`);
    const fault = faults.take(sent);
    if (fault?.delayMs !== undefined) return;
    const answer = (): Reply =>
      request.headers.authorization === `Bearer ${token}`
        ? answerTo(world, received, TEAMS_ROUTES)
        : graphFailure(401, 'InvalidAuthenticationToken');
    send(response, faultReply(fault, answer), fault?.cut);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;

  return {
    url,
    world,
    token,
    credential: {
      getToken: async (scope) => {
        scopes.push([scope].flat().join());
        return { token, expiresOnTimestamp: Number.MAX_SAFE_INTEGER };
      },
    },
    scopes,
    requests,
    faults,
    async close() {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

async function receive(request: IncomingMessage, url: string): Promise<GraphRequest> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  const { pathname, searchParams, origin } = new URL(request.url ?? '/', url);
  return {
    method: request.method ?? 'GET',
    origin,
    path: pathname,
    query: searchParams,
    isEventual: request.headers['consistencylevel'] === 'eventual',
    body: text === '' ? undefined : JSON.parse(text),
  };
}
