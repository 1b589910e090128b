import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { approval, digest, exception, imports, nativeApproval } from '../fakes/process-played.ts';
import { ALWAYS_AT_WORK, editedPolicy } from '../fakes/process-policy.ts';
import { meetPeople } from '../fakes/process-stories.ts';
import { playWith } from '../fakes/process-trouble.ts';
import { type ProcessWorld, startProcessWorld } from '../fakes/process-world.ts';

/** A process start for each kill: with EVERY_CALL=1 an hour. */
const LONG = 3_600_000;

let folder: string;
let world: ProcessWorld;
beforeAll(async () => {
  folder = await editedPolicy(ALWAYS_AT_WORK);
  world = await startProcessWorld({ policy: folder, spares: 2 });
  await meetPeople(world);
}, LONG);
afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true });
});

test.each([
  ['an approval', approval, 20],
  ['the import of reports', imports, 30],
  ['an exception', exception, 30],
  ['a native approval', nativeApproval, 15],
  ['a digest', digest, 10],
] as const)(
  'a bot killed before or after any call of %s leaves it to another: done once, in time, and nobody has to ask again',
  async (_name, story, atLeast) => {
    expect(await playWith(world, story, ['killed before', 'killed after'])).toBeGreaterThan(atLeast);
  },
  LONG,
);

test('no job token was stored, shown or logged', () => {
  expect(world.leaks()).toEqual([]);
});
