import { expect, test } from 'vitest';
import { COMMIT, ORG } from '../builders.ts';
import { blocked, decide, word } from '../fakes/blocked-life.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { actor, ask, CAST, exceptionAt, exceptionOf, kindsOf, nextOp, toldOf } from '../fakes/exception-scene.ts';
import { scanned } from '../fakes/scanned.ts';

test('who asked, in person or by joining, who deploys to production, guests and strangers to the group do not grant', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId, by: actor(PEOPLE.megan) }));
  await ask(world, { requestId, by: actor(PEOPLE.lee) });
  expect(await decide(life, id, PEOPLE.megan)).toMatchObject({ why: { code: 'own-exception' } });
  expect(await decide(life, id, PEOPLE.lee)).toMatchObject({ why: { code: 'own-exception' } });
  expect(await decide(life, id, PEOPLE.alex)).toMatchObject({ why: { code: 'not-an-approver' } });
  const stranger = '00000000-0000-4000-8000-00000000dead';
  expect(await decide(life, id, stranger)).toMatchObject({ why: { code: 'stranger', refusal: 'not-in-directory' } });
  expect((await exceptionAt(world, id)).state).toBe('requested');
});

test('the requester of a deployment that waits for it does not grant it in production, whoever asked for it', async () => {
  const life = await blocked(
    ['a-key'],
    ['contract.yaml', 'approvers: "group:security-leads"', 'approvers: "group:payments-owners"'],
  );
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { by: actor(CAST.diego), requestId }));
  expect(await decide(life, id, PEOPLE.adele)).toMatchObject({ why: { code: 'own-deployment' } });
  expect((await life.gate(requestId)).state).toBe('blocked');
});

test('too few who may grant it: refused at once, with who they are', async () => {
  const { world, requestId } = await blocked(
    ['a-key'],
    ['contract.yaml', 'approvers: "group:security-leads"', 'approvers: "group:platform"'],
  );
  expect(await ask(world, { requestId, by: actor(PEOPLE.isaiah) })).toMatchObject({
    why: { code: 'too-few-approvers', approvers: 'group:platform', quorum: 1, left: 0 },
  });
});

test('a control whose exceptions may last no day grants none, and says who can tell more', async () => {
  const { world, requestId } = await blocked(['a-key'], ['contract.yaml', 'max: 7d', 'max: 0d']);
  expect(await ask(world, { requestId })).toMatchObject({
    kind: 'refused',
    why: { code: 'no-exceptions', control: 'secret-scanning', owner: 'group:security-leads' },
  });
});

test('two approvers at once: each word is counted once, and nothing is half recorded', async () => {
  const life = await blocked();
  const { id } = exceptionOf(await ask(life.world, { requestId: life.requestId }));
  const other = life.world.restart();
  const [one, two] = await Promise.all([
    decide(life, id, PEOPLE.megan),
    other.exceptionDecisions.decide({ ...word(id, PEOPLE.lee), verdict: 'reject', comment: 'not before a fix' }),
  ]);
  const answers = [one, two]
    .map((answer) => (answer.kind === 'done' ? answer.exception.state : answer.why.code))
    .sort();
  expect([
    ['active', 'wrong-state'],
    ['rejected', 'wrong-state'],
  ]).toContainEqual(answers);
  expect(await kindsOf(life.world, id)).toHaveLength(2);
});

test('the same word sent twice is one, at any process', async () => {
  const life = await blocked();
  const { id } = exceptionOf(await ask(life.world, { requestId: life.requestId }));
  const click = { ...word(id, PEOPLE.megan), verdict: 'approve' as const, comment: '' };
  const answers = await Promise.all(
    [life.world.core, life.world.restart(), life.world.core].map((core) => core.exceptionDecisions.decide(click)),
  );
  expect(answers.map((answer) => exceptionOf(answer).state)).toEqual(['active', 'active', 'active']);
  expect(await kindsOf(life.world, id)).toEqual(['exception-requested', 'exception-granted']);
});

