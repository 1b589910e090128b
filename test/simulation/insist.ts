import type { Cast } from './cast.ts';
import type { Process } from './process.ts';
import type { Scene } from './scene.ts';

/** Somebody outside calls a process that lives; undefined when it died or failed before it answered. */
async function call<T>(world: Scene, cast: Cast, work: (process: Process) => Promise<T>): Promise<T | undefined> {
  await world.turns.take(world.outside);
  const alive = cast.processes();
  if (alive.length === 0) return undefined;
  const process = world.dice.pick(alive);
  const lost = process.life.died.then(() => undefined);
  return Promise.race([work(process).catch(() => undefined), lost]);
}

/** As often as it takes, but not for ever: a caller gives up in the end. */
export async function insist<T>(
  world: Scene,
  cast: Cast,
  work: (process: Process) => Promise<T>,
): Promise<T | undefined> {
  for (let tries = 0; tries < 12; tries += 1) {
    const answer = await call(world, cast, work);
    if (answer !== undefined) return answer;
    await world.pause(6);
  }
  return undefined;
}
