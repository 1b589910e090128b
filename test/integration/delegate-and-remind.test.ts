import { expect, test } from 'vitest';
import { createDelegateApproval } from '../../bot/handlers/delegate-approval.ts';
import { createRemindApprovers } from '../../bot/handlers/remind-approvers.ts';
import type { Meant } from '../../services/ports/meant.ts';
import { buttonById, objectsIn } from '../cards/read.ts';
import { type CoreWorld, PEOPLE, personal } from '../fakes/core-world.ts';
import { cover } from '../fakes/cover-chat.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { refusedWordsIn } from '../fakes/refused-words.ts';
import { aWaitingGate, by, wish } from '../fakes/waiting-gate.ts';

const TWO = [
  'routes.yaml',
  'quorum: 1, from: ["group:payments-leads"]',
  'quorum: 2, from: ["group:payments-leads"]',
] as const;

let clicks = 0;
const typed = (text: string): Meant => ({ kind: 'typed', text });

async function delegate(world: CoreWorld, oid: string, id: string, to?: Meant, op?: string) {
  clicks += 1;
  const handler = createDelegateApproval(world.core.delegations, world.core.views);
  const answer = await handler(by(oid), { requestId: id, revision: 1, op: op ?? `click ${clicks}` }, to);
  await world.settle();
  return answer;
}

async function remind(world: CoreWorld, oid: string, id: string, to?: Meant, op?: string) {
  clicks += 1;
  const handler = createRemindApprovers(world.core.reminders);
  const { text } = await handler(by(oid), { requestId: id, op: op ?? `click ${clicks}` }, to);
  await world.settle();
  return text;
}

const saidTo = (world: CoreWorld, oid: string) =>
  world.posted
    .filter(({ to, notice }) => to === personal(oid).id && notice.about !== undefined)
    .map(({ notice }) => notice);

async function entriesOf(world: CoreWorld, id: string) {
  const stored = await world.ports.gates.locate(id);
  return (stored?.evidence ?? []).map(({ entry }) => JSON.parse(entry));
}

test('an approver asks another one, who gets a message that names them; the record names both and nothing else changes', async () => {
  const { world, id } = await aWaitingGate();
  await world.meet(PEOPLE.megan);

  const { text } = await delegate(world, PEOPLE.alex, id, typed('Megan Bowen'));

  expect(text).toMatch(
    /^Megan Bowen is asked to decide on the prod deployment of payments-api .* You may still decide yourself\.$/,
  );
  expect(saidTo(world, PEOPLE.megan)).toMatchObject([{ about: 'delegated', from: 'Alex Wilber', gate: { id } }]);
  expect(saidTo(world, PEOPLE.alex)).toEqual([]);
  expect((await entriesOf(world, id)).at(-1)).toMatchObject({
    kind: 'delegated',
    actor: { oid: PEOPLE.alex },
    data: { from: PEOPLE.alex, to: PEOPLE.megan },
  });
  expect(await world.core.approvals.decide(wish(id, PEOPLE.alex))).toMatchObject({ kind: 'decided' });
});

test('without a person the card lists those who are asked too, and nobody else', async () => {
  const { world, id } = await aWaitingGate();

  const { card } = await delegate(world, PEOPLE.alex, id);

  const [choices] = objectsIn(card).filter(({ type }) => type === 'Input.ChoiceSet');
  expect(choices).toMatchObject({ id: 'to', choices: [{ title: 'Megan Bowen', value: PEOPLE.megan }] });
  expect(card && buttonById(card, 'send')?.data).toEqual({ verb: 'approval.delegate', requestId: id, revision: 1 });
});

