import { expect, test } from 'vitest';
import { gateAnswer } from '../../cards/gate-card.ts';
import type { Gate } from '../../services/domain/gate.ts';
import type { PolicySnapshot } from '../../services/ports/policy.ts';
import { buttonById, inputIds, textById } from '../cards/read.ts';
import type { PostedCard } from '../fakes/core-notifier.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { refusedWordsIn } from '../fakes/refused-words.ts';
import { aWaitingGate, by, wish } from '../fakes/waiting-gate.ts';

/** Owns payments with Adele, who asked for the deployment. */
const DIEGO = '136b7a8b-8bfb-4a8d-b680-bd2b183ee7cb';
const PAT = '78f1bdf8-c249-4648-bb9a-88502761ba65';
const REASON = 'The site was down and nobody of the leads could be reached.';
const TICKET = 'INC-4711';

type Wanted = Parameters<CoreWorld['core']['bypasses']['record']>[0];

const explaining = (requestId: string, oid: string, over: Partial<Wanted> = {}): Wanted => ({
  requestId,
  by: by(oid),
  op: `explain ${oid}`,
  explanation: { reason: REASON, ticket: TICKET },
  ...over,
});
const confirming = (requestId: string, oid: string, over: Partial<Wanted> = {}): Wanted => ({
  requestId,
  by: by(oid),
  op: `confirm ${oid}`,
  ...over,
});

async function bypassed(world: CoreWorld): Promise<void> {
  world.azureDevOps.completed = 'succeeded';
  world.advance(6);
  await world.core.reconcile();
  await world.settle();
}

async function aBypassedGate(options: Parameters<typeof createCoreWorld>[0] = {}) {
  const { world, id } = await aWaitingGate(options);
  for (const oid of [PEOPLE.adele, DIEGO]) await world.meet(oid);
  await bypassed(world);
  const { bypasses } = world.core;
  const find = async (): Promise<Gate> => (await world.core.approvals.find(id)) ?? expect.fail('no gate');
  return { world, id, find, record: (word: Wanted) => bypasses.record(word) };
}

const entriesOf = async (world: CoreWorld, id: string) =>
  ((await world.ports.gates.locate(id))?.evidence ?? []).map(({ entry, texts }) => ({
    ...(JSON.parse(entry) as { kind: string; actor: { oid?: string }; data: Record<string, unknown> }),
    said: Object.fromEntries(Object.entries(texts).map(([field, { text }]) => [field, text])),
  }));

const cardFor = (world: CoreWorld, oid: string): PostedCard =>
  world.posted.findLast(({ to }) => to === `a:${oid}`) ?? expect.fail(`no card for ${oid}`);
const shown = (gate: Gate, oid: string) => gateAnswer(gate, { oid }).card;

test('a bypass while people are asked is found, counted, and whoever asked for it gets a card to explain it', async () => {
  const { world, id, find } = await aBypassedGate();
  expect(await find()).toMatchObject({ state: 'bypassed' });
  expect((await world.core.status.deliveryHealth()).bypasses).toEqual([id]);
  const { notice } = cardFor(world, PEOPLE.adele);
  const card = shown(notice.gate, PEOPLE.adele);
  expect(textById(card, 'state')).toContain('Released without a decision — not explained yet');
  expect(inputIds(card)).toEqual(['reason', 'ticket']);
  expect(buttonById(card, 'explain')?.data).toEqual({ verb: 'bypass.explain', requestId: id, revision: 1 });
  expect(buttonById(card, 'confirm')).toBeUndefined();
});

test('a bypass while the contract blocks is found too, and the card shows what it went past', async () => {
  const world = await createCoreWorld();
  await world.meet(PEOPLE.adele);
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-orders.sarif');
  const id = await world.deliver();
  expect(await world.core.approvals.find(id)).toMatchObject({ state: 'blocked' });
  await bypassed(world);
  const gate = await world.core.approvals.find(id);
  expect(gate).toMatchObject({ state: 'bypassed', judgement: { verdict: 'block' } });
  expect(gateAnswer(cardFor(world, PEOPLE.adele).notice.gate).text).toContain('secret-scanning');
  expect((await entriesOf(world, id)).at(-1)).toMatchObject({ kind: 'bypass-detected', data: { from: 'blocked' } });
});

