import { decide, identityJson, stepOf } from './azure-devops-approvals.ts';
import { isSame, type Reply, type SimulatedApproval } from './azure-devops-model.ts';
import { type Asked, listOf, notFound, type Route, visibleProject } from './azure-devops-rest.ts';

/** Approvals of one project: list, one, and the list of decisions that is the only way to decide. */
export const APPROVAL_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^pipelines\/approvals$/i, reply: query },
  { method: 'GET', path: /^pipelines\/approvals\/([^/]+)$/i, reply: one },
  { method: 'PATCH', path: /^pipelines\/approvals$/i, reply: update },
];

function approvalsOf(asked: Asked): readonly SimulatedApproval[] {
  const project = visibleProject(asked);
  const here = asked.world.approvals.filter(({ stage }) => stage.run.pipeline.project === project);
  return here.filter(({ bypassed }) => !bypassed);
}

function query(asked: Asked): Reply {
  const state = asked.query.get('state');
  const ids = asked.query.get('approvalIds')?.split(',');
  const found = approvalsOf(asked)
    .filter(({ status }) => state === null || isSame(state, status))
    .filter(({ id }) => ids === undefined || ids.some((wanted) => isSame(wanted, id)));
  return listOf(found.slice(0, Number(asked.query.get('top') ?? 100)).map((approval) => json(asked, approval)));
}

function one(asked: Asked, [id = '']: readonly string[]): Reply {
  const approval = approvalsOf(asked).find((known) => isSame(known.id, id));
  return approval === undefined ? unknown(id) : { status: 200, body: json(asked, approval) };
}

function update(asked: Asked): Reply {
  const given: unknown = JSON.parse(asked.body);
  if (!Array.isArray(given) || given.length === 0) return refused(400, 'The body must be a list of updates.');
  const decided: SimulatedApproval[] = [];
  for (const { approvalId, ...decision } of given) {
    const approval = approvalsOf(asked).find(({ id }) => isSame(id, String(approvalId)));
    if (approval === undefined) return unknown(String(approvalId));
    const denied = decide(asked.world, approval, asked.caller, decision);
    if (denied !== undefined) return refused(denied.status, denied.message);
    decided.push(approval);
  }
  return listOf(decided.map((approval) => json(asked, approval, ['steps'])));
}

function json(asked: Asked, approval: SimulatedApproval, expanded = expandedOf(asked)): object {
  const { run } = approval.stage;
  const base = `${asked.organizationUrl}/${run.pipeline.project.id}`;
  return {
    id: approval.id,
    steps: expanded.includes('steps') ? approval.steps.map(stepJson) : [],
    status: approval.status,
    createdOn: approval.createdOn,
    lastModifiedOn: approval.createdOn,
    executionOrder: approval.inSequence ? 'inSequence' : 'anyOrder',
    minRequiredApprovers: approval.minRequired,
    blockedApprovers: approval.blocked.map(identityJson),
    ...(expanded.includes('permissions') ? { permissions: permissionsOf(asked, approval) } : {}),
    _links: { self: { href: `${base}/_apis/pipelines/approvals/${approval.id}` } },
    pipeline: {
      owner: {
        _links: { self: { href: `${base}/_apis/build/Builds/${run.id}` } },
        id: run.id,
        name: run.name,
      },
      id: String(run.pipeline.id),
      name: run.pipeline.name,
    },
  };
}

function expandedOf({ query: asked }: Asked): readonly string[] {
  return asked.get('$expand')?.split(',') ?? [];
}

/** Of whoever asks. */
function permissionsOf({ caller }: Asked, approval: SimulatedApproval): string {
  return stepOf(approval, caller) === undefined ? 'view' : 'view, update';
}

function stepJson(step: SimulatedApproval['steps'][number], index: number): object {
  return {
    assignedApprover: identityJson(step.assigned),
    ...(step.actual === undefined ? {} : { actualApprover: identityJson(step.actual) }),
    status: step.status,
    comment: step.comment ?? '',
    order: index + 1,
    history: [],
  };
}

function unknown(id: string): Reply {
  return notFound(`The approval ${id} could not be found.`);
}

function refused(status: number, message: string): Reply {
  return { status, body: { $id: '1', message, typeKey: 'ApprovalException' } };
}
