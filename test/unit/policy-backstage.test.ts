import { expect, test } from 'vitest';
import { composePolicy, NO_POLICY } from '../../services/policy/compose-policy.ts';
import { isBackstage, loadBackstage } from '../../services/policy/load-backstage.ts';

const OID = '6a090ea8-2d23-42f0-ae08-8772ed927db2';
const HEAD = 'apiVersion: backstage.io/v1alpha1\nkind: Component\n';

const component = (name: string, owner: string, ...annotations: readonly string[]) =>
  `${HEAD}metadata:\n  name: ${name}\n${annotations.length === 0 ? '' : `  annotations:\n${annotations.map((one) => `    ${one}\n`).join('')}`}` +
  `spec:\n  type: service\n  lifecycle: production\n  owner: ${owner}\n`;

const load = (text: string) => loadBackstage({ file: 'catalog/shop.yaml', text });
const serviceOf = (text: string) => {
  const [entity] = load(text);
  return entity !== undefined && 'service' in entity ? entity.service : undefined;
};
const problemOf = (text: string) => {
  const [entity] = load(text);
  return entity !== undefined && 'problems' in entity ? entity.problems.join('\n') : undefined;
};

test('every component of a file of several documents is a service, whatever stands between', () => {
  const others = ['Group', 'User', 'API', 'Resource', 'System', 'Domain', 'Location', 'Template'].map(
    (kind) => `apiVersion: backstage.io/v1alpha1\nkind: ${kind}\nmetadata: { name: x }\nspec: { anything: [1] }\n`,
  );
  const plugin = 'apiVersion: scaffolder.backstage.io/v1beta3\nkind: Template\nmetadata: { name: t }\n';
  const text = [component('payments', 'team-a'), ...others, plugin, '', component('orders', 'team-b')].join('---\n');

  expect(load(text)).toStrictEqual([
    {
      source: 'catalog/shop.yaml:4',
      service: {
        name: 'payments',
        owner: 'group:team-a',
        team: 'team-a',
        repositories: [],
        pipelines: [],
        paths: [],
        environments: new Map(),
      },
    },
    expect.objectContaining({ service: expect.objectContaining({ name: 'orders', owner: 'group:team-b' }) }),
  ]);
});

test.each([
  ['team-a', 'group:team-a', 'team-a'],
  ['group:team-a', 'group:team-a', 'team-a'],
  ['group:default/team-a', 'group:team-a', 'team-a'],
  ['default/team-a', 'group:team-a', 'team-a'],
  [`user:${OID.toUpperCase()}`, `user:${OID}`, undefined],
  [`user:default/${OID}`, `user:${OID}`, undefined],
])('the owner %s is %s', (written, owner, team) => {
  expect(serviceOf(component('payments', written))).toMatchObject({ owner, ...(team === undefined ? {} : { team }) });
});

test.each(['user:guest', 'user:default/jane', 'group:other/team-a', 'a:b/c', '[x]', '""'])(
  'the owner %s is refused with the way out',
  (written) => {
    expect(problemOf(component('payments', written))).toMatch(
      /^catalog\/shop\.yaml:8 spec\.owner: is .*allowed: group:default\/team.*countersign\/owner/,
    );
  },
);

test('an annotation names the owner where Backstage has a name only', () => {
  const text = component('payments', 'user:guest', `countersign/owner: "user:${OID}"`);

  expect(serviceOf(text)).toMatchObject({ owner: `user:${OID}` });
});

test('a component without an owner is refused', () => {
  expect(problemOf(`${HEAD}metadata: { name: payments }\n`)).toMatch(/spec\.owner: is missing/);
});

test('annotations say what Backstage has no field for, and lifecycle is no criticality', () => {
  const text = component(
    'payments',
    'team-a',
    'countersign/lead: "group:leads"',
    'countersign/criticality: high',
    'countersign/team: shop',
    'countersign/channel: Payments/approvals',
    'countersign/default-branch: trunk',
    `countersign/environments: '{"prod":{"subscription":"s","resourceGroups":["g"],"tags":{"data":"card"}}}'`,
    'dev.azure.com/project-repo: Shop/payments-api',
    'dev.azure.com/build-definition: payments-build, payments-deploy',
    'github.com/project-slug: contoso/payments',
    'some.plugin/other: "1"',
  );

  expect(serviceOf(text)).toStrictEqual({
    name: 'payments',
    owner: 'group:team-a',
    lead: 'group:leads',
    criticality: 'high',
    team: 'shop',
    repositories: ['payments-api', 'contoso/payments'],
    pipelines: ['payments-build', 'payments-deploy'],
    paths: [],
    environments: new Map([['prod', { subscription: 's', resourceGroups: ['g'], tags: new Map([['data', 'card']]) }]]),
    channel: 'Payments/approvals',
    defaultBranch: 'refs/heads/trunk',
  });
  expect(serviceOf(component('payments', 'team-a'))).not.toHaveProperty('criticality');
});

