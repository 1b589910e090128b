import { afterEach, beforeEach, expect, test } from 'vitest';
import { createBaselineResources } from '../../services/azure-resources/baseline-resources.ts';
import type { BaselineType, Catalog, ServiceEnvironment } from '../../services/domain/catalog.ts';
import { AssetsUnavailableError } from '../../services/ports/assets.ts';
import type { BaselineResources } from '../../services/ports/baseline-resources.ts';
import { SUBSCRIPTION } from '../drift-platforms.ts';
import { type ResourceGraphFake, startResourceGraph } from '../fakes/resource-graph.ts';
import { catalogOf } from '../unit/platform-catalog.ts';

const PROD = { service: 'payments-api', environment: 'prod' };
const TYPE = 'microsoft.web/sites';
const siteIn = (group: string, name: string) =>
  `/subscriptions/${SUBSCRIPTION}/resourceGroups/${group}/providers/Microsoft.Web/sites/${name}`;

let azure: ResourceGraphFake;
beforeEach(async () => {
  azure = await startResourceGraph();
  azure.world.subscriptions = [{ id: SUBSCRIPTION, name: 'payments-prod', ancestors: [] }];
  azure.world.resources = [
    {
      id: siteIn('rg-payments-prod', 'pay'),
      type: 'Microsoft.Web/sites',
      properties: { httpsOnly: true, siteConfig: { b: 1, a: [2] } },
    },
    { id: siteIn('rg-payments-staging', 'test'), type: 'microsoft.web/sites', properties: { httpsOnly: false } },
    {
      id: siteIn('rg-payments-prod', 'db').replace('Web/sites', 'Sql/servers'),
      type: 'microsoft.sql/servers',
      properties: {},
    },
  ];
});
afterEach(() => azure.close());

function open(): BaselineResources {
  const { url, credential } = azure;
  return createBaselineResources({ url, credential, allowLoopback: true, sleep: async () => undefined });
}

function withBaseline(baseline: readonly BaselineType[], resourceGroups = ['rg-payments-prod']): Catalog {
  const catalog = catalogOf();
  const service = catalog.services.get('payments-api');
  if (service === undefined) throw new Error('the catalog has payments-api');
  const prod = { subscription: 'payments-prod', resourceGroups, baseline };
  const environments = new Map<string, ServiceEnvironment>([...service.environments, ['prod', prod] as const]);
  return { ...catalog, services: new Map([['payments-api', { ...service, environments }]]) };
}

test('resources of the named types that are the place’s come with the named properties, in one order', async () => {
  const catalog = withBaseline([
    { type: TYPE, properties: ['properties.httpsOnly', 'properties.siteConfig', 'properties.none'] },
  ]);

  expect(await open().of(PROD, catalog)).toEqual({
    unread: [],
    found: [
      {
        id: siteIn('rg-payments-prod', 'pay'),
        type: TYPE,
        values: {
          'properties.httpsOnly': 'true',
          'properties.siteConfig': '{"a":[2],"b":1}',
          'properties.none': 'null',
        },
      },
    ],
  });
});

test('each type is one query, and where nothing is named Azure is not asked', async () => {
  await open().of(PROD, withBaseline([]));
  expect(azure.requests).toEqual([]);
  await open().of(
    PROD,
    withBaseline([
      { type: TYPE, properties: ['kind'] },
      { type: 'microsoft.sql/servers', properties: ['kind'] },
    ]),
  );
  expect(azure.requests).toHaveLength(2);
});

test('a name of a group that could end a text of the query is not written into it', async () => {
  const catalog = withBaseline([{ type: TYPE, properties: ['kind'] }], ["rg') | project id // "]);
  await open().of(PROD, catalog);

  expect(azure.requests[0]?.query).not.toContain("rg')");
});

test.each<[string, BaselineType]>([
  ['type', { type: "a.b/c' or type =~ 'x.y/z", properties: ['kind'] }],
  ['property', { type: TYPE, properties: ['kind) | take 1 //'] }],
])('a %s that no catalog can hold is never asked for', async (_name, type) => {
  await expect(open().of(PROD, withBaseline([type]))).rejects.toThrow(RangeError);
  expect(azure.requests).toEqual([]);
});

test('all pages are read, and what Azure cuts is said', async () => {
  azure.world.resources = Array.from({ length: 7 }, (_, n) => ({
    id: siteIn('rg-payments-prod', `s${n}`),
    type: TYPE,
    properties: {},
  }));
  azure.world.pageSize = 2;
  const catalog = withBaseline([{ type: TYPE, properties: ['kind'] }]);
  expect((await open().of(PROD, catalog)).found).toHaveLength(7);
  azure.world.headers = { 'x-ms-tenant-subscription-limit-hit': 'true' };
  expect((await open().of(PROD, catalog)).unread).toEqual(['only the first 10,000 subscriptions were searched']);
});

test.each([401, 403, 500])('%i is a fault that says so, and nothing is taken for gone', async (status) => {
  azure.faults.add({ on: /ResourceGraph/, status });

  await expect(open().of(PROD, withBaseline([{ type: TYPE, properties: ['kind'] }]))).rejects.toThrow(
    AssetsUnavailableError,
  );
});
