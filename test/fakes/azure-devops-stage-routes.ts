import {
  isSame,
  type Reply,
  type SimulatedApproval,
  type SimulatedRun,
  type SimulatedStage,
} from './azure-devops-model.ts';
import { type Asked, notFound, type Route, runOf } from './azure-devops-rest.ts';

/** The timeline of a run, its check suites, and environments. */
export const STAGE_ROUTES: readonly Route[] = [
  { method: 'GET', path: /^build\/builds\/(\d+)\/timeline$/i, reply: latestTimeline },
  { method: 'GET', path: /^build\/builds\/(\d+)\/timeline\/([^/]+)$/i, reply: earlierTimeline },
  { method: 'GET', path: /^pipelines\/checks\/runs\/([^/]+)$/i, reply: checkSuite },
  { method: 'GET', path: /^distributedtask\/environments\/(\d+)$/, reply: environment },
];

function latestTimeline(asked: Asked, [id]: readonly string[]): Reply {
  const run = runOf(asked, id);
  if (run === undefined) return notFound(`The requested build ${id} could not be found.`);
  const stages = stagesOf(asked, run);
  const latest = stages.filter((stage) => stages.findLast(({ name }) => name === stage.name) === stage);
  return { status: 200, body: { id: run.planId, records: latest.flatMap((stage) => recordsOf(asked, stage, stages)) } };
}

function earlierTimeline(asked: Asked, [id, timelineId = '']: readonly string[]): Reply {
  const run = runOf(asked, id);
  const stage = run && stagesOf(asked, run).find((one) => isSame(one.timelineId, timelineId));
  if (stage === undefined) return notFound(`The timeline ${timelineId} could not be found.`);
  return { status: 200, body: { id: stage.timelineId, records: recordsOf(asked, stage, []) } };
}

function stagesOf({ world }: Asked, run: SimulatedRun): readonly SimulatedStage[] {
  return world.stages.filter((stage) => stage.run === run);
}

function recordsOf(asked: Asked, stage: SimulatedStage, all: readonly SimulatedStage[]): readonly object[] {
  const before = all.filter(({ name, attempt }) => name === stage.name && attempt < stage.attempt);
  const waiting = stage.state === 'pending' ? 'inProgress' : 'completed';
  return [
    {
      id: stage.recordId,
      parentId: null,
      type: 'Stage',
      name: stage.name,
      identifier: stage.name,
      attempt: stage.attempt,
      state: stage.state,
      result: stage.result,
      startTime: stage.startedAt,
      finishTime: stage.finishedAt,
      previousAttempts: before.map(({ attempt, recordId, timelineId }) => ({ attempt, recordId, timelineId })),
    },
    { id: stage.checkpointId, parentId: stage.recordId, type: 'Checkpoint', name: 'Checkpoint', state: waiting },
    ...approvalsOf(asked, stage).map((approval) => ({
      id: approval.id,
      parentId: stage.checkpointId,
      type: 'Checkpoint.Approval',
      name: 'Checkpoint.Approval',
      state: approval.status === 'pending' ? 'inProgress' : 'completed',
    })),
  ];
}

function checkSuite(asked: Asked, [id = '']: readonly string[]): Reply {
  const stage = asked.world.stages.find(({ checkpointId }) => isSame(checkpointId, id));
  if (stage === undefined || runOf(asked, String(stage.run.id)) === undefined)
    return notFound(`The check suite ${id} could not be found.`);
  const approvals = approvalsOf(asked, stage);
  const resources = approvals.map(({ resource }) => resource);
  return {
    status: 200,
    body: {
      id: stage.checkpointId,
      status: stage.state === 'pending' ? 'running' : 'completed',
      checkRuns: approvals.map(({ id: checkRun, status, bypassed, resource: { name: _, ...resource } }) => ({
        id: checkRun,
        status: bypassed ? 'bypassed' : status === 'pending' ? 'running' : status,
        checkConfigurationRef: { type: { name: 'Approval' }, resource },
      })),
      context: {
        Pipeline: { Owner: { Id: stage.run.id, Name: stage.run.name } },
        GraphNode: { Attempt: stage.attempt, Name: stage.name },
      },
      ...(asked.query.get('$expand') === 'resources' ? { resources } : {}),
    },
  };
}

function environment(asked: Asked, [id = '']: readonly string[]): Reply {
  const [projectId = '', name = ''] = asked.world.environments[Number(id) - 1]?.split('/') ?? [];
  const project = asked.world.projects.find((one) => isSame(one.id, projectId));
  const isHere = project !== undefined && [project.id, project.name].some((one) => isSame(one, asked.scope ?? ''));
  if (!isHere) return notFound(`The environment ${id} could not be found.`);
  return { status: 200, body: { id: Number(id), name, project: { id: project.id, name: project.name } } };
}

function approvalsOf({ world }: Asked, stage: SimulatedStage): readonly SimulatedApproval[] {
  return world.approvals.filter((approval) => approval.stage === stage);
}
