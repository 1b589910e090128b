import type { OutsideIdentity } from '../domain/person.ts';
import {
  type BuildAnswer,
  type ChangeAnswer,
  type CommitAnswer,
  changesAnswer,
  commitAnswer,
  outsideIdentity,
} from './answers.ts';
import { changesPath, commitPath, isGuid, sameId } from './paths.ts';
import type { Readable } from './readable.ts';

const MOST_PAGES = 10;

/**
 * Who wrote what a build adds. A build without new changes lists none: then the author and committer of its own commit
 * are read from Azure Repos. A commit whose author stays unknown is a problem, never nobody.
 */
export async function readAuthors(build: BuildAnswer, readable: Readable): Promise<readonly OutsideIdentity[]> {
  const changes = await readChanges(build, readable);
  const authors = changes.flatMap((change) => authorsOf(build, change, readable));
  if (changes.some(({ id }) => sameId(id, build.sourceVersion))) return authors;
  if (authors.length === 0) return commitPeople(build, readable);
  return [...authors, ...(await furtherPeople(build, readable))];
}

/** Others of the same build are known: one more whom nobody can name is shown as unmatched, never as cleared. */
async function furtherPeople(build: BuildAnswer, readable: Readable): Promise<readonly OutsideIdentity[]> {
  const { sourceVersion: commit, repository, project } = build;
  const inAzureRepos = sameId(repository.type, 'TfsGit') && isGuid(repository.id);
  const answer = inAzureRepos
    ? await readable.extra(commitPath(project.id, repository.id, commit), commitAnswer)
    : undefined;
  const people = peopleOf(answer);
  return people.length > 0 ? people : [{ name: `author of commit ${commit.slice(0, 8).toLowerCase()}` }];
}

async function readChanges(build: BuildAnswer, readable: Readable): Promise<readonly ChangeAnswer[]> {
  const what = `changes of run ${build.id}`;
  const changes: ChangeAnswer[] = [];
  let next: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const answer = await readable.page(what, changesPath(build.project.id, build.id, next), changesAnswer);
    if (answer === undefined) return changes;
    changes.push(...answer.value.value);
    next = answer.next;
    if (next === undefined) return changes;
  }
  readable.problem(`${what}: more than can be read`);
  return changes;
}

/** Git gives an author's name and address; where only a name is known, whoever pushed is kept beside it. */
export function authorsOf(build: BuildAnswer, change: ChangeAnswer, readable: Readable): readonly OutsideIdentity[] {
  const author = outsideIdentity(change.author);
  const known = author.id !== undefined || author.uniqueName !== undefined || author.descriptor !== undefined;
  const people = [author, ...(known || !change.pusher ? [] : [pusherOf(change.pusher)])];
  const named = people.filter((person) => Object.keys(person).length > 0);
  if (named.length === 0) readable.problem(`change ${change.id} of run ${build.id}: it names no author`);
  return named;
}

function pusherOf(pusher: string): OutsideIdentity {
  if (isGuid(pusher)) return { id: pusher };
  return pusher.includes('@') ? { uniqueName: pusher } : { name: pusher };
}

async function commitPeople(build: BuildAnswer, readable: Readable): Promise<readonly OutsideIdentity[]> {
  const { sourceVersion: commit, repository } = build;
  const what = `author of commit ${commit.toLowerCase()} of run ${build.id}`;
  if (!sameId(repository.type, 'TfsGit') || !isGuid(repository.id)) {
    readable.problem(`${what}: it is not among the changes`);
    return [];
  }
  const answer = await readable.value(what, commitPath(build.project.id, repository.id, commit), commitAnswer);
  if (answer === undefined) return [];
  const people = peopleOf(answer);
  if (people.length === 0) readable.problem(`${what}: it has no address`);
  return people;
}

function peopleOf(commit: CommitAnswer | undefined): readonly OutsideIdentity[] {
  return [commit?.author, commit?.committer].flatMap((person) =>
    person?.email ? [{ uniqueName: person.email, ...(person.name ? { name: person.name } : {}) }] : [],
  );
}
