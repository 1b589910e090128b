import { createServer, type IncomingHttpHeaders, request as send } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { BodyRefusedError, type BodyRequest, bodyStream, readJson } from '../../bot/body.ts';

const JSON_TYPE = { 'content-type': 'application/json' };

function requestOf(chunks: Iterable<Uint8Array>, headers: IncomingHttpHeaders = JSON_TYPE): BodyRequest {
  return Object.assign(Readable.from(chunks, { objectMode: false }), { headers });
}

function bytes(text: string): Uint8Array[] {
  return [Buffer.from(text)];
}

function gzipped(content: Uint8Array | string, headers: IncomingHttpHeaders = JSON_TYPE): BodyRequest {
  return requestOf([gzipSync(content)], { ...headers, 'content-encoding': 'gzip' });
}

async function refusalOf(request: BodyRequest, limit = 1_000_000, maxRatio = 100): Promise<BodyRefusedError> {
  try {
    for await (const _ of bodyStream(request, { limit, maxRatio }));
  } catch (error) {
    if (error instanceof BodyRefusedError) return error;
    throw error;
  }
  throw new Error('the body was taken');
}

async function textOf(request: BodyRequest, limit = 1_000_000): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of bodyStream(request, { limit })) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

test('a JSON body is parsed', async () => {
  const body = await readJson(requestOf(bytes('{"runId":"7","tags":["a"]}')), { limit: 100 });
  expect(body).toEqual({ kind: 'json', value: { runId: '7', tags: ['a'] } });
});

test('a gzip JSON body is inflated', async () => {
  expect(await readJson(gzipped('{"runId":"7"}'), { limit: 100 })).toEqual({ kind: 'json', value: { runId: '7' } });
});

test.each([['application/json; charset=utf-8'], ['application/problem+json'], ['Application/JSON;charset="UTF-8"']])(
  'content type %s is taken',
  async (type) => {
    expect(await readJson(requestOf(bytes('1'), { 'content-type': type }), { limit: 9 })).toMatchObject({
      kind: 'json',
    });
  },
);

test.each([[undefined], ['text/plain'], ['application/json; charset=utf-16'], ['application/jsonp'], ['text/json']])(
  'content type %s is refused with 415',
  async (type) => {
    const request = requestOf(bytes('1'), type === undefined ? {} : { 'content-type': type });
    expect(await readJson(request, { limit: 9 })).toMatchObject({ status: 415, code: 'unsupported-type' });
  },
);

test.each([
  ['', 'body-missing'],
  [' \n', 'body-missing'],
  ['{"a":', 'not-json'],
  ['{"a":1}x', 'not-json'],
  ['"\\', 'not-json'],
])('the body %j is refused with 400', async (text, code) => {
  expect(await readJson(requestOf(bytes(text)), { limit: 100 })).toMatchObject({ kind: 'refused', status: 400, code });
});

test('bytes that are not UTF-8 are refused, never replaced', async () => {
  const request = requestOf([Buffer.from([0x22, 0xc3, 0x28, 0x22])]);
  expect(await readJson(request, { limit: 100 })).toMatchObject({ status: 400, code: 'not-utf8' });
});

test('a body of the allowed depth is taken and one level more is refused', async () => {
  const nested = (depth: number) => requestOf(bytes('['.repeat(depth) + ']'.repeat(depth)));
  expect(await readJson(nested(64), { limit: 1_000 })).toMatchObject({ kind: 'json' });
  expect(await readJson(nested(65), { limit: 1_000 })).toMatchObject({ status: 400, code: 'json-too-deep' });
  expect(await readJson(nested(400_000), { limit: 1_000_000 })).toMatchObject({ status: 400, code: 'json-too-deep' });
});

test('brackets within strings are no depth', async () => {
  const text = JSON.stringify({ note: `\\"${'['.repeat(500)}` });
  expect(await readJson(requestOf(bytes(text)), { limit: 1_000 })).toMatchObject({ kind: 'json' });
});

test.each([
  ['{"__proto__":{"isOwner":true}}'],
  ['{"a":[{"constructor":{"prototype":{"isOwner":true}}}]}'],
  ['{"a":{"prototype":1}}'],
  ['{"\\u005f_proto__":1}'],
  ['[[{"__proto__":null}]]'],
])('a key that could reach a prototype is refused: %s', async (text) => {
  expect(await readJson(requestOf(bytes(text)), { limit: 100 })).toMatchObject({ status: 400, code: 'forbidden-key' });
  expect(({} as Record<string, unknown>)['isOwner']).toBeUndefined();
});

test('such a word as a value is taken', async () => {
  expect(await readJson(requestOf(bytes('{"a":"__proto__"}')), { limit: 100 })).toMatchObject({ kind: 'json' });
});

test('a refusal quotes nothing of the body', async () => {
  const body = await readJson(requestOf(bytes('{"token":"s3cr3t-value"')), { limit: 100 });
  expect(JSON.stringify(body)).not.toContain('s3cr3t');
});

test('a body of exactly the limit is taken and one byte more is refused with 413', async () => {
  expect(await textOf(requestOf(bytes('x'.repeat(100))), 100)).toHaveLength(100);
  expect(await refusalOf(requestOf(bytes('x'.repeat(101))), 100)).toMatchObject({
    status: 413,
    code: 'body-too-large',
  });
});

