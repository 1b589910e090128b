import { rm } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FAULTS } from '../fakes/fault-proxy.ts';
import { approval, digest, exception, imports, nativeApproval } from '../fakes/process-played.ts';
import { ALWAYS_AT_WORK, editedPolicy } from '../fakes/process-policy.ts';
import { meetPeople } from '../fakes/process-stories.ts';
import { playWith } from '../fakes/process-trouble.ts';
import { type ProcessWorld, startProcessWorld } from '../fakes/process-world.ts';

/** With EVERY_CALL=1 some fifty stories for each fault. */
const LONG = 3_600_000;

let folder: string;
let world: ProcessWorld;
beforeAll(async () => {
  folder = await editedPolicy(ALWAYS_AT_WORK);
  world = await startProcessWorld({ policy: folder });
  await meetPeople(world);
}, LONG);
afterAll(async () => {
  await world?.close();
  await rm(folder, { recursive: true });
});

test.each([
  ['an approval', approval, 40],
  ['the import of reports', imports, 60],
  ['an exception', exception, 60],
  ['a native approval', nativeApproval, 30],
  ['a digest', digest, 15],
] as const)(
  'whichever call of %s goes wrong, and however, it is done in time, once, and nobody hears what is not true',
  async (_name, story, atLeast) => {
    expect(await playWith(world, story, FAULTS)).toBeGreaterThan(atLeast);
  },
  LONG,
);

test('no job token was stored, shown or logged', () => {
  expect(world.leaks()).toEqual([]);
});
