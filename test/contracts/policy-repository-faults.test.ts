import { expect, test } from 'vitest';
import type { Fault } from '../fakes/azure-devops-faults.ts';
import { signInPage, throttled } from '../fakes/azure-devops-faults.ts';
import type { SimulatedGit, SimulatedPolicy } from '../fakes/azure-devops-git.ts';
import { CATALOG, setRepository, version } from './policy-repository-scene.ts';

const FAULTS: readonly (readonly [string, Fault, RegExp])[] = [
  ['a sign-in page', signInPage(/git/), /cannot be read \(.* with a sign-in page\); allowed: an account/],
  ['a sign-in page as success', signInPage(/git/, 200), /cannot be read \(.* with a sign-in page\); allowed: /],
  ['401', { on: /git/, status: 401 }, /was answered 401\); allowed: an account that is a user of the organization/],
  ['403', { on: /git/, status: 403 }, /was answered 403\); allowed: .*Read on code/],
  ['404', { on: /git/, status: 404 }, /was answered 404\); allowed: .*POLICY_REPO, POLICY_REF/],
  ['503', { on: /git/, status: 503 }, /cannot be read now \(.* 503\); it is tried again/],
  ['a closed connection', { on: /git/, cut: 'before' }, /cannot be read now \(/],
  ['half an answer', { on: /git/, cut: 'body' }, /cannot be read/],
  ['other JSON', { on: /git/, status: 200, body: { value: [{ name: 1 }] } }, /something else than documented/],
];
const WHERE = /^http:\/\/127\.0\.0\.1:\d+\/contoso\/Shop\/_git\/policy:1 refs\/heads\/main: /;

test.each(FAULTS)('after %s the last good version stays, and the problem says so', async (_name, fault, problem) => {
  const { git, policy, later, simulator, commit } = await setRepository();
  await policy.current();
  git.push({ 'contract.yaml': version(8) });
  simulator.faults.add(fault);

  const { contract, problems, ...snapshot } = await later();

  expect([contract?.version, snapshot.commit, problems.length]).toEqual([7, commit, 1]);
  expect(problems[0]).toMatch(WHERE);
  expect(problems[0]).toMatch(problem);
  simulator.faults.clear();
  expect(await later()).toMatchObject({ contract: { version: 8 }, problems: [] });
});

test.each(FAULTS)('%s from the beginning is no contract at all, and one problem', async (_name, fault, problem) => {
  const { policy, simulator } = await setRepository();
  simulator.faults.add(fault);

  const { contract, problems } = await policy.current();

  expect([contract, problems.length]).toEqual([undefined, 1]);
  expect(problems[0]).toMatch(problem);
});

test.each([
  ['the repository', /repositories\/policy\?/],
  ['the policies', /policy\/configurations/],
  ['the list of files', /items\?scopePath/],
  ['a file', /items\?path=%2Froutes/],
])('when %s cannot be read nothing of the commit is taken', async (_what, on) => {
  const { git, policy, later, simulator } = await setRepository();
  await policy.current();
  git.push({ 'contract.yaml': version(8), 'catalog.yaml': `${CATALOG}# new\n`, 'routes.yaml': 'kind: [' });
  simulator.faults.add({ on, status: 403 });

  const { contract, problems } = await later();

  expect([contract?.version, problems]).toEqual([7, [expect.stringMatching(/was answered 403/)]]);
});

test('a source that failed is left alone for ten seconds, so that nobody waits for it each time', async () => {
  const { policy, later, simulator, asked } = await setRepository();
  simulator.faults.add({ on: /git/, status: 503 });
  await policy.current();
  asked(/./);

  expect((await later(9)).problems).toHaveLength(1);
  expect(asked(/./)).toBe(0);
  await later(1);
  expect(asked(/./)).toBe(1);
});

test('a Retry-After is waited for, but less than a minute', async () => {
  const { policy, later, simulator, asked } = await setRepository();
  simulator.faults.add({ ...throttled(/git/, 20), times: 1 });
  await policy.current();
  asked(/./);

  expect((await later(19)).contract).toBeUndefined();
  expect(asked(/./)).toBe(0);
});

test('an answer that does not come is a fault like any other', async () => {
  const { policy, simulator } = await setRepository({ callMs: 50 });
  simulator.faults.add({ on: /git/, delayMs: 500 });

  expect((await policy.current()).problems).toEqual([expect.stringMatching(/not answered in time/)]);
});

test('without an account nothing is read', async () => {
  const { policy } = await setRepository({ withoutIdentity: true });

  expect((await policy.current()).problems).toEqual([expect.stringMatching(/no account of its own .*; allowed: /)]);
});

