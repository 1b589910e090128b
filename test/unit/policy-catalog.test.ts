import { expect, test } from 'vitest';
import { plusDays } from '../../services/domain/instant.ts';
import { loadCatalog } from '../../services/policy/load-catalog.ts';

const load = (service: string) =>
  loadCatalog({ file: 'catalog.yaml', text: `kind: Catalog\nservices:\n  payments: { ${service} }\n` });

test('a service needs an owner, nothing else', () => {
  const loaded = load('owner: "group:payments"');

  expect(loaded.kind === 'loaded' && loaded.value).toStrictEqual([
    {
      source: 'catalog.yaml:3',
      service: {
        name: 'payments',
        owner: 'group:payments',
        repositories: [],
        pipelines: [],
        paths: [],
        environments: new Map(),
      },
    },
  ]);
});

test('what a service says is kept', () => {
  const loaded = load(
    'owner: "group:a", lead: "group:b", criticality: high, team: shop, repositories: [r], pipelines: [p], channel: T/C, ' +
      'paths: { "infra/**": "group:c" }, environments: { prod: { subscription: s, managementGroup: m, ' +
      'resourceGroups: [g], tags: { data: card } } }, ' +
      'calendar: { timezone: UTC, workingDays: [sun, mon], workingHours: "10:00-18:00" }',
  );

  expect(loaded.kind === 'loaded' && loaded.value[0]?.service).toMatchObject({
    lead: 'group:b',
    criticality: 'high',
    team: 'shop',
    repositories: ['r'],
    pipelines: ['p'],
    channel: 'T/C',
    paths: [{ glob: 'infra/**', owner: 'group:c' }],
    environments: new Map([
      ['prod', { subscription: 's', managementGroup: 'm', resourceGroups: ['g'], tags: new Map([['data', 'card']]) }],
    ]),
    calendar: { timezone: 'UTC', workingDays: [1, 7], workingMinutes: [600, 1080] },
  });
});

test('what of its resources is compared is kept, types in lower case', () => {
  const loaded = load(
    'owner: "group:a", environments: { prod: { baseline: [{ type: Microsoft.Web/sites, properties: [properties.httpsOnly, kind, sku.name] }] } }',
  );

  expect(loaded.kind === 'loaded' && loaded.value[0]?.service.environments.get('prod')?.baseline).toEqual([
    { type: 'microsoft.web/sites', properties: ['properties.httpsOnly', 'kind', 'sku.name'] },
  ]);
});

test.each([
  [
    '[{ type: "microsoft.web/sites\' or 1==1 //", properties: [kind] }]',
    /baseline\[0\]\.type: is .* allowed: a type of Azure/,
  ],
  ['[{ type: sites, properties: [kind] }]', /baseline\[0\]\.type: is "sites"; allowed: a type of Azure such as/],
  ['[{ type: a.b/c, properties: ["properties.x | take 1"] }]', /properties\[0\]: is .* allowed: a property such as/],
  [
    '[{ type: a.b/c, properties: [tags] }]',
    /properties\[0\]: is "tags"; allowed: a property such as properties\.httpsOnly/,
  ],
  ['[{ type: a.b/c, properties: [properties] }]', /properties\[0\]: is "properties"/],
  ['[{ type: a.b/c, properties: [] }]', /baseline\[0\]\.properties/],
  ['[{ type: a.b/c }]', /baseline\[0\]\.properties: is missing/],
  [
    '[{ type: a.b/c, properties: [kind] }, { type: A.b/C, properties: [sku.name] }]',
    /baseline: has a type twice; allowed: each type once/,
  ],
])('a baseline of %s is refused, with what is allowed', (baseline, message) => {
  const loaded = load(`owner: "group:a", environments: { prod: { baseline: ${baseline} } }`);

  expect(loaded.kind === 'broken' && loaded.problems.join()).toMatch(message);
});

test.each([
  ['lead: "group:b"', /^catalog\.yaml:3 services\.payments\.owner: is missing; allowed: group:name or user:object-id$/],
  ['owner: payments', /services\.payments\.owner: is "payments"; allowed: group:name/],
  ['owner: "group:a", pipeline: p', /services\.payments\.pipeline: is not a key here; allowed: owner, lead, /],
  ['owner: "group:a", repositories: r', /services\.payments\.repositories: is "r"; allowed: a list$/],
  ['owner: "group:a", paths: { "a/**": bob }', /services\.payments\.paths\.a\/\*\*: is "bob"; /],
  [
    'owner: "group:a", environments: { prod: { subs: s } }',
    /services\.payments\.environments\.prod\.subs: is not a key/,
  ],
  [
    'owner: "group:a", environments: { prod: { identities: [alice] } }',
    /services\.payments\.environments\.prod\.identities\[0\]: is "alice"; allowed: an object id/,
  ],
  ['owner: "group:a", environments: { prod: { identities: [] } }', /environments\.prod\.identities: /],
  ['owner: "group:a", calendar: { timezone: Mars }', /services\.payments\.calendar\.timezone: is "Mars"; /],
])('a service with %s is refused', (service, expected) => {
  const loaded = load(service);

  expect(loaded.kind === 'broken' && loaded.problems[0]).toMatch(expected);
});

test('holidays that leave no working day for more than a year are refused: nobody there could ever be told anything', () => {
  const sundaysOff = (count: number) => {
    const days = Array.from({ length: count }, (_, n) => `"${plusDays('2026-11-29', 7 * n)}"`).reverse();
    const calendar = `timezone: UTC, workingDays: [sun], workingHours: "10:00-18:00", holidays: [${days.join(', ')}]`;
    return load(`owner: "group:a", calendar: { ${calendar} }`);
  };
  expect(sundaysOff(50).kind).toBe('loaded');
  const loaded = sundaysOff(58);
  expect(loaded.kind === 'broken' && loaded.problems[0]).toMatch(
    /services\.payments\.calendar\.holidays: leave no working day for more than 366 days; allowed: /,
  );
});
