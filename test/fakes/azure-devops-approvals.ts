import { emit } from './azure-devops-hooks.ts';
import {
  type Caller,
  guidOf,
  isSame,
  type SimulatedApproval,
  type SimulatedGroup,
  type SimulatedPerson,
  type SimulatedProject,
  type SimulatedRun,
  type SimulatedStep,
} from './azure-devops-model.ts';
import { instantOf, type Outcome, resolveWait, runJson, waitInStage } from './azure-devops-stages.ts';
import { type PersonInput, personOf, type World } from './azure-devops-world.ts';

/** Approvals that Azure DevOps itself asks for, and who may decide them. */

type ApproverInput = PersonInput | { readonly group: string; readonly members: readonly PersonInput[] };

export interface ApprovalInput {
  readonly stage: string;
  readonly environment: string;
  readonly approvers: readonly ApproverInput[];
  /** Default 0: all of them. */
  readonly minRequired?: number;
  /** "Approvers can't approve their own runs". */
  readonly requesterCannotBeApprover?: boolean;
  readonly inSequence?: boolean;
  /** What is protected, when it is not the environment. */
  readonly resource?: { readonly type: string; readonly id: string; readonly name: string };
}

/** Why a decision was not taken. What the real one answers to each is not documented. */
export type Denied = { readonly status: 400 | 403; readonly message: string };

export function requestApproval(world: World, run: SimulatedRun, input: ApprovalInput): SimulatedApproval {
  const id = guidOf(`approval ${run.planId}/${world.approvals.length}`);
  const { inSequence = false } = input;
  const approval: SimulatedApproval = {
    id,
    stage: waitInStage(world, run, input.stage, id),
    resource: input.resource ?? environmentOf(world, run.pipeline.project, input.environment),
    steps: input.approvers.map((approver, index) => ({
      assigned: approverOf(approver),
      status: inSequence && index > 0 ? 'uninitiated' : 'pending',
    })),
    minRequired: input.minRequired ?? 0,
    inSequence,
    blocked: input.requesterCannotBeApprover ? [run.requestedFor] : [],
    createdOn: instantOf(world),
    status: 'pending',
    bypassed: false,
  };
  world.approvals.push(approval);
  announceApproval(world, approval, 'pending');
  return approval;
}

/** The step that this caller may decide now. */
export function stepOf(approval: SimulatedApproval, caller: Caller): SimulatedStep | undefined {
  if (caller.kind === 'job' || approval.status !== 'pending') return undefined;
  const { person } = caller;
  if (approval.blocked.some(({ id }) => isSame(id, person.id))) return undefined;
  if (approval.steps.some(({ actual }) => actual !== undefined && isSame(actual.id, person.id))) return undefined;
  return approval.steps.find(({ status, assigned }) => status === 'pending' && isAmong(assigned, person));
}

/** Decides as the owner of the token; nobody else can be named. */
export function decide(
  world: World,
  approval: SimulatedApproval,
  caller: Caller,
  given: { readonly status?: unknown; readonly comment?: unknown },
): Denied | undefined {
  if (approval.status !== 'pending') return { status: 400, message: 'The approval is already completed.' };
  if (given.status !== 'approved' && given.status !== 'rejected')
    return { status: 400, message: `The status ${String(given.status)} cannot be set.` };
  const step = stepOf(approval, caller);
  if (step === undefined || caller.kind === 'job')
    return { status: 403, message: 'The user does not have permission to update this approval.' };
  Object.assign(step, { status: given.status, actual: caller.person, comment: String(given.comment ?? '') });
  if (given.status === 'rejected') endApproval(world, approval, 'rejected');
  else if (approvedBy(approval) >= (approval.minRequired || approval.steps.length))
    endApproval(world, approval, 'approved');
  else if (approval.inSequence) {
    const next = approval.steps.find(({ status }) => status === 'uninitiated');
    if (next !== undefined) next.status = 'pending';
  }
  return undefined;
}

const OUTCOMES: Readonly<Record<string, Outcome>> = { approved: 'released', canceled: 'canceled' };

/** Of its own, by time-out, or with the run. */
export function endApproval(world: World, approval: SimulatedApproval, status: string): void {
  approval.status = status;
  for (const step of approval.steps)
    if (step.status === 'pending' || step.status === 'uninitiated') step.status = 'skipped';
  resolveWait(world, approval.stage, approval.id, OUTCOMES[status] ?? 'skipped');
  announceApproval(world, approval, 'completed');
}

/** What a resource's administrator can do: the stage goes on and the approval is gone, without an event. */
export function bypassApproval(world: World, approval: SimulatedApproval): void {
  Object.assign(approval, { status: 'skipped', bypassed: true });
  resolveWait(world, approval.stage, approval.id, 'released');
}

export function isAmong(assigned: SimulatedPerson | SimulatedGroup, person: SimulatedPerson): boolean {
  const people = 'members' in assigned ? assigned.members : [assigned];
  return people.some(({ id }) => isSame(id, person.id));
}

/** Without its members, as nobody is told them. */
export function identityJson({ id, displayName, uniqueName, descriptor }: SimulatedPerson | SimulatedGroup): object {
  return { id, displayName, uniqueName, descriptor };
}

function approvedBy({ steps }: SimulatedApproval): number {
  return steps.filter(({ status }) => status === 'approved').length;
}

function approverOf(input: ApproverInput): SimulatedPerson | SimulatedGroup {
  if (typeof input === 'string' || !('group' in input)) return personOf(input);
  return {
    id: guidOf(`group ${input.group}`),
    descriptor: `vssgp.${Buffer.from(input.group).toString('base64url')}`,
    uniqueName: `[Shop]\\${input.group}`,
    displayName: `[Shop]\\${input.group}`,
    members: input.members.map(personOf),
  };
}

function environmentOf(world: World, project: SimulatedProject, name: string): SimulatedApproval['resource'] {
  const key = `${project.id}/${name}`;
  if (!world.environments.includes(key)) world.environments.push(key);
  return { type: 'environment', id: String(world.environments.indexOf(key) + 1), name };
}

function announceApproval(world: World, approval: SimulatedApproval, what: 'pending' | 'completed'): void {
  const { run, name, attempt } = approval.stage;
  const text = `Approval ${what} for deployment of pipeline ${run.name} to environment ${approval.resource.name}.`;
  const { project } = run.pipeline;
  emit(world, project, `ms.vss-pipelinechecks-events.approval-${what}`, text, {
    approval: {
      id: approval.id,
      steps: approval.steps.map(({ assigned, status }) => ({ assignedApprover: identityJson(assigned), status })),
      status: approval.status,
      createdOn: approval.createdOn,
      minRequiredApprovers: approval.minRequired,
      blockedApprovers: approval.blocked.map(identityJson),
    },
    projectId: project.id,
    pipeline: { id: run.pipeline.id, name: run.pipeline.name },
    run: runJson(world, run),
    resource: approval.resource,
    stageName: name,
    attemptId: attempt,
  });
}
