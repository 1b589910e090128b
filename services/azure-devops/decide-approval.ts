import type { NativeApprovalRef } from '../domain/native-approval.ts';
import { AzureDevOpsRefusedError, type NativeDecision } from '../ports/azure-devops.ts';
import type { Connection } from './connection.ts';
import { approvalsPath, isGuid } from './paths.ts';

const STATUS = { approve: 'approved', reject: 'rejected' } as const;

/** Azure DevOps has no address of its own for one decision: a list of one is sent (Approvals, Update). */
export async function decideApproval(
  connection: Connection,
  authorization: string,
  { organization, projectId, id }: NativeApprovalRef,
  { verdict, comment }: NativeDecision,
): Promise<void> {
  if (!isGuid(id)) throw new AzureDevOpsRefusedError('the approval must be named by a GUID', 400);
  const body = JSON.stringify([{ approvalId: id.toLowerCase(), status: STATUS[verdict], comment }]);
  await connection.send({ organization, authorization, method: 'PATCH', path: approvalsPath(projectId), body });
}
