import { execFile } from 'node:child_process';
import { type Edit, edited, policyFolder } from './policy-folder.ts';

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly error: string;
}

export function run(program: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Ended> {
  return new Promise((resolve) => {
    execFile(program, args, { env }, (failure, out, error) =>
      resolve({ code: failure === null ? 0 : Number(failure.code), out, error }),
    );
  });
}

export async function git(folder: string, date: string, ...args: readonly string[]): Promise<void> {
  const who = { GIT_AUTHOR_NAME: 'Ann', GIT_AUTHOR_EMAIL: 'ann@contoso.example' };
  const env = {
    PATH: process.env['PATH'] ?? '',
    HOME: folder,
    ...who,
    GIT_COMMITTER_NAME: who.GIT_AUTHOR_NAME,
    GIT_COMMITTER_EMAIL: who.GIT_AUTHOR_EMAIL,
    GIT_AUTHOR_DATE: date,
    GIT_COMMITTER_DATE: date,
  };
  const { code, error } = await run('git', ['-C', folder, ...args], env);
  if (code !== 0) throw new Error(error);
}

export async function commit(folder: string, date: string): Promise<void> {
  await git(folder, date, 'add', '--all');
  await git(folder, date, 'commit', '--quiet', '--message', 'Change the policy');
}

/** One now for a whole test file: a day that ends meanwhile changes nothing. */
const NOW = Date.now();
export const daysAgo = (days: number) => new Date(NOW - days * 86_400_000).toISOString();

/** A sample policy in a repository of its own, each version with its edits and the days since it was committed. */
export async function repository(...versions: readonly (readonly [number, ...Edit[]])[]): Promise<string> {
  const folder = await policyFolder();
  await git(folder, daysAgo(0), 'init', '--quiet');
  for (const [days, ...edits] of versions) {
    for (const edit of edits) await edited(folder, edit);
    await commit(folder, daysAgo(days));
  }
  return folder;
}

export const VERSION_2: Edit = ['contract.yaml', 'version: 1', 'version: 2'];
/** The warning of configuration hygiene becomes a block. */
export const TIGHTENED: Edit = [
  'contract.yaml',
  / {6}- when: \{ severity: \[critical, high, medium, low\] \}\n {8}then: warn\n {8}because: "Hygiene gap that is not critical"\n[\s\S]*?escalate:.*\n/g,
  '      - when: { tier: production, severity: [critical, high] }\n        then: block\n        group: delivery-path-trust\n',
];
