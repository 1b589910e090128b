import { expect, test } from 'vitest';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import {
  actor,
  ask,
  CAST,
  exceptionAt,
  exceptionOf,
  grant,
  kindsOf,
  meetAll,
  nextOp,
  pass,
  toldOf,
} from '../fakes/exception-scene.ts';
import type { Edit } from '../fakes/policy-folder.ts';

/** Adele's deployment of payments-api, blocked by a secret. */
async function blocked(...edits: readonly Edit[]) {
  const life = await aLife(...edits);
  await meetAll(life.world);
  await life.world.report('gitleaks-orders.sarif');
  const requestId = await life.deploy();
  expect((await life.gate(requestId)).state).toBe('blocked');
  return { ...life, requestId };
}

test('an exception is requested, granted by a second person, releases the same run, is reviewed, renewed, and ends; then the gate blocks again', async () => {
  const { world, requestId, gate, deploy } = await blocked();

  const { id } = exceptionOf(await ask(world, { requestId }));
  expect(id).toBe('EX-1');
  expect((await gate(requestId)).awaits).toEqual(['EX-1']);
  expect(toldOf(world, PEOPLE.megan)).toMatchObject([{ topic: 'ask', exception: { state: 'requested' } }]);
  world.advance(120);
  await world.settle();
  expect((await gate(requestId)).state).toBe('blocked');

  const granted = exceptionOf(await grant(world, id));
  expect(granted).toMatchObject({ state: 'active', grantedAt: world.now, renewal: { number: 0, of: 1 } });
  expect(await gate(requestId)).toMatchObject({
    state: 'asked',
    judgement: { blocks: [], warns: [{}, { exceptionId: 'EX-1' }] },
  });
  expect(toldOf(world, PEOPLE.adele).map(({ topic }) => topic)).toContain('outcome');

  await world.core.approvals.decide({
    requestId,
    verdict: 'approve',
    comment: '',
    by: actor(PEOPLE.alex),
    op: nextOp(),
  });
  await world.settle();
  expect(world.told).toMatchObject([{ result: 'succeeded' }]);

  await pass(world, 2);
  expect(toldOf(world, CAST.diego).map(({ topic }) => topic)).toContain('review');
  const kept = await world.core.exceptionReviews.review({
    id,
    by: actor(CAST.diego),
    op: nextOp(),
    answer: 'keep',
    why: 'the rewrite is planned for Monday',
  });
  expect(exceptionOf(kept).reviews).toMatchObject({ missed: 0, last: { answer: 'keep' } });

  const renewal = exceptionOf(await ask(world, { renews: id, by: actor(CAST.diego) }, { until: '2026-12-02' }));
  expect(renewal).toMatchObject({ id: 'EX-2', state: 'requested', renewal: { number: 1, of: 1, renews: 'EX-1' } });
  expect((await exceptionAt(world, id)).state).toBe('active');
  exceptionOf(await grant(world, renewal.id, PEOPLE.lee));
  expect(await exceptionAt(world, id)).toMatchObject({ state: 'closed', renewal: { renewedBy: 'EX-2' } });
  expect(await kindsOf(world, id)).toEqual([
    'exception-requested',
    'exception-granted',
    'exception-counted',
    'review-asked',
    'review-answered',
    'exception-renewed',
  ]);

  await pass(world, 7);
  expect(await exceptionAt(world, renewal.id)).toMatchObject({ state: 'expired', reviews: { missed: 1 } });
  expect(toldOf(world, CAST.diego).at(-1)).toMatchObject({ topic: 'over', exception: { state: 'expired' } });
  const again = await deploy({ run: 200 });
  expect(await gate(again)).toMatchObject({
    state: 'blocked',
    judgement: { blocks: [{ control: 'secret-scanning' }] },
  });
  const more = await ask(world, { requestId: again }, { until: '2026-12-10' });
  expect(more).toMatchObject({ kind: 'refused', why: { code: 'renewals-used', of: 1, last: 'EX-2' } });
  expect(toldOf(world, PEOPLE.megan).at(-1)).toMatchObject({ topic: 'overdrawn', exception: { id: 'EX-2' } });
});
