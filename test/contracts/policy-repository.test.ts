import { expect, test } from 'vitest';
import { CATALOG, ROUTES, setRepository, version } from './policy-repository-scene.ts';

const service = (name: string) => `kind: Catalog\nservices: { ${name}: { owner: "group:${name}" } }\n`;

test('the files of a protected branch are the policy, with the commit that they are of', async () => {
  const { policy, commit } = await setRepository();

  const { contract, catalog, routes, problems, ...snapshot } = await policy.current();

  expect([contract?.version, [...catalog.services.keys()], routes.length, problems]).toEqual([7, ['payments'], 1, []]);
  expect(snapshot.commit).toBe(commit);
});

test('a push is in force at the next look', async () => {
  const { git, policy, later } = await setRepository();
  await policy.current();
  const commit = git.push({ 'contract.yaml': version(8) });

  expect(await later(5)).toMatchObject({ contract: { version: 8 }, commit, problems: [] });
});

test('what is pushed to another branch, or one whose name only begins so, is not taken', async () => {
  const { git, policy, later } = await setRepository();
  await policy.current();
  git.push({ 'contract.yaml': version(8) }, { branch: 'main-2' });
  git.push({ 'contract.yaml': version(9) }, { branch: 'draft' });

  expect((await later()).contract?.version).toBe(7);
});

test('files of the folders are read, by their names in the order of their names', async () => {
  const { git, source } = await setRepository();
  git.push({
    'routes/z.yaml': ROUTES,
    'catalog/b.yaml': service('b'),
    'catalog/a.yaml': service('a'),
    'catalog/deeper/c.yaml': service('c'),
    'catalog/.hidden.yaml': service('d'),
    'catalog/README.md': 'no policy',
    'catalog/a.codeowners': '* @shop/a',
    'routes/a.codeowners': '* @shop/a',
    'other/contract.yaml': version(99),
  });

  const { files } = await source.read(await source.stamp());

  expect(files.map(({ file }) => file)).toEqual([
    'contract.yaml',
    'catalog.yaml',
    'routes.yaml',
    'catalog/a.codeowners',
    'catalog/a.yaml',
    'catalog/b.yaml',
    'routes/z.yaml',
  ]);
  expect(files[4]).toEqual({ file: 'catalog/a.yaml', text: service('a') });
});

test('lists of what is exploited are read, larger than other files as CISA publishes them', async () => {
  const { git, policy, later } = await setRepository();
  const catalog = {
    ...{ catalogVersion: '2026.11.20', dateReleased: '2026-11-20T17:01:09Z', count: 1 },
    vulnerabilities: [{ cveID: 'CVE-2026-0001', notes: 'x'.repeat(2_000_000) }],
  };
  git.push({
    'known-exploited.json': JSON.stringify(catalog),
    'known-exploited.yaml': 'kind: KnownExploited\nvulnerabilities: [CVE-2026-0002]\n',
  });
  const { knownExploited, problems } = await policy.current();
  expect([[...(knownExploited?.ids ?? [])], problems]).toEqual([['CVE-2026-0001', 'CVE-2026-0002'], []]);

  git.push({ 'known-exploited.json': Buffer.alloc(8 * 1_048_576 + 1, ' ') });
  const after = await later();
  expect(after.knownExploited?.ids.size).toBe(2);
  expect(after.problems).toEqual(['known-exploited.json:1 file: is too large; allowed: up to 8 MiB']);
});

test('with a folder in the address only what is in it is policy', async () => {
  const { git, policy } = await setRepository({ folder: '/gates/policy' });
  git.push({ 'contract.yaml': version(99), 'gates/policy/catalog/a.yaml': service('a') });

  const { contract, catalog, problems } = await policy.current();

  expect([contract?.version, [...catalog.services.keys()].sort(), problems]).toEqual([7, ['a', 'payments'], []]);
});

test('as long as nothing is pushed one call tells so, and none is made within five seconds', async () => {
  const { policy, later, asked } = await setRepository();
  await policy.current();
  asked(/./);

  const first = await later(4);
  expect(asked(/./)).toBe(0);
  await later(4);
  await later(31);

  expect(asked(/\/refs\?filter=heads/)).toBe(2);
  expect(asked(/./)).toBe(0);
  expect(await policy.current()).toBe(first);
});

test('a push that changes one file reads one file', async () => {
  const { git, policy, later, asked } = await setRepository();
  await policy.current();
  asked(/./);
  git.push({ 'catalog.yaml': service('orders') });

  expect([...(await later()).catalog.services.keys()]).toEqual(['orders']);
  expect(asked(/items\?path=/)).toBe(1);
});

test('the commit of the contract is that of its last good version', async () => {
  const { git, policy, later, commit } = await setRepository();
  await policy.current();
  git.push({ 'contract.yaml': version(8).replace('kind:', 'sort:'), 'catalog.yaml': service('orders') });

  const broken = await later();
  const mended = git.push({ 'contract.yaml': version(9) });

  expect(broken).toMatchObject({ contract: { version: 7 }, commit });
  expect([...broken.catalog.services.keys()]).toEqual(['orders']);
  expect(await later()).toMatchObject({ contract: { version: 9 }, commit: mended });
});

test('a commit that leaves the contract as it was is the one that it was read from', async () => {
  const { git, policy, later } = await setRepository();
  const { contract } = await policy.current();
  const commit = git.push({ 'README.md': 'still no policy' });

  expect(await later()).toMatchObject({ contract: { checksum: contract?.checksum }, commit });
});

test('a push between the reading of two files changes nothing: all are of one commit', async () => {
  const { git, source, simulator } = await setRepository();
  simulator.faults.add({ on: /items\?path=/, delayMs: 30 });
  const before = await source.stamp();
  const reading = source.read(before);
  git.push({ 'contract.yaml': version(8), 'catalog.yaml': service('orders'), 'routes.yaml': null });

  const { files, commit } = await reading;

  expect(commit).toBe(before);
  expect(files).toContainEqual({ file: 'catalog.yaml', text: CATALOG });
  expect(files).toContainEqual({ file: 'contract.yaml', text: version(7) });
  expect(files).toContainEqual({ file: 'routes.yaml', text: ROUTES });
});

test('a force push is taken like any other push', async () => {
  const { git, policy, later, commit } = await setRepository();
  git.push({ 'contract.yaml': version(8) });
  expect((await policy.current()).contract?.version).toBe(8);

  const forced = git.push({ 'contract.yaml': version(5) }, { onto: commit });

  expect(await later()).toMatchObject({ contract: { version: 5 }, commit: forced });
});
