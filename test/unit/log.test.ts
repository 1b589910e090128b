import { readFileSync } from 'node:fs';
import { glob } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { createLog } from '../../bot/log.ts';
import { inLogContext } from '../../bot/log-context.ts';
import { LOG_EVENTS } from '../../bot/log-events.ts';

type Log = ReturnType<typeof createLog>;

function linesOf(write: (log: Log) => void): string[] {
  const lines: string[] = [];
  // Whatever a field is called: names are looked at after secrets.
  write(createLog('debug', (line) => lines.push(line), { has: () => true }));
  return lines;
}

function lineOf(write: (log: Log) => void): Readonly<Record<string, unknown>> {
  const [line = '{}'] = linesOf(write);
  return JSON.parse(line) as Readonly<Record<string, unknown>>;
}

/** In no form that a secret is sent in. */
function expectGone(lines: readonly string[], secret: string): void {
  expect(lines).not.toEqual([]);
  for (const line of lines) {
    expect(() => JSON.parse(line)).not.toThrow();
    for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString('base64')]) {
      expect(line).not.toContain(form);
    }
  }
}

const JWT = 'eyJhbGciOiJSUzI1NiIsImtpZCI6IjEifQ.eyJzdWIiOiJjYW5hcnkiLCJleHAiOjE4MDB9.c2lnbmF0dXJlLWNhbmFyeQ';
const CANARY = 'canary-0f3c5a7e';

test('a line is JSON with a constant message and the data beside it', () => {
  const line = lineOf((log) => log.warn({ requestId: 'abc', attempts: 3, held: true, why: null }, 'not told yet'));
  expect(line).toMatchObject({ level: 40, msg: 'not told yet', requestId: 'abc', attempts: 3, held: true, why: null });
  expect(line).not.toHaveProperty('pid');
  expect(line).not.toHaveProperty('hostname');
});

test('a level below the configured one is not written', () => {
  const lines: string[] = [];
  createLog('warn', (line) => lines.push(line)).info({}, 'listening');
  expect(lines).toEqual([]);
});

test.each([
  'Authorization',
  'AuthToken',
  'jobToken',
  'access_token',
  'X-Countersign-Key',
  'x-api-key',
  'apiKey',
  'localApiKey',
  'api_key',
  'AccountKey',
  'accessKey',
  'signingKey',
  'sharedKey',
  'signature',
  'private_key',
  'checkSecrets',
  'clientSecret',
  'password',
  'BOT_PASSWORD',
  'passwd',
  'connectionString',
  'TABLES_CONNECTION_STRING',
  'Cookie',
  'Set-Cookie',
  'credential',
  'rawHeaders',
])('the value of %s is never written, wherever it stands', (key) => {
  const nested = { request: { headers: { [key]: CANARY } }, list: [{ [key]: { value: [CANARY] } }] };
  expectGone(
    linesOf((log) => log.error({ [key]: CANARY, ...nested }, 'failed')),
    CANARY,
  );
});

test('a secret that is bound to a child of the log is never written', () => {
  expectGone(
    linesOf((log) => log.child({ jobToken: CANARY, nested: { apiKey: CANARY } }).warn({}, 'failed')),
    CANARY,
  );
});

