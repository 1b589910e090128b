import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { TokenCredential } from '@azure/identity';
import { createFaults, type Faults } from './azure-devops-faults.ts';
import { faultReply, send } from './azure-devops-http.ts';
import type { Reply } from './azure-devops-model.ts';

interface SubscriptionRow {
  readonly id: string;
  readonly name: string;
  /** From the nearest upwards. */
  readonly ancestors: readonly { readonly name: string; readonly displayName: string }[];
}

interface ResourceRow {
  readonly id: string;
  /** As Azure gives it: nothing, an empty text, or names and values. */
  readonly tags?: Readonly<Record<string, string>> | null | '';
  /** As Azure has them. */
  readonly type?: string;
  readonly properties?: Readonly<Record<string, unknown>>;
}

export interface ResourceGraphWorld {
  subscriptions: readonly SubscriptionRow[];
  /** Resources and resource groups. */
  resources: readonly ResourceRow[];
  /** User-assigned managed identities, which are among the resources too. */
  identities: readonly { readonly id: string; readonly clientId: string; readonly principalId: string }[];
  /** Rows that one answer holds at most, whatever was asked for. */
  pageSize: number;
  headers: Readonly<Record<string, string>>;
}

export interface ResourceGraphFake {
  readonly url: string;
  /** May be changed at any time. */
  readonly world: ResourceGraphWorld;
  readonly token: string;
  readonly credential: TokenCredential;
  readonly scopes: readonly string[];
  /** Bodies of all requests, in order. */
  readonly requests: { readonly query: string; readonly options?: Readonly<Record<string, unknown>> }[];
  /** Tested against `METHOD /path?query`. */
  readonly faults: Pick<Faults, 'add' | 'clear'>;
  close(): Promise<void>;
}

/** Azure Resource Graph on 127.0.0.1, as far as its documentation describes what is asked here. */
export async function startResourceGraph(): Promise<ResourceGraphFake> {
  const token = `arm-${Math.random().toString(36).slice(2)}`;
  const world: ResourceGraphWorld = { subscriptions: [], resources: [], identities: [], pageSize: 1000, headers: {} };
  const faults = createFaults();
  const requests: ResourceGraphFake['requests'] = [];
  const scopes: string[] = [];

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const sent = `${request.method} ${request.url}`;
    const body = JSON.parse(Buffer.concat(chunks).toString()) as ResourceGraphFake['requests'][number];
    requests.push(body);
    const fault = faults.take(sent);
    if (fault?.delayMs !== undefined) return;
    const answer = (): Reply => {
      if (request.headers.authorization !== `Bearer ${token}`) return failure(401, 'AuthenticationFailed');
      if (sent !== 'POST /providers/Microsoft.ResourceGraph/resources?api-version=2022-10-01')
        return failure(404, 'InvalidResourceType');
      return answerTo(world, body);
    };
    send(response, faultReply(fault, answer), fault?.cut);
  }

  const server = createServer((request, response) => {
    serve(request, response).catch(() => response.destroy());
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`,
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

export function failure(status: number, code: string): Reply {
  return { status, body: { error: { code, message: 'As documented.', details: [{ code, message: 'Please.' }] } } };
}

function answerTo(world: ResourceGraphWorld, { query, options = {} }: ResourceGraphFake['requests'][number]): Reply {
  if (query.includes("type =~ 'microsoft.managedidentity/userassignedidentities'")) return identitiesIn(world, query);
  const wanted = /\| where id in~ \(([^)]*)\)/.exec(query)?.[1]?.match(/'[^']*'/g);
  const ids = wanted?.map((quoted) => quoted.slice(1, -1).toLowerCase());
  const isSorted = /\| order by id asc\s*$/.test(query) && /\| project id, /.test(query);
  if (options['resultFormat'] !== 'objectArray') return failure(400, 'BadRequest');
  const containers = world.subscriptions.map(({ id }) => ({ id: `/subscriptions/${id}`, tags: null }));
  const all: readonly ResourceRow[] = [
    ...world.resources,
    ...(query.includes("type !~ 'microsoft.resources/subscriptions'") ? [] : containers),
  ];
  const type = /^resources \| where type =~ '([^']*)'/.exec(query)?.[1];
  const groups = /\| where resourceGroup in~ \(([^)]*)\) /.exec(query)?.[1]?.toLowerCase();
  const columns = /pack_array\(([^)]*)\)/.exec(query)?.[1]?.split(', ');
  const groupOf = (id: string) => `'${id.split('/')[4]?.toLowerCase()}'`;
  const rows = all
    .filter(({ id }) => ids === undefined || ids.includes(id.toLowerCase()))
    .filter((one) => type === undefined || one.type?.toLowerCase() === type)
    .filter(({ id }) => groups === undefined || groups.split(', ').includes(groupOf(id)))
    .map((resource) => ({ ...rowOf(world, resource), ...valuesOf(resource, columns) }))
    .sort((a, b) => (a.id.toLowerCase() < b.id.toLowerCase() ? -1 : 1));
  const from = Number(options['$skipToken'] ?? 0);
  const until = from + Math.min(Number(options['$top'] ?? 100), world.pageSize);
  const isMore = until < rows.length;
  return {
    status: 200,
    headers: { 'x-ms-user-quota-remaining': '14', 'x-ms-user-quota-resets-after': '00:00:05', ...world.headers },
    body: {
      totalRecords: rows.length,
      count: Math.min(until, rows.length) - from,
      data: rows.slice(from, until),
      facets: [],
      resultTruncated: isMore ? 'true' : 'false',
      ...(isMore && isSorted ? { $skipToken: String(until) } : {}),
    },
  };
}

function identitiesIn({ identities }: ResourceGraphWorld, query: string): Reply {
  const wanted = /tostring\(properties\.clientId\) in~ \(([^)]*)\)/.exec(query)?.[1] ?? '';
  const found = identities.filter(({ clientId }) => wanted.includes(`'${clientId}'`));
  const data = found.map((one) => ({ ...one, name: one.id.split('/').at(-1) }));
  return {
    status: 200,
    body: { totalRecords: data.length, count: data.length, data, facets: [], resultTruncated: 'false' },
  };
}

function valuesOf(resource: ResourceRow, columns: readonly string[] | undefined) {
  const at = (path: string) =>
    path
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], resource) ?? null;
  return columns === undefined ? {} : { values: columns.map(at) };
}

function rowOf({ subscriptions }: ResourceGraphWorld, { id, tags = null }: ResourceRow) {
  const own = subscriptions.find((one) => id.toLowerCase().startsWith(`/subscriptions/${one.id.toLowerCase()}`));
  return { id, tags, subscription: own?.name ?? '', ancestors: own?.ancestors ?? null };
}
