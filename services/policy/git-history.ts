import { execFile } from 'node:child_process';
import type { ContractPast, ContractVersion } from '../domain/soak.ts';
import type { ContractHistory } from '../ports/contract-history.ts';
import { loadContract } from './load-contract.ts';

const FILE = 'contract.yaml';
const NEWEST = 200;
const TIMEOUT_MS = 30_000;
const MAX_BYTES = 8 * 1024 * 1024;

/**
 * Earlier versions of a folder's contract.yaml from the git repository around it: what its own branch had, merge by
 * merge. A shallow clone tells nothing, as what it lacks may be what matters.
 */
export function createGitHistory(dir: string): ContractHistory {
  return { past: () => past(dir).catch((error: unknown) => ({ kind: 'unknown', why: whyNot(error) })) };
}

async function past(dir: string): Promise<ContractPast> {
  const shallow = (await git(dir, 'rev-parse', '--is-shallow-repository')).trim();
  if (shallow !== 'false') {
    return { kind: 'unknown', why: 'the clone is shallow; fetch the whole history (in Azure Pipelines fetchDepth: 0)' };
  }
  const versions: ContractVersion[] = [];
  const broken: string[] = [];
  for (const { commit, since } of await commitsIn(dir)) {
    const text = await textAt(dir, commit);
    if (text === undefined) continue;
    const loaded = loadContract({ file: FILE, text }, since.slice(0, 10));
    if (loaded.kind === 'loaded') versions.push({ since, commit, contract: loaded.value });
    else broken.push(commit);
  }
  return { kind: 'known', versions, broken };
}

/** Oldest first; none in a repository that has no commit yet. */
async function commitsIn(dir: string) {
  const hasCommit = await git(dir, 'rev-parse', '--verify', '--quiet', 'HEAD').catch(() => '');
  if (hasCommit === '') return [];
  const newest = [`--max-count=${NEWEST}`, '--first-parent', '--no-show-signature', '--format=%H %cI'];
  const lines = (await git(dir, 'log', ...newest, '--', FILE)).split('\n').filter((line) => line !== '');
  return lines.reverse().map((line) => {
    const [commit = '', at = ''] = line.split(' ');
    return { commit, since: new Date(at).toISOString() };
  });
}

/** Undefined in the commit that removed the file. */
async function textAt(dir: string, commit: string): Promise<string | undefined> {
  const entry = await git(dir, 'ls-tree', commit, '--', FILE);
  return entry === '' ? undefined : git(dir, 'show', `${commit}:./${FILE}`);
}

/** One git command in that folder, its words as they are: there is no shell to read them. */
function git(dir: string, ...words: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES };
    execFile('git', ['-C', dir, '--no-pager', ...words], options, (failure, stdout, stderr) => {
      if (failure === null) resolve(stdout);
      else reject(Object.assign(failure, { stderr }));
    });
  });
}

function whyNot(error: unknown): string {
  const { code, stderr = '', message } = error as NodeJS.ErrnoException & { readonly stderr?: string };
  if (code === 'ENOENT') return 'git is not installed here';
  return `git cannot read the history: ${(stderr.trim() === '' ? message : stderr.trim()).split('\n', 1)[0]}`;
}
