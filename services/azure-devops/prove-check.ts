import type { CheckIds } from '../domain/gate.ts';
import { AzureDevOpsRefusedError, type CheckState, type Proof } from '../ports/azure-devops.ts';
import { type BuildAnswer, buildAnswer, planAnswer, type RecordAnswer, runOf, timelineAnswer } from './answers.ts';
import { assertIds, buildPath, planPath, sameId, timelinePath } from './paths.ts';
import type { Read } from './read.ts';

/** Follows the ids of a check from the build to the task's record. Rejects with AzureDevOpsUnavailableError only. */
export async function proveCheck(check: CheckIds, runId: number, read: Read): Promise<Proof> {
  try {
    return await proven(check, runId, read);
  } catch (error) {
    if (error instanceof AzureDevOpsRefusedError) return { kind: 'unproven', why: error.message };
    throw error;
  }
}

/** Rejects with AzureDevOpsRefusedError when the timeline has no such task. */
export async function readCheckState(check: CheckIds, read: Read): Promise<CheckState> {
  const record = await taskRecord(check, read);
  return { completed: isCompleted(record), ...(record.result ? { result: record.result } : {}) };
}

async function proven(check: CheckIds, runId: number, read: Read): Promise<Proof> {
  assertIds(check);
  const { value: build } = await read(buildPath(check.projectId, runId), buildAnswer);
  if (build.id !== runId || !sameId(build.project.id, check.projectId))
    return { kind: 'unproven', why: `Azure DevOps answered with another run than ${runId} of this project` };
  // Together, because the caller's time is short; the build came first, because a bad token ends there.
  const [stranger, record] = await Promise.all([strangerPlan(check, build, read), taskRecord(check, read)]);
  if (stranger !== undefined) return { kind: 'unproven', why: stranger };
  return {
    kind: 'proven',
    run: runOf(check.organization, build),
    attempt: record.attempt ?? 1,
    completed: isCompleted(record),
  };
}

/** A check usually runs in a plan of its own, which names the run as its owner. */
async function strangerPlan(check: CheckIds, build: BuildAnswer, read: Read): Promise<string | undefined> {
  if (sameId(build.orchestrationPlan?.planId ?? undefined, check.planId)) return undefined;
  const { value: plan } = await read(planPath(check), planAnswer);
  // It was asked for by its id: an answer that does not repeat the id is of this plan, one with another is not.
  if (plan.owner?.id === build.id && sameId(plan.planId ?? check.planId, check.planId)) return undefined;
  return `plan ${check.planId} does not belong to run ${build.id}`;
}

/** The id alone finds the record; one that says to be something else than a task is none. */
async function taskRecord(check: CheckIds, read: Read): Promise<RecordAnswer> {
  const { value: timeline } = await read(timelinePath(check), timelineAnswer);
  const record = timeline.records.find(
    ({ id, type }) => sameId(id ?? undefined, check.taskInstanceId) && sameId(type ?? 'task', 'task'),
  );
  if (record === undefined)
    throw new AzureDevOpsRefusedError(`timeline ${check.timelineId} has no task ${check.taskInstanceId}`, 404);
  return record;
}

function isCompleted(record: RecordAnswer): boolean {
  return sameId(record.state ?? '', 'completed');
}
