import {
  type ListedApproval,
  NATIVE_STATUSES,
  type NativeApproval,
  type NativeApprovalRef,
  type NativeStatus,
  type NativeStep,
} from '../domain/native-approval.ts';
import type { Run } from '../domain/run.ts';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import { type ApprovalAnswer, approvalAnswer, buildAnswer, outsideIdentity, runOf } from './answers.ts';
import { approvalPath, buildPath, isGuid, sameId } from './paths.ts';
import { orNone, type Read } from './read.ts';
import { readEnvironment } from './read-environment.ts';
import { readApprovalRecord } from './read-stage.ts';

/**
 * One approval with its run. `read` is of whoever asks, for what they may do is theirs; `readRun` is for what does not
 * depend on it. Rejects as Connection does, and with AzureDevOpsRefusedError on an answer about something else.
 */
export async function readApproval(
  ref: NativeApprovalRef,
  read: Read,
  readRun: Read,
): Promise<NativeApproval | undefined> {
  const answer = (await orNone(() => read(approvalPath(ref.projectId, ref.id), approvalAnswer.nullable())))?.value;
  if (!answer) return undefined;
  if (!sameId(answer.id, ref.id) || !isOfProject(answer, ref.projectId))
    throw new AzureDevOpsRefusedError(`approval ${ref.id} was answered with another than that of its project`, 200);
  const listed = listedApproval(ref, answer);
  const run = await readRunOf(listed, readRun);
  const record = await readApprovalRecord(listed, listed.id, readRun);
  const environment = record && (await readEnvironment(listed.projectId, record.checkpointId, listed.id, readRun));
  return {
    ...listed,
    run,
    ...(record === undefined ? {} : { stage: record.stage }),
    ...(environment === undefined ? {} : { environment }),
    mayUpdate: grants(answer.permissions, 'update'),
  };
}

/** An approval names its project only in its own address. */
export function isOfProject({ _links }: ApprovalAnswer, projectId: string): boolean {
  const project = _links?.self?.href.split('/_apis/', 1)[0]?.split('/').at(-1) ?? '';
  return !isGuid(project) || sameId(project, projectId);
}

export function listedApproval(
  { organization, projectId }: { readonly organization: string; readonly projectId: string },
  answer: ApprovalAnswer,
): ListedApproval {
  return {
    organization,
    projectId: projectId.toLowerCase(),
    id: answer.id,
    status: statusOf(answer.status),
    runId: answer.pipeline.owner.id,
    steps: (answer.steps ?? []).map(stepOf),
    minRequired: answer.minRequiredApprovers ?? 0,
    blocked: (answer.blockedApprovers ?? []).map(outsideIdentity),
    createdOn: answer.createdOn,
  };
}

async function readRunOf(approval: ListedApproval, read: Read): Promise<Run> {
  const { value: build } = await read(buildPath(approval.projectId, approval.runId), buildAnswer);
  if (build.id === approval.runId && sameId(build.project.id, approval.projectId))
    return runOf(approval.organization, build);
  throw new AzureDevOpsRefusedError(`run ${approval.runId} was answered with another than that of its project`, 200);
}

function stepOf(step: NonNullable<ApprovalAnswer['steps']>[number]): NativeStep {
  return {
    assigned: outsideIdentity(step.assignedApprover),
    ...(step.actualApprover ? { actual: outsideIdentity(step.actualApprover) } : {}),
    status: statusOf(step.status),
    ...(step.comment ? { comment: step.comment } : {}),
  };
}

function statusOf(written: unknown): NativeStatus {
  return NATIVE_STATUSES.find((known) => typeof written === 'string' && sameId(written, known)) ?? 'unknown';
}

/** Flags by name: `view, update`. */
function grants(permissions: unknown, wanted: string): boolean {
  if (typeof permissions !== 'string') return false;
  return permissions.split(',').some((name) => sameId(name.trim(), wanted));
}