test('a declared length beyond the limit is refused before anything is read', async () => {
  let read = 0;
  function* chunks(): Generator<Uint8Array> {
    read++;
    yield Buffer.from('x');
  }
  const request = requestOf(chunks(), { 'content-length': '101' });
  const refusal = refusalOf(request, 100);
  expect(read).toBe(0);
  expect(await refusal).toMatchObject({ status: 413, code: 'body-too-large' });
});

test('the limit counts inflated bytes', async () => {
  const request = gzipped(Buffer.alloc(3_000, 'ab'));
  expect(await refusalOf(request, 2_000, 1_000_000)).toMatchObject({ status: 413, code: 'body-too-large' });
});

test('the limit counts compressed bytes too: many empty parts inflate to nothing', async () => {
  const request = requestOf(Array(100).fill(gzipSync('')), { 'content-encoding': 'gzip' });
  expect(await refusalOf(request, 1_000)).toMatchObject({ status: 413, code: 'body-too-large' });
});

test('a gzip bomb is refused by its ratio long before the limit', async () => {
  const bomb = gzipped(Buffer.alloc(20_000_000, ' '));
  let taken = 0;
  const reading = async () => {
    for await (const chunk of bodyStream(bomb, { limit: 500_000_000 })) taken += chunk.length;
  };
  await expect(reading()).rejects.toMatchObject({ status: 413, code: 'body-ratio' });
  expect(taken).toBeLessThan(3_000_000);
});

test('a well compressed small body is no bomb', async () => {
  expect(await textOf(gzipped(Buffer.alloc(60_000, ' ')))).toHaveLength(60_000);
});

test.each([['br'], ['deflate'], ['gzip, gzip'], ['zstd']])(
  'content encoding %s is refused with 415',
  async (encoding) => {
    const refusal = await refusalOf(requestOf(bytes('x'), { 'content-encoding': encoding }));
    expect(refusal).toMatchObject({ status: 415, code: 'unsupported-encoding' });
  },
);

test.each([
  ['no gzip at all', Buffer.from('plain text')],
  ['cut off', gzipSync('{"a":1}').subarray(0, 15)],
  ['with a wrong checksum', Buffer.concat([gzipSync('{"a":1}').subarray(0, -8), Buffer.alloc(8)])],
  ['followed by zeros', Buffer.concat([gzipSync('{"a":1}'), Buffer.alloc(9)])],
  ['followed by other bytes', Buffer.concat([gzipSync('{"a":1}'), Buffer.from('trailing garbage')])],
])('gzip that is %s is refused with 400', async (_what, content) => {
  const refusal = await refusalOf(requestOf([content], { 'content-encoding': 'gzip' }));
  expect(refusal).toMatchObject({ status: 400, code: 'broken-gzip' });
});

test.each([[{}], [{ 'content-encoding': 'gzip' }]])(
  'a body that breaks off is refused with 400 (%j)',
  async (headers) => {
    function* chunks(): Generator<Uint8Array> {
      yield gzipSync('x'.repeat(1_000)).subarray(0, 12);
      throw new Error('aborted');
    }
    const refusal = await refusalOf(requestOf(chunks(), headers));
    expect(refusal).toMatchObject({ status: 400, code: 'body-cut-off' });
    expect(refusal.cause).toBeInstanceOf(Error);
  },
);

test('a body that never ends is refused with 408', async () => {
  const request = Object.assign(new Readable({ read: () => undefined }), { headers: JSON_TYPE });
  request.push('{"a":');
  const body = await readJson(request, { limit: 100, timeoutMs: 20 });
  expect(body).toMatchObject({ kind: 'refused', status: 408, code: 'body-too-slow' });
});

test('a reader that stops early leaves the request open, so that the answer can be sent', async () => {
  const request = requestOf([Buffer.alloc(10), Buffer.alloc(10), Buffer.alloc(10)]);
  for await (const _ of bodyStream(request, { limit: 100 })) break;
  await new Promise((resolve) => request.on('end', resolve));
  expect(request.errored).toBeNull();
});

test('an endless body is cut after its answer', async () => {
  function* endless(): Generator<Uint8Array> {
    for (;;) yield Buffer.alloc(1_000);
  }
  const request = requestOf(endless(), JSON_TYPE);
  expect(await readJson(request, { limit: 5_000 })).toMatchObject({ status: 413 });
  if (!request.destroyed) await new Promise((resolve) => request.on('close', resolve));
  expect(request.destroyed).toBe(true);
});

test('over HTTP a client hears the refusal of a body that it is still sending', async () => {
  const server = createServer((request, response) => {
    const answered = readJson(request, { limit: 200_000 });
    answered
      .then((body) => response.writeHead(body.kind === 'json' ? 200 : body.status).end())
      .catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const status = await new Promise((resolve, reject) => {
    const call = send({ port, host: '127.0.0.1', method: 'POST', headers: JSON_TYPE }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    call.on('error', reject);
    for (let at = 0; at < 5; at++) call.write(Buffer.alloc(60_000, ' '));
    call.end();
  });
  expect(status).toBe(413);
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});
