import { createHash } from 'node:crypto';
import {
  bytesAllowed,
  isPolicyName,
  KNOWN_EXPLOITED_FILES,
  POLICY_FILES,
  POLICY_FOLDERS,
} from '../domain/policy-files.ts';
import type { PolicyFile } from '../ports/policy-source.ts';
import type { Access } from './access.ts';
import { type ItemAnswer, itemsAnswer } from './answers.ts';
import type { Connection } from './connection.ts';
import { fileItemPath, folderItemsPath, sameId } from './paths.ts';
import { PolicyRefusedError } from './policy-source-error.ts';

/** Where policy is kept in Azure Repos. */
export interface PolicyRepository {
  /** URL without a trailing slash. */
  readonly organization: string;
  /** Id or name. */
  readonly project: string;
  /** Id or name. */
  readonly name: string;
  /** Full name of the branch: `refs/heads/main`. */
  readonly ref: string;
  /** Begins with a slash and ends without one; empty for the root. */
  readonly folder: string;
}

export interface PolicyItems {
  /** Every policy file of that commit. Rejects as Connection does, or with PolicyRefusedError. */
  filesOf(commit: string): Promise<readonly PolicyFile[]>;
}

const AT_ONCE = 8;
const MOST_FILES = 2_000;

/** What a file says, whatever it is called. */
type Content = { readonly text: string } | { readonly fault: string };
type Items = ReadonlyMap<string, ItemAnswer>;
type ListFolder = (path: string) => Promise<Items>;

interface Found {
  readonly file: string;
  readonly item: ItemAnswer;
}

export function createPolicyItems(repository: PolicyRepository, connection: Connection, access: Access): PolicyItems {
  const { organization, project, name, folder } = repository;
  /** By object id, so that a commit costs what it changes. */
  let known: ReadonlyMap<string, Content> = new Map();

  async function bytesAt(commit: string, file: string): Promise<Buffer | undefined> {
    const path = fileItemPath(project, name, commit, `${folder}/${file}`);
    const authorization = await access.authorization({ kind: 'bot' });
    const call = { organization, authorization, method: 'GET', path, accept: 'application/octet-stream' } as const;
    return connection.bytes(call, bytesAllowed(file));
  }

  async function contentOf(commit: string, { file, item }: Found): Promise<Content> {
    if (!isPlainFile(item)) return { fault: 'is no plain file; allowed: a file, no link, folder or submodule' };
    const content = known.get(item.objectId);
    if (content !== undefined) return content;
    const bytes = await bytesAt(commit, file);
    if (bytes !== undefined && objectIdOf(bytes) !== item.objectId)
      throw new PolicyRefusedError(`${file} did not come as it is in commit ${commit}`, 'the bytes that Git has');
    return contentIn(bytes, bytesAllowed(file));
  }

  return {
    async filesOf(commit) {
      const found = await listed(folder, async (path) => {
        const items = folderItemsPath(project, name, commit, path || '/');
        const { value } = await access.own(organization)(items, itemsAnswer);
        return childrenOf(path, value.value);
      });
      const contents = await inParts(found, (one) => contentOf(commit, one));
      const read = found.map((one, index) => ({ ...one, content: contents[index] as Content }));
      known = new Map(
        read.filter(({ item }) => isPlainFile(item)).map(({ item, content }) => [item.objectId, content]),
      );
      return read.map(({ file, content }) => ({ file, ...content }));
    },
  };
}

/** A few at a time, in order. */
export async function inParts<T, U>(all: readonly T[], one: (item: T) => Promise<U>): Promise<U[]> {
  const done: U[] = [];
  for (let from = 0; from < all.length; from += AT_ONCE)
    done.push(...(await Promise.all(all.slice(from, from + AT_ONCE).map(one))));
  return done;
}

async function listed(folder: string, itemsIn: ListFolder): Promise<readonly Found[]> {
  const top = await itemsIn(folder);
  const single = [...POLICY_FILES, ...KNOWN_EXPLOITED_FILES].flatMap((file) => foundIn(top, file));
  const inFolders = await Promise.all(
    POLICY_FOLDERS.filter((name) => foundIn(top, name).some(isFolder)).map(async (within) => {
      const items = await itemsIn(`${folder}/${within}`);
      const names = [...items.keys()].filter((name) => isPolicyName(within, name));
      return names.flatMap((name) => foundIn(items, name, `${within}/`));
    }),
  );
  const all = [...single, ...inFolders.flat().sort((a, b) => (a.file < b.file ? -1 : 1))];
  if (all.length <= MOST_FILES) return all;
  throw new PolicyRefusedError(`has ${all.length} policy files`, `at most ${MOST_FILES}`);
}

function foundIn(items: Items, name: string, before = ''): Found[] {
  const item = items.get(name);
  return item === undefined ? [] : [{ file: `${before}${name}`, item }];
}

/** By name; what lies deeper, and the folder itself, are left out. */
function childrenOf(folder: string, items: readonly ItemAnswer[]): Items {
  const children = items.filter(({ path }) => path.startsWith(`${folder}/`));
  const named = children.map((item) => [item.path.slice(folder.length + 1), item] as const);
  return new Map(named.filter(([name]) => name !== '' && !name.includes('/')));
}

/** Through a link or a submodule files would be of another place; without them a wider route could stand in. */
function isFolder({ file, item }: Found): boolean {
  if (sameId(item.gitObjectType, 'tree')) return true;
  if (isPlainFile(item)) return false;
  throw new PolicyRefusedError(`${file} is a link or a submodule`, 'a folder');
}

function isPlainFile({ gitObjectType, isSymLink }: ItemAnswer): boolean {
  return sameId(gitObjectType, 'blob') && isSymLink !== true;
}

function contentIn(bytes: Buffer | undefined, most: number): Content {
  if (bytes === undefined) return { fault: `is too large; allowed: up to ${most / 1024 / 1024} MiB` };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) };
  } catch {
    return { fault: 'cannot be read; allowed: a file in UTF-8' };
  }
}

/** As Git names what a file holds. */
function objectIdOf(bytes: Buffer): string {
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
