import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { ContractPast, ContractVersion } from '../domain/soak.ts';
import type { ContractHistory } from '../ports/contract-history.ts';
import { loadContract } from './load-contract.ts';

const FILE = 'contract.yaml';
const NEWEST = 200;
const TIMEOUT_MS = 30_000;
/** Of all versions together; a contract of 200 rules has 50 KiB. */
const MAX_BYTES = 64 * 1024 * 1024;

/**
 * Earlier versions of a folder's contract.yaml from the git repository around it: what its own branch had, merge by
 * merge. A shallow clone tells nothing, as what it lacks may be what matters.
 */
export function createGitHistory(dir: string): ContractHistory {
  return { past: () => past(dir).catch((error: unknown) => ({ kind: 'unknown', why: whyNot(error) })) };
}

/**
 * The same of another repository, anything that `git clone` takes: for a folder that is none, or is a shallow clone. The
 * contract lies there as it does around `dir`, else at the top. The clone is made in a folder of its own in `scratch`, and goes.
 */
export function createRemoteHistory(url: string, dir: string, scratch: string): ContractHistory {
  return { past: () => cloned(url, dir, scratch).catch((error: unknown) => ({ kind: 'unknown', why: whyNot(error) })) };
}

async function cloned(url: string, dir: string, scratch: string): Promise<ContractPast> {
  const prefix = await git(dir, ['rev-parse', '--show-prefix']).catch(() => Buffer.from(''));
  const to = await mkdtemp(join(scratch, 'contract-history-'));
  try {
    // After `--` nothing is taken for an option, whatever the address begins with.
    await git(to, ['clone', '--quiet', '--', url, 'policy']);
    return await past(join(to, 'policy', prefix.toString().trim()));
  } finally {
    await rm(to, { recursive: true, force: true });
  }
}

async function past(dir: string): Promise<ContractPast> {
  const shallow = (await git(dir, ['rev-parse', '--is-shallow-repository'])).toString().trim();
  if (shallow !== 'false') {
    return { kind: 'unknown', why: 'the clone is shallow; fetch the whole history (in Azure Pipelines fetchDepth: 0)' };
  }
  const versions: ContractVersion[] = [];
  const broken: string[] = [];
  const commits = await commitsIn(dir);
  const texts = await textsAt(dir, commits);
  for (const [at, { commit, since }] of commits.entries()) {
    const text = texts[at];
    if (text === undefined) continue;
    const loaded = loadContract({ file: FILE, text }, since.slice(0, 10));
    if (loaded.kind === 'loaded') versions.push({ since, commit, contract: loaded.value });
    else broken.push(commit);
  }
  return { kind: 'known', versions, broken };
}

interface Commit {
  readonly commit: string;
  /** ISO-8601 UTC. */
  readonly since: string;
}

/** Oldest first; none in a repository that has no commit yet. */
async function commitsIn(dir: string): Promise<Commit[]> {
  const hasCommit = await git(dir, ['rev-parse', '--verify', '--quiet', 'HEAD']).catch(() => undefined);
  if (hasCommit === undefined) return [];
  const newest = [`--max-count=${NEWEST}`, '--first-parent', '--no-show-signature', '--format=%H %cI'];
  const log = await git(dir, ['log', ...newest, '--', FILE]);
  const lines = log
    .toString()
    .split('\n')
    .filter((line) => line !== '');
  return lines.reverse().map((line) => {
    const [commit = '', at = ''] = line.split(' ');
    return { commit, since: new Date(at).toISOString() };
  });
}

/** The file in each commit, undefined in one that removed it: `OID blob SIZE`, the content, or `NAME missing`. */
async function textsAt(dir: string, commits: readonly Commit[]): Promise<(string | undefined)[]> {
  if (commits.length === 0) return [];
  const output = await git(dir, ['cat-file', '--batch'], commits.map(({ commit }) => `${commit}:./${FILE}\n`).join(''));
  let at = 0;
  return commits.map(() => {
    const end = output.indexOf('\n', at);
    const size = / blob (\d+)$/.exec(output.toString('utf8', at, end))?.[1];
    at = end + 1;
    if (size === undefined) return undefined;
    const text = output.toString('utf8', at, at + Number(size));
    at += Number(size) + 1;
    return text;
  });
}

/** One git command in that folder, its words as they are: there is no shell to read them. */
function git(dir: string, words: readonly string[], input = ''): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const options = { timeout: TIMEOUT_MS, maxBuffer: MAX_BYTES, encoding: 'buffer' as const };
    const { stdin } = execFile('git', ['-C', dir, '--no-pager', ...words], options, (failure, stdout, stderr) => {
      if (failure === null) resolve(stdout);
      else reject(Object.assign(failure, { stderr: stderr.toString() }));
    });
    // A command that ends before it has read all says itself why.
    stdin?.on('error', () => undefined);
    stdin?.end(input);
  });
}

function whyNot(error: unknown): string {
  const { code, stderr = '', message } = error as NodeJS.ErrnoException & { readonly stderr?: string };
  if (code === 'ENOENT') return 'git is not installed here';
  return `git cannot read the history: ${(stderr.trim() === '' ? message : stderr.trim()).split('\n', 1)[0]}`;
}