test('an approver may narrow what was asked for and never widen it', async () => {
  const life = await blocked(['key-1', 'key-2']);
  const { world, requestId } = life;
  const { id, target } = exceptionOf(await ask(world, { requestId }));
  expect(target.fingerprints).toHaveLength(2);
  const [first = ''] = target.fingerprints ?? [];
  for (const narrowing of [
    { until: '2026-12-01' },
    { fingerprints: ['f'.repeat(32)] },
    { fingerprints: [] },
    { fingerprints: [first, 'f'.repeat(32)] },
  ])
    expect(await decide(life, id, PEOPLE.megan, { narrowing })).toMatchObject({
      why: { code: 'wider-than-requested' },
    });
  const narrowed = exceptionOf(
    await decide(life, id, PEOPLE.megan, { narrowing: { until: '2026-11-26', fingerprints: [first] } }),
  );
  await world.core.idle();
  expect(narrowed).toMatchObject({
    state: 'active',
    terms: { until: '2026-11-26' },
    target: { fingerprints: [first] },
  });
  expect(await life.gate(requestId)).toMatchObject({ state: 'blocked', judgement: { counts: { block: 1 } } });
});

test('a card that was shown for something else by now decides nothing, nor does a form', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const { id, revision } = exceptionOf(await ask(world, { requestId }));
  expect(await decide(life, id, PEOPLE.megan, { revision: revision + 1 })).toMatchObject({
    why: { code: 'stale-revision' },
  });
  expect(await decide(life, id, PEOPLE.megan, { verdict: 'reject', comment: ' ' })).toMatchObject({
    why: { code: 'comment-required' },
  });
  exceptionOf(await decide(life, id, PEOPLE.megan, { verdict: 'reject', comment: 'mend it' }));
  const wish = {
    by: actor(PEOPLE.adele),
    op: nextOp(),
    service: 'payments-api',
    environment: 'prod',
    control: 'secret-scanning',
    requestId,
    terms: {},
  };
  const offer = await world.core.exceptionRequests.offer(wish);
  if ('code' in offer) throw new Error(offer.code);
  await scanned(world, ['a-key', 'b-key'], { tool: 'gitleaks', level: 'warning' });
  expect(await ask(world, { requestId, shown: offer.shown })).toMatchObject({ why: { code: 'stale-revision' } });
});

test('forged ids, ended ones and what is not open are refused by name', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  expect(await decide(life, 'EX-99', PEOPLE.megan)).toMatchObject({ why: { code: 'unknown-exception', id: 'EX-99' } });
  expect(await ask(world, { fingerprints: ['f'.repeat(32)] })).toMatchObject({ why: { code: 'unknown-finding' } });
  expect(await ask(world, { requestId: 'aaaaaaaaaaaaaaaa' })).toMatchObject({
    why: { code: 'stranger', refusal: 'unknown-request' },
  });
  expect(await ask(world, { requestId, service: 'orders-api' })).toMatchObject({ why: { code: 'stranger' } });
  expect(await ask(world, { control: 'sast', requestId })).toMatchObject({ why: { code: 'not-blocking' } });
  expect(await ask(world, {})).toMatchObject({ why: { code: 'scope-too-wide', control: 'secret-scanning' } });
  expect(await ask(world, { control: 'nothing' })).toMatchObject({ why: { code: 'unknown-control' } });
  expect(await ask(world, { renews: 'EX-99' })).toMatchObject({ why: { code: 'unknown-exception' } });
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await world.core.exceptionDecisions.withdraw({ ...word(id, PEOPLE.adele), why: '' }));
  for (const answer of [
    await decide(life, id, PEOPLE.megan),
    await world.core.exceptionReviews.revoke({ ...word(id, PEOPLE.megan), why: 'too late' }),
    await world.core.exceptionReviews.review({ ...word(id, CAST.diego), answer: 'keep', why: 'too late' }),
    await world.core.exceptionReviews.handOver({ ...word(id, CAST.diego), to: 'group:platform' }),
    await world.core.exceptionDecisions.withdraw({ ...word(id, PEOPLE.adele), why: '' }),
  ])
    expect(answer).toMatchObject({ kind: 'refused', why: { code: 'wrong-state', state: 'withdrawn' } });
  expect(await ask(world, { renews: id })).toMatchObject({ why: { code: 'wrong-state', state: 'withdrawn' } });
  expect(await kindsOf(world, id)).toEqual(['exception-requested', 'exception-withdrawn']);
});

