import type { Exception } from '../../services/domain/exception.ts';
import type { Gate } from '../../services/domain/gate.ts';
import type { Row } from '../../services/ports/table.ts';
import { ORG } from '../builders.ts';
import type { Event } from './cast.ts';
import { DAY_MS, endOf, exceptionIn, isHeader } from './exception-watch.ts';
import { onceOfEach } from './once-of-each.ts';
import type { WaitingStage } from './pipelines.ts';
import type { Scene } from './scene.ts';
import { SERVICE } from './scenery.ts';

// What people see of gates and exceptions, and the days that pass over them.

/** Patiently, mostly, and then not at once. */
export async function waits(world: Scene, most: number, isThere: () => boolean): Promise<void> {
  const patience = world.dice.chance(0.85) ? most : world.dice.below(most);
  await world.awaits(isThere, patience);
  await world.pause(world.dice.below(15));
}

export function gateOf({ store }: Scene, { org, requestId }: WaitingStage): Gate | undefined {
  const row = store.rowsOf('gate', `${org}~r~${requestId}`).find((one) => one.row === 'h');
  return row === undefined ? undefined : gateIn(row);
}

const gateIn = onceOfEach(({ values }: Row) => JSON.parse(String(values['gate'])) as Gate);

/** As the lists show them: by their records. */
export function exceptionsOf({ store }: Scene): Exception[] {
  return ['prod', 'staging'].flatMap((environment) =>
    store
      .rowsOf('scope', `${ORG}~s~${SERVICE}~${environment}`)
      .filter(isHeader)
      .map(({ values }) => exceptionIn(values)),
  );
}

/** To just before or after a day's end, where exceptions end, or on to another day. */
export const passesDays: Event = async (world) => {
  const isWaiting = world.dice.chance(0.7);
  if (isWaiting) await waits(world, 300, () => exceptionsOf(world).some(({ state }) => state === 'active'));
  await world.pause(world.dice.below(100));
  if (!world.isQuiet) passes(world);
};

/** Another run of the same arrives just after an exception has ended, before anybody has noted that. */
export function arrivesTooLate(world: Scene, like: WaitingStage, delivers: (stage: WaitingStage) => Event): Event {
  const stage = world.pipelines.begin(like.environment, like.run.commit);
  return async (_, cast) => {
    const isHere = ({ state, target }: Exception) => state === 'active' && target.environment === stage.environment;
    await waits(world, 900, () => exceptionsOf(world).some(isHere));
    const exception = exceptionsOf(world).find(isHere);
    if (exception === undefined || world.isQuiet) return;
    world.time = Math.max(world.time, endOf(exception) + world.dice.below(30_000));
    world.note(`${exception.id} has ended`);
    await delivers(stage)(world, cast);
  };
}

function passes(world: Scene): void {
  const midnight = Math.ceil(world.time / DAY_MS) * DAY_MS;
  const to = world.dice.pick([
    midnight - 1_000,
    midnight + 1_000,
    midnight + 30_000,
    world.time + DAY_MS,
    world.time + 2.1 * DAY_MS,
  ]);
  world.time = Math.max(world.time, to);
  world.note('days pass');
}
