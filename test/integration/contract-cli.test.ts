import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, onTestFinished, test } from 'vitest';
import { parse } from 'yaml';
import { COMPILED } from '../fakes/command-line.ts';
import { type Edit, edited, policyFolder } from '../fakes/policy-folder.ts';
import { commit, daysAgo, git, repository, run, TIGHTENED, VERSION_2 } from '../fakes/policy-repository.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const ENTRY = join(ROOT, 'bot/cli.ts');

/** Without any setting: neither the bot's nor a store is needed. */
const cli = (...args: readonly string[]) =>
  run(process.execPath, [ENTRY, 'contract', ...args], { ...COMPILED, PATH: process.env['PATH'] ?? '' });

const PROVENANCE: Edit = [
  'contract.yaml',
  'provenance:\n',
  'provenance:\n    overrides: { payments-api: [{ when: { tier: non-production }, then: block, group: release-integrity }] }\n',
];

test('the sample passes with warnings alone, each with file, line and field', async () => {
  const folder = await policyFolder();
  const { code, out, error } = await cli('lint', folder);

  expect(code).toBe(0);
  expect(out).toMatch(/^contract\.yaml:\d+ controls: warning: soak unknown: .* \(soak-unknown\)$/m);
  expect(out).toMatch(/^routes\.yaml:\d+ routes\[0\]\.deadline: warning: .* \(long-deadline\)$/m);
  expect(out).toMatch(/^contract\.yaml:\d+ controls\.provenance\.signal: warning: .* \(no-trust\)$/m);
  expect(error).toContain('0 errors, 3 warnings.');
});

test('an error ends with 1, and all of them are printed', async () => {
  const folder = await policyFolder(
    ['contract.yaml', 'reviewEvery: 2d', 'reviewEvery: 8d'],
    ['contract.yaml', 'because: "Drift in a lower environment"\n', '\n'],
  );
  const { code, out } = await cli('lint', folder);

  expect(code).toBe(1);
  expect(out).toMatch(
    /^contract\.yaml:\d+ controls\.secret-scanning\.expiry\.reviewEvery: error: .* \(late-review\)$/m,
  );
  expect(out).toMatch(/^contract\.yaml:\d+ controls\.azure-policy\.decisions\[2\]: error: .* \(no-because\)$/m);
});

test('files that do not load end with 1, and all problems of all files are printed', async () => {
  const folder = await policyFolder(
    ['contract.yaml', 'version: 1', 'version: one'],
    ['routes.yaml', 'quorum: 1', 'quorum: 0'],
    ['directory.yaml', 'kind: Directory', 'kind: People'],
  );
  const { code, out, error } = await cli('lint', folder);

  expect(code).toBe(1);
  expect(out).toMatch(/^contract\.yaml:\d+ version: is "one"/m);
  expect(out).toMatch(/^routes\.yaml:\d+ routes\[0\]\.levels\[0\]\.quorum: is 0/m);
  expect(out).toMatch(/^directory\.yaml:\d+ kind: is "People"/m);
  expect(error).toContain('do not load');
});

test('a line of CODEOWNERS that owns nothing is told, and keeps nothing from being linted', async () => {
  const folder = await policyFolder();
  await mkdir(join(folder, 'catalog'));
  await writeFile(join(folder, 'catalog/payments-api.codeowners'), '/src/ @jane\n');
  const { code, out, error } = await cli('lint', folder);

  expect(code).toBe(0);
  expect(out).toContain('(soak-unknown)');
  expect(error).toMatch(/^catalog\/payments-api\.codeowners:1 owners: .*\n0 errors, 3 warnings\.$/m);
});

test('a directory elsewhere says how many people a level has', async () => {
  const folder = await policyFolder();
  const people = join(folder, 'people.txt');
  await writeFile(people, 'kind: Directory\npeople: []\n');
  const { code, out } = await cli('lint', folder, '--directory', people);

  expect(code).toBe(0);
  expect(out).toMatch(/^routes\.yaml:\d+ routes\[0\]\.levels\[0\]: warning: .* \(few-approvers\)$/m);
});

test.each([
  ['lint', '/nowhere'],
  ['diff', '/nowhere'],
  ['history', '/nowhere'],
  ['lint', 'manifest/policy', '--directory', '/nowhere.yaml'],
  ['diff', 'manifest/policy', '--against', '/nowhere'],
])('contract %s %s %s %s could not run: 2, and what cannot be read is named', async (...args) => {
  const { code, out, error } = await cli(...args.filter((arg) => arg !== undefined));

  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(error).toMatch(/^Could not run: .*\/nowhere/);
  expect(error).not.toContain('    at ');
});

test('each override stands beside the rules for all', async () => {
  const { code, out } = await cli('diff', await policyFolder(PROVENANCE));

  expect(code).toBe(0);
  expect(out).toBe(
    'provenance, override for payments-api: block when tier non-production; for all: warn everything (decisions[1])\n',
  );
});

