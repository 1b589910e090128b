import { expect, test } from 'vitest';
import { blocked } from '../fakes/blocked-life.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { actor, ask, CAST, exceptionAt, exceptionOf, grant, nextOp } from '../fakes/exception-scene.ts';
import type { Edit } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// What is left of an exception: of its time, of its findings, and of the approvals that were given.

const TWO: Edit = ['contract.yaml', 'quorum: 1', 'quorum: 2'];

test('what is over is neither granted nor withdrawn, nor kept or revoked, before anybody has noted it', async () => {
  const { world, requestId } = await blocked(['a-key']);
  const { id } = exceptionOf(await ask(world, { requestId }, { until: '2026-11-25' }));
  const over = { kind: 'refused', why: { code: 'wrong-state', state: 'expired' } };
  world.now = '2026-11-26T00:00:00.000Z';
  expect(await grant(world, id)).toMatchObject(over);
  const word = (oid: string) => ({ id, by: actor(oid), op: nextOp(), why: 'because' });
  expect(await world.core.exceptionDecisions.withdraw(word(PEOPLE.adele))).toMatchObject(over);
  world.now = '2026-11-25T23:59:59.000Z';
  exceptionOf(await grant(world, id));
  world.now = '2026-11-26T00:00:00.000Z';
  expect(await world.core.exceptionReviews.review({ ...word(CAST.diego), answer: 'keep' })).toMatchObject(over);
  expect(await world.core.exceptionReviews.revoke(word(PEOPLE.megan))).toMatchObject(over);
});

test('a renewal is for what is still open: what is mended is left out', async () => {
  const { world, requestId } = await blocked(['a-key', 'b-key']);
  const { id, target } = exceptionOf(await ask(world, { requestId }));
  expect(target.fingerprints).toHaveLength(2);
  exceptionOf(await grant(world, id));
  world.advance(1);
  await scanned(world, ['b-key'], { tool: 'gitleaks', commit: 'c'.repeat(40) });
  const renewal = exceptionOf(await ask(world, { renews: id, by: actor(CAST.diego) }));
  expect(renewal.target.fingerprints).toHaveLength(1);
  expect(target.fingerprints).toContain(renewal.target.fingerprints?.[0]);
  expect(renewal.renewal).toMatchObject({ number: 1, renews: id });
});

test('who approves and then asks for the same has approved nothing', async () => {
  const { world, requestId } = await blocked(['a-key'], TWO);
  const { id } = exceptionOf(await ask(world, { requestId }));
  expect(exceptionOf(await grant(world, id))).toMatchObject({ state: 'requested', votes: [{}] });
  expect(await ask(world, { requestId, by: actor(PEOPLE.megan) })).toMatchObject({ kind: 'joined' });
  expect(await exceptionAt(world, id)).toMatchObject({ votes: [], askers: [{}, {}] });
  expect(exceptionOf(await grant(world, id, PEOPLE.lee)).state).toBe('requested');
});

test('of two approvers the second may narrow it to one finding: then the first is asked again, and the rest can be asked for', async () => {
  const { world, requestId } = await blocked(['a-key', 'b-key'], TWO);
  const { id, target } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await grant(world, id));
  const fingerprints = (target.fingerprints ?? []).slice(0, 1);
  const said = {
    id,
    by: actor(PEOPLE.lee),
    op: nextOp(),
    verdict: 'approve',
    comment: '',
    narrowing: { fingerprints },
  } as const;
  const less = exceptionOf(await world.core.exceptionDecisions.decide(said));
  expect(less).toMatchObject({ state: 'requested', revision: 2, target: { fingerprints }, votes: [{}] });
  expect(exceptionOf(await ask(world, { requestId })).id).not.toBe(id);
  expect(exceptionOf(await grant(world, id))).toMatchObject({ state: 'active', target: { fingerprints } });
});
