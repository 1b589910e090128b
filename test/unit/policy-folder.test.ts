import { mkdir, mkdtemp, rename, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createFolderPolicy } from '../../services/policy/folder-policy.ts';
import type { Policy } from '../../services/ports/policy.ts';
import { CONTRACT } from './written-contract.ts';

const CATALOG = 'kind: Catalog\nservices: { payments: { owner: "group:payments" } }\n';
const orders = (owner: string) => `kind: Catalog\nservices: { orders: { owner: "${owner}" } }\n`;
const routesFor = (...matches: readonly string[]) =>
  `kind: ApprovalRoutes\nroutes:\n${matches.map((match) => `  - { match: { ${match} }, levels: [{ from: ["group:leads"] }] }`).join('\n')}\n`;
const ROUTES = routesFor('environment: prod, service: payments', 'environment: prod');
const BROKEN = 'kind: [';

let dir: string;
let now: number;
let policy: Policy;

const write = (file: string, text: string) => writeFile(join(dir, file), text);

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'policy-'));
  now = Date.parse('2026-11-23T08:00:00.000Z');
  policy = createFolderPolicy({ dir, clock: { now: () => new Date(now).toISOString() } });
  await Promise.all([write('contract.yaml', CONTRACT), write('catalog.yaml', CATALOG), write('routes.yaml', ROUTES)]);
});

afterEach(() => rm(dir, { recursive: true, force: true }));

/** The policy six seconds later: when the files are looked at again. */
async function later() {
  now += 6_000;
  return policy.current();
}

test('a folder of three files is a policy; other files in it are ignored', async () => {
  await write('README.md', 'not policy');
  await write('contract.yml', BROKEN);

  const { contract, catalog, routes, brokenRoutes, problems } = await policy.current();

  expect(contract?.version).toBe(7);
  expect([...catalog.services.keys()]).toEqual(['payments']);
  expect(routes.map(({ source }) => source)).toEqual(['routes.yaml:3', 'routes.yaml:4']);
  expect([catalog.broken.size, brokenRoutes.size, problems]).toEqual([0, 0, []]);
});

test('a change is in force at the next look', async () => {
  await policy.current();
  await write('contract.yaml', CONTRACT.replace('version: 7', 'version: 80'));

  expect((await later()).contract?.version).toBe(80);
});

test('files are not looked at again within five seconds', async () => {
  const before = await policy.current();
  await write('contract.yaml', CONTRACT.replace('version: 7', 'version: 8'));
  now += 4_000;

  expect(await policy.current()).toBe(before);
});

test('a change that leaves size and time of the file as they were is in force within a minute', async () => {
  const file = join(dir, 'contract.yaml');
  const then = new Date('2026-01-01');
  await utimes(file, then, then);
  await policy.current();
  await write('contract.yaml', CONTRACT.replace('version: 7', 'version: 8'));
  await utimes(file, then, then);
  now += 59_000;

  expect((await policy.current()).contract?.version).toBe(8);
});

test('a file that was only touched is not a change', async () => {
  const before = await policy.current();
  await utimes(join(dir, 'contract.yaml'), new Date(), new Date());

  expect(await later()).toBe(before);
});

test('questions that come together are answered by one reading', async () => {
  const [first, second] = await Promise.all([policy.current(), policy.current()]);

  expect(first).toBe(second);
  expect(first?.contract).toBeDefined();
});

test('a broken contract never replaces the last good one', async () => {
  await policy.current();
  await write('contract.yaml', CONTRACT.replace('version: 7', 'version: none'));

  const { contract, problems } = await later();

  expect(contract?.version).toBe(7);
  expect(problems).toEqual(['contract.yaml:2 version: is "none"; allowed: a number']);
});

test('a contract that is deleted stays in force and is missed', async () => {
  await policy.current();
  await rm(join(dir, 'contract.yaml'));

  const { contract, problems } = await later();

  expect(contract?.version).toBe(7);
  expect(problems).toEqual([expect.stringMatching(/^contract\.yaml:1 file: is missing; /)]);
});

