import { readFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { WhoIsWho } from '../domain/lint-routes.ts';
import type { PolicyFile } from '../ports/policy-source.ts';
import type { WrittenPolicy } from '../ports/written-policy.ts';
import { isOfCodeowners } from './compose-catalog.ts';
import { composePolicy, NO_POLICY } from './compose-policy.ts';
import { loadDirectory } from './load-directory.ts';
import type { Loaded } from './load-file.ts';
import { codeOf, readPolicyFolder } from './policy-folder.ts';
import { readYaml, type Source } from './yaml-text.ts';

const DIRECTORY = 'directory.yaml';

/**
 * Reads a folder as the bot does, and the directory file beside it or at `directory`. Rejects when the folder, or the
 * file that was asked for, cannot be read. `today` is an ISO date.
 */
export async function readWrittenPolicy(
  dir: string,
  { today, directory }: { readonly today: string; readonly directory?: string },
): Promise<WrittenPolicy> {
  const files = await readPolicyFolder(dir);
  const people = await readDirectory(directory ?? join(dir, DIRECTORY), directory !== undefined);
  const { snapshot } = composePolicy(files, NO_POLICY, today);
  const all = people?.kind === 'broken' ? [...snapshot.problems, ...people.problems] : snapshot.problems;
  const problems = all.filter((problem) => !isOfCodeowners(problem));
  // No remark is about a list of CVEs, and as YAML it would take seconds.
  const isYaml = (file: PolicyFile): file is Source => 'text' in file && !file.file.endsWith('.json');
  const yaml = new Map(files.map((file) => [file.file, isYaml(file) ? readYaml(file) : undefined] as const));
  return {
    snapshot: { ...snapshot, problems },
    ownerProblems: all.filter(isOfCodeowners),
    ...(people?.kind === 'loaded' ? { directory: people.value } : {}),
    say: ({ file, path }, words) => yaml.get(file)?.say({ path, message: words }) ?? `${file}:1 file: ${words}`,
  };
}

async function readDirectory(path: string, isNeeded: boolean): Promise<Loaded<WhoIsWho> | undefined> {
  try {
    return loadDirectory({ file: basename(path), text: await readFile(path, 'utf8') });
  } catch (cause) {
    if (!isNeeded && codeOf(cause) === 'ENOENT') return undefined;
    throw new Error(`the directory file ${path} cannot be read (${codeOf(cause)})`, { cause });
  }
}
