import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, expect, test } from 'vitest';
import { ConflictError, StoreUnavailableError, type Table, type Write } from '../../services/ports/table.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';

/** How a scripted store answers the nth request (from 1). */
type Answer = (
  request: { readonly number: number; readonly url: string; readonly body: string },
  response: ServerResponse,
) => void;

const ACCOUNT_KEY = Buffer.alloc(64).toString('base64');
const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A store that answers by script, and the adapter on it. */
async function scripted(answer: Answer, budgetMs = 20_000) {
  const requests: { readonly url: string; readonly body: string }[] = [];
  const server = createServer(async (request: IncomingMessage, response) => {
    const received = { url: request.url ?? '', body: await text(request) };
    requests.push(received);
    answer({ number: requests.length, ...received }, response);
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${ACCOUNT_KEY};TableEndpoint=http://127.0.0.1:${port}/a;`;
  return { table: createAzureTable({ connection: { connectionString }, prefix: 't', budgetMs }), requests, server };
}

function refusal(status: number, code?: string): Answer {
  return (_, response) => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(code === undefined ? '' : JSON.stringify({ 'odata.error': { code, message: { value: code } } }));
  };
}

const anEntity = (row: string, partition = 'p') => ({
  PartitionKey: partition,
  RowKey: row,
  'odata.etag': `W/"${row}"`,
});

function json(response: ServerResponse, value: unknown, headers: Record<string, string> = {}): void {
  response.writeHead(200, { 'content-type': 'application/json;odata=minimalmetadata', ...headers });
  response.end(JSON.stringify(value));
}

const put = (row: string): Write => ({ kind: 'put', row, values: {} });
const CALLS: readonly [string, (table: Table) => Promise<unknown>][] = [
  ['get', (table) => table.get('gate', 'p', 'h')],
  ['list', (table) => table.list('gate', 'p')],
  ['commit of one row', (table) => table.commit('gate', 'p', [put('h')])],
  ['commit of two rows', (table) => table.commit('gate', 'p', [put('h'), put('i')])],
  ['remove', (table) => table.remove('gate', 'p', 'h')],
];

test.each(CALLS)('a %s is tried three times before the store counts as unavailable', async (_, call) => {
  const { table, requests } = await scripted(refusal(503, 'ServerBusy'));

  const failure = await call(table).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(StoreUnavailableError);
  expect(failure).toHaveProperty('cause.statusCode', 503);
  expect(requests).toHaveLength(3);
});

test('a store that is back at the third try has answered', async () => {
  const { table } = await scripted(({ number }, response) =>
    number < 3 ? response.writeHead(500).end() : json(response, anEntity('h')),
  );

  expect(await table.get('gate', 'p', 'h')).toEqual({ row: 'h', etag: 'W/"h"', values: {} });
});

test.each(CALLS)('a %s that is never answered ends when its time is over', async (_, call) => {
  const { table } = await scripted(() => undefined, 100);

  await expect(call(table)).rejects.toBeInstanceOf(StoreUnavailableError);
});

test('a store that asks for more patience than there is counts as unavailable', async () => {
  const { table, requests } = await scripted(
    (_, response) => response.writeHead(429, { 'retry-after': '30' }).end(),
    100,
  );

  await expect(table.get('gate', 'p', 'h')).rejects.toBeInstanceOf(StoreUnavailableError);
  expect(requests).toHaveLength(1);
});

test.each(CALLS)('a %s that meets no listening store is no answer', async (_, call) => {
  const { table, server } = await scripted(() => undefined);
  await new Promise((resolve) => server.close(resolve));

  await expect(call(table)).rejects.toBeInstanceOf(StoreUnavailableError);
});

test.each(CALLS)('a %s whose connection breaks is no answer', async (_, call) => {
  const { table } = await scripted((_, response) => response.destroy());

  await expect(call(table)).rejects.toBeInstanceOf(StoreUnavailableError);
});

const DONE = 'HTTP/1.1 204 No Content\r\nETag: W/"1"\r\n';

test.each([
  ['no answer in it', []],
  ['the answer to only one of two writes', [DONE]],
  ['a failure in it that has no reason', [DONE, 'HTTP/1.1 500 Internal Server Error\r\n']],
])('a transaction with %s may or may not have been done', async (_, parts) => {
  const { table } = await scripted((_, response) => {
    const boundary = '--changesetresponse_1';
    const answers = parts.map((part) => `${boundary}\r\n\r\n${part}\r\n`).join('');
    response.writeHead(202, { 'content-type': 'multipart/mixed; boundary=batchresponse_1' });
    response.end(`--batchresponse_1\r\n\r\n${answers}${boundary}--\r\n--batchresponse_1--`);
  });
  const deletion = (row: string): Write => ({ kind: 'delete', row });

  await expect(table.commit('gate', 'p', [put('h'), put('i')])).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(table.commit('gate', 'p', [deletion('h'), deletion('i')])).rejects.toBeInstanceOf(StoreUnavailableError);
});

test.each(CALLS)('a %s that the store finds wrong is a fault of the program, with its cause', async (_, call) => {
  const { table } = await scripted(refusal(400, 'InvalidInput'));

  const failure = await call(table).catch((error: unknown) => error);

  expect(failure).toHaveProperty('name', 'Error');
  expect(failure).toHaveProperty('message', expect.stringContaining('InvalidInput'));
  expect(failure).toHaveProperty('cause.statusCode', 400);
});

test.each(CALLS)('a %s of a table that is missing says what creates it', async (_, call) => {
  const { table } = await scripted(refusal(404, 'TableNotFound'));

  const failure = await call(table).catch((error: unknown) => error);

  expect(failure).toHaveProperty('name', 'Error');
  expect(failure).toHaveProperty('message', expect.stringContaining('made when the bot is started once'));
});

test('a 404 that does not come from the store is not taken for a missing row', async () => {
  const { table } = await scripted(refusal(404));

  await expect(table.get('gate', 'p', 'h')).rejects.toThrow(/HTTP 404/);
  await expect(table.remove('gate', 'p', 'h')).rejects.toThrow(/HTTP 404/);
});

test.each([
  [409, 'EntityAlreadyExists'],
  [412, 'UpdateConditionNotSatisfied'],
  [404, 'ResourceNotFound'],
])('%d %s is a conflict of a write, with its cause', async (status, code) => {
  const { table } = await scripted(refusal(status, code));

  const failure = await table.commit('gate', 'p', [put('h')]).catch((error: unknown) => error);

  expect(failure).toBeInstanceOf(ConflictError);
  expect(failure).toHaveProperty('cause.statusCode', status);
});

test.each([
  ['Mon, 23 Nov 2026 10:04:59 GMT', false],
  ['Mon, 23 Nov 2026 10:05:00 GMT', true],
  ['Mon, 23 Nov 2026 10:07:00 GMT', true],
  ['Mon, 23 Nov 2026 10:07:01 GMT', false],
  ['soon', false],
])('a store that says "%s" at 10:06 is there when asked: %s', async (date, isThere) => {
  const { table } = await scripted((_request, response) => response.writeHead(204, { date }).end());

  const answer = await table.probe('2026-11-23T10:06:00.000Z').catch(String);

  expect(answer).toEqual(isThere ? undefined : expect.stringContaining(`that of the table store ${date}:`));
});

test('a store that can be read and not written is not there when asked', async () => {
  const { table } = await scripted((request, response) => {
    response.setHeader('date', 'Mon, 23 Nov 2026 10:06:00 GMT');
    refusal(403, 'AuthorizationPermissionMismatch')(request, response);
  });

  await expect(table.probe('2026-11-23T10:06:00.000Z')).rejects.toBeInstanceOf(StoreUnavailableError);
});

test('a table that is just being deleted is no conflict', async () => {
  const { table } = await scripted(refusal(409, 'TableBeingDeleted'));

  await expect(table.commit('gate', 'p', [put('h')])).rejects.toBeInstanceOf(StoreUnavailableError);
  await expect(table.prepare()).rejects.toBeInstanceOf(StoreUnavailableError);
});

test('preparing creates all tables and finds those that exist', async () => {
  const { table, requests } = await scripted(({ number }, response) =>
    number === 1
      ? refusal(409, 'TableAlreadyExists')({ number, url: '', body: '' }, response)
      : response.writeHead(204).end(),
  );

  await table.prepare();

  expect(requests.map(({ body }) => JSON.parse(body).TableName).sort()).toEqual([
    'tconv',
    'tdue',
    'tfind',
    'tgate',
    'tlog',
    'topen',
    'troll',
    'tscope',
    'tsys',
  ]);
});

test('a row of another partition is never handed on', async () => {
  const { table } = await scripted((_, response) =>
    json(response, { ...anEntity('h', 'other'), value: [anEntity('h'), anEntity('h', 'other')] }),
  );

  await expect(table.get('gate', 'p', 'h')).rejects.toThrow(/another partition/);
  await expect(table.list('gate', 'p')).rejects.toThrow(/another partition/);
});

test('a row without an etag is no usable answer', async () => {
  const { table } = await scripted((_, response) => json(response, { PartitionKey: 'p', RowKey: 'h' }));

  await expect(table.get('gate', 'p', 'h')).rejects.toBeInstanceOf(StoreUnavailableError);
});

test('every query names its partition, quotes doubled', async () => {
  const { table, requests } = await scripted((_, response) => json(response, { value: [] }));

  await table.list('gate', "p'q", {
    ranges: [
      { from: 'a', before: "b' or 1 eq 1" },
      { from: 'c', before: 'd' },
    ],
  });

  expect(new URL(requests[0]?.url ?? '', 'http://x').searchParams.get('$filter')).toBe(
    "PartitionKey eq 'p''q' and ((RowKey ge 'a' and RowKey lt 'b'' or 1 eq 1') or (RowKey ge 'c' and RowKey lt 'd'))",
  );
});

test('a list follows pages, empty ones too, and asks for no more rows than are wanted', async () => {
  const { table, requests } = await scripted(({ number }, response) => {
    const next = { 'x-ms-continuation-NextPartitionKey': 'p', 'x-ms-continuation-NextRowKey': `n${number}` };
    if (number === 2) return json(response, { value: [] }, next);
    return json(response, { value: [anEntity(`r${number}`)] }, next);
  });

  const rows = await table.list('gate', 'p', { top: 3 });

  expect(rows.map(({ row }) => row)).toEqual(['r1', 'r3', 'r4']);
  expect(requests.map(({ url }) => new URL(url, 'http://x').searchParams.get('$top'))).toEqual(['3', '2', '2', '1']);
});

test('a transaction is never larger than it was reckoned before it was sent', async () => {
  const { table, requests } = await scripted(refusal(400, 'InvalidInput'));
  const long = 'ü😀'.repeat(100);
  const writes = Array.from(
    { length: 8 },
    (_, n): Write => ({ kind: 'put', row: `${long}${n}`, values: { t: 'é'.repeat(250_000) } }),
  );

  await expect(table.commit('gate', long, writes)).rejects.toThrow(/InvalidInput/);
  await expect(table.commit('gate', long, [...writes, { ...writes[0], row: 'more' } as Write])).rejects.toThrow(
    /4 MiB/,
  );

  expect(Buffer.byteLength(requests[0]?.body ?? '')).toBeLessThanOrEqual(4 * 1024 * 1024);
});

test('plain http to another machine is refused', () => {
  const connectionString = `DefaultEndpointsProtocol=http;AccountName=a;AccountKey=${ACCOUNT_KEY};TableEndpoint=http://store.example/a;`;
  const credential = { getToken: async () => null };

  expect(() => createAzureTable({ connection: { connectionString }, prefix: '' })).toThrow(/https only/);
  expect(() =>
    createAzureTable({ connection: { url: new URL('http://store.example'), credential }, prefix: '' }),
  ).toThrow(/https only/);
  expect(() =>
    createAzureTable({ connection: { url: new URL('https://a.table.core.windows.net'), credential }, prefix: 'x' }),
  ).not.toThrow();
});

test.each([['my-app'], ['1a'], ['a'.repeat(59)]])('the prefix %j is refused', (prefix) => {
  expect(() => createAzureTable({ connection: { connectionString: 'UseDevelopmentStorage=true' }, prefix })).toThrow(
    /table prefix/,
  );
});
