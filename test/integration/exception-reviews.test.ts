import { expect, test } from 'vitest';
import { blocked, decide, word } from '../fakes/blocked-life.ts';
import { PEOPLE, personal } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { ask, CAST, exceptionAt, exceptionOf, kindsOf, meetAll, pass, toldOf } from '../fakes/exception-scene.ts';
import { edited } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

test('granted after the stage has failed: whoever asked hears that it can be run again, with the run', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  world.advance(90);
  await world.settle();
  expect((await life.gate(requestId)).state).toBe('failed');
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  await world.core.idle();
  const outcome = toldOf(world, PEOPLE.adele).find(({ topic }) => topic === 'outcome');
  expect(outcome?.runAgain?.map((gate) => gate.id)).toEqual([requestId]);
});

test('granted while the run waits, or after it was let through for another reason: there is nothing to run again', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const runAgain = () => toldOf(world, PEOPLE.adele).flatMap(({ runAgain: gates = [] }) => gates);
  const first = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, first.id, PEOPLE.megan));
  await world.core.idle();
  expect([(await life.gate(requestId)).state, runAgain()]).toEqual(['asked', []]);
  await scanned(world, ['key-2'], { tool: 'gitleaks', level: 'warning' });
  await world.settle();
  const second = exceptionOf(await ask(world, { requestId }));
  await world.report('gitleaks-clean.sarif');
  await world.settle();
  await life.decide(requestId, PEOPLE.alex);
  await world.settle();
  expect((await life.gate(requestId)).state).toBe('approved');
  exceptionOf(await decide(life, second.id, PEOPLE.megan));
  await world.core.idle();
  expect(toldOf(world, PEOPLE.adele).filter(({ topic }) => topic === 'outcome')).toHaveLength(2);
  expect(runAgain()).toEqual([]);
});

test('behaviour 40: revoked after people have approved, before the verdict is sealed, it still blocks; after that nothing changes', async () => {
  const life = await blocked();
  const { world, requestId, deploy, gate } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  await world.core.idle();
  await life.decide(requestId, PEOPLE.alex);
  await world.settle();
  expect(await gate(requestId)).toMatchObject({ state: 'approved', verdict: { result: 'succeeded' } });
  const next = await deploy({ run: 101 });
  life.after('decided', () =>
    world.core.exceptionReviews.revoke({ ...word(id, PEOPLE.lee), why: 'the key is used again' }),
  );
  await life.decide(next, PEOPLE.alex);
  await world.settle();
  expect((await exceptionAt(world, id)).state).toBe('revoked');
  expect(await gate(next)).toMatchObject({ state: 'blocked', judgement: { counts: { block: 1 } } });
  expect(world.told.map(({ result }) => result)).toEqual(['succeeded']);
  expect((await gate(requestId)).verdict?.result).toBe('succeeded');
});

test('the owner of its control revokes one that others grant and own', async () => {
  const approvers = 'approvers: "group:security-leads"';
  const life = await blocked(['a-key'], ['contract.yaml', approvers, 'approvers: "group:payments-leads"']);
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, id, PEOPLE.alex));
  const revoke = (oid: string) =>
    world.core.exceptionReviews.revoke({ ...word(id, oid), why: 'the key is used again' });
  expect(await revoke(PEOPLE.isaiah)).toMatchObject({ why: { code: 'may-not-revoke' } });
  expect(exceptionOf(await revoke(PEOPLE.lee)).state).toBe('revoked');
});

test('what has become worse than it was granted for blocks again, and its owner is asked at once', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  await world.core.idle();
  expect((await life.gate(requestId)).state).toBe('asked');
  await scanned(world, ['a-key'], { tool: 'gitleaks', level: 'error' });
  await world.settle();
  expect(await life.gate(requestId)).toMatchObject({ state: 'blocked', judgement: { blocks: [{ outgrown: [id] }] } });
  expect((await exceptionAt(world, id)).reviews).toMatchObject({ outgrown: 'severity', askedAt: world.now });
  expect(toldOf(world, CAST.diego).map(({ topic }) => topic)).toContain('review');
});

