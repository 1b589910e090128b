import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { exceptionCard } from '../../cards/exception-card.ts';
import { exceptionFormCard } from '../../cards/exception-form.ts';
import { ORG } from '../builders.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { aLife, type Life } from '../fakes/deployments.ts';
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
  TERMS,
  toldOf,
} from '../fakes/exception-scene.ts';
import type { Edit } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// What users expect of exceptions, 29 to 42; each has a test of its name.

/** Adele's deployment of payments-api, blocked by one secret. */
async function blocked(...edits: readonly Edit[]): Promise<Life & { readonly requestId: string }> {
  const life = await aLife(...edits);
  await meetAll(life.world);
  await life.world.report('gitleaks-orders.sarif');
  const requestId = await life.deploy();
  expect((await life.gate(requestId)).state).toBe('blocked');
  return { ...life, requestId };
}

async function activeOne(life: Life & { readonly requestId: string }, until = TERMS.until): Promise<string> {
  const { id } = exceptionOf(await ask(life.world, { requestId: life.requestId }, { until }));
  exceptionOf(await grant(life.world, id));
  return id;
}

const stateOf = async ({ gate, requestId }: Life & { readonly requestId: string }) => (await gate(requestId)).state;
const DAY = 1_440;

test('behaviour 29: owner, reason, its class, expiry and review cadence are required; what is missing is refused by its name', async () => {
  const { world, requestId } = await blocked();
  for (const field of ['owner', 'reasonClass', 'reason', 'until', 'reviewEvery'] as const) {
    for (const blank of ['', '  \n'])
      expect(await ask(world, { requestId }, { [field]: blank })).toMatchObject({
        kind: 'refused',
        why: { code: 'field-missing', fields: [field] },
      });
  }
  expect(await ask(world, { requestId }, { owner: '', until: '' })).toMatchObject({
    why: { code: 'field-missing', fields: ['owner', 'until'] },
  });
  expect(await ask(world, { requestId }, { reason: 'too short' })).toMatchObject({
    why: { code: 'reason-too-short', least: 20, given: 9 },
  });
  expect(await world.ports.exceptions.live()).toEqual([]);
});

test('behaviour 30: an expiry beyond the maximum of its class is refused with the latest allowed date', async () => {
  const { world, requestId } = await blocked();
  expect(await ask(world, { requestId }, { until: '2026-12-02' })).toMatchObject({
    kind: 'refused',
    why: { code: 'until-too-far', latest: '2026-12-01', maxDays: 7 },
  });
  expect(await ask(world, { requestId }, { until: '2026-11-23' })).toMatchObject({
    why: { code: 'date', why: { code: 'date-past' } },
  });
  expect(await ask(world, { requestId }, { until: '2026-12-01' })).toMatchObject({ kind: 'requested' });
});

test('behaviour 31: an expiry is one instant, the end of its day in UTC, for the judgement and at the seal', async () => {
  const life = await blocked();
  const { world, requestId, deploy, gate, decide } = life;
  await activeOne(life, '2026-11-24');
  expect(await stateOf(life)).toBe('asked');
  world.now = '2026-11-24T23:59:59.999Z';
  const late = await deploy({ run: 101 });
  expect((await gate(late)).state).toBe('asked');
  // Approved in the last instant of the day; sealed in the first of the next one.
  life.after('decided', () => {
    world.now = '2026-11-25T00:00:00.000Z';
  });
  await decide(late, PEOPLE.alex);
  await world.settle();
  expect(await gate(late)).toMatchObject({ state: 'blocked', judgement: { counts: { block: 1 } } });
  expect(world.told.filter(({ result }) => result === 'succeeded')).toEqual([]);
  expect((await gate(requestId)).state).not.toBe('approved');
});

test('behaviour 32: a malformed or incomplete exception in the store suppresses nothing', async () => {
  const life = await blocked();
  const id = await activeOne(life);
  const partition = `${ORG}~s~payments-api~prod`;
  const [row] = await life.world.table.list('scope', partition, { ranges: [{ from: 'a~', before: 'a~~' }] });
  const whole = JSON.parse(String(row?.values['exception'])) as Record<string, unknown>;
  let run = 300;
  for (const flaw of [
    { expiresAt: undefined },
    { expiresAt: 'never' },
    { fingerprints: [] },
    { control: '*' },
    { environment: '-' },
    { service: undefined },
  ]) {
    const values = { exception: JSON.stringify({ ...whole, ...flaw }) };
    await life.world.table.commit('scope', partition, [{ kind: 'put', row: `a~${id.toLowerCase()}`, values }]);
    run += 1;
    const gate = await life.gate(await life.deploy({ run }));
    expect([flaw, gate.state]).toEqual([flaw, 'blocked']);
  }
});