test('a branch that was deleted leaves the last good version', async () => {
  const { git, policy, later } = await setRepository();
  await policy.current();
  git.refs.delete('refs/heads/main');

  const { contract, problems } = await later();

  expect(contract?.version).toBe(7);
  expect(problems).toEqual([expect.stringMatching(/there is no such branch; allowed: .*POLICY_REF/)]);
});

test('a folder that is not there is told', async () => {
  const { git, policy, later } = await setRepository({ folder: '/gates' });
  await policy.current();
  git.push({ 'gates/contract.yaml': null, 'gates/catalog.yaml': null, 'gates/routes.yaml': null });

  expect(await later()).toMatchObject({ contract: { version: 7 }, problems: [expect.stringMatching(/TF401174/)] });
});

const UNPROTECTED: readonly (readonly [string, (policy: SimulatedPolicy, git: SimulatedGit) => object])[] = [
  ['off', () => ({ isEnabled: false })],
  ['optional', () => ({ isBlocking: false })],
  ['deleted', () => ({ isDeleted: true })],
  ['of another type', () => ({ type: 'fa4e907d-c16b-4a4c-9dfa-4916e5d171ab' })],
  ['for nobody', () => ({ minimumApproverCount: 0 })],
  ["satisfied by the author's own vote", () => ({ creatorVoteCounts: true })],
  ["silent about the author's own vote", () => ({ creatorVoteCounts: undefined })],
  ['for another repository', () => ({ scope: [scopeOf({ repositoryId: '6a090ea8-2d23-42f0-ae08-8772ed927db2' })] })],
  ['for another branch', () => ({ scope: [scopeOf({ refName: 'refs/heads/main2' })] })],
  ['for a branch in other letters', () => ({ scope: [scopeOf({ refName: 'refs/heads/Main' })] })],
  ['for branches that begin alike', () => ({ scope: [scopeOf({ refName: 'refs/heads/ma', matchKind: 'Prefix' })] })],
  ['for a default branch that is another', () => ({ scope: [scopeOf({ refName: null, matchKind: 'DefaultBranch' })] })],
  ['for nothing', () => ({ scope: [] })],
  ['for a kind of scope that is not known', () => ({ scope: [scopeOf({ matchKind: 'Regex' })] })],
];
const scopeOf = (scope: object) => ({ repositoryId: null, refName: 'refs/heads/main', matchKind: 'Exact', ...scope });

