import { createMonitor, type Monitor } from './monitor.ts';
import { createPipelines, type Pipelines } from './pipelines.ts';
import { createDeliveryPlatform, type DeliveryPlatform } from './platform.ts';
import { createTeams, digestReaderIn, type Teams } from './teams.ts';
import { createWorld, type World } from './world.ts';

/** The world with those who live in it and the one who watches. */
export interface Scene extends World {
  readonly pipelines: Pipelines;
  readonly teams: Teams;
  readonly monitor: Monitor;
  readonly platform: DeliveryPlatform;
}

export function createScene(seed: number, traced: boolean): Scene {
  const world = createWorld(seed, traced);
  const platform = createDeliveryPlatform(world);
  const monitor = createMonitor(world, () => pipelines.stages, platform);
  const pipelines: Pipelines = createPipelines(world, monitor);
  const teams = createTeams(world, {
    calledOut: monitor.calledOut,
    cameTo: (summary) => {
      const reader = digestReaderIn(summary);
      if (reader !== undefined) monitor.saidOnce.digestCame(reader);
      const [, owner] = /^drift to (\S+) \d+ open$/.exec(summary) ?? [];
      if (owner !== undefined) monitor.drift.cardCame(owner);
    },
    lost: (conversation) => monitor.drift.lost(conversation),
  });
  return Object.assign(world, { monitor, pipelines, platform, teams });
}