test.each<[string, string, Meant, RegExp]>([
  ['to somebody who is not asked', PEOPLE.alex, typed('Isaiah Langer'), /Isaiah Langer is not asked to decide/],
  ['to who asked for the deployment', PEOPLE.alex, typed('Adele Vance'), /Adele Vance is not asked to decide/],
  ['to oneself', PEOPLE.alex, typed('Alex Wilber'), /Alex Wilber is not asked to decide/],
  ['to nobody', PEOPLE.alex, typed('Bob Dylan'), /nobody of this name/],
  [
    'to an object id that is nobody',
    PEOPLE.alex,
    { kind: 'person', oid: 'f0000000-0000-4000-8000-000000000000' },
    /nobody of this name/,
  ],
  ['by somebody who is not asked', PEOPLE.isaiah, typed('Megan Bowen'), /not an approver/],
  ['by who asked for the deployment', PEOPLE.adele, typed('Megan Bowen'), /somebody else has to decide/],
  ['by a stranger', 'f0000000-0000-4000-8000-000000000000', typed('Megan Bowen'), /not found in the directory/],
])('a delegation %s is refused, and nothing is sent or recorded', async (_what, oid, to, sentence) => {
  const { world, id } = await aWaitingGate();
  await world.meet(PEOPLE.megan);
  const before = (await entriesOf(world, id)).length;

  expect((await delegate(world, oid, id, to)).text).toMatch(sentence);

  expect(await entriesOf(world, id)).toHaveLength(before);
  expect(world.posted.filter(({ notice }) => notice.about !== undefined)).toEqual([]);
});

test('who may not decide asks nobody to, and that they tried is evidence, once', async () => {
  const { world, id } = await aWaitingGate();
  for (let n = 0; n < 2; n += 1) await delegate(world, PEOPLE.isaiah, id, typed('Megan Bowen'));
  expect(refusedWordsIn(world)).toMatchObject([
    { actor: { oid: PEOPLE.isaiah }, data: { about: id, what: 'delegate', refusal: 'not-an-approver', revision: 1 } },
  ]);
});

test('nothing is delegated that is settled, has changed or is unknown', async () => {
  const { world, id } = await aWaitingGate();
  const handler = createDelegateApproval(world.core.delegations, world.core.views);
  const ask = async (requestId: string, revision: number) =>
    (await handler(by(PEOPLE.alex), { requestId, revision, op: 'x' }, typed('Megan Bowen'))).text;

  expect(await ask(id, 2)).toMatch(/has changed since your card was shown/);
  expect(await ask('aaaaaaaaaaaaaaaa', 1)).toMatch(/no request with this id/);
  await world.core.approvals.decide(wish(id, PEOPLE.alex));
  expect(await ask(id, 1)).toMatch(/you approved it/);
});

test('who has approved asks those who are missing', async () => {
  const { world, id } = await aWaitingGate({ policyDir: await policyFolder(TWO) });
  await world.core.approvals.decide(wish(id, PEOPLE.alex));

  expect((await delegate(world, PEOPLE.alex, id, typed('Megan Bowen'))).text).toMatch(
    /^Recorded: Megan Bowen is asked/,
  );
  expect((await delegate(world, PEOPLE.megan, id, typed('Alex Wilber'))).text).toMatch(/Alex Wilber is not asked/);
});

test('whoever covers may be asked, and may ask', async () => {
  const { world, id } = await aWaitingGate();
  await world.meet(PEOPLE.isaiah);
  await cover(world, PEOPLE.alex, 'me Isaiah Langer until Friday');

  expect((await delegate(world, PEOPLE.megan, id, typed('Isaiah Langer'))).text).toMatch(/^Isaiah Langer is asked/);
  expect((await delegate(world, PEOPLE.isaiah, id, typed('Megan Bowen'))).text).toMatch(/Megan Bowen is asked/);
});

test('two delegations are two messages, also when Teams does not answer at first; a repeated click is one', async () => {
  const { world, id } = await aWaitingGate({ policyDir: await policyFolder(TWO) });
  await world.meet(PEOPLE.megan);
  world.teams.answer = () => ({ kind: 'unavailable' });
  await delegate(world, PEOPLE.alex, id, typed('Megan Bowen'), 'one click');
  await delegate(world, PEOPLE.alex, id, typed('Megan Bowen'), 'one click');
  await delegate(world, PEOPLE.megan, id, typed('Alex Wilber'));
  world.teams.answer = () => undefined;

  world.advance(11);
  await world.settle();

  expect(saidTo(world, PEOPLE.megan)).toHaveLength(1);
  expect(saidTo(world, PEOPLE.alex)).toHaveLength(1);
});

