import { createHash } from 'node:crypto';
import { commitOf, guidOf, isSame, type SimulatedProject } from './azure-devops-model.ts';
import type { World } from './azure-devops-world.ts';

/** Git repositories with what is in them: commits, branches, and the policies that protect these. */

export type SimulatedEntry =
  | { readonly kind: 'file'; readonly bytes: Buffer }
  | { readonly kind: 'symlink'; readonly to: string }
  | { readonly kind: 'submodule' };

/** Path without a leading slash → what is there. */
export type SimulatedTree = ReadonlyMap<string, SimulatedEntry>;

export interface SimulatedCommit {
  readonly id: string;
  readonly tree: SimulatedTree;
}

export interface SimulatedScope {
  readonly repositoryId: string | null;
  readonly refName: string | null;
  readonly matchKind: string;
}

/** A policy of type "Minimum number of reviewers"; what it says may be changed. */
export interface SimulatedPolicy {
  readonly id: number;
  readonly project: SimulatedProject;
  type: string;
  isEnabled: boolean;
  isBlocking: boolean;
  isDeleted: boolean;
  minimumApproverCount: number;
  creatorVoteCounts: boolean | undefined;
  scope: readonly SimulatedScope[];
}

/** A text is a file; null takes away what was there. */
export type Change = string | Buffer | { readonly symlink: string } | 'submodule' | null;

export interface PushOptions {
  /** Default `main`. */
  readonly branch?: string;
  /** Default the branch's head; anything else is a force push. */
  readonly onto?: string;
}

export interface SimulatedGit {
  readonly id: string;
  readonly name: string;
  readonly project: SimulatedProject;
  defaultBranch: string;
  /** Full name → head. */
  readonly refs: Map<string, SimulatedCommit>;
  readonly commits: Map<string, SimulatedCommit>;
  /** Returns the new commit's id. */
  push(changes: Readonly<Record<string, Change>>, options?: PushOptions): string;
  protect(input?: Partial<Omit<SimulatedPolicy, 'id' | 'project'>>): SimulatedPolicy;
}

export const MINIMUM_REVIEWERS = 'fa4e907d-c16b-4a4c-9dfa-4906e5d171dd';

export function addRepository(world: World, name: string, project = world.projects[0]): SimulatedGit {
  if (project === undefined) throw new Error('the simulator has no project');
  const repository: SimulatedGit = {
    id: guidOf(`${project.id}/repository/${name}`),
    name,
    project,
    defaultBranch: 'refs/heads/main',
    refs: new Map(),
    commits: new Map(),
    push: (changes, options = {}) => push(repository, changes, options),
    protect: (input = {}) => protect(world, repository, input),
  };
  world.git.repositories.push(repository);
  return repository;
}

function push(
  { id, refs, commits }: SimulatedGit,
  changes: Readonly<Record<string, Change>>,
  { branch = 'main', onto }: PushOptions,
): string {
  const ref = `refs/heads/${branch}`;
  const parent = onto === undefined ? refs.get(ref) : commits.get(onto);
  const tree = new Map(parent?.tree ?? []);
  for (const [path, change] of Object.entries(changes)) {
    if (change === null) tree.delete(path);
    else tree.set(path, entryOf(change));
  }
  const commit = { id: commitOf(`${id}/${commits.size}`), tree };
  commits.set(commit.id, commit);
  refs.set(ref, commit);
  return commit.id;
}

function entryOf(change: Exclude<Change, null>): SimulatedEntry {
  if (change === 'submodule') return { kind: 'submodule' };
  if (typeof change === 'string' || Buffer.isBuffer(change)) return { kind: 'file', bytes: Buffer.from(change) };
  return { kind: 'symlink', to: change.symlink };
}

function protect(
  world: World,
  { id: repositoryId, project, defaultBranch }: SimulatedGit,
  input: Partial<SimulatedPolicy>,
): SimulatedPolicy {
  const policy = {
    id: world.git.policies.length + 1,
    project,
    type: MINIMUM_REVIEWERS,
    isEnabled: true,
    isBlocking: true,
    isDeleted: false,
    minimumApproverCount: 1,
    creatorVoteCounts: false,
    scope: [{ repositoryId, refName: defaultBranch, matchKind: 'Exact' }],
    ...input,
  };
  world.git.policies.push(policy);
  return policy;
}

/** By id or name, as a path has it. */
export function gitNamed(
  world: World,
  project: SimulatedProject | undefined,
  encoded: string,
): SimulatedGit | undefined {
  const wanted = decodeURIComponent(encoded);
  return world.git.repositories.find(
    ({ project: of, id, name }) => of === project && (isSame(id, wanted) || isSame(name, wanted)),
  );
}

export function gitJson({ id, name, project, defaultBranch, refs }: SimulatedGit): object {
  const head = refs.has(defaultBranch) ? { defaultBranch } : {};
  return { id, name, project: { id: project.id, name: project.name }, ...head, isDisabled: false };
}

/** As Git names a blob; whatever else is there only needs a name of its own. */
export function objectIdOf(entry: SimulatedEntry): string {
  const bytes = entry.kind === 'file' ? entry.bytes : Buffer.from(entry.kind === 'symlink' ? entry.to : 'submodule');
  return createHash('sha1').update(`blob ${bytes.length}\0`).update(bytes).digest('hex');
}
