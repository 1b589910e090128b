import { expect, test } from 'vitest';
import { ORG } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aWorldOfRegions, cardsOf, receiveStage } from '../fakes/run-scene.ts';

test('a reminder that Teams does not take is none of the messages of the day, and is said as soon as it is taken', async () => {
  const world = await aWorldOfRegions();
  await world.core.outbox.drain(ORG, await receiveStage(world, 'prod'));
  await world.settle();
  world.teams.answer = () => ({ kind: 'unavailable' });
  world.advance(61);
  await world.settle();
  const [stored] = (await world.ports.nudgeRecords.all()).filter(({ record }) => record.reader.includes(PEOPLE.alex));
  expect(stored?.record).toMatchObject({ said: [], days: [{ said: 0 }] });
  world.teams.answer = () => undefined;
  world.advance(5);
  await world.settle();
  expect(cardsOf(world, PEOPLE.alex).filter(({ notice }) => notice.about === 'reminder')).toHaveLength(1);
});
