import { expect, test } from 'vitest';
import type { Protection } from '../../services/domain/run.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import type { SimulatedPolicy } from '../fakes/azure-devops-git.ts';
import type { RunInput } from '../fakes/azure-devops-world.ts';
import { type SceneOptions, setShipped } from './azure-devops-scene.ts';

// Whether the branches that a run ships from are protected.

async function setBranch(input: Partial<RunInput> = {}, options: SceneOptions = {}) {
  const scene = await setShipped(options);
  const git = scene.simulator.addRepository('shop');
  git.push({ 'a.txt': 'a' });
  const check = scene.simulator.startCheck(scene.queue(input), { environment: 'prod', stage: 's' });
  const proof = await scene.azureDevOps.prove(
    {
      ...scene.ids,
      planId: check.plan.id,
      timelineId: check.plan.id,
      jobId: check.jobId,
      taskInstanceId: check.taskInstanceId,
    },
    check.plan.owner.id,
    check.token,
  );
  if (proof.kind !== 'proven') throw new Error(proof.why);
  const { branches = [] } = await scene.azureDevOps.sources(proof.run, check.token);
  const asked = (token: string | undefined = check.token) =>
    Promise.all(branches.map((branch) => scene.azureDevOps.protection(proof.run, branch, token)));
  return { ...scene, git, branches, asked };
}

const kinds = (all: readonly Protection[]) => all.map(({ kind }) => kind);
const why = ([first]: readonly Protection[]) => (first?.kind === 'unknown' ? first.why : first?.kind);

test('a branch with a policy that asks for another reviewer is protected, one without is not', async () => {
  const { asked, branches } = await setBranch();
  expect(branches.map(({ repository, ref }) => [repository, ref])).toEqual([['shop', 'refs/heads/main']]);
  expect(kinds(await asked())).toEqual(['unprotected']);
  const other = await setBranch();
  other.git.protect();
  expect(kinds(await other.asked())).toEqual(['protected']);
});

const scopeOf = (refName: string | null, matchKind: string) => (repositoryId: string) => ({
  scope: [{ repositoryId, refName, matchKind }],
});

test.each<[string, string, (id: string) => Partial<SimulatedPolicy>, string]>([
  [
    'a prefix policy covers what lies below it',
    'refs/heads/release/7',
    scopeOf('refs/heads/release', 'Prefix'),
    'protected',
  ],
  [
    'a prefix policy covers no neighbour',
    'refs/heads/release-7',
    scopeOf('refs/heads/release', 'Prefix'),
    'unprotected',
  ],
  ['an exact policy covers no other branch', 'refs/heads/topic', scopeOf('refs/heads/main', 'Exact'), 'unprotected'],
  ['a policy of every default branch', 'refs/heads/main', scopeOf(null, 'DefaultBranch'), 'protected'],
  ['… of a branch that is none', 'refs/heads/topic', scopeOf(null, 'DefaultBranch'), 'unprotected'],
  ['one that is off', 'refs/heads/main', () => ({ isEnabled: false }), 'unprotected'],
  ['one that is optional', 'refs/heads/main', () => ({ isBlocking: false }), 'unprotected'],
  ['one that the author fulfils', 'refs/heads/main', () => ({ creatorVoteCounts: true }), 'unprotected'],
])('%s', async (_what, branch, policy, kind) => {
  const { git, asked } = await setBranch({ branch });
  git.protect(policy(git.id));
  expect(kinds(await asked())).toEqual([kind]);
});

test('a default branch that was renamed is the one that is protected', async () => {
  const { git, asked } = await setBranch({ branch: 'refs/heads/trunk' });
  git.push({ 'a.txt': 'b' }, { branch: 'trunk' });
  git.protect(scopeOf(null, 'DefaultBranch')(git.id));
  git.defaultBranch = 'refs/heads/trunk';
  expect(kinds(await asked())).toEqual(['protected']);
});

test('the merge of a pull request that nobody has completed is not protected, and a tag is not known', async () => {
  expect(kinds(await (await setBranch({ branch: 'refs/pull/12/merge' })).asked())).toEqual(['unprotected']);
  expect(why(await (await setBranch({ branch: 'refs/tags/v1' })).asked())).toContain('no branch');
});

test('what cannot be read is not known, and what is missing is named', async () => {
  const { simulator, asked } = await setBranch();
  simulator.faults.add({ on: /policy\/configurations/, status: 403, body: { message: 'TF401027' } });
  expect(why(await asked())).toMatch(/cannot be read \(.*403.*\); the bot's account needs Read on the repository/);
});

test('of more policies than are read nothing is known', async () => {
  const { simulator, asked } = await setBranch();
  const headers = { 'x-ms-continuationtoken': '9' };
  simulator.faults.add({ on: /policy\/configurations/, headers, status: 200, body: { value: [] } });
  expect(why(await asked())).toContain('more policies than are read');
});

test('a repository on another host is not asked about and not known', async () => {
  const github = { id: 'contoso/web', name: 'contoso/web', type: 'GitHub' };
  const { simulator, asked } = await setBranch({
    repositories: { web: { repository: github, commit: 'c'.repeat(40) } },
  });
  const [own, web] = await asked();
  expect([own?.kind, web?.kind === 'unknown' && web.why]).toEqual([
    'unprotected',
    expect.stringContaining('Azure Repos'),
  ]);
  expect(simulator.requests.some(({ path }) => path.includes('github'))).toBe(false);
});

test('a store of branch policies that is down is no answer', async () => {
  const { simulator, asked } = await setBranch();
  simulator.faults.add({ on: /policy\/configurations/, status: 503, body: {} });
  await expect(asked()).rejects.toThrow(AzureDevOpsUnavailableError);
});

test('gates that ask for the same at once are told by one look', async () => {
  const { simulator, asked } = await setBranch();
  const looks = () => simulator.requests.filter(({ path }) => path.includes('policy/configurations')).length;
  const before = looks();
  const all = await Promise.all([asked(), asked(), asked()]);
  expect(all.map(kinds)).toEqual([['unprotected'], ['unprotected'], ['unprotected']]);
  expect(looks()).toBe(before + 1);
});

test('what is known is not asked again for a minute; what is not known is', async () => {
  let now = 0;
  const { simulator, git, asked } = await setBranch({}, { adapter: { now: () => now } });
  const looks = () => simulator.requests.filter(({ path }) => path.includes('policy/configurations')).length;
  simulator.faults.add({ on: /policy\/configurations/, times: 2, status: 403, body: {} });
  expect(kinds(await asked())).toEqual(['unknown']);
  const before = looks();
  expect(kinds(await asked())).toEqual(['unprotected']);
  git.protect();
  expect(kinds(await asked())).toEqual(['unprotected']);
  now += 61_000;
  expect(kinds(await asked())).toEqual(['protected']);
  expect(looks()).toBe(before + 2);
});