test('criticality may be a label, and environments YAML of several lines', () => {
  const text = `${HEAD}metadata:
  name: payments
  labels: { countersign/criticality: low }
  annotations:
    countersign/environments: |
      prod: { subscription: s }
      staging: { resourceGroups: [g] }
spec: { owner: team-a }
`;

  expect(serviceOf(text)).toMatchObject({ criticality: 'low' });
  expect([...(serviceOf(text)?.environments.keys() ?? [])]).toEqual(['prod', 'staging']);
});

test.each([
  ['url:https://dev.azure.com/contoso/Shop/_git/payments%20api?path=/a', 'payments api'],
  ['url:https://contoso.visualstudio.com/Shop/_git/payments-api', 'payments-api'],
  ['url:https://github.com/contoso/payments/tree/main/', 'contoso/payments'],
  ['https://github.com/contoso/payments.git', 'contoso/payments'],
  ['url:https://github.com.evil.example/contoso/payments', undefined],
  ['url:https://evil.example/contoso/Shop/_git/payments-api', undefined],
  ['url:https://dev.azure.com/contoso/Shop/_git/', undefined],
  ['file:/tmp/catalog-info.yaml', undefined],
])('the source location %s is the repository %s', (location, repository) => {
  const text = component('payments', 'team-a', `backstage.io/source-location: ${location}`);

  expect(serviceOf(text)?.repositories).toEqual(repository === undefined ? [] : [repository]);
});

test.each([
  ['countersign/lead: jane', /metadata\.annotations\.countersign\/lead: is "jane"; allowed: group:name/],
  ['countersign/environments: "prod: { subs: x }"', /countersign\/environments: holds .*prod\.subs: is not a key/],
  ['countersign/environments: "["', /countersign\/environments: holds what cannot be read: environments:1 yaml/],
  ['countersign/environments: { prod: {} }', /countersign\/environments: is a mapping; allowed: text/],
])('the annotation %s is refused', (annotation, expected) => {
  expect(problemOf(component('payments', 'team-a', annotation))).toMatch(expected);
});

test('a name that is none of ours is refused', () => {
  expect(problemOf(component('"pay ments"', 'team-a'))).toMatch(/metadata\.name: is "pay ments"; allowed: a name of/);
});

test('a file is Backstage’s by its apiVersion alone', () => {
  expect(isBackstage(component('a', 'b'))).toBe(true);
  expect(isBackstage('{"apiVersion": "backstage.io/v1alpha1", "kind": "Component"}')).toBe(true);
  expect(isBackstage('kind: Catalog\nservices: {}\n')).toBe(false);
  expect(isBackstage('kind: Catalog\n# apiVersion: backstage.io/v1alpha1\n')).toBe(false);
});

const TODAY = '2026-11-23';
const SHOP = 'catalog/shop.yaml';

function compose(files: Readonly<Record<string, string>>, good = NO_POLICY) {
  const written = Object.entries(files).map(([file, text]) => ({ file, text }));
  return composePolicy(written, good, TODAY);
}

const catalogIn = ({ snapshot: { catalog } }: ReturnType<typeof compose>) => ({
  open: [...catalog.services.keys()],
  closed: [...catalog.broken.keys()],
});

test('a broken document closes its own service only', () => {
  const text = [component('payments', 'team-a'), component('orders', 'user:guest'), component('web', 'team-b')];
  const composed = compose({ [SHOP]: text.join('---\n') });

  expect(catalogIn(composed)).toEqual({ open: ['payments', 'web'], closed: ['orders'] });
  expect(composed.snapshot.problems).toContainEqual(expect.stringContaining('catalog/shop.yaml:17 spec.owner'));
});

