import { emit } from './azure-devops-hooks.ts';
import { guidOf, type SimulatedPerson, type SimulatedRun, type SimulatedStage } from './azure-devops-model.ts';
import type { World } from './azure-devops-world.ts';

/** Stages: they wait for checks and approvals, then run or end. */

/** How one thing that a stage waited for came out. */
export type Outcome = 'released' | 'failed' | 'skipped' | 'canceled';

export function latestStage(world: World, run: SimulatedRun, name: string): SimulatedStage | undefined {
  return world.stages.findLast((stage) => stage.run === run && stage.name === name);
}

/** The latest attempt at a stage, begun when there is none that still waits. */
export function waitInStage(world: World, run: SimulatedRun, name: string, waitsFor: string): SimulatedStage {
  const latest = latestStage(world, run, name);
  const stage = latest?.state === 'pending' ? latest : beginStage(world, run, name, (latest?.attempt ?? 0) + 1);
  stage.waits.add(waitsFor);
  return stage;
}

/** One wait of the stage is over. With the last one it runs; with one that went wrong it ends. */
export function resolveWait(world: World, stage: SimulatedStage, waitsFor: string, outcome: Outcome): void {
  if (!stage.waits.delete(waitsFor) || stage.state !== 'pending') return;
  if (outcome !== 'released') endStage(world, stage, outcome);
  else if (stage.waits.size === 0) {
    Object.assign(stage, { state: 'inProgress', startedAt: instantOf(world) });
    announceStage(world, stage);
  }
}

export function endStage(world: World, stage: SimulatedStage, result: string): void {
  Object.assign(stage, { state: 'completed', result, finishedAt: instantOf(world) });
  stage.waits.clear();
  announceStage(world, stage);
}

/** Whoever does it has changed the run. */
export function rerunStage(world: World, run: SimulatedRun, name: string, by: SimulatedPerson): SimulatedStage {
  run.changedBy = by;
  return beginStage(world, run, name, (latestStage(world, run, name)?.attempt ?? 0) + 1);
}

export function completeRun(world: World, run: SimulatedRun, result: string): void {
  run.result = result;
  const text = `Run ${run.name} ${result}.`;
  emit(world, run.pipeline.project, 'ms.vss-pipelines.run-state-changed-event', text, { run: runJson(world, run) });
}

export function instantOf(world: World): string {
  return new Date(world.now()).toISOString();
}

/** As events name it. */
export function runJson(world: World, run: SimulatedRun): object {
  const { organization, id: project } = run.pipeline.project;
  const base = `${world.url}/${organization}/${project}`;
  const completed = run.result === undefined ? { state: 'inProgress' } : { state: 'completed', result: run.result };
  return {
    _links: {
      self: { href: `${base}/_apis/Pipelines/${run.pipeline.id}/runs/${run.id}` },
      web: { href: `${base}/_build/results?buildId=${run.id}` },
    },
    pipeline: { id: run.pipeline.id, name: run.pipeline.name, folder: '\\' },
    ...completed,
    id: run.id,
    name: run.name,
  };
}

function beginStage(world: World, run: SimulatedRun, name: string, attempt: number): SimulatedStage {
  const key = `${run.planId}/${name}/${attempt}`;
  const stage: SimulatedStage = {
    run,
    name,
    attempt,
    recordId: guidOf(`stage ${run.planId}/${name}`),
    timelineId: guidOf(`timeline ${key}`),
    checkpointId: guidOf(`checkpoint ${key}`),
    waits: new Set(),
    state: 'pending',
    result: null,
    startedAt: null,
    finishedAt: null,
  };
  world.stages.push(stage);
  announceStage(world, stage);
  return stage;
}

const EVENT_STATES = { pending: 'waiting', inProgress: 'running', completed: 'completed' } as const;

function announceStage(world: World, stage: SimulatedStage): void {
  const { run, name, result } = stage;
  const state = EVENT_STATES[stage.state];
  const text = `Run ${run.name} stage ${name} ${result ?? state}.`;
  emit(world, run.pipeline.project, 'ms.vss-pipelines.stage-state-changed-event', text, {
    stage: { id: stage.recordId, name, displayName: null, state, result },
    run: runJson(world, run),
    pipeline: { id: run.pipeline.id, name: run.pipeline.name },
  });
}