test('an explanation is recorded with reason and ticket, and waits for the owner of the service', async () => {
  const { world, id, find, record } = await aBypassedGate();
  expect(await record(explaining(id, PEOPLE.adele, { revision: 1 }))).toMatchObject({ kind: 'recorded' });
  await world.settle();
  const gate = await find();
  expect(gate).toMatchObject({
    revision: 2,
    bypass: { explained: { reason: REASON, ticket: TICKET, confirmers: ['group:payments-owners'] } },
  });
  const card = shown(cardFor(world, DIEGO).notice.gate, DIEGO);
  expect(textById(card, 'state')).toContain('explained by Adele Vance, waits for payments-owners');
  expect(textById(card, 'history')).toContain(TICKET);
  expect(buttonById(card, 'confirm')?.data).toEqual({ verb: 'bypass.confirm', requestId: id, revision: 2 });
  expect(buttonById(shown(gate, PEOPLE.adele), 'confirm')).toBeUndefined();
  expect((await entriesOf(world, id)).at(-1)).toMatchObject({
    kind: 'bypass-explained',
    actor: { oid: PEOPLE.adele },
    said: { reason: REASON, ticket: TICKET },
  });
  expect((await world.core.status.deliveryHealth()).bypasses).toEqual([id]);
});

test('once the owner has confirmed it nothing is open, and the card says who', async () => {
  const { world, id, find, record } = await aBypassedGate();
  await record(explaining(id, PEOPLE.adele));
  expect(await record(confirming(id, DIEGO, { revision: 2 }))).toMatchObject({ kind: 'recorded' });
  await world.settle();
  const card = shown(cardFor(world, PEOPLE.adele).notice.gate, PEOPLE.adele);
  expect(textById(card, 'state')).toContain('explained by you, confirmed by Diego Siciliani');
  expect(buttonById(card, 'confirm')).toBeUndefined();
  expect((await entriesOf(world, id)).at(-1)).toMatchObject({
    kind: 'bypass-confirmed',
    actor: { oid: DIEGO },
    data: { explained: PEOPLE.adele },
  });
  expect((await world.core.status.deliveryHealth()).bypasses).toEqual([]);
  expect(world.table.dump().filter(({ partition }) => partition.endsWith('~bypass'))).toEqual([]);
  expect(await record(explaining(id, DIEGO))).toMatchObject({ refusal: 'already-confirmed' });
  expect((await find()).bypass?.confirmed?.by.oid).toBe(DIEGO);
});

test.each([
  ['whoever neither asked for it nor owns the service', PEOPLE.isaiah, {}, 'may-not-explain'],
  ['a guest', PAT, {}, 'guest'],
  ['somebody whom the directory does not know', '00000000-0000-4000-8000-000000000000', {}, 'not-in-directory'],
  [
    'a reason of a few words',
    PEOPLE.adele,
    { explanation: { reason: '  it was urgent  ', ticket: TICKET } },
    'reason-unfit',
  ],
  [
    'a reason without end',
    PEOPLE.adele,
    { explanation: { reason: 'x'.repeat(1_001), ticket: TICKET } },
    'reason-unfit',
  ],
  ['no ticket', PEOPLE.adele, { explanation: { reason: REASON, ticket: '  ' } }, 'ticket-unfit'],
  ['a ticket without end', PEOPLE.adele, { explanation: { reason: REASON, ticket: 'x'.repeat(201) } }, 'ticket-unfit'],
  ['another revision', PEOPLE.adele, { revision: 0 }, 'stale-revision'],
] as const)('an explanation by or with %s is refused and changes nothing', async (_what, oid, over, refusal) => {
  const { id, find, record } = await aBypassedGate();
  const before = await find();
  expect(await record(explaining(id, oid, over))).toMatchObject({ kind: 'refused', refusal });
  expect(await find()).toEqual(before);
});

test('somebody of another tenant says nothing', async () => {
  const { id, record } = await aBypassedGate();
  const stranger = { ...by(PEOPLE.adele), tenant: '00000000-0000-4000-8000-000000000000' };
  expect(await record(explaining(id, PEOPLE.adele, { by: stranger }))).toEqual({
    kind: 'refused',
    refusal: 'wrong-tenant',
  });
});

test.each([
  ['whoever asked for it, though an owner', PEOPLE.adele, 'own-bypass'],
  ['whoever does not own the service', PEOPLE.isaiah, 'not-the-owner'],
])('a confirmation by %s is refused', async (_who, oid, refusal) => {
  const { id, record, find, world } = await aBypassedGate();
  expect(await record(confirming(id, oid))).toMatchObject({ refusal: 'not-explained-yet' });
  await record(explaining(id, PEOPLE.adele));
  for (let n = 0; n < 3; n += 1) expect(await record(confirming(id, oid))).toMatchObject({ kind: 'refused', refusal });
  expect((await find()).bypass?.confirmed).toBeUndefined();
  expect(refusedWordsIn(world)).toMatchObject([
    { actor: { oid }, data: { about: id, what: 'confirm-bypass', refusal, services: ['payments-api'] } },
  ]);
});

test('an owner who explained it does not confirm it: where no other owner is free, their lead does', async () => {
  const { id, record, find } = await aBypassedGate();
  await record(explaining(id, DIEGO));
  expect((await find()).bypass?.explained.confirmers).toEqual(['group:payments-leads']);
  expect(await record(confirming(id, DIEGO))).toMatchObject({ refusal: 'own-bypass' });
  expect(await record(confirming(id, PEOPLE.alex))).toMatchObject({ kind: 'recorded' });
});

