import { createServer } from 'node:http';
import { inspect } from 'node:util';
import type { AccessToken, TokenCredential } from '@azure/identity';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { GRAPH_URLS } from '../../services/directory/graph-client.ts';
import { createGraphDirectory, type GraphDirectoryOptions } from '../../services/directory/graph-directory.ts';
import { type Directory, DirectoryUnavailableError } from '../../services/ports/directory.ts';
import type { Fault } from '../fakes/azure-devops-faults.ts';
import { type GraphFake, startGraph } from '../fakes/graph.ts';

const ALEX = '6a090ea8-2d23-42f0-ae08-8772ed927db2';
const LEADS = 'c2e34489-8d8a-4e19-9539-ef98ff5aee4e';

let graph: GraphFake;
let now: number;

beforeEach(async () => {
  graph = await startGraph();
  now = 0;
  graph.world.users = [
    {
      id: ALEX,
      displayName: 'Alex',
      userPrincipalName: 'alex@contoso.example',
      userType: 'Member',
      accountEnabled: true,
      mail: null,
      otherMails: [],
      proxyAddresses: [],
    },
  ];
  graph.world.groups = [{ id: LEADS, displayName: 'leads', members: [ALEX] }];
});

afterEach(() => graph.close());

function open(over: Partial<GraphDirectoryOptions> = {}): Directory {
  const { url, credential } = graph;
  return createGraphDirectory({ url, credential, allowLoopback: true, now: () => now, ...over });
}

const QUESTIONS: readonly (readonly [string, (directory: Directory) => Promise<unknown>])[] = [
  ['person', (directory) => directory.person(ALEX)],
  ['membersOf', (directory) => directory.membersOf(`group:${LEADS}`)],
  ['isMember', (directory) => directory.isMember(ALEX, ['group:leads'])],
  ['matching', (directory) => directory.matching({ uniqueName: 'alex@contoso.example' })],
];

const TROUBLES: readonly (readonly [string, Omit<Fault, 'on'>, RegExp])[] = [
  ['503', { status: 503 }, /was answered 503$/],
  ['500 with words', { status: 500, body: { error: { code: 'UnknownError', message: 'x' } } }, /500 UnknownError$/],
  ['401', { status: 401, body: { error: { code: 'InvalidAuthenticationToken' } } }, /401 InvalidAuthenticationToken$/],
  ['403', { status: 403, body: { error: { code: 'Authorization_RequestDenied' } } }, /403 .*GroupMember\.Read\.All/],
  ['a 404 from something on the way', { status: 404, body: '<html>', contentType: 'text/html' }, /was answered 404$/],
  ['204', { status: 204 }, /was answered 204$/],
  ['half an answer', { cut: 'body' }, /failed$/],
  ['a closed connection', { cut: 'before' }, /failed$/],
  ['a page', { status: 200, body: '<html>Sign in</html>', contentType: 'text/html' }, /was answered 200$/],
  ['an empty object', { status: 200, body: {} }, /something else than documented/],
  ['null', { status: 200, body: 'null' }, /something else than documented/],
  ['another redirect', { status: 302, headers: { location: '/v1.0/users' } }, /was answered 302$/],
];

test.each(
  TROUBLES.flatMap(([name, fault, message]) => QUESTIONS.map(([what, ask]) => ({ name, fault, message, what, ask }))),
)('with $name $what is unavailable, and says what happened without a token', async ({ fault, message, ask }) => {
  graph.faults.add({ on: /./, ...fault });

  const told: unknown[] = [];
  const error = await ask(open({ failed: (reason) => told.push(reason) })).catch((reason: unknown) => reason);

  expect(told).toEqual([error]);
  expect(error).toBeInstanceOf(DirectoryUnavailableError);
  expect(String(error)).toMatch(message);
  expect(inspect(error, { depth: 10 })).not.toContain(graph.token);
});

test.each(QUESTIONS)('no answer in time makes %s unavailable', async (_name, ask) => {
  graph.faults.add({ on: /./, delayMs: 1 });

  await expect(ask(open({ limits: { clickMs: 20, callMs: 20 } }))).rejects.toThrow(/was not answered in time$/);
});

