import { EventEmitter, once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { json } from 'node:stream/consumers';

type Json = Record<string, unknown>;

/** A message as it stands, with all that it has been. */
export interface TeamsMessage {
  readonly id: string;
  /** Of the personal or group chat, or of the channel (without its thread). */
  readonly conversation: string;
  activity: Json;
  readonly versions: Json[];
  /** Cards that only one person sees, by object id: what was answered to that person's click. */
  readonly views: Map<string, unknown>;
}

export interface ConnectorRequest {
  readonly method: string;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: Json;
}

/** What goes wrong with the next requests that send or update something. */
export interface ConnectorFault {
  readonly status?: number;
  readonly code?: string;
  readonly retryAfter?: string;
  /** For a redirect. */
  readonly location?: string;
  /** Cut the connection: before anything is recorded, or after it. */
  readonly cut?: 'before' | 'after';
  /** How many requests it meets; default 1. */
  readonly times?: number;
}

export interface Connector {
  /** `serviceUrl` of every activity; ends in `/`. */
  readonly url: string;
  readonly requests: ConnectorRequest[];
  messages(conversation?: string): readonly TeamsMessage[];
  /** How often a message of this conversation was replaced for everybody. */
  updates(conversation?: string): number;
  fail(fault: ConnectorFault): void;
  /** Answers every read of a team with this status from now on; undefined as before. */
  failReads(status: number | undefined): void;
  /** Members of every conversation by their id, as the connector tells of them; not among `requests`. */
  readonly members: Map<string, Json>;
  /** Paths of the teams that were read; not among `requests`. */
  readonly reads: string[];
  /** Forgets a message, as if somebody had deleted it. */
  remove(message: TeamsMessage): void;
  /** Resolves with the first value that `find` gives, now or after a later request; rejects after 10 seconds. */
  until<T>(find: () => T | undefined): Promise<T>;
  close(): Promise<void>;
}

const MEMBER = /^\/v3\/conversations\/[^/]+\/members\/([^/]+)$/;
const ACTIVITIES = /^\/v3\/conversations\/([^/]+)\/activities(?:\/([^/]+))?$/;

/**
 * The Bot Connector's REST side. `documents` are served as they are by path (OpenID metadata and keys), `teams` answers
 * what is read about teams.
 */
export async function startConnector(
  documents: Readonly<Record<string, (url: string) => Promise<object>>> = {},
  teams: (path: string) => object | undefined = () => undefined,
): Promise<Connector> {
  const requests: ConnectorRequest[] = [];
  const reads: string[] = [];
  const members = new Map<string, Json>();
  let readFault: number | undefined;
  const messages: TeamsMessage[] = [];
  const faults: { fault: ConnectorFault; left: number }[] = [];
  const changed = new EventEmitter().setMaxListeners(0);
  let url = '';
  let sequence = 1_700_000_000_000;

  const record = (method: string, path: string, body: Json): { status: number; answer: Json } => {
    if (path === '/v3/conversations') return { status: 201, answer: { id: newConversation(body) } };
    const match = ACTIVITIES.exec(path);
    if (match === null) return { status: 404, answer: { error: { code: 'NotFound' } } };
    const conversation = decodeURIComponent(match[1] ?? '').split(';', 1)[0] ?? '';
    if (method === 'POST') return { status: 201, answer: { id: add(conversation, body).id } };
    const id = decodeURIComponent(match[2] ?? '');
    const message = messages.find((known) => known.conversation === conversation && known.id === id);
    if (message === undefined) return { status: 404, answer: { error: { code: 'ActivityNotFoundInConversation' } } };
    message.activity = body;
    message.versions.push(body);
    message.views.clear();
    return { status: 200, answer: { id } };
  };
  const add = (conversation: string, activity: Json): TeamsMessage => {
    const message = { id: `${sequence++}`, conversation, activity, versions: [activity], views: new Map() };
    messages.push(message);
    return message;
  };
  const newConversation = (body: Json): string => {
    const channel = (body['channelData'] as { channel?: { id: string } } | undefined)?.channel?.id;
    const [member] = (body['members'] ?? []) as { id: string }[];
    if (channel === undefined) return `a:${member?.id}`;
    return `${channel};messageid=${add(channel, (body['activity'] ?? {}) as Json).id}`;
  };
  const nextFault = (): ConnectorFault | undefined => {
    const [next] = faults;
    if (next === undefined) return undefined;
    next.left -= 1;
    if (next.left === 0) faults.shift();
    return next.fault;
  };

  const serveTeam = (path: string, response: ServerResponse): void => {
    reads.push(decodeURIComponent(path));
    const told = teams(path);
    const status = readFault ?? (told === undefined ? 404 : 200);
    answer(response, status, status === 200 && told !== undefined ? told : { error: { code: 'ServiceError' } });
    changed.emit('changed');
  };
  const serve = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const path = (request.url ?? '').split('?', 1)[0] ?? '';
    const document = documents[path];
    if (document !== undefined) return answer(response, 200, await document(url));
    const method = request.method ?? '';
    if (method === 'GET' && path.startsWith('/v3/teams/')) return serveTeam(path, response);
    const member = method === 'GET' ? MEMBER.exec(path)?.[1] : undefined;
    if (member !== undefined) {
      const told = members.get(decodeURIComponent(member));
      return answer(
        response,
        told === undefined ? 404 : 200,
        told ?? { error: { code: 'MemberNotFoundInConversation' } },
      );
    }
    const body = (await json(request).catch(() => ({}))) as Json;
    requests.push({ method, path: decodeURIComponent(path), authorization: request.headers.authorization, body });
    const fault = nextFault();
    if (fault?.cut === 'before') request.socket.destroy();
    else if (fault?.status !== undefined) {
      if (fault.retryAfter !== undefined) response.setHeader('retry-after', fault.retryAfter);
      if (fault.location !== undefined) response.setHeader('location', fault.location);
      answer(response, fault.status, { error: { code: fault.code ?? 'ServiceError', message: 'as the test asked' } });
    } else {
      const { status, answer: told } = record(method, path, body);
      if (fault?.cut === 'after') request.socket.destroy();
      else answer(response, status, told);
    }
    changed.emit('changed');
  };
  const server = createServer((request, response) => void serve(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;

  const of = (conversation?: string) =>
    messages.filter((message) => conversation === undefined || message.conversation === conversation);
  return {
    url,
    requests,
    reads,
    members,
    failReads: (status) => {
      readFault = status;
    },
    messages: of,
    updates: (conversation) => of(conversation).reduce((sum, message) => sum + message.versions.length - 1, 0),
    fail: (fault) => void faults.push({ fault, left: fault.times ?? 1 }),
    remove: (message) => void messages.splice(messages.indexOf(message), 1),
    async until(find) {
      const signal = AbortSignal.timeout(10_000);
      for (;;) {
        const found = find();
        if (found !== undefined) return found;
        await once(changed, 'changed', { signal });
      }
    },
    async close() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response: ServerResponse, status: number, body: object): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