test('behaviour 33: warnings come 14, 7 and 1 working days ahead, once each, to the owner and who stands in, in working hours', async () => {
  const life = await blocked(
    ['contract.yaml', 'max: 7d', 'max: 60d'],
    ['contract.yaml', 'reviewEvery: 2d', 'reviewEvery: 60d'],
  );
  const { world, requestId } = life;
  const asked = await ask(
    world,
    { requestId },
    { until: '2026-12-18', reviewEvery: '20d', owner: `user:${CAST.diego}` },
  );
  const { id } = exceptionOf(asked);
  exceptionOf(await grant(world, id));
  await world.core.covering.set({
    by: actor(CAST.diego),
    absent: { kind: 'person', oid: CAST.diego },
    cover: { kind: 'person', oid: PEOPLE.alex },
    until: '2026-12-19',
    op: nextOp(),
  });
  const at: string[] = [];
  for (let hours = 0; hours < 26 * 24; hours += 1) {
    const before = toldOf(world, CAST.diego).filter(({ topic }) => topic === 'ending').length;
    world.advance(60);
    await world.settle();
    const now = toldOf(world, CAST.diego).filter(({ topic }) => topic === 'ending').length;
    if (now > before) at.push(world.now);
  }
  // 18 December is a Friday: 14 working days before it is 30 November, 7 the 9th, 1 the 17th. Work begins at 09:00 in Berlin.
  expect(at).toEqual(['2026-11-30T08:00:00.000Z', '2026-12-09T08:00:00.000Z', '2026-12-17T08:00:00.000Z']);
  expect(toldOf(world, PEOPLE.alex).filter(({ topic }) => topic === 'ending')).toHaveLength(3);
  expect((await kindsOf(world, id)).filter((kind) => kind === 'ending-warned')).toHaveLength(3);
});

test('behaviour 34: a renewal is granted by somebody else, carries the history, and shows its number', async () => {
  const life = await blocked();
  const { world } = life;
  const id = await activeOne(life);
  const renewal = exceptionOf(await ask(world, { renews: id, by: actor(PEOPLE.megan) }, { until: '2026-12-01' }));
  expect(renewal.renewal).toEqual({ number: 1, of: 1, renews: id });
  expect(await grant(world, renewal.id, PEOPLE.megan)).toMatchObject({ why: { code: 'own-exception' } });
  expect(await grant(world, renewal.id, PEOPLE.isaiah)).toMatchObject({ why: { code: 'not-an-approver' } });
  expect((await exceptionAt(world, id)).state).toBe('active');
  exceptionOf(await grant(world, renewal.id, PEOPLE.lee));
  expect(await exceptionAt(world, id)).toMatchObject({ state: 'closed', renewal: { renewedBy: renewal.id } });
  expect(await stateOf(life)).toBe('asked');
  const more = await ask(world, { renews: renewal.id }, { until: '2026-12-01' });
  expect(more).toMatchObject({ kind: 'refused', why: { code: 'renewals-used', of: 1 } });
});

test('behaviour 35: a request keeps the date asked for, however late it is granted', async () => {
  const life = await blocked();
  const { id } = exceptionOf(await ask(life.world, { requestId: life.requestId }, { until: 'in 3 days' }));
  expect((await exceptionAt(life.world, id)).terms.until).toBe('2026-11-27');
  await pass(life.world, 1);
  expect(exceptionOf(await grant(life.world, id)).terms.until).toBe('2026-11-27');
});

test('behaviour 36: on expiry the finding is active again, and its due date restarts or goes on as the contract says', async () => {
  const life = await blocked();
  const id = await activeOne(life, '2026-11-25');
  await pass(life.world, 2);
  expect((await exceptionAt(life.world, id)).state).toBe('expired');
  const again = await life.gate(await life.deploy({ run: 200 }));
  expect(again).toMatchObject({ state: 'blocked', judgement: { blocks: [{ count: 1 }] } });
  expect(again.judgement?.warns.some(({ exceptionId }) => exceptionId !== undefined)).toBe(false);
});

test.each([
  ['restart', 'from the end of the exception'],
  ['continue', 'from when it was first seen'],
] as const)('behaviour 36: with onExpiry %s what will block is due so long %s', async (onExpiry, _when) => {
  const announced = 'hardcoded-secret**"] }\n        then: block';
  const life = await aLife(
    ['contract.yaml', announced, `${announced}\n        from: 2027-01-15\n        due: 14d`],
    ['contract.yaml', 'max: 60d, renewals: 2', `max: 60d, onExpiry: ${onExpiry}, renewals: 2`],
  );
  const { world } = life;
  await meetAll(world);
  await scanned(world, ['hardcoded-credential']);
  const warned = async (run: number) => {
    const { judgement } = await life.gate(await life.deploy({ run }));
    return judgement?.warns.find(({ control }) => control === 'sast');
  };
  const before = await warned(200);
  expect(before).toMatchObject({ blocksFrom: '2027-01-15', dueAt: expect.stringMatching(/^2026-12-08T/) });
  const asked = await ask(world, { control: 'sast', isListed: true }, { until: '2026-11-25', reviewEvery: 'sprint' });
  exceptionOf(await grant(world, exceptionOf(asked).id));
  expect((await warned(201))?.dueAt).toBe(before?.dueAt);
  await pass(world, 2);
  expect((await exceptionAt(world, exceptionOf(asked).id)).state).toBe('expired');
  const restarted = '2026-12-10T00:00:00.000Z';
  expect((await warned(202))?.dueAt).toBe(onExpiry === 'restart' ? restarted : before?.dueAt);
});