test('without any good contract there is none', async () => {
  await write('contract.yaml', BROKEN);

  const { contract, problems } = await policy.current();

  expect(contract).toBeUndefined();
  expect(problems).toEqual([expect.stringMatching(/^contract\.yaml:1 yaml: /)]);
});

test('a repaired contract is in force and nothing is wrong any more', async () => {
  await write('contract.yaml', BROKEN);
  await policy.current();
  await write('contract.yaml', CONTRACT);

  expect(await later()).toMatchObject({ contract: { version: 7 }, problems: [] });
});

test('a broken catalog.yaml or routes.yaml keeps its last good version', async () => {
  await policy.current();
  await Promise.all([write('catalog.yaml', BROKEN), write('routes.yaml', BROKEN)]);

  const { catalog, routes, problems } = await later();

  expect([...catalog.services.keys()]).toEqual(['payments']);
  expect(catalog.broken.size).toBe(0);
  expect(routes).toHaveLength(2);
  expect(problems).toHaveLength(2);
});

test('a folder that disappears leaves the policy in force and is told', async () => {
  await policy.current();
  await rename(dir, `${dir}-moved`);

  const { contract, routes, problems } = await later();
  await rename(`${dir}-moved`, dir);
  now += 4_000;

  expect([contract?.version, routes.length]).toEqual([7, 2]);
  expect(problems).toEqual([expect.stringMatching(/folder: cannot be read \(ENOENT\); .*POLICY_DIR/)]);
  expect((await later()).problems).toEqual([]);
});

test('bytes that are no UTF-8 make a file broken', async () => {
  await writeFile(join(dir, 'contract.yaml'), Buffer.from([0x6b, 0xff, 0xfe]));

  expect((await policy.current()).problems).toEqual([expect.stringMatching(/^contract\.yaml:1 file: cannot be read/)]);
});

test('the 90 days of an observed environment are counted from today, every day anew', async () => {
  await write(
    'contract.yaml',
    CONTRACT.replace('approval: required', 'approval: required, enforce: observe, until: 2027-02-22'),
  );
  expect((await policy.current()).contract).toBeUndefined();

  now += 86_400_000;

  expect((await policy.current()).contract?.environments.get('prod')?.observeUntil).toBe('2027-02-22');
});

test('a file of the catalog folder stands beside catalog.yaml', async () => {
  await mkdir(join(dir, 'catalog'));
  await write('catalog/orders.yaml', orders('group:orders'));

  expect([...(await policy.current()).catalog.services.keys()]).toEqual(['payments', 'orders']);
});

test('a broken file of the catalog folder closes the service it is named after, and no other', async () => {
  await mkdir(join(dir, 'catalog'));
  await write('catalog/orders.yaml', BROKEN);

  const { catalog } = await policy.current();

  expect([...catalog.services.keys()]).toEqual(['payments']);
  expect([...catalog.broken]).toEqual([['orders', expect.stringMatching(/^catalog\/orders\.yaml:1 yaml: /)]]);
});

test('a broken file of the catalog folder closes the services it names and last named', async () => {
  await mkdir(join(dir, 'catalog'));
  await write('catalog/shop.yaml', orders('group:orders'));
  await policy.current();
  await write('catalog/shop.yaml', orders('nobody').replace('orders:', 'refunds:'));

  const { catalog } = await later();

  expect([...catalog.services.keys()]).toEqual(['payments']);
  expect([...catalog.broken.keys()].sort()).toEqual(['orders', 'refunds', 'shop']);
});

test('a service in two files is closed: whose it is cannot be told', async () => {
  await mkdir(join(dir, 'catalog'));
  await write('catalog/a.yaml', orders('group:a'));
  await write('catalog/b.yaml', orders('group:b'));

  const { catalog, problems } = await policy.current();

  expect([...catalog.services.keys()]).toEqual(['payments']);
  expect([...catalog.broken.keys()]).toEqual(['orders']);
  expect(problems).toEqual([
    expect.stringMatching(/^catalog\/b\.yaml:2 services\.orders: stands at catalog\/a\.yaml:2 too/),
  ]);
});

