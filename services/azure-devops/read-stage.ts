import type { StageRef, StageState } from '../domain/stage.ts';
import { AzureDevOpsRefusedError } from '../ports/azure-devops.ts';
import { type BuildRecordAnswer, buildTimelineAnswer } from './answers.ts';
import { buildTimelinePath, sameId } from './paths.ts';
import { orNone, type Read } from './read.ts';

const STATES = ['pending', 'inProgress', 'completed'] as const;

type Records = readonly BuildRecordAnswer[];

/** The record of one approval in its run's timeline, and what it belongs to. */
export interface ApprovalRecord {
  /** Of the checkpoint in which the stage waits. */
  readonly checkpointId: string;
  readonly stage: { readonly name: string; readonly attempt: number };
}

/** One stage of a run's timeline, by its latest attempt or by one before. Rejects as Connection does. */
export async function readStage(ref: StageRef, read: Read): Promise<StageState | undefined> {
  const records = await recordsOf(ref, read);
  const latest = stageNamed(records, ref);
  if (latest === undefined) return undefined;
  if (ref.attempt === undefined || ref.attempt === attemptOf(latest)) return stateOf(latest, ref);
  const before = latest.previousAttempts?.find(({ attempt }) => attempt === ref.attempt);
  if (!before?.timelineId || !before.recordId) return undefined;
  const { recordId, timelineId } = before;
  const older = await recordsOf(ref, read, timelineId);
  const record = older.find(({ id, type }) => sameId(id ?? undefined, recordId) && isStage(type));
  return record === undefined ? undefined : stateOf({ ...record, attempt: ref.attempt }, ref);
}

/** Record `Checkpoint.Approval` has the approval's id; above it are a `Checkpoint` and the `Stage`. */
export async function readApprovalRecord(
  run: { readonly projectId: string; readonly runId: number },
  approvalId: string,
  read: Read,
): Promise<ApprovalRecord | undefined> {
  const records = await recordsOf(run, read);
  const record = records.find(({ id, type }) => sameId(id ?? undefined, approvalId) && isApproval(type));
  const checkpoint = parentOf(records, record, 'checkpoint');
  const stage = parentOf(records, checkpoint, 'stage');
  const name = stage?.identifier || stage?.name;
  if (!checkpoint?.id || stage === undefined || !name) return undefined;
  return { checkpointId: checkpoint.id, stage: { name, attempt: attemptOf(stage) } };
}

async function recordsOf(
  run: { readonly projectId: string; readonly runId: number },
  read: Read,
  timelineId?: string,
): Promise<Records> {
  const path = buildTimelinePath(run.projectId, run.runId, timelineId);
  return (await orNone(() => read(path, buildTimelineAnswer)))?.value.records ?? [];
}

/** The identifier is the pipeline's own word; the name is only shown, and more than one stage may have it. */
function stageNamed(records: Records, ref: StageRef): BuildRecordAnswer | undefined {
  const stages = records.filter(({ type }) => isStage(type));
  const identified = stages.filter(({ identifier }) => sameId(identifier ?? undefined, ref.name));
  const named = identified.length > 0 ? identified : stages.filter(({ name }) => sameId(name ?? undefined, ref.name));
  if (named.length > 1) throw refused(ref, `has more than one stage ${ref.name}`);
  return named[0];
}

function stateOf(record: BuildRecordAnswer, ref: StageRef): StageState {
  const state = STATES.find((known) => sameId(record.state ?? undefined, known));
  if (state === undefined) throw refused(ref, `has stage ${ref.name} in a state that is not known`);
  return {
    state,
    ...(record.result ? { result: record.result } : {}),
    ...(record.startTime ? { startedAt: record.startTime } : {}),
    ...(record.finishTime ? { finishedAt: record.finishTime } : {}),
    attempt: attemptOf(record),
  };
}

function parentOf(records: Records, child: BuildRecordAnswer | undefined, type: string): BuildRecordAnswer | undefined {
  const { parentId } = child ?? {};
  if (!parentId) return undefined;
  return records.find((record) => sameId(record.id ?? undefined, parentId) && sameId(record.type ?? undefined, type));
}

function attemptOf(record: BuildRecordAnswer): number {
  return record.attempt || 1;
}

function isStage(type: string | null | undefined): boolean {
  return sameId(type ?? undefined, 'stage');
}

function isApproval(type: string | null | undefined): boolean {
  return sameId(type ?? undefined, 'checkpoint.approval');
}

function refused(ref: StageRef, what: string): AzureDevOpsRefusedError {
  return new AzureDevOpsRefusedError(`the timeline of run ${ref.runId} ${what}`, 200);
}