test('a token is not carried to where an answer points', async () => {
  const elsewhere: string[] = [];
  const other = createServer((request, response) => {
    elsewhere.push(request.url ?? '');
    response.end('{"value":[]}');
  });
  await new Promise<void>((listening) => other.listen(0, '127.0.0.1', listening));
  const address = other.address();
  const url = `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
  try {
    graph.faults.add({ on: /transitiveMembers/, status: 307, headers: { location: `${url}/v1.0/users` }, times: 1 });
    await expect(open().membersOf(`group:${LEADS}`)).rejects.toThrow(/was answered 307/);
    for (const next of [
      `${url}/v1.0/groups`,
      `${graph.url}/beta/groups`,
      `${graph.url}/v1.0/../beta/groups`,
      `${graph.url}@${url.slice('http://'.length)}/v1.0/groups`,
      '/v1.0/groups',
      '',
    ]) {
      const body = { value: [], '@odata.nextLink': next };
      graph.faults.add({ on: /transitiveMembers/, status: 200, body, times: 1 });
      await expect(open().membersOf(`group:${LEADS}`), next).rejects.toThrow(/names a next page elsewhere/);
    }
  } finally {
    other.closeAllConnections();
    other.close();
  }
  expect(elsewhere).toEqual([]);
});

test('pages without end and answers without end are given up', async () => {
  const body = { value: [], '@odata.nextLink': `${graph.url}/v1.0/groups` };
  const end = graph.faults.add({ on: /./, status: 200, body });
  await expect(open().membersOf(`group:${LEADS}`)).rejects.toThrow(/something else than documented|pages/);
  await expect(open().membersOf('group:leads')).rejects.toThrow(/more than 50 pages/);
  end();
  graph.faults.add({ on: /./, status: 200, body: { value: ['x'.repeat(17 * 1024 * 1024)] } });

  await expect(open().membersOf('group:leads')).rejects.toHaveProperty(
    'cause.message',
    expect.stringMatching(/longer/),
  );
});

test('after 429 Graph is left alone for as long as it asks, and no longer than a minute', async () => {
  const directory = open();
  graph.faults.add({ on: /./, status: 429, headers: { 'retry-after': '9' }, times: 1 });
  await expect(directory.person(ALEX)).rejects.toThrow(/was answered 429/);

  now = 8_999;
  await expect(directory.person(ALEX)).rejects.toThrow(/waits for 1 s more/);
  expect(graph.requests).toHaveLength(1);
  now = 9_000;
  expect(await directory.person(ALEX)).toMatchObject({ oid: ALEX });

  graph.faults.add({ on: /./, status: 429, headers: { 'retry-after': '999999' }, times: 1 });
  await expect(directory.person(ALEX)).rejects.toThrow(/was answered 429/);
  now += 60_000;
  expect(await directory.person(ALEX)).toMatchObject({ oid: ALEX });
});

test('without the permission for eligibility, or when it is slowed down, people decide all the same', async () => {
  const told: unknown[] = [];
  const directory = open({ limits: { explainMs: 200 }, failed: (reason) => told.push(reason) });
  graph.world.granted = new Set(['User.Read.All', 'GroupMember.Read.All']);
  expect(await directory.eligibleButInactive('group:leads')).toBeUndefined();
  graph.faults.add({ on: /identityGovernance/, status: 429, headers: { 'retry-after': '60' }, times: 1 });
  expect(await directory.eligibleButInactive('group:leads')).toBeUndefined();
  expect(await directory.isMember(ALEX, ['group:leads'])).toBe(true);
  graph.faults.add({ on: /identityGovernance/, delayMs: 1 });
  now = 60_000;
  expect(await directory.eligibleButInactive('group:leads')).toBeUndefined();

  expect(await directory.isMember(ALEX, ['group:leads'])).toBe(true);
  expect(await directory.person(ALEX)).toMatchObject({ oid: ALEX });
  expect(told).toEqual([]);
});

test('members who may not be read are not taken for people without addresses', async () => {
  graph.world.granted = new Set(['GroupMember.Read.All']);

  await expect(open().membersOf('group:leads')).rejects.toThrow(
    /are User\.Read\.All and GroupMember\.Read\.All granted/,
  );
});

test('an answer about somebody else is none', async () => {
  const [alex] = graph.world.users;
  graph.faults.add({ on: /./, status: 200, body: { ...alex, id: LEADS } });

  await expect(open().person(ALEX)).rejects.toThrow(/answered with somebody else/);
});

test('groups that were not asked for prove no membership', async () => {
  graph.faults.add({ on: /checkMemberGroups/, status: 200, body: { value: [ALEX] } });

  expect(await open().isMember(ALEX, ['group:leads'])).toBe(false);
});

test('the token is for this Graph, is asked for by each request and by those at once together', async () => {
  const directory = open();
  await Promise.all([directory.person(ALEX), directory.person(ALEX)]);
  await directory.person(ALEX);

  expect(graph.scopes).toEqual([`${graph.url}/.default`, `${graph.url}/.default`]);
});

test.each<[string, () => Promise<AccessToken | null>]>([
  ['refuses', () => Promise.reject(new Error('no identity on this host'))],
  ['has none', () => Promise.resolve(null)],
  ['has one that no header can hold', () => Promise.resolve({ token: 'secret\r\nx', expiresOnTimestamp: 0 })],
])('a credential that %s makes the directory unavailable and shows nothing', async (_what, getToken) => {
  const error = await open({ credential: { getToken } })
    .person(ALEX)
    .catch((reason: unknown) => reason);

  expect(error).toBeInstanceOf(DirectoryUnavailableError);
  expect(inspect(error, { depth: 10 })).not.toContain('secret');
  expect(graph.requests).toEqual([]);
});

test('a slow token makes one click unavailable and goes on being fetched for the next question', async () => {
  let give: (token: AccessToken) => void = () => undefined;
  let asked = 0;
  const credential: TokenCredential = {
    getToken: () => {
      asked += 1;
      return new Promise((resolve) => {
        give = resolve;
      });
    },
  };
  const directory = open({ credential, limits: { clickMs: 20 } });
  await expect(directory.person(ALEX)).rejects.toThrow(/not answered in time/);
  const next = directory.membersOf(`user:${ALEX}`);
  give({ token: graph.token, expiresOnTimestamp: 0 });

  expect(await next).toMatchObject([{ oid: ALEX }]);
  expect(asked).toBe(1);
});

test.each(['http://graph.example', 'http://127.0.0.1:80/x', 'graph.microsoft.com', 'https://graph.microsoft.com/beta'])(
  '%s is no address of Graph',
  (url) => {
    expect(() => open({ url })).toThrow(/is not an origin of Microsoft Graph/);
  },
);

test('this machine is called only by who says so, and each cloud has its own Graph', () => {
  const { url, credential } = graph;
  expect(() => createGraphDirectory({ url, credential })).toThrow(/is not an origin of Microsoft Graph/);
  for (const cloud of Object.values(GRAPH_URLS)) createGraphDirectory({ url: cloud, credential });
});