test('a broken file of the routes folder closes its service, and wider routes still serve the others', async () => {
  await mkdir(join(dir, 'catalog'));
  await mkdir(join(dir, 'routes'));
  await write('catalog/orders.yaml', orders('group:orders'));
  await write('routes/orders.yaml', BROKEN);

  const { routes, brokenRoutes } = await policy.current();

  expect([...brokenRoutes.keys()]).toEqual(['orders']);
  expect(routes.map(({ match }) => match)).toEqual([
    { environment: 'prod', service: 'payments' },
    { environment: 'prod' },
  ]);
});

test('a broken file of routes closes the services it names, in the spelling of the catalog', async () => {
  await mkdir(join(dir, 'routes'));
  await write('routes.yaml', routesFor('environment: prod'));
  await write('routes/x.yaml', `${routesFor('environment: prod, service: Payments')}foo: 1\n`);

  expect([...(await policy.current()).brokenRoutes.keys()]).toEqual(['x', 'payments']);
});

test('while a file of routes for several services was never readable, only routes of one service count', async () => {
  await mkdir(join(dir, 'routes'));
  await write('routes/shared.yaml', BROKEN);

  const { routes } = await policy.current();

  expect(routes.map(({ match }) => match)).toEqual([{ environment: 'prod', service: 'payments' }]);
});

test('while routes.yaml was never readable, no wider route of the folder stands in for it', async () => {
  await mkdir(join(dir, 'routes'));
  await write('routes.yaml', BROKEN);
  await write('routes/a.yaml', routesFor('organization: contoso', 'environment: prod, service: orders'));

  expect((await policy.current()).routes.map(({ match }) => match)).toEqual([
    { environment: 'prod', service: 'orders' },
  ]);
});

test('a file of routes for several services keeps its last good version', async () => {
  await mkdir(join(dir, 'routes'));
  await write('routes/shared.yaml', routesFor('organization: contoso'));
  await policy.current();
  await write('routes/shared.yaml', `${routesFor('organization: fabrikam')}foo: 1\n`);

  expect((await later()).routes.map(({ match }) => match)).toContainEqual({ organization: 'contoso' });
});

test('equally narrow routes in two files close their service', async () => {
  await mkdir(join(dir, 'routes'));
  await write('routes/payments.yaml', routesFor('environment: prod, service: payments'));

  const { routes, brokenRoutes, problems } = await policy.current();

  expect(routes.map(({ match }) => match)).toEqual([{ environment: 'prod' }]);
  expect([...brokenRoutes.keys()]).toEqual(['payments']);
  expect(problems[0]).toMatch(/^routes\/payments\.yaml:3 match: is as narrow as the one at routes\.yaml:3; /);
});

test('when an environment becomes production, routes in force exclude the authors at once', async () => {
  await write('routes.yaml', routesFor('environment: staging').replace('levels', 'never: [requester], levels'));
  expect((await policy.current()).routes[0]?.never).toEqual(['requester']);

  await write('contract.yaml', CONTRACT.replace('non-production', 'production'));
  const { routes, problems } = await later();

  expect(routes[0]?.never).toEqual(['requester', 'commit-authors']);
  expect(problems).toEqual([expect.stringMatching(/^routes\.yaml:3 routes\[0\]\.never: lacks commit-authors/)]);
});

test('an environment that the contract does not know is held to what production asks', async () => {
  await write('routes.yaml', routesFor('environment: prd').replace('levels', 'never: [requester], levels'));

  expect((await policy.current()).problems).toEqual([expect.stringMatching(/never: lacks commit-authors/)]);
});

test('a policy folder without routes or catalog says so', async () => {
  await Promise.all([rm(join(dir, 'routes.yaml')), rm(join(dir, 'catalog.yaml'))]);

  const { routes, catalog, problems } = await policy.current();

  expect([routes.length, catalog.services.size]).toEqual([0, 0]);
  expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['catalog.yaml:1', 'routes.yaml:1']);
});
