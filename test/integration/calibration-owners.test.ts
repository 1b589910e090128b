import { expect, test } from 'vitest';
import { StoreUnavailableError } from '../../services/ports/table.ts';
import { PEOPLE, personal } from '../fakes/core-world.ts';
import { DAY, measure, overused, secrets, told } from '../fakes/overused-control.ts';
import { edited } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

test('an owner is told once, whichever of two processes measures, and not again while the advice stands', async () => {
  const { world } = await overused();
  const other = world.restart();
  await Promise.all([measure(world), measure({ core: other })]);
  expect(told(world)).toHaveLength(2);

  for (let day = 0; day < 3; day += 1) {
    world.advance(DAY);
    await Promise.all([measure(world), measure({ core: other })]);
  }
  expect(told(world)).toHaveLength(2);
});

test('an owner is told again of advice that was given up and is given again', async () => {
  const life = await overused();
  const { world, policyDir } = life;
  await measure(world);
  const rate = (from: string, to: string) =>
    edited(policyDir, ['contract.yaml', `overuseRate: ${from}`, `overuseRate: ${to}`]);
  await rate('0.2', '0.9');
  world.advance(DAY);
  await measure(world);
  await rate('0.9', '0.2');
  expect(told(world)).toHaveLength(2);
  world.advance(DAY);
  await measure(world);
  expect(told(world)).toHaveLength(4);
});

test('an owner gets one message a day, whatever else they own', async () => {
  const { world } = await overused();
  await scanned(world, secrets(22), { commit: 'e'.repeat(40) });
  world.advance(3 * DAY);
  await scanned(world, secrets(2), { commit: 'f'.repeat(40) });
  world.advance(5);

  // A process that dies just before it has noted that all of this is done.
  const { commit } = world.table;
  Object.assign(world.table, {
    commit: (...args: Parameters<typeof commit>) =>
      JSON.stringify(args[2]).includes('isDone\\":true')
        ? Promise.reject(new StoreUnavailableError('down'))
        : commit(...args),
  });
  await measure(world);
  Object.assign(world.table, { commit });
  world.advance(60);
  await measure({ core: world.restart() });
  expect(told(world)).toHaveLength(2);
  world.advance(4 * DAY);
  await measure(world);
  expect(told(world).slice(2).sort()).toEqual(
    [
      [PEOPLE.megan, 'sast', 'ready-to-block'],
      [PEOPLE.lee, 'sast', 'ready-to-block'],
    ].sort(),
  );
});

test('an owner who cannot be reached, or whom Teams did not answer for, is told the next day', async () => {
  const { world } = await overused();
  await world.ports.conversations.forget({ kind: 'person', oid: PEOPLE.lee });
  world.teams.answer = ({ id }) => (id === personal(PEOPLE.megan).id ? { kind: 'unavailable' } : undefined);
  await measure(world);
  expect(told(world)).toEqual([]);
  world.teams.answer = () => undefined;
  await world.meet(PEOPLE.lee);
  world.advance(60);
  await measure(world);
  expect(told(world)).toEqual([]);
  world.advance(DAY);
  await measure(world);
  expect(told(world)).toHaveLength(2);
});

test('an owner whom Teams will never take it for is not tried again, and the log has it', async () => {
  const { world } = await overused();
  world.teams.answer = () => ({ kind: 'failed', code: 'BadSyntax', isFinal: true });
  await measure(world);
  world.teams.answer = () => undefined;
  world.advance(DAY);
  await measure(world);
  expect(told(world)).toEqual([]);
});

test.each([
  ['before work begins', '2026-12-29T07:59:00.000Z', '2026-12-29T08:00:00.000Z'],
  ['after work has ended', '2026-12-28T16:30:00.000Z', '2026-12-29T08:00:00.000Z'],
  ['on a holiday', '2027-01-01T10:00:00.000Z', '2027-01-04T08:00:00.000Z'],
  ['at the weekend', '2027-01-02T10:00:00.000Z', '2027-01-04T16:29:00.000Z'],
])('an owner is told nothing %s, but on the next working day', async (_, silent, working) => {
  const { world } = await overused();
  world.now = silent;
  await measure(world);
  expect(told(world)).toEqual([]);
  world.now = working;
  await measure(world);
  expect(told(world)).toHaveLength(2);
});

test('an owner who is a guest or disabled by now is told nothing', async () => {
  const { world, policyDir } = await overused();
  await edited(policyDir, ['directory.yaml', 'name: Megan Bowen\n', 'name: Megan Bowen\n    disabled: true\n']);
  await edited(policyDir, ['directory.yaml', 'name: Lee Gu\n', 'name: Lee Gu\n    guest: true\n']);
  world.advance(5);
  await measure(world);
  expect(told(world)).toEqual([]);
});

test('an owner of whom the note was lost is told again the next day, never twice a day', async () => {
  const { world } = await overused();
  const { commit } = world.table;
  Object.assign(world.table, {
    commit: (...args: Parameters<typeof commit>) =>
      JSON.stringify(args[2]).includes('step-down')
        ? Promise.reject(new StoreUnavailableError('down'))
        : commit(...args),
  });
  await measure(world);
  await measure({ core: world.restart() });
  expect(told(world)).toHaveLength(2);
  Object.assign(world.table, { commit });
  for (let day = 0; day < 2; day += 1) {
    world.advance(DAY);
    await measure(world);
  }
  expect(told(world)).toHaveLength(4);
});
