import { expect, test } from 'vitest';
import { type Asset, assetKey, assetOf, createPlaces } from '../../services/domain/asset.ts';
import type { Catalog, ServiceEnvironment } from '../../services/domain/catalog.ts';

const SUBSCRIPTION = '7d444840-9dc0-11d1-b245-5ffdce74fad2';
const ID = `/subscriptions/${SUBSCRIPTION}/resourceGroups/rg-pay/providers/Microsoft.KeyVault/vaults/kv`;

type Keys = Partial<ServiceEnvironment>;

/** Service → keys of its environment prod. */
function catalogOf(services: Readonly<Record<string, Keys>>): Catalog {
  const entries = Object.entries(services).map(([name, keys]) => {
    const environments = new Map([['prod', { resourceGroups: [], ...keys }]]);
    return [
      name,
      { name, owner: 'group:x' as const, repositories: [], pipelines: [], paths: [], environments },
    ] as const;
  });
  return { services: new Map(entries), broken: new Map() };
}

const asset = (over: Partial<Asset> = {}): Asset => ({
  ...(assetOf(ID) as Asset),
  subscription: 'payments-prod',
  tags: new Map([['Data', 'card']]),
  managementGroups: [['mg-pay', 'Payments'], ['mg-retail'], ['root']],
  ...over,
});

const placeOf = (services: Readonly<Record<string, Keys>>, over: Partial<Asset> = {}) =>
  createPlaces(catalogOf(services))(asset(over));

test('an ARM id names its subscription and resource group in any case', () => {
  expect(assetOf(ID)).toMatchObject({ id: ID, subscriptionId: SUBSCRIPTION, resourceGroup: 'rg-pay' });
  expect(assetOf(ID.toUpperCase())).toMatchObject({ subscriptionId: SUBSCRIPTION, resourceGroup: 'RG-PAY' });
  expect(assetOf(`/subscriptions/${SUBSCRIPTION}`)).not.toHaveProperty('resourceGroup');
  expect(assetKey(ID.toUpperCase())).toBe(assetKey(`${ID}/`));
});

test.each(['', 'src/a.ts', '/subscriptions/nobody/resourceGroups/x', `subscriptions/${SUBSCRIPTION}`])(
  '%j is no ARM id of something in a subscription',
  (id) => {
    expect(assetOf(id)).toBeUndefined();
  },
);

test.each<[string, Keys]>([
  ['its subscription by name', { subscription: 'PAYMENTS-prod' }],
  ['its subscription by id', { subscription: SUBSCRIPTION.toUpperCase() }],
  ['its resource group', { resourceGroups: ['other', 'RG-Pay'] }],
  ['a management group above it', { managementGroup: 'MG-Retail' }],
  ['a management group by its display name', { managementGroup: 'payments' }],
  ['its tags', { tags: new Map([['data', 'card']]) }],
])('an asset belongs where %s says so', (_, keys) => {
  expect(placeOf({ payments: keys })).toEqual({ kind: 'known', service: 'payments', environment: 'prod' });
});

test('an asset whose names are written large belongs to the same', () => {
  const large = { ...(assetOf(ID.toUpperCase()) as Asset), subscription: 'PAYMENTS-PROD' };

  for (const keys of [
    { resourceGroups: ['rg-pay'] },
    { subscription: 'payments-prod' },
    { subscription: SUBSCRIPTION },
  ])
    expect(placeOf({ payments: keys }, large)).toMatchObject({ kind: 'known', service: 'payments' });
});

test.each<[string, Keys]>([
  ['no keys', {}],
  ['a key that differs', { subscription: 'payments-prod', resourceGroups: ['rg-other'] }],
  ['another subscription', { subscription: 'orders-prod', resourceGroups: ['rg-pay'] }],
  ['a tag of another value', { tags: new Map([['data', 'Card']]) }],
  [
    'one tag too many',
    {
      tags: new Map([
        ['data', 'card'],
        ['zone', '1'],
      ]),
    },
  ],
  ['a management group elsewhere', { managementGroup: 'mg-orders' }],
])('an environment with %s claims nothing', (_, keys) => {
  expect(placeOf({ payments: keys })).toEqual({ kind: 'unknown' });
});

test('what is not known of an asset matches nothing', () => {
  const bare = { tags: new Map(), managementGroups: [] };

  expect(placeOf({ a: { managementGroup: 'root' }, b: { tags: new Map([['data', 'card']]) } }, bare)).toEqual({
    kind: 'unknown',
  });
});

test.each<[string, Keys, Keys]>([
  ['a resource group over a subscription', { resourceGroups: ['rg-pay'] }, { subscription: 'payments-prod' }],
  ['a resource group over tags', { resourceGroups: ['rg-pay'] }, { tags: new Map([['data', 'card']]) }],
  ['tags over a subscription', { tags: new Map([['data', 'card']]) }, { subscription: 'payments-prod' }],
  ['a subscription over a management group', { subscription: 'payments-prod' }, { managementGroup: 'mg-pay' }],
  ['the nearer management group', { managementGroup: 'mg-pay' }, { managementGroup: 'root' }],
  [
    'more keys over fewer',
    { resourceGroups: ['rg-pay'], subscription: 'payments-prod' },
    { resourceGroups: ['rg-pay'] },
  ],
])('the narrowest wins: %s', (_, narrow, wide) => {
  for (const services of [
    { narrow, wide },
    { wide, narrow },
  ])
    expect(placeOf(services)).toMatchObject({ kind: 'known', service: 'narrow' });
});

test('a tie is named and decided for nobody', () => {
  const keys = { resourceGroups: ['rg-pay'] };

  expect(placeOf({ a: keys, b: keys, wide: { subscription: 'payments-prod' } })).toEqual({
    kind: 'tie',
    places: [
      { service: 'a', environment: 'prod' },
      { service: 'b', environment: 'prod' },
    ],
  });
});