test('two missed reviews suspend it after the first was announced: the block returns, and only a renewal brings it back', async () => {
  const life = await blocked(['a-key'], ['contract.yaml', 'max: 7d', 'max: 60d']);
  const { world, requestId } = life;
  const { id } = exceptionOf(await ask(world, { requestId }, { until: '2026-12-18' }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  await pass(world, 3);
  expect(await exceptionAt(world, id)).toMatchObject({ state: 'active', reviews: { missed: 0 } });
  await pass(world, 4);
  expect(await exceptionAt(world, id)).toMatchObject({ state: 'active', reviews: { missed: 1 } });
  await pass(world, 2);
  expect(await exceptionAt(world, id)).toMatchObject({ state: 'suspended', reviews: { missed: 2 } });
  expect((await life.gate(await life.deploy({ run: 300 }))).state).toBe('blocked');
  expect(toldOf(world, CAST.diego).filter(({ topic }) => topic === 'over')).toHaveLength(1);
  const answer = await world.core.exceptionReviews.review({ ...word(id, CAST.diego), answer: 'keep', why: 'sorry' });
  expect(answer).toMatchObject({ why: { code: 'wrong-state', state: 'suspended' } });
  const renewal = exceptionOf(await ask(world, { renews: id }, { until: '2026-12-18' }));
  exceptionOf(await decide(life, renewal.id, PEOPLE.lee));
  expect((await exceptionAt(world, id)).state).toBe('closed');
  expect((await life.gate(await life.deploy({ run: 301 }))).state).toBe('asked');
});

test('its owner answers reviews: keep and shrink with why, close, hand over; nobody else does', async () => {
  const life = await blocked(['key-1', 'key-2']);
  const { world, requestId } = life;
  const { id, target } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  const review = (oid: string, answer: 'keep' | 'shrink' | 'close' | 'snooze', why = '', narrowing = {}) =>
    world.core.exceptionReviews.review({ ...word(id, oid), answer, why, narrowing });
  expect(await review(PEOPLE.isaiah, 'keep', 'no owner')).toMatchObject({ why: { code: 'not-its-owner' } });
  expect(await review(CAST.diego, 'keep')).toMatchObject({ why: { code: 'why-required' } });
  expect(await review(CAST.diego, 'snooze')).toMatchObject({ why: { code: 'no-review-asked' } });
  expect(await review(CAST.diego, 'shrink', 'nothing less')).toMatchObject({ why: { code: 'nothing-narrowed' } });
  const [first = ''] = target.fingerprints ?? [];
  expect(exceptionOf(await review(CAST.diego, 'shrink', 'one is gone', { fingerprints: [first] }))).toMatchObject({
    target: { fingerprints: [first] },
    revision: 2,
  });
  await world.core.idle();
  expect(await life.gate(requestId)).toMatchObject({ state: 'blocked', judgement: { counts: { block: 1 } } });
  const handed = await world.core.exceptionReviews.handOver({ ...word(id, CAST.diego), to: 'Isaiah Langer' });
  expect(exceptionOf(handed).terms.owner).toBe(`user:${PEOPLE.isaiah}`);
  await world.core.idle();
  expect(toldOf(world, PEOPLE.isaiah).map(({ topic }) => topic)).toEqual(['owned']);
  expect(await review(CAST.diego, 'close')).toMatchObject({ why: { code: 'not-its-owner' } });
  expect(exceptionOf(await review(PEOPLE.isaiah, 'close')).state).toBe('closed');
});

test('the evidence of every word is a chain that names terms, target and people', async () => {
  const life = await blocked();
  const { id } = exceptionOf(await ask(life.world, { requestId: life.requestId }));
  exceptionOf(await decide(life, id, PEOPLE.megan, { comment: 'until the rewrite' }));
  const stored = await life.world.ports.exceptions.locate(id);
  const entries = (stored?.evidence ?? []).map(({ entry }) => JSON.parse(entry) as { data: Record<string, unknown> });
  expect(entries[1]?.data).toMatchObject({
    exception: id,
    control: 'secret-scanning',
    owner: 'group:payments-owners',
    until: '2026-11-30',
    askers: [PEOPLE.adele],
    approvals: [PEOPLE.megan],
    renewal: { number: 0, of: 1 },
  });
  expect(stored?.evidence[1]?.texts['comment']?.text).toBe('until the rewrite');
});

test('what is open when a service comes in is covered by one request outside its budget, before anything was let through, never secrets', async () => {
  const life = await aLife(['contract.yaml', 'exceptionsPerService: 5', 'exceptionsPerService: 1']);
  const { world } = life;
  await meetAll(world);
  const rules = Array.from({ length: 150 }, (_, n) => `hardcoded-credential-${n}`);
  await scanned(world, rules);
  await scanned(world, ['a-key'], { tool: 'gitleaks' });
  const wish = { control: 'sast', isBaseline: true };
  const terms = { until: '2026-12-24', reviewEvery: 'sprint' };
  expect(await ask(world, { ...wish, control: 'secret-scanning' })).toMatchObject({
    why: { code: 'no-baseline', why: 'category' },
  });
  const asked = exceptionOf(await ask(world, wish, terms));
  expect(asked).toMatchObject({ baseline: true, hides: { count: 150 } });
  exceptionOf(await decide(life, asked.id, PEOPLE.megan));
  await world.core.idle();
  // The budget of one is free for the secret.
  const requestId = await life.deploy();
  const secret = exceptionOf(await ask(world, { requestId }));
  expect(exceptionOf(await decide(life, secret.id, PEOPLE.megan)).state).toBe('active');
  await scanned(world, [...rules, 'hardcoded-credential-new']);
  expect(await ask(world, wish, terms)).toMatchObject({ why: { code: 'no-baseline', why: 'used' } });
});

test('what covers some of the same is counted as before it, and goes on as it is', async () => {
  const life = await blocked(['key-1', 'key-2'], ['contract.yaml', 'renewals: 1', 'renewals: 2']);
  const { world, requestId } = life;
  const first = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, first.id, PEOPLE.megan));
  await world.core.idle();
  await scanned(world, ['key-1', 'key-2', 'key-3'], { tool: 'gitleaks', level: 'warning' });
  await world.settle();
  const [one = ''] = first.target.fingerprints ?? [];
  const blocks = (await life.gate(requestId)).judgement?.blocks ?? [];
  const more = exceptionOf(await ask(world, { fingerprints: [one, ...blocks.flatMap((group) => group.fingerprints)] }));
  expect(more.renewal).toEqual({ number: 1, of: 2, follows: first.id });
  exceptionOf(await decide(life, more.id, PEOPLE.megan));
  await world.core.idle();
  expect((await exceptionAt(world, first.id)).state).toBe('active');
  expect((await life.gate(requestId)).state).toBe('asked');
});