test('one whose name cannot be told closes what the file held before and holds no more', () => {
  const both = compose({ [SHOP]: `${component('payments', 'team-a')}---\n${component('orders', 'team-b')}` });
  const broken = compose({ [SHOP]: `${component('payments', 'team-a')}---\n${HEAD}metadata: [` }, both.good);

  expect(catalogIn(broken)).toEqual({ open: ['payments'], closed: ['orders'] });
  expect(
    catalogIn(compose({ [SHOP]: `${component('payments', 'team-a')}---\n${HEAD}metadata: [` }, broken.good)),
  ).toEqual({
    open: ['payments'],
    closed: ['orders'],
  });
});

test('a key that stands twice closes the service that the rest of the document names', () => {
  const composed = compose({ [SHOP]: `${component('payments', 'team-a')}spec: { owner: team-b }\n` });

  expect(catalogIn(composed)).toEqual({ open: [], closed: ['payments'] });
});

test('a service in a file of ours and in one of Backstage is nobody’s', () => {
  const composed = compose({
    [SHOP]: component('payments', 'team-a'),
    'catalog.yaml': 'kind: Catalog\nservices: { payments: { owner: "group:b" } }\n',
  });

  expect(catalogIn(composed)).toEqual({ open: [], closed: ['payments'] });
});

test('a file of our own kind holds one document still', () => {
  const text = 'kind: Catalog\nservices: { a: { owner: "group:a" } }\n---\nkind: Catalog\nservices: {}\n';

  expect(compose({ 'catalog/a.yaml': text }).snapshot.problems).toContainEqual(
    expect.stringMatching(/^catalog\/a\.yaml:\d yaml: a second document begins here/),
  );
});

test('a document without apiVersion among those of Backstage is named', () => {
  const composed = compose({ [SHOP]: `${component('payments', 'team-a')}---\nkind: Catalog\nservices: {}\n` });

  expect(composed.snapshot.problems).toContainEqual(expect.stringMatching(/shop\.yaml:\d+ apiVersion: is missing/));
});

test('CODEOWNERS of a service give its paths owners, behind those that the catalog names itself', () => {
  const composed = compose({
    'catalog/payments.yaml':
      'kind: Catalog\nservices: { payments: { owner: "group:a", paths: { "infra/**": "group:p" } } }\n',
    'catalog/payments.codeowners': '* @shop/all\n/docs/\n/x/ @octocat\n',
    'catalog/orders.codeowners': '* @shop/all\n',
  });

  expect(composed.snapshot.catalog.services.get('payments')?.paths).toEqual([
    { glob: 'infra/**', owner: 'group:p' },
    { glob: 'x/**', owner: 'group:a' },
    { glob: 'docs/**', owner: 'group:a' },
    { glob: '**/*', owner: 'group:all' },
  ]);
  expect(composed.snapshot.problems.filter((problem) => problem.includes('codeowners'))).toEqual([
    expect.stringMatching(/^catalog\/payments\.codeowners:3 owners: "@octocat" is no team/),
    expect.stringMatching(/^catalog\/orders\.codeowners:1 file: is of no service/),
  ]);
});

test('CODEOWNERS that name people throughout are said in a few lines', () => {
  const { snapshot } = compose({
    'catalog/payments.yaml': 'kind: Catalog\nservices: { payments: { owner: "group:a" } }\n',
    'catalog/payments.codeowners': '*.ts @octocat\n'.repeat(40),
  });
  const said = snapshot.problems.filter((problem) => problem.includes('codeowners'));

  expect(said).toHaveLength(6);
  expect(said.at(-1)).toBe('catalog/payments.codeowners:1 owners: and 35 more like these');
});

test('CODEOWNERS that cannot be read close nothing', () => {
  const files = [
    { file: 'catalog/payments.yaml', text: 'kind: Catalog\nservices: { payments: { owner: "group:a" } }\n' },
    { file: 'catalog/payments.codeowners', fault: 'cannot be read (EACCES); allowed: a readable file in UTF-8' },
  ];
  const { snapshot } = composePolicy(files, NO_POLICY, TODAY);

  expect(snapshot.catalog.services.get('payments')?.paths).toEqual([]);
  expect(snapshot.problems).toContainEqual(
    expect.stringMatching(/^catalog\/payments\.codeowners:1 file: cannot be read/),
  );
});
