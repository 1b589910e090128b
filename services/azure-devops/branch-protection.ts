import { branchPoliciesAnswer, type ReviewersPolicy, reviewersPolicy } from './answers.ts';
import { branchPoliciesPath, sameId } from './paths.ts';
import type { Read } from './read.ts';

/** Policy type "Minimum number of reviewers", the same in every organization. */
const MINIMUM_REVIEWERS = 'fa4e907d-c16b-4a4c-9dfa-4906e5d171dd';
const MOST_PAGES = 10;

/** One branch of one repository. */
export interface Branch {
  /** Id or name. */
  readonly project: string;
  readonly repositoryId: string;
  /** Full name: `refs/heads/main`. */
  readonly ref: string;
  /** Full name of the repository's default branch. */
  readonly defaultRef: string | undefined;
}

/**
 * Whether nobody changes the branch alone: some policy that is enabled and blocking asks for a reviewer besides whoever
 * wrote the change. Who may bypass policies is not asked. Undefined: there are more policies than are read. Rejects as Connection does.
 */
export async function isProtected(branch: Branch, read: Read): Promise<boolean | undefined> {
  let next: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const path = branchPoliciesPath(branch.project, { ...branch, type: MINIMUM_REVIEWERS }, next);
    const answer = await read(path, branchPoliciesAnswer);
    if (answer.value.value.some((one) => protects(reviewersPolicy.safeParse(one).data, branch))) return true;
    next = answer.next;
    if (next === undefined) return false;
  }
  return undefined;
}

/** What was asked for is not trusted to be what was answered. */
function protects(policy: ReviewersPolicy | undefined, branch: Branch): boolean {
  if (policy === undefined || !sameId(policy.type.id, MINIMUM_REVIEWERS)) return false;
  const { isEnabled, isBlocking, isDeleted, settings } = policy;
  const others = settings.minimumApproverCount - (settings.creatorVoteCounts === false ? 0 : 1);
  return (
    isEnabled &&
    isBlocking &&
    isDeleted !== true &&
    others >= 1 &&
    settings.scope.some((scope) => covers(scope, branch))
  );
}

/** Without a repository a scope is of all in the project. */
function covers(scope: ReviewersPolicy['settings']['scope'][number], { repositoryId, ref, defaultRef }: Branch) {
  if (!sameId(scope.repositoryId ?? repositoryId, repositoryId)) return false;
  const kind = scope.matchKind?.toLowerCase();
  if (kind === 'defaultbranch') return ref === defaultRef;
  if (!scope.refName) return false;
  if (kind === 'prefix') return ref.startsWith(scope.refName.replace(/\/?$/, '/'));
  return kind === 'exact' && ref === scope.refName;
}
