import {
  gitNamed,
  MINIMUM_REVIEWERS,
  objectIdOf,
  type SimulatedCommit,
  type SimulatedEntry,
  type SimulatedGit,
  type SimulatedPolicy,
} from './azure-devops-git.ts';
import { commitOf, isSame, type Reply } from './azure-devops-model.ts';
import { type Asked, forbidden, listOf, notFound, type Route, visibleProject } from './azure-devops-rest.ts';

/** Git repositories that were added with their commits; all others are known by their builds alone. */
export const GIT_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^git\/repositories\/([^/]+)\/refs$/, reply: inRepository(refs) },
  { method: 'GET', path: /^git\/repositories\/([^/]+)\/items$/, reply: inRepository(items) },
  { method: 'GET', path: /^git\/policy\/configurations$/, reply: policies },
];

function inRepository(reply: (asked: Asked, repository: SimulatedGit) => Reply): Route['reply'] {
  return (asked, [name = '']) => {
    const repository = gitNamed(asked.world, visibleProject(asked), name);
    if (asked.caller.kind === 'job') return forbidden('TF401027: You need the Git GenericRead permission.');
    return repository === undefined
      ? notFound(
          `TF401019: The Git repository with name or identifier ${name} does not exist or you do not have access.`,
        )
      : reply(asked, repository);
  };
}

function refs({ query }: Asked, repository: SimulatedGit): Reply {
  const filter = `refs/${query.get('filter') ?? ''}`;
  const found = [...repository.refs].filter(([name]) => name.startsWith(filter)).sort();
  return listOf(found.map(([name, { id }]) => ({ name, objectId: id, creator: { displayName: 'Ann Arbor' } })));
}

function items({ query }: Asked, repository: SimulatedGit): Reply {
  const version = query.get('versionDescriptor.version') ?? repository.defaultBranch.replace('refs/heads/', '');
  const commit =
    query.get('versionDescriptor.versionType') === 'commit'
      ? repository.commits.get(version)
      : repository.refs.get(`refs/heads/${version}`);
  if (commit === undefined) return notFound(`TF401175: The version descriptor <${version}> could not be resolved.`);
  const file = query.get('path');
  return file === null ? folderItems(commit, query.get('scopePath') ?? '/', query) : fileItem(commit, file, query);
}

function fileItem(commit: SimulatedCommit, path: string, query: URLSearchParams): Reply {
  const entry = commit.tree.get(path.slice(1));
  if (entry?.kind !== 'file') return noItem(commit, path);
  if (query.get('$format') === 'json') {
    const content = query.get('includeContent') === 'true' ? { content: entry.bytes.toString() } : {};
    return { status: 200, body: { ...itemJson(commit, path.slice(1), entry), ...content } };
  }
  return { status: 200, body: entry.bytes, headers: { 'content-type': 'application/octet-stream' } };
}

/** The folder itself, then what is in it. */
function folderItems(commit: SimulatedCommit, path: string, query: URLSearchParams): Reply {
  const folder = path.replace(/^\/|\/$/g, '');
  const before = folder === '' ? '' : `${folder}/`;
  const below = [...commit.tree].filter(([name]) => name.startsWith(before));
  if (below.length === 0 && folder !== '') return noItem(commit, path);
  const found = new Map<string, SimulatedEntry | undefined>([[folder, undefined]]);
  for (const [name, entry] of below) {
    const parts = name.slice(before.length).split('/');
    const depth = query.get('recursionLevel') === 'Full' ? parts.length : 1;
    for (let length = 1; length <= depth; length += 1)
      found.set(`${before}${parts.slice(0, length).join('/')}`, length === parts.length ? entry : undefined);
  }
  return listOf([...found].map(([name, entry]) => itemJson(commit, name, entry)));
}

function itemJson({ id: commitId }: SimulatedCommit, name: string, entry: SimulatedEntry | undefined): object {
  const path = `/${name}`;
  if (entry === undefined)
    return { objectId: commitOf(`tree ${commitId}/${name}`), gitObjectType: 'tree', commitId, path, isFolder: true };
  const gitObjectType = entry.kind === 'submodule' ? 'commit' : 'blob';
  const link = entry.kind === 'symlink' ? { isSymLink: true } : {};
  return { objectId: objectIdOf(entry), gitObjectType, commitId, path, ...link };
}

/** What is known by its builds alone is protected, whatever the branch. */
function byDefault({ query }: Asked): object {
  const repositoryId = query.get('repositoryId');
  const scope = [{ repositoryId, refName: query.get('refName'), matchKind: 'Exact' }];
  const rest = { id: 1, isEnabled: true, isBlocking: true, isDeleted: false, minimumApproverCount: 1 };
  return policyJson({ ...rest, type: MINIMUM_REVIEWERS, creatorVoteCounts: false, scope });
}

/** All that apply to the ref that is asked for, as far as they are of the type that is asked for. */
function policies(asked: Asked): Reply {
  const { world, query } = asked;
  const type = query.get('policyType');
  const found = world.git.policies.filter(
    (policy) => policy.project === visibleProject(asked) && (type === null || isSame(policy.type, type)),
  );
  const repositoryId = query.get('repositoryId') ?? '';
  const isKnown = world.git.repositories.some(({ id }) => isSame(id, repositoryId));
  return listOf(isKnown ? found.map(policyJson) : [byDefault(asked)]);
}

function policyJson({
  id,
  type,
  isEnabled,
  isBlocking,
  isDeleted,
  ...policy
}: Omit<SimulatedPolicy, 'project'>): object {
  const { minimumApproverCount, creatorVoteCounts, scope } = policy;
  return {
    id,
    revision: 1,
    isEnabled,
    isBlocking,
    isDeleted,
    type: { id: type, displayName: 'Minimum number of reviewers' },
    settings: { minimumApproverCount, creatorVoteCounts, resetOnSourcePush: false, scope },
  };
}

function noItem({ id }: SimulatedCommit, path: string): Reply {
  return notFound(`TF401174: The item '${path}' could not be found in the repository at the version <Commit: ${id}>.`);
}
