import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAssets } from '../../services/azure-resources/resource-graph.ts';
import type { ResourceGraphOptions } from '../../services/azure-resources/resource-graph-client.ts';
import { RESOURCE_MANAGER_URLS } from '../../services/azure-resources/resource-manager.ts';
import { assetKey } from '../../services/domain/asset.ts';
import { type Assets, AssetsUnavailableError } from '../../services/ports/assets.ts';
import type { Fault } from '../fakes/azure-devops-faults.ts';
import { type ResourceGraphFake, startResourceGraph } from '../fakes/resource-graph.ts';

const PAYMENTS = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
const ORDERS = '8d444840-9dc0-11d1-b245-5ffdce74fad2';
const idOf = (subscription: string, group: string, name: string) =>
  `/subscriptions/${subscription}/resourceGroups/${group}/providers/Microsoft.KeyVault/vaults/${name}`;
const VAULT = idOf(PAYMENTS, 'rg-pay', 'kv');

let azure: ResourceGraphFake;
let now: number;
let slept: number[];

beforeEach(async () => {
  azure = await startResourceGraph();
  [now, slept] = [0, []];
  azure.world.subscriptions = [
    {
      id: PAYMENTS,
      name: 'payments-prod',
      ancestors: [
        { name: 'mg-pay', displayName: 'Payments' },
        { name: 'root', displayName: 'Tenant Root Group' },
      ],
    },
  ];
  azure.world.resources = [
    { id: `/subscriptions/${PAYMENTS}/resourceGroups/rg-pay`, tags: '' },
    { id: VAULT, tags: { app: 'payments-api' } },
    { id: idOf(ORDERS, 'rg-orders', 'kv2') },
  ];
});

afterEach(() => azure.close());

function open(over: Partial<ResourceGraphOptions> = {}): Assets {
  const { url, credential } = azure;
  const sleep = async (ms: number) => {
    slept.push(ms);
    now += ms;
  };
  return createAssets({ url, credential, allowLoopback: true, now: () => now, sleep, ...over });
}

const many = (count: number) => Array.from({ length: count }, (_, n) => ({ id: idOf(PAYMENTS, 'rg', `kv${n}`) }));

test('an asset is found in any case, with tags, subscription and what is above it', async () => {
  const found = await open().find([VAULT.toUpperCase()]);

  expect([...found.keys()]).toEqual([assetKey(VAULT)]);
  expect(found.get(assetKey(VAULT))).toEqual({
    id: VAULT,
    subscriptionId: PAYMENTS,
    subscription: 'payments-prod',
    resourceGroup: 'rg-pay',
    tags: new Map([['app', 'payments-api']]),
    managementGroups: [
      ['mg-pay', 'Payments'],
      ['root', 'Tenant Root Group'],
    ],
  });
});

test('groups and subscriptions are assets too; without tags or ancestors they have none', async () => {
  const ids = [
    `/subscriptions/${PAYMENTS}`,
    `/subscriptions/${PAYMENTS}/resourcegroups/RG-PAY`,
    idOf(ORDERS, 'rg-orders', 'kv2'),
  ];
  const found = await open().find(ids);

  expect([...found.values()].map(({ tags }) => tags.size)).toEqual([0, 0, 0]);
  expect(found.get(assetKey(ids[2] ?? ''))).toMatchObject({ subscriptionId: ORDERS, managementGroups: [] });
});

test('what does not exist is absent, and what is no ARM id is not asked for', async () => {
  const assets = open();

  expect(await assets.find([idOf(PAYMENTS, 'rg', 'gone'), 'src/a.ts'])).toEqual(new Map());
  expect(azure.requests).toHaveLength(1);
  expect(azure.requests[0]?.query).not.toContain('src/a.ts');
  expect(await assets.find(['src/a.ts'])).toEqual(new Map());
  expect(azure.requests).toHaveLength(1);
});

test.each([`${VAULT}') | union resources //`, `${VAULT}\\`, `${VAULT}"`, `${VAULT}|x`])(
  'an id that could end a text of the query is never in it: %s',
  async (id) => {
    await open().find([VAULT, id]);

    expect(azure.requests).toHaveLength(1);
    expect(azure.requests[0]?.query).toContain(`id in~ ('${assetKey(VAULT)}')`);
  },
);

test('many ids are asked for in groups', async () => {
  azure.world.resources = many(450);

  expect((await open().find(azure.world.resources.map(({ id }) => id))).size).toBe(450);
  expect(azure.requests).toHaveLength(3);
});