test('a better explanation takes the place of the first, and a click on the first confirms nothing', async () => {
  const { id, record, find } = await aBypassedGate();
  await record(explaining(id, PEOPLE.adele));
  const explanation = { reason: 'Rolled back by the on-call engineer.', ticket: 'INC-4712' };
  await record(explaining(id, PEOPLE.adele, { explanation, op: 'again' }));
  expect(await record(confirming(id, DIEGO, { revision: 2 }))).toMatchObject({ refusal: 'stale-revision' });
  expect(await record(confirming(id, DIEGO, { revision: 3 }))).toMatchObject({ kind: 'recorded' });
  expect((await find()).bypass?.explained).toMatchObject(explanation);
});

test('a click that is delivered twice is recorded once', async () => {
  const { world, id, record, find } = await aBypassedGate();
  await record(explaining(id, PEOPLE.adele));
  expect(await record(explaining(id, PEOPLE.adele))).toMatchObject({ kind: 'recorded' });
  expect((await find()).revision).toBe(2);
  const kinds = (await entriesOf(world, id)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'bypass-explained')).toHaveLength(1);
});

test('of two who confirm at once one does, and the other is told so', async () => {
  const { id, record } = await aBypassedGate();
  await record(explaining(id, DIEGO));
  const answers = await Promise.all([record(confirming(id, PEOPLE.alex)), record(confirming(id, PEOPLE.megan))]);
  expect(answers.map((one) => (one.kind === 'refused' ? one.refusal : one.kind)).sort()).toEqual([
    'already-confirmed',
    'recorded',
  ]);
});

test('nothing is recorded while the directory does not answer', async () => {
  const { world, id, record, find } = await aBypassedGate();
  const { DirectoryUnavailableError } = await import('../../services/ports/directory.ts');
  Object.assign(world.ports.directory, { isMember: () => Promise.reject(new DirectoryUnavailableError('silent')) });
  expect(await record(explaining(id, PEOPLE.adele))).toMatchObject({ refusal: 'cannot-verify-now' });
  expect((await find()).bypass).toBeUndefined();
});

test('what was not bypassed has nothing to explain', async () => {
  const { world, id } = await aWaitingGate();
  expect(await world.core.bypasses.record(explaining(id, PEOPLE.adele))).toMatchObject({ refusal: 'not-bypassed' });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  await world.settle();
  expect(await world.core.bypasses.record(confirming(id, DIEGO))).toMatchObject({ refusal: 'not-bypassed' });
  expect((await world.core.status.deliveryHealth()).bypasses).toEqual([]);
});

test('the owners hear of a bypass at once when a service asked for the deployment', async () => {
  const world = await createCoreWorld();
  await world.meet(DIEGO);
  const robot = { uniqueName: 'Build\\robot', name: 'robot' };
  world.azureDevOps.run = { ...world.azureDevOps.run, requestedFor: robot, requestedBy: robot };
  world.azureDevOps.sources = { ...world.azureDevOps.sources, requesters: [robot] };
  // Nobody but the owners: the owner of the contract is one too in the sample.
  const { current } = world.ports.policy;
  const withoutOwner = ({ contract, ...rest }: PolicySnapshot): PolicySnapshot =>
    contract === undefined ? rest : { ...rest, contract: { ...contract, owner: 'group:platform' } };
  Object.assign(world.ports.policy, { current: async () => withoutOwner(await current()) });
  const id = await world.deliver();
  await bypassed(world);
  expect(cardFor(world, DIEGO).notice.gate).toMatchObject({ id, state: 'bypassed' });
});

test('a bypass whose process died right after recording it is counted: its pointer was written first', async () => {
  const { world, id } = await aWaitingGate();
  const { commit } = world.ports.gates;
  Object.assign(world.ports.gates, {
    commit: async (...args: Parameters<typeof commit>) => {
      await commit(...args);
      throw new Error('died');
    },
  });
  await bypassed(world);
  expect((await world.core.status.deliveryHealth()).bypasses).toEqual([id]);
});

test('a pointer whose bypass is not recorded yet stays: the record may still come', async () => {
  const { world, id } = await aWaitingGate();
  const { org } = (await world.core.approvals.find(id)) ?? expect.fail('no gate');
  const pointer = { kind: 'put', row: id, values: {} } as const;
  await world.table.commit('open', `${org}~bypass`, [pointer]);
  expect((await world.core.status.deliveryHealth()).bypasses).toEqual([]);
  expect(await world.table.get('open', `${org}~bypass`, id)).toBeDefined();
  await bypassed(world);
  expect((await world.core.status.deliveryHealth()).bypasses).toEqual([id]);
});
