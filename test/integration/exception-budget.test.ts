import { expect, test } from 'vitest';
import { ORG } from '../builders.ts';
import { type Blocked, blocked, decide, word } from '../fakes/blocked-life.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { actor, ask, exceptionAt, exceptionOf, nextOp, TERMS } from '../fakes/exception-scene.ts';

const SCOPE = { org: ORG, service: 'payments-api', environment: 'prod' };

/** Two secrets block, and there is room for one exception; both are asked for at the same moment, at two processes. */
async function bothAsked(): Promise<Blocked & { readonly ids: readonly [string, string] }> {
  const life = await blocked(['k1', 'k2'], ['contract.yaml', 'exceptionsPerService: 5', 'exceptionsPerService: 1']);
  const { world, requestId } = life;
  const prints = (await life.gate(requestId)).judgement?.blocks.flatMap(({ fingerprints }) => fingerprints) ?? [];
  const wish = (n: number) => ({
    ...{ by: actor(PEOPLE.adele), op: nextOp(), terms: TERMS, fingerprints: [prints[n] ?? ''] },
    ...{ service: 'payments-api', environment: 'prod', control: 'secret-scanning' },
  });
  const other = world.restart();
  const answers = await Promise.all([
    world.core.exceptionRequests.request(wish(0)),
    other.exceptionRequests.request(wish(1)),
  ]);
  await world.core.idle();
  await other.idle();
  const [one, two] = answers.map((answer) => exceptionOf(answer).id);
  if (one === undefined || two === undefined) throw new Error('both are asked for');
  return { ...life, ids: [one, two] };
}

const inForce = async ({ world }: Blocked) => (await world.ports.exceptions.scope(SCOPE)).active.map(({ id }) => id);

test('what was asked for at the same moment beyond the budget is not granted before another one has ended', async () => {
  const life = await bothAsked();
  const { world, ids } = life;
  exceptionOf(await decide(life, ids[0], PEOPLE.megan));
  expect(await decide(life, ids[1], PEOPLE.megan)).toMatchObject({
    why: { code: 'budget-used', limit: 1, ids: [ids[0]] },
  });
  expect((await exceptionAt(world, ids[1])).state).toBe('requested');
  expect(await inForce(life)).toEqual([ids[0]]);

  exceptionOf(await world.core.exceptionReviews.revoke({ ...word(ids[0], PEOPLE.megan), why: 'mended' }));
  exceptionOf(await decide(life, ids[1], PEOPLE.megan));
  expect(await inForce(life)).toEqual([ids[1]]);
});

test('what is in force in another environment of the service counts at the grant', async () => {
  const life = await blocked(['k1'], ['contract.yaml', 'exceptionsPerService: 5', 'exceptionsPerService: 1']);
  const { world } = life;
  const wish = (environment: string) => ({
    ...{ by: actor(PEOPLE.adele), op: nextOp(), terms: TERMS, isListed: true },
    ...{ service: 'payments-api', environment, control: 'secret-scanning' },
  });
  const other = world.restart();
  const [prod, staging] = await Promise.all([
    world.core.exceptionRequests.request(wish('prod')),
    other.exceptionRequests.request(wish('staging')),
  ]);
  await world.core.idle();
  await other.idle();
  exceptionOf(await decide(life, exceptionOf(staging).id, PEOPLE.megan));
  expect(await decide(life, exceptionOf(prod).id, PEOPLE.megan)).toMatchObject({
    why: { code: 'budget-used', limit: 1, ids: [exceptionOf(staging).id] },
  });
});

test('of two grants of one control at the same moment one finds room', async () => {
  const life = await bothAsked();
  const other = life.world.restart();
  const approve = (id: string) => ({ ...word(id, PEOPLE.megan), verdict: 'approve' as const, comment: '' });
  const answers = await Promise.all([
    life.world.core.exceptionDecisions.decide(approve(life.ids[0])),
    other.exceptionDecisions.decide(approve(life.ids[1])),
  ]);
  expect(answers.map((answer) => (answer.kind === 'done' ? 'done' : answer.why.code)).sort()).toEqual([
    'budget-used',
    'done',
  ]);
  await life.world.core.idle();
  await other.idle();
  expect(await inForce(life)).toHaveLength(1);
});

test('a renewal takes the place of what it renews, and finds room at its grant', async () => {
  const life = await blocked(['k1'], ['contract.yaml', 'exceptionsPerService: 5', 'exceptionsPerService: 1']);
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  await world.core.idle();
  const renewal = exceptionOf(await ask(world, { renews: id }));
  expect(exceptionOf(await decide(life, renewal.id, PEOPLE.megan)).state).toBe('active');
  expect(await inForce(life)).toEqual([renewal.id]);
});
