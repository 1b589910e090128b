import { expect, test } from 'vitest';
import { renderFor, renderNews } from '../../bot/render.ts';
import { cardText } from '../../cards/card-text.ts';
import { withInstead } from '../../cards/instead-note.ts';
import type { Sent } from '../../services/ports/notifier.ts';
import { sectionCounts } from '../digests.ts';
import { type CoreWorld, createCoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { aLife } from '../fakes/deployments.ts';
import { passing, reconciled } from '../fakes/digest-scene.ts';
import { actor, ask, CAST, exceptionOf, grant, pass, toldOf } from '../fakes/exception-scene.ts';
import { type Edit, policyFolder } from '../fakes/policy-folder.ts';
import { scanned } from '../fakes/scanned.ts';

// Alex and Megan are asked, and lead payments; Diego and Isaiah are the operators, Diego and Lee own the contract.
const CHANNEL = { ...personal('payments'), id: '19:payments', kind: 'channel' } as const;
const WITH_CHANNEL: Edit = [
  'catalog.yaml',
  '    lead: "group:payments-leads"',
  '    channel: Payments/Ops\n    lead: "group:payments-leads"',
];

const cardsFor = ({ posted }: Pick<CoreWorld, 'posted'>, conversation: string) =>
  posted.filter(({ to, notice }) => to === conversation && notice.about === undefined);
const insteadOf = (world: Pick<CoreWorld, 'posted'>, conversation: string) =>
  cardsFor(world, conversation).map(({ notice }) => (notice.instead ?? []).map(({ name, why }) => `${name}: ${why}`));

async function aWorld(...edits: readonly Edit[]): Promise<CoreWorld> {
  const world = await createCoreWorld({ policyDir: await policyFolder(...edits) });
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  return world;
}

async function deployed(world: CoreWorld): Promise<string> {
  const id = await world.deliver();
  await world.settle();
  return id;
}

const digestsTo = ({ news }: Pick<CoreWorld, 'news'>, oid: string) =>
  news.flatMap((one) => ('digest' in one && one.conversation === personal(oid).id ? [one] : []));

const refusing = (oid: string, code: string) => {
  return ({ id }: { readonly id: string }): Sent | undefined =>
    id === personal(oid).id ? { kind: 'refused', code } : undefined;
};

test('the channel of the service is the first road, and the card there says whom it was meant for and why', async () => {
  const world = await aWorld(WITH_CHANNEL);
  await world.core.reached([{ kind: 'channel', channel: 'Payments/Ops' }], CHANNEL);
  await world.meet(CAST.diego);
  await deployed(world);
  expect(insteadOf(world, CHANNEL.id)).toEqual([['Alex Wilber: not-installed', 'Megan Bowen: not-installed']]);
  expect(cardsFor(world, personal(CAST.diego).id)).toEqual([]);
  const [card] = cardsFor(world, CHANNEL.id);
  const shown = card && withInstead(renderFor(card.notice, {}).card, card.notice.instead);
  expect(shown && cardText(shown)).toContain(
    'Alex Wilber cannot be reached in Teams: the app is not installed for them.',
  );
});

test('then whoever stands in for them', async () => {
  const world = await aWorld();
  for (const oid of [PEOPLE.isaiah, PEOPLE.lee]) await world.meet(oid);
  await world.core.covering.set({
    by: actor(PEOPLE.alex),
    absent: { kind: 'person', oid: PEOPLE.alex },
    cover: { kind: 'person', oid: PEOPLE.lee },
    until: '2026-11-27',
    op: 'cover',
  });
  await deployed(world);
  expect(cardsFor(world, personal(PEOPLE.lee).id)).toHaveLength(1);
  expect(cardsFor(world, personal(PEOPLE.isaiah).id)).toEqual([]);
});

test('then the lead of the service', async () => {
  const world = await aWorld(['catalog.yaml', 'lead: "group:payments-leads"', `lead: "user:${PEOPLE.lee}"`]);
  for (const oid of [PEOPLE.isaiah, PEOPLE.lee]) await world.meet(oid);
  await deployed(world);
  expect(insteadOf(world, personal(PEOPLE.lee).id)).toHaveLength(1);
  expect(cardsFor(world, personal(PEOPLE.isaiah).id)).toEqual([]);
});

test('finally the operators, and the owner of the contract where they are out of reach too', async () => {
  const operators = await aWorld();
  for (const oid of [PEOPLE.isaiah, PEOPLE.lee]) await operators.meet(oid);
  await deployed(operators);
  expect([PEOPLE.isaiah, PEOPLE.lee].map((oid) => cardsFor(operators, personal(oid).id).length)).toEqual([1, 0]);
  const owner = await aWorld();
  await owner.meet(PEOPLE.lee);
  await deployed(owner);
  expect(insteadOf(owner, personal(PEOPLE.lee).id)).toHaveLength(1);
});

test('where enough of those asked are reached nobody else is disturbed', async () => {
  const world = await aWorld();
  for (const oid of [PEOPLE.megan, PEOPLE.isaiah]) await world.meet(oid);
  await deployed(world);
  expect(cardsFor(world, personal(PEOPLE.isaiah).id)).toEqual([]);
  expect((await world.core.status.deliveryHealth()).withoutApp).toContain('Alex Wilber');
});

test('where two are needed and one is reached the operators hear of the other', async () => {
  const world = await aWorld([
    'routes.yaml',
    '{ quorum: 1, from: ["group:payments-leads"] }',
    '{ quorum: 2, from: ["group:payments-leads"] }',
  ]);
  for (const oid of [PEOPLE.megan, PEOPLE.isaiah]) await world.meet(oid);
  await deployed(world);
  // Megan is the lead, and reached: that road is taken, and her card says why it matters now.
  expect(insteadOf(world, personal(PEOPLE.megan).id)).toEqual([['Alex Wilber: not-installed']]);
});

test('what is refused goes around in the same pass, and its reader gets it once, as soon as they write', async () => {
  const world = await aWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.isaiah]) await world.meet(oid);
  world.teams.answer = refusing(PEOPLE.alex, 'ConversationBlockedByUser');
  const id = await deployed(world);
  expect(insteadOf(world, personal(PEOPLE.isaiah).id)).toEqual([
    expect.arrayContaining(['Alex Wilber: blocked', 'Megan Bowen: not-installed']),
  ]);
  world.teams.answer = () => undefined;
  await world.meet(PEOPLE.alex);
  await world.settle();
  await world.meet(PEOPLE.alex);
  await world.settle();
  expect(cardsFor(world, personal(PEOPLE.alex).id)).toHaveLength(1);
  expect(cardsFor(world, personal(PEOPLE.isaiah).id)).toHaveLength(1);
  expect((await world.core.approvals.find(id))?.state).toBe('asked');
});