test('against an older folder every changed rule is a sentence, and they are counted', async () => {
  const [older, newer] = [await policyFolder(), await policyFolder(VERSION_2, TIGHTENED, PROVENANCE)];
  const { code, out, error } = await cli('diff', newer, '--against', older);

  expect(code).toBe(0);
  expect(out.split('\n').slice(1, -1)).toEqual([
    'configuration: a rule was added: block when tier production and severity critical or high',
    'configuration: a rule was removed: warn when severity critical or high or medium or low',
    'provenance, override for payments-api: a rule was added: block when tier non-production',
  ]);
  expect(error).toContain('Version 1 to 2: 2 added, 1 removed, 0 tightened, 0 loosened.');
});

test('the history names each version, its rules and what changed, newest first', async () => {
  const folder = await repository([30], [3, VERSION_2, TIGHTENED]);
  const { code, out } = await cli('history', folder);
  const lines = out
    .trimEnd()
    .split('\n')
    .map((line) => line.split('\t'));

  expect(code).toBe(0);
  expect(lines.map(([version, date, , counts]) => [version, date, counts])).toEqual([
    ['version 2', daysAgo(3).slice(0, 10), '13 block, 15 warn, 9 monitor'],
    ['version 1', daysAgo(30).slice(0, 10), '12 block, 16 warn, 9 monitor'],
  ]);
  expect(lines.map((line) => line[4])).toEqual([
    '1 more blocks: 1 added, 1 removed, 0 tightened, 0 loosened',
    'first one known',
  ]);
});

test('what is not committed yet stands first, and a version that never loaded is named', async () => {
  const folder = await repository(
    [30],
    [20, ['contract.yaml', 'version: 1', 'version: one']],
    [10, ['contract.yaml', 'version: one', 'version: 2']],
  );
  await edited(folder, ['contract.yaml', 'version: 2', 'version: 3']);
  const { code, out, error } = await cli('history', folder);

  expect(code).toBe(0);
  expect(out.split('\n').map((line) => line.split('\t')[0])).toEqual(['version 3', 'version 2', 'version 1', '']);
  expect(out).toMatch(/^version 3\tnow\tnot committed\t/);
  expect(error).toMatch(/Not shown: contract\.yaml of [0-9a-f]{10} does not load\./);
});

test('without a repository there is no history, and nothing is claimed', async () => {
  const { code, out, error } = await cli('history', await policyFolder());

  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(error).toMatch(/^Could not run: git cannot read the history: /);
});

test('a block rule that is new in this change lacks soak, one that warned long enough does not', async () => {
  const folder = await repository([30]);
  await edited(folder, TIGHTENED);
  expect((await cli('lint', folder)).out).not.toContain('(no-soak)');

  await edited(folder, [
    'contract.yaml',
    '- { then: monitor }\n\n  iac:',
    '- { then: block, group: secret-exposure }\n\n  iac:',
  ]);
  const { code, out } = await cli('lint', folder);
  expect(code).toBe(0);
  expect(out).toMatch(
    /^contract\.yaml:\d+ controls\.sast\.decisions\[\d\]: warning: blocks in prod .* after 0 of 14 days/m,
  );
});

test('where git is not installed the soak is unknown, and lint says so', async () => {
  const bin = await mkdtemp(join(tmpdir(), 'countersign-bin-'));
  onTestFinished(() => rm(bin, { recursive: true, force: true }));
  await symlink(process.execPath, join(bin, 'node'));
  const { code, out } = await run(process.execPath, [ENTRY, 'contract', 'lint', await policyFolder()], { PATH: bin });

  expect(code).toBe(0);
  expect(out).toContain('because git is not installed here (soak-unknown)');
});

test.each([
  ['PullRequest', 'policy', /^configuration: a rule was added: [\s\S]*^routes\.yaml:\d+ .*long-deadline\)$/m],
  ['IndividualCI', 'policy', /^contract\.yaml:\d+ controls\.provenance\.signal: .*\nroutes\.yaml:\d+ /],
])(
  'the steps for a build by %s lint the folder %s, and tell a pull request what it changes',
  async (reason, name, told) => {
    const workspace = await mkdtemp(join(tmpdir(), 'countersign-workspace-'));
    onTestFinished(() => rm(workspace, { recursive: true, force: true }));
    const [bin, repo] = [join(workspace, 'bin'), join(workspace, 'policy')];
    await Promise.all([mkdir(bin), cp(await policyFolder(), join(repo, name), { recursive: true })]);
    await symlink(ROOT, join(workspace, 'countersign'));
    await writeFile(join(bin, 'npm'), '#!/bin/sh\n', { mode: 0o755 });
    await git(repo, daysAgo(30), 'init', '--quiet');
    await commit(repo, daysAgo(30));
    await edited(join(repo, name), TIGHTENED);
    await commit(repo, daysAgo(0));
    const { steps } = parse(await readFile(join(ROOT, 'manifest/pipelines/lint-policy.yml'), 'utf8'));
    const env = {
      PATH: [bin, dirname(process.execPath), process.env['PATH']].join(delimiter),
      PIPELINE_WORKSPACE: workspace,
      AGENT_TEMPDIRECTORY: join(workspace, 'temp'),
      BUILD_REASON: reason,
      FOLDER: name,
    };
    const { code, out } = await run('/bin/bash', ['-c', steps.at(-1).inputs.script], env);

    expect(code).toBe(0);
    expect(out).toMatch(told);
  },
);