test('its owner is one active person or group of the directory', async () => {
  const { world, requestId } = await blocked();
  for (const [owner, why] of [
    ['Pat Visitor', { code: 'owner-guest', owner: 'Pat Visitor' }],
    ['user:00000000-0000-4000-8000-00000000dead', { code: 'owner-unknown' }],
    ['group:nobody-here', { code: 'owner-empty', owner: 'group:nobody-here' }],
    ['Somebody Else', { code: 'owner-unknown', owner: 'Somebody Else' }],
  ] as const)
    expect(await ask(world, { requestId }, { owner })).toMatchObject({ kind: 'refused', why });
  const asked = await ask(world, { requestId }, { owner: 'diego.siciliani@contoso.example' });
  expect(exceptionOf(asked).terms.owner).toBe(`user:${CAST.diego}`);
});

test('the budget of a service counts what is asked for and in force, and is refused with what to close', async () => {
  const { world } = await blocked(
    ['k1', 'k2', 'k3'],
    ['contract.yaml', 'exceptionsPerService: 5', 'exceptionsPerService: 2'],
  );
  const heads = (await world.ports.scopes.view({ org: ORG, service: 'payments-api', environment: '-' }, [COMMIT]))
    .heads;
  const prints = heads
    .filter(({ tool }) => tool === 'gitleaks')
    .flatMap(({ groups }) => groups.flatMap((group) => group.fingerprints));
  const each = async (n: number) => ask(world, { fingerprints: [prints[n] ?? ''] });
  const one = exceptionOf(await each(0));
  exceptionOf(await each(1));
  expect(await each(2)).toMatchObject({ why: { code: 'budget-used', limit: 2, ids: ['EX-1', 'EX-2'] } });
  exceptionOf(await world.core.exceptionDecisions.withdraw({ ...word(one.id, PEOPLE.adele), why: '' }));
  await world.core.idle();
  expect(await each(2)).toMatchObject({ kind: 'requested' });
});

test('a gate does not end while an exception for what blocks it is asked for, and ends once that is refused', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  world.advance(180);
  await world.settle();
  expect(await life.gate(requestId)).toMatchObject({ state: 'blocked', awaits: [id] });
  exceptionOf(await decide(life, id, PEOPLE.megan, { verdict: 'reject', comment: 'mend it first' }));
  await world.settle();
  expect((await life.gate(requestId)).state).toBe('failed');
  expect(world.told.at(-1)).toMatchObject({ result: 'failed' });
});

test('what somebody tries who may not is evidence, once for each person and reason', async () => {
  const life = await blocked();
  const { id } = exceptionOf(await ask(life.world, { requestId: life.requestId }));
  for (let n = 0; n < 3; n += 1) await decide(life, id, PEOPLE.adele);
  await decide(life, id, PEOPLE.isaiah);
  expect(await kindsOf(life.world, id)).toEqual(['exception-requested', 'refused', 'refused']);
  expect((await exceptionAt(life.world, id)).state).toBe('requested');
});

test('without a contract nothing is granted, and what takes away is done all the same', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  await world.core.idle();
  Object.assign(world.ports.policy, {
    current: async () => ({
      catalog: { services: new Map(), broken: new Map() },
      routes: [],
      brokenRoutes: new Map(),
      problems: [],
    }),
  });
  expect(await ask(world, { requestId })).toMatchObject({ why: { code: 'no-contract' } });
  expect(
    await world.core.exceptionReviews.review({ ...word(id, CAST.diego), answer: 'keep', why: 'still needed' }),
  ).toMatchObject({
    why: { code: 'no-contract' },
  });
  exceptionOf(await world.core.exceptionReviews.revoke({ ...word(id, PEOPLE.megan), why: 'no rules, no exceptions' }));
  expect((await exceptionAt(world, id)).state).toBe('revoked');
});

test('whoever deploys hears that their stage can be run again, whoever asked for the exception', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  world.advance(90);
  await world.settle();
  const { id } = exceptionOf(await ask(world, { requestId, by: actor(CAST.diego) }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  await world.core.idle();
  expect(toldOf(world, PEOPLE.adele).filter(({ topic }) => topic === 'outcome')).toMatchObject([
    { runAgain: [{ id: requestId }] },
  ]);
});

test('a request whose own day has passed is joined by nobody: the same can be asked for anew', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const first = exceptionOf(await ask(world, { requestId }, { until: '2026-11-24' }));
  world.now = '2026-11-25T06:00:00.000Z';
  const second = await ask(world, { requestId, by: actor(CAST.diego) });
  expect(second).toMatchObject({ kind: 'requested', exception: { id: 'EX-2' } });
  expect((await exceptionAt(world, first.id)).state).toBe('expired');
});