test('whoever was told in the same pass has one card, which then says why it matters', async () => {
  const world = await aWorld([
    'routes.yaml',
    '{ quorum: 1, from: ["group:payments-leads"] }',
    '{ quorum: 2, from: ["group:payments-leads"] }',
  ]);
  for (const oid of [PEOPLE.alex, PEOPLE.megan]) await world.meet(oid);
  world.teams.answer = refusing(PEOPLE.alex, 'BotDisabledByAdmin');
  const id = await deployed(world);
  expect(insteadOf(world, personal(PEOPLE.megan).id)).toEqual([['Alex Wilber: switched-off']]);
  const [org = ''] = (await world.ports.gates.open()).map((one) => one.org);
  const stored = await world.ports.gates.read(org, id);
  expect(stored?.outbox).toEqual([]);
  expect(stored?.cards.map(({ recipient, conversation }) => [recipient, conversation]).sort()).toEqual(
    [
      [`user:${PEOPLE.alex}`, ''],
      [`user:${PEOPLE.megan}`, personal(PEOPLE.megan).id],
    ].sort(),
  );
});

test('the card that went around follows what becomes of it, and is one however often the gate is shown', async () => {
  const world = await aWorld();
  await world.meet(PEOPLE.isaiah);
  await deployed(world);
  await world.report('gitleaks-orders.sarif');
  await world.settle();
  const [card, ...more] = cardsFor(world, personal(PEOPLE.isaiah).id);
  expect(more).toEqual([]);
  expect(card?.notice.gate.state).toBe('blocked');
});

test('a channel that is gone: those asked are told themselves', async () => {
  const world = await aWorld([
    'routes.yaml',
    /post: \{ dm: true \}/g,
    'post: { dm: false, channel: Payments/Releases }',
  ]);
  for (const oid of [PEOPLE.alex, PEOPLE.isaiah]) await world.meet(oid);
  await world.core.reached([{ kind: 'channel', channel: 'Payments/Releases' }], CHANNEL);
  world.teams.answer = ({ id }) => (id === CHANNEL.id ? { kind: 'gone' } : undefined);
  await deployed(world);
  expect(insteadOf(world, personal(PEOPLE.alex).id)).toEqual([['Payments/Releases: gone']]);
  expect(cardsFor(world, personal(PEOPLE.isaiah).id)).toEqual([]);
  expect((await world.core.status.deliveryHealth()).unreachable).toMatchObject([
    { name: 'Payments/Releases', why: 'gone', loss: { code: 'ConversationNotFound' } },
  ]);
});