test('every resource and group is listed over all pages, a subscription is none', async () => {
  azure.world.pageSize = 2;
  const { assets, unread } = await open().list();

  expect(assets.map(({ id }) => id)).toEqual(azure.world.resources.map(({ id }) => id));
  expect(unread).toEqual([]);
  expect(azure.requests.map(({ options }) => options)).toEqual([
    { resultFormat: 'objectArray', $top: 1000 },
    { resultFormat: 'objectArray', $top: 1000, $skipToken: '2' },
  ]);
});

test('more pages than are read, and subscriptions beyond the limit of Azure, are said', async () => {
  azure.world.resources = many(60);
  azure.world.pageSize = 1;
  azure.world.headers = { 'x-ms-tenant-subscription-limit-hit': 'true' };
  const { assets, unread } = await open().list();

  expect(assets).toHaveLength(50);
  expect(unread).toEqual(['only the first 10,000 subscriptions were searched', 'there are more than 50']);
});

test('rows that Azure kept back without a way to the next page are said', async () => {
  const body = { data: [{ id: VAULT }], resultTruncated: 'true' };
  azure.faults.add({ on: /./, status: 200, body });

  expect(await open().list()).toMatchObject({ assets: [{ id: VAULT }], unread: ['Azure gave the first 1 only'] });
});

test('a spent quota is waited for before the next request, as long as Azure says', async () => {
  azure.world.pageSize = 2;
  azure.world.headers = { 'x-ms-user-quota-remaining': '0', 'x-ms-user-quota-resets-after': '00:00:03' };
  await open().list();

  expect(slept).toEqual([3_000]);
});

test.each<[string, Omit<Fault, 'on'>, number]>([
  ['a 429 with its quota', { status: 429, headers: { 'x-ms-user-quota-resets-after': '00:00:04' } }, 4_000],
  ['a 429 with Retry-After', { status: 429, headers: { 'retry-after': '7' } }, 7_000],
  ['a 429 that asks for an hour', { status: 429, headers: { 'retry-after': '3600' } }, 30_000],
  ['a 429 without a word', { status: 429 }, 5_000],
  ['a 503', { status: 503 }, 1_000],
])('after %s the request is sent again', async (_, fault, pause) => {
  azure.faults.add({ on: /./, times: 2, ...fault });

  expect((await open().find([VAULT])).size).toBe(1);
  expect(slept).toEqual([pause, pause]);
});

test.each<[string, Omit<Fault, 'on'>, RegExp]>([
  ['429 again and again', { status: 429 }, /was answered 429$/],
  ['401', { status: 401, body: { error: { code: 'AuthenticationFailed' } } }, /401 AuthenticationFailed .*role Reader/],
  ['403', { status: 403 }, /was answered 403 .*role Reader/],
  ['400 with words', { status: 400, body: { error: { code: 'BadRequest', message: 'x' } } }, /400 BadRequest$/],
  ['a redirect', { status: 302, headers: { location: 'https://evil.example/' } }, /was answered 302$/],
  ['half an answer', { cut: 'body' }, /failed$/],
  ['a closed connection', { cut: 'before' }, /failed$/],
  ['no answer', { delayMs: 1 }, /not answered in time$/],
  ['a page', { status: 200, body: '<html>', contentType: 'text/html' }, /something else than documented$/],
  ['another shape', { status: 200, body: { data: {} } }, /something else than documented$/],
  ['rows without an id', { status: 200, body: { data: [{ name: 'kv' }] } }, /something else than documented$/],
])('after %s nothing is known', async (_, fault, message) => {
  azure.faults.add({ on: /./, ...fault });
  const asked = open({ callMs: 300 }).find([VAULT]);

  await expect(asked).rejects.toThrow(AssetsUnavailableError);
  await expect(asked).rejects.toThrow(message);
});

test('the token is that of Azure Resource Manager, and none means that nothing is known', async () => {
  await open().list();
  expect(azure.scopes).toEqual([`${azure.url}/.default`]);

  const none = open({ credential: { getToken: async () => null } });
  await expect(none.list()).rejects.toThrow(AssetsUnavailableError);
});

test.each(['http://management.azure.com', 'https://management.azure.com/', 'https://a@b.example', 'nowhere'])(
  '%s is no address that is called',
  (url) => {
    expect(() => open({ url, allowLoopback: false })).toThrow(/is not an origin of Azure Resource Manager/);
  },
);

test('each cloud has its own address', () => {
  for (const url of Object.values(RESOURCE_MANAGER_URLS)) expect(() => open({ url })).not.toThrow();
});
