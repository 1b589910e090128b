import { expect, test } from 'vitest';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { ConflictError, StoreUnavailableError } from '../../services/ports/table.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { actor, kindsOf } from '../fakes/exception-scene.ts';
import {
  asked,
  aWorld,
  bring,
  chainOf,
  exemption,
  exemptions,
  rowsOf,
  SCOPE,
  unmanaged,
} from '../fakes/import-scene.ts';

// What several processes, and calls that are lost, make of a file that is brought in.

test('of two processes that bring in the same file at once each entry, request and word of evidence is there once', async () => {
  const world = await aWorld();
  const file = exemptions(exemption(), exemption({ metadata: {} }, 'nobody'));
  const other = world.restart();
  await Promise.all([bring(world, file), bring(world, file, { core: other, by: actor(PEOPLE.isaiah) })]);
  expect(await asked(world)).toEqual(['EX-1']);
  expect((await world.ports.imports.read(SCOPE)).all).toHaveLength(2);
  const chain = (await chainOf(world)).map(({ entry }) => (JSON.parse(entry) as { kind: string }).kind);
  expect(chain).toEqual(['exceptions-imported', 'import-requested']);
});

test.each(['before', 'after', 'after-conflict'] as const)(
  'whichever call meets the fault "%s", bringing it in again comes to the same',
  async (fault) => {
    const file = exemptions(exemption(), exemption({ metadata: {} }, 'nobody'));
    for (let nth = 1; nth < 80; nth += 1) {
      let calls = Number.POSITIVE_INFINITY;
      const world = await aWorld(() => {
        calls -= 1;
        return calls === 0 ? fault : 'ok';
      });
      calls = nth;
      await bring(world, file).catch((error: unknown) => {
        if (!(error instanceof StoreUnavailableError || error instanceof ConflictError)) throw error;
      });
      await world.core.idle();
      const wasHit = calls <= 0;
      calls = Number.POSITIVE_INFINITY;
      await bring(world, file);
      world.advance(3);
      await world.settle();
      expect(await asked(world), `call ${nth}`).toEqual([expect.stringMatching(/^EX-/)]);
      const [id = ''] = await asked(world);
      expect(await kindsOf(world, id)).toEqual(['exception-requested']);
      const { all, evidence } = await world.ports.imports.read(SCOPE);
      expect(all).toHaveLength(2);
      expect(all.flatMap(({ requested = [] }) => requested)).toEqual([id]);
      expect(evidence.map(({ entry }) => (JSON.parse(entry) as { kind: string }).kind)).toEqual([
        'exceptions-imported',
        'import-requested',
      ]);
      expect(firstBrokenEntry(evidence)).toBeUndefined();
      if (!wasHit) return;
    }
    throw new Error('an import makes more calls than were tried');
  },
);

test('a large file that is cut off between its transactions goes on where it ended, with one word of evidence', async () => {
  let commits = Number.POSITIVE_INFINITY;
  const world = await aWorld(({ kind, partition }) => {
    if (kind !== 'commit' || !partition.endsWith('~s~payments-api~prod')) return 'ok';
    commits -= 1;
    return commits === 0 ? 'before' : 'ok';
  });
  const file = exemptions(...Array.from({ length: 130 }, (_, n) => exemption({ metadata: {} }, `old ${n}`)));
  commits = 3;
  await expect(bring(world, file)).rejects.toThrow(StoreUnavailableError);
  expect((await world.ports.imports.read(SCOPE)).all).toHaveLength(80);
  expect(await chainOf(world)).toEqual([]);

  await bring(world, file);
  expect(await unmanaged(world)).toHaveLength(130);
  expect(await chainOf(world)).toHaveLength(1);
  const before = rowsOf(world);
  await bring(world, file);
  expect(rowsOf(world)).toEqual(before);
});
