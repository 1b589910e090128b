import type { ListedApproval } from '../domain/native-approval.ts';
import type { PendingApprovals } from '../ports/azure-devops.ts';
import { approvalAnswer, approvalsAnswer, projectsAnswer } from './answers.ts';
import { pendingApprovalsPath, projectsPath } from './paths.ts';
import type { Read } from './read.ts';
import { isOfProject, listedApproval } from './read-approval.ts';
import { createReadable, type Readable } from './readable.ts';

const MOST_PROJECTS = 200;
const MOST_OF_ONE_PROJECT = 200;
const AT_ONCE = 8;

/** Asked project by project. Rejects with AzureDevOpsUnavailableError, or when the projects may not be listed. */
export async function pendingApprovals(organization: string, read: Read): Promise<PendingApprovals> {
  const readable = createReadable(read);
  const page = await read(projectsPath(MOST_PROJECTS), projectsAnswer);
  const projects = page.value.value.slice(0, MOST_PROJECTS).map(({ id }) => id.toLowerCase());
  if (page.next !== undefined || page.value.value.length > MOST_PROJECTS)
    readable.problem(`${organization} has more than ${MOST_PROJECTS} projects`);
  const approvals = new Map<string, ListedApproval>();
  for (let from = 0; from < projects.length; from += AT_ONCE) {
    const some = projects.slice(from, from + AT_ONCE);
    const found = await Promise.all(some.map((project) => pendingIn(organization, project, readable)));
    for (const approval of found.flat()) approvals.set(approval.id, approval);
  }
  return { approvals: [...approvals.values()], unread: readable.problems() };
}

async function pendingIn(
  organization: string,
  projectId: string,
  readable: Readable,
): Promise<readonly ListedApproval[]> {
  const what = `approvals of project ${projectId}`;
  const path = pendingApprovalsPath(projectId, MOST_OF_ONE_PROJECT);
  const page = await readable.page(what, path, approvalsAnswer);
  if (page === undefined) return [];
  const given = page.value.value;
  if (given.length >= MOST_OF_ONE_PROJECT || page.next !== undefined)
    readable.problem(`${what}: more than can be read`);
  const read = given.map((one) => approvalAnswer.safeParse(one).data);
  if (read.includes(undefined)) readable.problem(`${what}: one is not as documented, or names no run`);
  const known = read.filter((answer) => answer !== undefined);
  if (!known.every((answer) => isOfProject(answer, projectId))) readable.problem(`${what}: one is of another project`);
  return known
    .filter((answer) => isOfProject(answer, projectId))
    .map((answer) => listedApproval({ organization, projectId }, answer))
    .filter(({ status }) => status === 'pending');
}
