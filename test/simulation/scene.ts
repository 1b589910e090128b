import { createMonitor, type Monitor } from './monitor.ts';
import { createPipelines, type Pipelines } from './pipelines.ts';
import { createTeams, digestReaderIn, type Teams } from './teams.ts';
import { createWorld, type World } from './world.ts';

/** The world with those who live in it and the one who watches. */
export interface Scene extends World {
  readonly pipelines: Pipelines;
  readonly teams: Teams;
  readonly monitor: Monitor;
}

export function createScene(seed: number, traced: boolean): Scene {
  const world = createWorld(seed, traced);
  const monitor = createMonitor(world, () => pipelines.stages);
  const pipelines: Pipelines = createPipelines(world, monitor);
  const teams = createTeams(world, {
    calledOut: monitor.calledOut,
    cameTo: (summary) => {
      const reader = digestReaderIn(summary);
      if (reader !== undefined) monitor.saidOnce.digestCame(reader);
    },
  });
  return Object.assign(world, { monitor, pipelines, teams });
}