test('behaviour 38: a second request for the same thing joins the first', async () => {
  const { world, requestId } = await blocked();
  const first = exceptionOf(await ask(world, { requestId }));
  const second = await ask(world, { requestId, by: actor(CAST.diego) }, { until: '2026-11-27' });
  expect(second).toMatchObject({ kind: 'joined', exception: { id: first.id, terms: { until: TERMS.until } } });
  expect((await exceptionAt(world, first.id)).askers.map(({ by }) => by.oid)).toEqual([PEOPLE.adele, CAST.diego]);
  expect(await world.ports.exceptions.live()).toHaveLength(1);
  exceptionOf(await grant(world, first.id));
  for (const oid of [PEOPLE.adele, CAST.diego])
    expect(toldOf(world, oid).filter(({ topic }) => topic === 'outcome')).toHaveLength(1);
});

test('behaviour 40: a revoked exception keeps its record, and what it covered blocks at once', async () => {
  const life = await blocked();
  const { world } = life;
  const id = await activeOne(life);
  expect(await stateOf(life)).toBe('asked');
  const word = { id, by: actor(PEOPLE.lee), op: nextOp() };
  expect(await world.core.exceptionReviews.revoke({ ...word, why: ' ' })).toMatchObject({
    why: { code: 'why-required' },
  });
  exceptionOf(await world.core.exceptionReviews.revoke({ ...word, op: nextOp(), why: 'the key is used again' }));
  await world.core.idle();
  expect(await stateOf(life)).toBe('blocked');
  expect(await exceptionAt(world, id)).toMatchObject({
    state: 'revoked',
    end: { by: { oid: PEOPLE.lee, name: 'Lee Gu' }, why: 'the key is used again' },
  });
  expect(await kindsOf(world, id)).toEqual(['exception-requested', 'exception-granted', 'exception-revoked']);
});

test('behaviour 41: matching is exact: an exception covers nothing in another environment, service or finding', async () => {
  const life = await blocked();
  const { world } = life;
  await activeOne(life);
  const elsewhere = await life.deploy({ run: 400, environment: 'staging' });
  expect(await life.gate(elsewhere)).toMatchObject({ state: 'blocked', judgement: { counts: { block: 1 } } });
  await life.reportMore('gitleaks-orders.sarif', { id: 'another-secret', level: 'error' });
  const more = await life.deploy({ run: 401 });
  expect(await life.gate(more)).toMatchObject({
    state: 'blocked',
    judgement: { counts: { block: 1 }, blocks: [{ rule: 'another-secret' }] },
  });
  expect((await world.ports.exceptions.live('orders-api')).length).toBe(0);
});

test('behaviour 42: what has expired is told as expired, never as ending soon, and is not lost', async () => {
  const life = await blocked();
  const { world } = life;
  const id = await activeOne(life, '2026-11-25');
  // Nothing runs for three days: the sweep comes late, and only tells.
  world.advance(3 * DAY);
  expect((await life.gate(await life.deploy({ run: 200 }))).state).toBe('blocked');
  await world.settle();
  expect(await exceptionAt(world, id)).toMatchObject({ state: 'expired', warned: [] });
  expect(toldOf(world, CAST.diego).map(({ topic }) => topic)).toEqual(['owned', 'over']);
  expect(await world.ports.exceptions.live()).toEqual([]);
  expect((await world.ports.exceptions.all({ org: ORG, service: 'payments-api', environment: 'prod' }))[0]?.id).toBe(
    id,
  );
});

test('behaviour 37: the scope of an exception is shown in words, with the number of findings that it hides', async () => {
  const life = await blocked();
  const { world, requestId } = life;
  await life.reportMore('gitleaks-orders.sarif', { id: 'another-secret', level: 'error' });
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
  const form = cardText(exceptionFormCard({ offer, data: { requestId }, viewer: { oid: PEOPLE.adele } }));
  expect(form).toContain('Exception from secret-scanning for payments-api in prod');
  expect(form).toContain('It would hide 2 findings');
  expect(form).toContain('0 of 5');
  const asked = exceptionOf(await ask(world, { requestId }));
  expect(cardText(exceptionCard(asked, { oid: PEOPLE.megan }))).toContain('exactly 2 findings, not what may come');
});