test.each([
  ['a JSON Web Token', JWT, JWT],
  ['its first two parts', `Bearer ${JWT.split('.').slice(0, 2).join('.')}.`, 'eyJzdWIiOiJjYW5hcnki'],
  ['a bearer header', `Authorization: Bearer ${CANARY}`, CANARY],
  ['a basic header', `authorization: basic ${Buffer.from(`:${CANARY}`).toString('base64')}`, CANARY],
  ['an account key', `DefaultEndpointsProtocol=https;AccountName=x;AccountKey=${CANARY}==;EndpointSuffix=y`, CANARY],
  ['a shared access key', `Endpoint=sb://x/;SharedAccessKey=${CANARY}`, CANARY],
  ['a shared access signature', `GET https://x.table.core.windows.net/t?sv=1&sig=${CANARY}&se=2`, CANARY],
  ['a header by name', `AuthToken: ${CANARY}`, CANARY],
  ['a key by name', `X-Countersign-Key: ${CANARY}`, CANARY],
  ['a field of JSON', JSON.stringify({ authToken: CANARY }), CANARY],
  ['a field of JSON within JSON', JSON.stringify(JSON.stringify({ password: CANARY })), CANARY],
  ['a form', `grant_type=client_credentials&client_secret=${CANARY}&scope=x`, CANARY],
  ['an address with a password', `fetch https://bot:${CANARY}@dev.azure.com/contoso failed`, CANARY],
  ['an old personal access token', `token ${'abcdefghij234567klmnopqrst'.repeat(2)} refused`, 'abcdefghij234567klmn'],
  ['a personal access token', `${'Ab3'.repeat(25)}9AZDOx1Y2 refused`, 'Ab3Ab3Ab3'],
])('%s is taken out of a text, of a message, of an error and of its cause', (_what, text, secret) => {
  const deep = new Error('outer', { cause: new Error('middle', { cause: new Error(text) }) });
  const all = linesOf((log) => {
    log.warn({ text }, 'data');
    log.warn({ a: [{ b: { c: text } }] }, 'nested');
    log.warn({ err: new Error(text) }, 'error');
    log.warn({ err: deep }, 'causes');
    log.warn({ err: new AggregateError([new Error(text)], text) }, 'several');
    log.warn({ err: { message: text } }, 'no error');
    log.warn({ err: text }, 'a text');
    log.warn({}, text);
    log.warn({ at: 1 }, 'with %s', text);
    log.warn(new Error(text));
    log.child({ text }).warn({}, 'child');
  });
  expect(all).toHaveLength(11);
  expectGone(all, secret);
});

test('what a library hangs on its errors stays there: request, response, headers, configuration', () => {
  const parts = {
    request: { headers: { whatever: CANARY }, body: CANARY },
    response: { config: { auth: [CANARY] } },
    config: { data: CANARY },
    options: CANARY,
  };
  const fault = Object.assign(new Error('request failed'), parts, { cause: Object.assign(new Error('inner'), parts) });
  expectGone(
    linesOf((log) => log.error({ err: fault, other: { err: fault } }, 'failed')),
    CANARY,
  );
});

test('an error keeps its name, message, stack and causes', () => {
  const err = new TypeError('outer', { cause: new RangeError('inner') });
  expect(lineOf((log) => log.error({ err }, 'failed'))['err']).toMatchObject({
    name: 'TypeError',
    message: 'outer',
    stack: expect.stringContaining('log.test.ts'),
    cause: { name: 'RangeError', message: 'inner' },
  });
});

test('several errors in one keep their messages', () => {
  const err = new AggregateError([new Error('first'), new Error('second')], 'both');
  expect(lineOf((log) => log.error({ err }, 'failed'))['err']).toMatchObject({
    errors: [{ message: 'first' }, { message: 'second' }],
  });
});

test('bytes are counted, not written', () => {
  const line = lineOf((log) => log.info({ body: Buffer.from(CANARY), view: new Uint8Array(7) }, 'received'));
  expect(line).toMatchObject({ body: `[${CANARY.length} bytes]`, view: '[7 bytes]' });
});

test('an address and a time are written as text', () => {
  const line = lineOf((log) => log.info({ url: new URL('https://a:b@x.example/y?sig=z'), at: new Date(0) }, 'called'));
  expect(line['url']).toBe('https://[secret]@x.example/y?sig=[secret]');
  expect(line['at']).toContain('1970');
});

