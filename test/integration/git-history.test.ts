import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { createGitHistory, createRemoteHistory } from '../../services/policy/git-history.ts';
import { edited } from '../fakes/policy-folder.ts';
import { commit, daysAgo, git, repository, VERSION_2 } from '../fakes/policy-repository.ts';

test('what was merged counts from the merge, not from the day it was written', async () => {
  const folder = await repository([30]);
  await git(folder, daysAgo(29), 'checkout', '--quiet', '-b', 'change');
  await edited(folder, VERSION_2);
  await commit(folder, daysAgo(29));
  await git(folder, daysAgo(2), 'checkout', '--quiet', '-');
  await git(folder, daysAgo(2), 'merge', '--quiet', '--no-ff', '--message', 'Merge it', 'change');
  const past = await createGitHistory(folder).past();

  expect(past).toMatchObject({ kind: 'known', versions: [{ contract: { version: 1 } }, { contract: { version: 2 } }] });
  expect(past.kind === 'known' && past.versions[1]?.since.slice(0, 10)).toBe(daysAgo(2).slice(0, 10));
});

test('a file that was removed and came back has the versions in which it was there', async () => {
  const folder = await repository([30]);
  const text = await readFile(join(folder, 'contract.yaml'), 'utf8');
  await rm(join(folder, 'contract.yaml'));
  await commit(folder, daysAgo(20));
  await writeFile(join(folder, 'contract.yaml'), text.replace('version: 1', 'version: 2'));
  await commit(folder, daysAgo(10));

  expect(await createGitHistory(folder).past()).toMatchObject({
    versions: [{ contract: { version: 1 } }, { contract: { version: 2 } }],
    broken: [],
  });
});

test('a repository without a commit has no earlier version', async () => {
  expect(await createGitHistory(await repository()).past()).toEqual({ kind: 'known', versions: [], broken: [] });
});

test('a shallow clone tells nothing: what it lacks may be what matters', async () => {
  const folder = await repository([30], [3, VERSION_2]);
  const clone = await mkdtemp(join(tmpdir(), 'countersign-clone-'));
  onTestFinished(() => rm(clone, { recursive: true, force: true }));
  await git(clone, daysAgo(0), 'clone', '--quiet', '--depth', '1', `file://${folder}`, 'policy');

  expect(await createGitHistory(join(clone, 'policy')).past()).toEqual({
    kind: 'unknown',
    why: expect.stringContaining('fetchDepth: 0'),
  });
});

test('the history of another repository is read in a clone of its own, which goes', async () => {
  const folder = await repository([30], [3, VERSION_2]);
  const [plain, scratch] = await Promise.all(
    ['plain', 'scratch'].map((name) => mkdtemp(join(tmpdir(), `history-${name}-`))),
  );
  for (const one of [plain, scratch]) onTestFinished(() => rm(one ?? '', { recursive: true, force: true }));

  const past = await createRemoteHistory(`file://${folder}`, plain ?? '', scratch ?? '').past();

  expect(past).toMatchObject({ kind: 'known', versions: [{ contract: { version: 1 } }, { contract: { version: 2 } }] });
  expect(await readdir(scratch ?? '')).toEqual([]);
});

test.each(['file:///there-is-no-such-repository', '--upload-pack=touch injected', ''])(
  'a repository %j that cannot be cloned tells nothing, and says why',
  async (url) => {
    const scratch = await mkdtemp(join(tmpdir(), 'history-scratch-'));
    onTestFinished(() => rm(scratch, { recursive: true, force: true }));

    expect(await createRemoteHistory(url, scratch, scratch).past()).toEqual({
      kind: 'unknown',
      why: expect.stringContaining('git cannot read the history'),
    });
    expect(await readdir(scratch)).toEqual([]);
  },
);