test('an exception whose owner is out of reach is told to the lead, once, and to its owner when they can be reached', async () => {
  const life = await aLife();
  const { world } = life;
  await world.report('gitleaks-orders.sarif');
  const requestId = await life.deploy();
  await world.meet(PEOPLE.lee);
  const { id } = exceptionOf(await ask(world, { requestId }, { owner: `user:${CAST.diego}` }));
  exceptionOf(await grant(world, id));
  await world.settle();
  const owned = () => world.news.filter((one) => 'exception' in one && one.topic === 'owned');
  const around = owned().filter((one) => 'instead' in one && one.instead !== undefined);
  expect(around.map(({ conversation }) => conversation).sort()).toEqual(
    [personal(PEOPLE.alex).id, personal(PEOPLE.megan).id].sort(),
  );
  const [first] = around;
  expect(first && cardText(renderNews(first).card as never)).toContain('Diego Siciliani cannot be reached in Teams');
  await pass(world, 1);
  await world.meet(CAST.diego);
  await world.settle();
  expect(owned().filter((one) => 'instead' in one && one.instead !== undefined)).toHaveLength(around.length);
  expect(toldOf(world, CAST.diego).filter(({ topic }) => topic === 'owned')).toHaveLength(1);
});

test.each([
  ['the channel of its service first', WITH_CHANNEL, [CHANNEL.id]],
  [
    'the owner of its control where the service has no lead',
    ['catalog.yaml', '    lead: "group:payments-leads"\n', ''],
    [personal(PEOPLE.megan).id, personal(PEOPLE.lee).id],
  ],
] as const)('an exception whose owner is out of reach is told to %s', async (_who, edit, to) => {
  const life = await aLife(edit);
  const { world } = life;
  await world.core.reached([{ kind: 'channel', channel: 'Payments/Ops' }], CHANNEL);
  await world.report('gitleaks-orders.sarif');
  await world.meet(PEOPLE.lee);
  const wish = { requestId: await life.deploy() };
  exceptionOf(await grant(world, exceptionOf(await ask(world, wish, { owner: `user:${CAST.diego}` })).id));
  await world.settle();
  const owned = world.news.filter((one) => 'exception' in one && one.topic === 'owned');
  expect(new Set(owned.map(({ conversation }) => conversation))).toEqual(new Set(to));
});

test('what an owner of whom nobody is reached would read is in the one digest of the lead, and the owner gets it when they can be reached', async () => {
  const world = await aWorld();
  await world.meet(PEOPLE.megan);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  const [news, ...more] = digestsTo(world, PEOPLE.megan);
  expect(more).toEqual([]);
  expect(news?.instead?.map(({ name, why }) => `${name}: ${why}`)).toEqual(
    expect.arrayContaining(['Adele Vance: not-installed', 'Diego Siciliani: not-installed']),
  );
  expect(news && sectionCounts(news.digest)).toEqual({ new: 1 });
  expect(news && cardText(renderNews(news).card as never)).toContain('What is theirs is here too');
  await passing(world, 130);
  expect(digestsTo(world, PEOPLE.megan)).toHaveLength(1);
  await world.meet(PEOPLE.adele);
  await passing(world, 65);
  expect(digestsTo(world, PEOPLE.adele).map(({ digest }) => sectionCounts(digest))).toEqual([{ new: 1 }]);
  await reconciled(world, '2026-11-25T09:00:00.000Z');
  const later = digestsTo(world, PEOPLE.megan)
    .at(-1)
    ?.instead?.map(({ name }) => name);
  expect(later).not.toContain('Adele Vance');
  expect(later).not.toContain('Diego Siciliani');
});

test('an owner whose fellow owner is told is gone around nobody', async () => {
  const world = await aWorld();
  for (const oid of [PEOPLE.alex, PEOPLE.megan, PEOPLE.adele]) await world.meet(oid);
  await scanned(world, ['weak-random']);
  await reconciled(world);
  expect(digestsTo(world, PEOPLE.megan)[0]?.instead).toBeUndefined();
});