test('what goes round in circles, is very deep, very wide or very long is cut short', () => {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  const wide = Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [`k${n}`, n]));
  const [line = ''] = linesOf((log) =>
    log.info({ circle, wide, list: Array.from({ length: 10_000 }, () => 1), long: 'x'.repeat(1_000_000) }, 'large'),
  );
  expect(line.length).toBeLessThan(20_000);
  expect(JSON.parse(line)).toMatchObject({ circle: { self: { self: expect.anything() } }, wide: { k0: 0 } });
});

test('a secret that lies across the end of a long text is still taken out', () => {
  const token = 'abcdefghij234567klmnopqrst'.repeat(2);
  expectGone(
    linesOf((log) => log.info({ text: `${'x '.repeat(3_980)}${token}` }, 'long')),
    token.slice(0, 20),
  );
});

test('what cannot be read is not written, and nobody is hurt', () => {
  const hostile = {
    get secretless(): string {
      throw new Error('do not look');
    },
  };
  expect(lineOf((log) => log.info(hostile, 'looked'))).toMatchObject({ msg: 'looked', unreadable: true });
});

test('a text in which tokens seem to begin again and again is read once, not from each of them', () => {
  expect(lineOf((log) => log.info({ why: 'eyJ'.repeat(30_000) }, 'known'))).toMatchObject({ why: '[secret]' });
});

test('ids and checksums are not mistaken for secrets', () => {
  const data = {
    requestId: 'abcdefghij234567',
    partition: `abcdefghij~f~_${'abcdefghijklmnopqrstuvwxyz'.repeat(2)}~-`,
    checksum: '9f'.repeat(32),
    commit: '3f2c9a1b7d5e4860a1c2d3e4f5061728394a5b6c',
    instance: '7d1f3c52-0a4e-4a35-9a57-3f0c9d7b8e11',
    key: 'prod',
  };
  expect(lineOf((log) => log.info(data, 'known'))).toMatchObject(data);
});

test('a field that nobody listed is left out and counted, also where it looks harmless', () => {
  const lines: string[] = [];
  const log = createLog('info', (line) => lines.push(line));
  log.warn({ requestId: 'abc', comment: CANARY, finding: { match: CANARY }, err: new Error('x') }, 'not ready');
  expectGone(lines, CANARY);
  expect(JSON.parse(lines[0] ?? '')).toMatchObject({ requestId: 'abc', unlisted: 2, err: { message: 'x' } });
});

test('a line has the code of its message, the call that it was written in, and its trace', () => {
  const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;
  const lines = linesOf((log) =>
    inLogContext({ call: 'of the caller' }, () => {
      log.warn({ part: 'store' }, 'not ready');
      inLogContext({ traceparent }, () => log.warn({}, 'of nobody'));
    }),
  ).map((line) => JSON.parse(line) as object);
  expect(lines[0]).toMatchObject({ eventCode: LOG_EVENTS['not ready'], part: 'store', call: 'of the caller' });
  expect(lines[1]).toMatchObject({ call: 'of the caller', traceparent });
  expect(lines[1]).not.toHaveProperty('eventCode');
});

test('every message of the log has a code of its own, and operations.md has each code and no other', async () => {
  const said = new Set<string>();
  const call = /(?:[lL]og|say)\??\.(?:info\?\.|call|info|warn|error|fatal)\((?:(?!;\n)[\s\S])*?, '([^']+)'\s*,?\s*\)/g;
  for await (const file of glob('{bot,services}/**/*.ts'))
    for (const [, message = ''] of readFileSync(file, 'utf8').matchAll(call)) said.add(message);
  expect([...said].sort()).toEqual(Object.keys(LOG_EVENTS).sort());
  expect(new Set(Object.values(LOG_EVENTS)).size).toBe(said.size);

  const rows = [...readFileSync('docs/operations.md', 'utf8').matchAll(/^\| `(GATE-\d{4})` \| `([^`]+)` \|/gm)];
  expect(rows.map(([, code, message]) => [message, code])).toEqual(Object.entries(LOG_EVENTS));
});