test('who asked for the deployment has the silent ones reminded, and the record says so', async () => {
  const { world, id } = await aWaitingGate();
  await world.meet(PEOPLE.megan);

  const text = await remind(world, PEOPLE.adele, id);

  expect(text).toMatch(/^Alex Wilber and Megan Bowen are reminded of the prod deployment/);
  expect(saidTo(world, PEOPLE.alex)).toMatchObject([{ about: 'reminder' }]);
  expect(saidTo(world, PEOPLE.megan)).toMatchObject([{ about: 'reminder' }]);
  expect((await entriesOf(world, id)).at(-1)).toMatchObject({ kind: 'reminded', actor: { oid: PEOPLE.adele } });
});

test('an approver has others reminded, or one of them, and not themselves', async () => {
  const { world, id } = await aWaitingGate();
  await world.meet(PEOPLE.megan);

  expect(await remind(world, PEOPLE.alex, id, typed('Megan Bowen'))).toMatch(/^Megan Bowen is reminded/);

  expect(saidTo(world, PEOPLE.megan)).toHaveLength(1);
  expect(saidTo(world, PEOPLE.alex)).toEqual([]);
});

test('nobody is reminded twice within an hour, whoever asks for it; a repeated click is one', async () => {
  const { world, id } = await aWaitingGate({
    policyDir: await policyFolder(['routes.yaml', /^ +(remind|escalate)After: .*$/gm, '']),
  });

  await remind(world, PEOPLE.adele, id, undefined, 'one click');
  expect(await remind(world, PEOPLE.adele, id, undefined, 'one click')).toMatch(/are reminded/);
  world.advance(59);
  expect(await remind(world, PEOPLE.megan, id)).toMatch(
    /within the last hour. Try again after Tue 24 Nov 2026, 10:00 UTC\.$/,
  );
  expect(saidTo(world, PEOPLE.alex)).toHaveLength(1);
  world.advance(1);
  expect(await remind(world, PEOPLE.megan, id)).toMatch(/^Alex Wilber is reminded/);

  expect(saidTo(world, PEOPLE.alex)).toHaveLength(2);
});

test('the reminder of the route counts too, and is sent although somebody has reminded before', async () => {
  const { world, id } = await aWaitingGate();
  await remind(world, PEOPLE.adele, id);
  world.advance(61);
  await world.settle();

  expect(saidTo(world, PEOPLE.alex)).toHaveLength(2);
  expect(await remind(world, PEOPLE.adele, id)).toMatch(/within the last hour/);
});

test.each<[string, string, Meant | undefined, RegExp]>([
  ['by somebody whom it does not concern', PEOPLE.isaiah, undefined, /only whoever asked/],
  ['by a stranger', 'f0000000-0000-4000-8000-000000000000', undefined, /not found in the directory/],
  ['of somebody who is not asked', PEOPLE.adele, typed('Isaiah Langer'), /Isaiah Langer is not asked/],
  ['of oneself', PEOPLE.alex, typed('Alex Wilber'), /Alex Wilber is not asked/],
])('a reminder %s is refused and nobody is disturbed', async (_what, oid, to, sentence) => {
  const { world, id } = await aWaitingGate();

  expect(await remind(world, oid, id, to)).toMatch(sentence);
  expect(world.posted.filter(({ notice }) => notice.about !== undefined)).toEqual([]);
});

test('nobody is reminded of what is settled', async () => {
  const { world, id } = await aWaitingGate();
  await world.core.approvals.decide(wish(id, PEOPLE.alex));

  expect(await remind(world, PEOPLE.adele, id)).toMatch(/^Nothing was changed: Alex Wilber approved it/);
});

test('the same button reminds again once the hour is over; within it a repeated click is one', async () => {
  const { world, id } = await aWaitingGate({
    policyDir: await policyFolder(['routes.yaml', /^ +(remind|escalate)After: .*$/gm, '']),
  });
  await world.meet(PEOPLE.megan);
  await remind(world, PEOPLE.adele, id, undefined, 'one button');
  await remind(world, PEOPLE.adele, id, undefined, 'one button');
  expect(saidTo(world, PEOPLE.megan)).toHaveLength(1);
  world.advance(61);

  expect(await remind(world, PEOPLE.adele, id, undefined, 'one button')).toMatch(/are reminded/);

  expect(saidTo(world, PEOPLE.megan)).toHaveLength(2);
});