test('of a contract that grants less by now its owner hears at the next look, once, and it goes on as it was granted', async () => {
  const life = await blocked(['a-key'], ['contract.yaml', 'max: 7d', 'max: 30d']);
  const { world, requestId, policyDir } = life;
  const { id } = exceptionOf(await ask(world, { requestId }, { until: '2026-12-18' }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  await world.core.idle();
  await edited(policyDir, ['contract.yaml', 'max: 30d', 'max: 5d']);
  await edited(policyDir, ['contract.yaml', 'version: 1', 'version: 2']);
  await pass(world, 1);
  const { reviews, state, terms } = await exceptionAt(world, id);
  expect({ state, until: terms.until, limits: reviews.limits }).toEqual({
    state: 'active',
    until: '2026-12-18',
    limits: { maxDays: 5 },
  });
  const asked = () => toldOf(world, CAST.diego).filter(({ topic }) => topic === 'review');
  expect(asked()).toHaveLength(1);
  await world.core.exceptionReviews.review({ ...word(id, CAST.diego), answer: 'keep', why: 'it is mended by then' });
  await pass(world, 1);
  expect((await kindsOf(world, id)).filter((kind) => kind === 'review-reopened')).toHaveLength(1);
  expect((await exceptionAt(world, id)).reviews.askedAt).toBeUndefined();
});

test('a review is asked in the channel of the service as well, and so is told what became of it', async () => {
  const life = await blocked(
    ['a-key'],
    ['catalog.yaml', 'team: payments\n', 'team: payments\n    channel: payments/alerts\n'],
  );
  const { world, requestId } = life;
  const place = { ...personal('x'), id: '19:alerts@thread.tacv2', kind: 'channel' } as const;
  await world.core.reached([{ kind: 'channel', channel: 'payments/alerts' }], place);
  const { id } = exceptionOf(await ask(world, { requestId }));
  exceptionOf(await decide(life, id, PEOPLE.megan));
  await pass(world, 2);
  const inChannel = () =>
    world.news.flatMap((one) => ('exception' in one && one.conversation === place.id ? [one] : []));
  expect(inChannel()).toMatchObject([{ topic: 'review', audience: { kind: 'channel' } }]);
  expect(toldOf(world, CAST.diego).map(({ topic }) => topic)).toContain('review');
  await world.core.exceptionReviews.revoke({ ...word(id, PEOPLE.lee), why: 'the key is used again' });
  await world.core.idle();
  expect(inChannel().map(({ topic }) => topic)).toEqual(['review', 'over']);
});
