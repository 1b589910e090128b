import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isPolicyName, KNOWN_EXPLOITED_FILES, POLICY_FILES, POLICY_FOLDERS } from '../domain/policy-files.ts';
import type { PolicyFile } from '../ports/policy-source.ts';

/** A text that changes when a policy file comes, goes or is written. Rejects when the folder cannot be read. */
export async function stampOf(dir: string): Promise<string> {
  const files = await policyFilesIn(dir);
  const stamps = await Promise.all(
    files.map(async (file) => {
      const found = await stat(join(dir, file)).catch(codeOf);
      return typeof found === 'string' ? found : `${found.size} ${found.mtimeMs}`;
    }),
  );
  return JSON.stringify(files.map((file, index) => [file, stamps[index]]));
}

/** Every policy file of the folder in order of its name; all else in it is ignored. Rejects when it cannot be read. */
export async function readPolicyFolder(dir: string): Promise<readonly PolicyFile[]> {
  return Promise.all((await policyFilesIn(dir)).map((file) => readPolicyFile(dir, file)));
}

async function policyFilesIn(dir: string): Promise<string[]> {
  const names = await readdir(dir);
  const inFolders = await Promise.all(
    POLICY_FOLDERS.filter((folder) => names.includes(folder)).map(async (folder) =>
      (await namesIn(join(dir, folder)))
        .filter((name) => isPolicyName(folder, name))
        .map((name) => `${folder}/${name}`),
    ),
  );
  const single = [...POLICY_FILES, ...KNOWN_EXPLOITED_FILES].filter((file) => names.includes(file));
  return [...single, ...inFolders.flat().sort()];
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    // A file called `catalog` is one of the others; a folder that may not be read is a fault.
    if (codeOf(error) === 'ENOTDIR') return [];
    throw error;
  }
}

async function readPolicyFile(dir: string, file: string): Promise<PolicyFile> {
  try {
    return { file, text: new TextDecoder('utf-8', { fatal: true }).decode(await readFile(join(dir, file))) };
  } catch (error) {
    return { file, fault: `cannot be read (${codeOf(error)}); allowed: a readable file in UTF-8` };
  }
}

export function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : 'unknown fault';
}
