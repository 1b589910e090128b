import { expect, test } from 'vitest';
import { digestCard } from '../../cards/digest-card.ts';
import { factValue } from '../cards/read.ts';
import { aCoverSet } from '../covers.ts';
import { sectionCounts } from '../digests.ts';
import { type CoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { reconciled, sentTo } from '../fakes/digest-scene.ts';
import { actor, CAST } from '../fakes/exception-scene.ts';
import { aWarning, wish } from '../fakes/triage-scene.ts';

// Isaiah owns nothing of payments: without more his digest says that nothing is open.
const { isaiah } = PEOPLE;
const UNTIL = '2026-11-27T22:00:00.000Z';

async function assigned(world: CoreWorld, fingerprint: string, oid: string) {
  const { kind } = await world.core.triage.assign({ ...wish(fingerprint, PEOPLE.adele), to: { kind: 'person', oid } });
  expect(kind).toBe('done');
}

function told(world: CoreWorld, oid: string) {
  const digest = sentTo(world, oid).at(-1);
  return digest && sectionCounts(digest);
}

test('whoever is given a finding reads of it in their digest, whether they own anything or not', async () => {
  const { world, fingerprint } = await aWarning();
  for (const oid of [isaiah, PEOPLE.adele, CAST.diego]) await world.meet(oid);
  await reconciled(world);
  expect(told(world, isaiah)).toEqual({});
  await assigned(world, fingerprint, isaiah);
  world.advance(1_440);
  await reconciled(world);
  expect(told(world, isaiah)).toEqual({ open: 1 });
});

test('whoever covers for an owner is sent what the owner is sent, and reads in whose place', async () => {
  const { world } = await aWarning();
  for (const oid of [isaiah, PEOPLE.adele, CAST.diego]) await world.meet(oid);
  await world.ports.covers.set(...aCoverSet(PEOPLE.adele, isaiah, UNTIL, world.now));
  await reconciled(world);
  expect(told(world, isaiah)).toEqual({ new: 1 });
  const [digest] = sentTo(world, isaiah);
  expect(digest && factValue(digestCard(digest), 'facts', 'Also for')).toContain('Adele Vance');
});

test('a cover that has ended brings nothing into a digest', async () => {
  const { world } = await aWarning();
  for (const oid of [isaiah, PEOPLE.adele, CAST.diego]) await world.meet(oid);
  await world.ports.covers.set(...aCoverSet(PEOPLE.adele, isaiah, world.now, world.now));
  await reconciled(world);
  expect(told(world, isaiah)).toEqual({});
});

test('who covers for a cover is told nothing of whom that one covers', async () => {
  const { world } = await aWarning();
  for (const oid of [isaiah, PEOPLE.lee]) await world.meet(oid);
  await world.ports.covers.set(...aCoverSet(PEOPLE.adele, isaiah, UNTIL, world.now));
  await world.ports.covers.set(...aCoverSet(isaiah, PEOPLE.lee, UNTIL, world.now));
  await reconciled(world);
  const names = sentTo(world, PEOPLE.lee).flatMap(({ covers = [] }) => covers.map(({ name }) => name));
  expect(names).not.toContain('Adele Vance');
});

test('who asks for the digest reads of what they were given and of whom they cover', async () => {
  const { world, fingerprint } = await aWarning();
  const asked = async (oid: string) => {
    const seen = await world.core.digestViews.today(actor(oid));
    return seen.kind === 'digest' ? sectionCounts(seen.digest) : seen;
  };
  expect(await asked(isaiah)).toEqual({});
  await assigned(world, fingerprint, isaiah);
  expect(await asked(isaiah)).toEqual({ new: 1 });
  await world.core.triage.release(wish(fingerprint, PEOPLE.adele));
  await world.ports.covers.set(...aCoverSet(CAST.diego, isaiah, UNTIL, world.now));
  world.advance(2);
  expect(await asked(isaiah)).toEqual({ new: 1 });
});
