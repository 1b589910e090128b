import { TENANT } from '../builders.ts';
import { personal } from '../fakes/core-world.ts';
import type { Event } from './cast.ts';
import type { WaitingStage } from './pipelines.ts';
import { APPROVERS } from './scenery.ts';

// What happens to the world itself, whoever does what meanwhile.

export const ends =
  (stage: WaitingStage, result: string): Event =>
  async (world) => {
    await world.pause(world.dice.below(120));
    world.note(`azure devops ends ${stage.run.id} as ${result}`);
    world.pipelines.end(stage, result);
  };

/** An approver leaves the group, is disabled, or comes back. */
export const changesDirectory: Event = async (world) => {
  await world.pause(world.dice.below(80));
  const { people, groups } = world.directory;
  const oid = world.dice.pick(APPROVERS);
  const person = people.get(oid);
  if (person === undefined) return;
  world.directory = world.dice.chance(0.5)
    ? {
        people,
        groups: new Map(groups).set(
          'payments-leads',
          APPROVERS.filter((one) => one !== oid),
        ),
      }
    : { people: new Map(people).set(oid, { ...person, disabled: !person.disabled }), groups };
  world.monitor.directoryChanged();
  world.note(`the directory changes for ${oid.slice(0, 4)}`);
};

export const changesPolicy: Event = async (world) => {
  await world.pause(world.dice.below(80));
  world.policy = world.policy === 1 ? 2 : 1;
  world.note(`policy ${world.policy}`);
};

/** Time passes all at once, or one machine's clock is set. */
export const jumpsClock: Event = async (world, cast) => {
  await world.pause(world.dice.below(80));
  if (world.isQuiet) return;
  const alive = cast.processes();
  if (world.dice.chance(0.5) && alive.length > 0) {
    world.dice.pick(alive).skew = (world.dice.below(120) - 60) * 1_000;
  } else {
    world.time += world.dice.pick([61, 301, 3_600, 3 * 3_600, 30 * 3_600]) * 1_000;
  }
  world.note('the clock jumps');
};

/** Somebody writes another address into the store. */
export const poisonsConversation: Event = async (world) => {
  const oid = world.dice.pick(APPROVERS);
  const conversation = { ...personal(oid), serviceUrl: 'https://evil.example/' };
  const values = { conversation: JSON.stringify(conversation) };
  await world.store.commit('conv', `${TENANT}~u~${oid}`, [{ kind: 'put', row: 'ref~-', values }]);
  world.note(`the conversation of ${oid.slice(0, 4)} is poisoned`);
};