test.each(UNPROTECTED)(
  'with a policy that is %s the branch is not protected, and nothing is taken',
  async (_, change) => {
    const { git, policy, protection } = await setRepository();
    git.defaultBranch = 'refs/heads/other';
    Object.assign(protection, change(protection, git));

    const { contract, problems } = await policy.current();

    expect(contract).toBeUndefined();
    expect(problems).toEqual([expect.stringMatching(/the branch is not protected; allowed: a branch policy "Require/)]);
  },
);

test.each([
  ['of all repositories', scopeOf({})],
  ['of all branches in a folder', scopeOf({ refName: 'refs/heads', matchKind: 'prefix' })],
  ['of all branches in a folder with a slash', scopeOf({ refName: 'refs/heads/', matchKind: 'Prefix' })],
  ['of default branches', scopeOf({ refName: null, matchKind: 'DefaultBranch' })],
])('a policy %s protects the branch', async (_name, scope) => {
  const { policy, protection } = await setRepository();
  Object.assign(protection, { scope: [scope] });

  expect(await policy.current()).toMatchObject({ contract: { version: 7 }, problems: [] });
});

test('the vote of the author may count where another one is needed besides', async () => {
  const { policy, protection } = await setRepository();
  Object.assign(protection, { creatorVoteCounts: true, minimumApproverCount: 2 });

  expect((await policy.current()).problems).toEqual([]);
});

test('policies are read to their last page', async () => {
  const { policy, simulator } = await setRepository();
  const headers = { 'x-ms-continuationtoken': '9' };
  simulator.faults.add({ on: /policy\/configurations/, times: 1, status: 200, headers, body: { value: [{}] } });

  expect((await policy.current()).problems).toEqual([]);
  expect(simulator.requests.some(({ path }) => path.includes('continuationToken=9'))).toBe(true);
});

test('once the protection is taken away no later commit is taken', async () => {
  const { git, policy, later, protection, commit } = await setRepository();
  await policy.current();
  protection.isEnabled = false;
  git.push({ 'contract.yaml': version(8) });

  const { contract, problems, ...snapshot } = await later();

  expect([contract?.version, snapshot.commit]).toEqual([7, commit]);
  expect(problems).toEqual([expect.stringMatching(/not protected/)]);
  protection.isEnabled = true;
  expect((await later()).contract?.version).toBe(8);
});

test('without a push a protection that is taken away is told within eleven minutes', async () => {
  const { policy, later, protection, asked } = await setRepository();
  await policy.current();
  protection.isDeleted = true;
  asked(/./);

  expect((await later(500)).problems).toEqual([]);
  expect(asked(/configurations/)).toBe(0);
  expect(await later(130)).toMatchObject({
    contract: { version: 7 },
    problems: [expect.stringMatching(/not protected/)],
  });
});

test('while the protection lasts it is looked up every ten minutes, and nothing else is read', async () => {
  const { policy, later, asked } = await setRepository();
  const first = await policy.current();
  asked(/./);

  expect(await later(620)).toBe(first);
  expect(asked(/items/)).toBe(0);
  expect(await later(620)).toBe(first);
  expect(asked(/configurations/)).toBe(1);
});

test('a huge file is a problem of that file, and is not read to its end', async () => {
  const { git, policy, later } = await setRepository();
  await policy.current();
  git.push({ 'contract.yaml': Buffer.alloc(40_000_000, '#'), 'catalog/orders.yaml': Buffer.alloc(1_048_577, '#') });

  const { contract, catalog, problems } = await later();

  expect(contract?.version).toBe(7);
  expect([...catalog.broken.keys()]).toEqual(['orders']);
  expect(problems).toContain('contract.yaml:1 file: is too large; allowed: up to 1 MiB');
});

test('a file of exactly one MiB is read', async () => {
  const { git, policy } = await setRepository();
  git.push({ 'catalog.yaml': CATALOG.padEnd(1_048_576, '#') });

  expect((await policy.current()).problems).toEqual([]);
});

test('bytes that are no UTF-8 make a file broken', async () => {
  const { git, policy } = await setRepository();
  git.push({ 'contract.yaml': Buffer.from([0x6b, 0xff, 0xfe]) });

  expect((await policy.current()).problems).toEqual(['contract.yaml:1 file: cannot be read; allowed: a file in UTF-8']);
});

test('a file that did not come as Git has it is not taken', async () => {
  const { policy, simulator } = await setRepository();
  const body = CATALOG.replace('payments', 'gambling');
  simulator.faults.add({ on: /path=%2Fcatalog/, status: 200, body, contentType: 'application/octet-stream' });

  const { contract, problems } = await policy.current();

  expect(contract).toBeUndefined();
  expect(problems).toEqual([expect.stringMatching(/catalog\.yaml did not come as it is in commit [0-9a-f]{40}/)]);
});

test('a link or submodule in the place of a file is a broken file, also beside a file that holds the same', async () => {
  const { git, source } = await setRepository();
  git.push({
    'contract.yaml': 'x',
    'catalog.yaml': { symlink: 'x' },
    'routes/a.yaml': 'submodule',
    'routes/b.yaml/c': 'x',
  });

  for (const commit of [await source.stamp(), git.push({ 'README.md': 'anew' })]) {
    expect((await source.read(commit)).files).toEqual([
      { file: 'contract.yaml', text: 'x' },
      { file: 'catalog.yaml', fault: expect.stringMatching(/no plain file/) },
      { file: 'routes.yaml', text: expect.any(String) },
      { file: 'routes/a.yaml', fault: expect.stringMatching(/no plain file/) },
      { file: 'routes/b.yaml', fault: expect.stringMatching(/no plain file/) },
    ]);
  }
});

test.each([{ symlink: 'elsewhere' }, 'submodule'] as const)(
  'where routes is no folder but %o nothing is taken: a wider route must not stand in for those in it',
  async (routes) => {
    const { git, policy, later } = await setRepository();
    await policy.current();
    git.push({ routes, 'contract.yaml': version(8) });

    const { contract, problems } = await later();

    expect([contract?.version, problems]).toEqual([7, [expect.stringMatching(/routes is a link or a submodule/)]]);
  },
);

test('a repository with more files than can be read is not taken', async () => {
  const { git, policy } = await setRepository();
  git.push(Object.fromEntries(Array.from({ length: 2_000 }, (_, index) => [`catalog/s${index}.yaml`, CATALOG])));

  expect((await policy.current()).problems).toEqual([expect.stringMatching(/has 2003 policy files; allowed: at most/)]);
});
