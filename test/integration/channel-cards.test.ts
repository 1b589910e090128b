import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ActionTable, createRunAction } from '../../bot/actions.ts';
import { createDecideApproval } from '../../bot/handlers/decide-approval.ts';
import { createViewGate } from '../../bot/handlers/view-gate.ts';
import { createViewMany } from '../../bot/handlers/view-many.ts';
import { createRender, renderNews, renderShort } from '../../bot/render.ts';
import { createNotifier } from '../../bot/teams/notifier.ts';
import { ORG, TENANT } from '../builders.ts';
import { type CoreWorld, createCoreWorld, PEOPLE } from '../fakes/core-world.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { receiveStage } from '../fakes/run-scene.ts';
import { type FakeTeams, startTeams, type TeamsUser } from '../fakes/teams.ts';
import { startTeamsBot, type TeamsBot } from '../fakes/teams-bot.ts';
import { actionsOf, elementOf, wordsOf } from '../fakes/teams-card.ts';

// One card in a channel and its readers, through the connector, the edge, the core and the store.

const alex = { oid: PEOPLE.alex, name: 'Alex Wilber' };
const megan = { oid: PEOPLE.megan, name: 'Megan Bowen' };
const isaiah = { oid: PEOPLE.isaiah, name: 'Isaiah Langer' };
const adele = { oid: PEOPLE.adele, name: 'Adele Vance' };
const channel = { team: 'Payments', channel: 'approvals' };

let teams: FakeTeams;
let bot: TeamsBot;
let world: CoreWorld;
/** The request that waits for two leads of payments. */
let id: string;

beforeEach(async () => {
  const policyDir = await policyFolder(
    ['routes.yaml', '{ quorum: 1, from: ["group:payments-leads"] }', '{ quorum: 2, from: ["group:payments-leads"] }'],
    ['routes.yaml', 'post: { dm: true }', 'post: { channel: Payments/approvals, dm: false }'],
    ['routes.yaml', /^ +(remind|escalate)After: .*$/gm, ''],
  );
  teams = await startTeams({ tenant: TENANT });
  world = await createCoreWorld({ policyDir });
  const { core, ports } = world;
  const view = createViewGate(core.views, core.viewOffPath);
  const decide = createDecideApproval(core.approvals, core.views);
  bot = await startTeamsBot(teams, TENANT, {
    reached: core.reached,
    runAction: createRunAction({
      'approval.view': (by, { requestId }) => view(by, requestId),
      'approval.viewMany': createViewMany(core.views),
      'approval.decide': (by, { verb: _, comment = '', ...data }, op) => decide({ ...data, comment, by, op }),
    } satisfies Partial<ActionTable> as unknown as ActionTable),
    runCommand: (by, text) => view(by, text),
  });
  const render = createRender(ports.conversations);
  const edge = { adapter: bot.adapter, appId: '', hosts: [], local: true, log: bot.log };
  Object.assign(ports.notifier, createNotifier({ ...edge, render, renderShort, renderNews }));
  await teams.installInChannel(channel, adele);
  await teams.say(alex, 'hello');
  await world.report('semgrep-payments.sarif');
  await world.report('gitleaks-clean.sarif');
  id = await world.deliver();
});
afterEach(async () => {
  await bot.close();
  await teams.close();
});

const posted = () => teams.messages().find((one) => one.conversation.startsWith('19:')) ?? expect.fail('no card');
const state = (card: unknown) => wordsOf(elementOf(card, 'state'));
const verdictsIn = (card: unknown) =>
  actionsOf(card)
    .filter(({ type, verb }) => type === 'Action.Execute' && verb === 'approval.decide')
    .map(({ data }) => data['verdict']);
const evidence = async () => ((await world.ports.gates.read(ORG, id))?.evidence ?? []).map(({ entry }) => entry);
const refusals = async () => (await evidence()).filter((entry) => entry.includes('"kind":"refused"'));
const approve = { verb: 'approval.decide', verdict: 'approve' };

/** What the client of this person sends by itself, even where it was not asked to. */
async function automatic(user: TeamsUser, verb: string, data: Record<string, unknown>) {
  const { body } = await teams.send(teams.actionActivity(user, posted(), verb, data, 'automatic'));
  return body as { statusCode: number; type: string; value: unknown };
}

test('everybody in the channel sees how it stands and no button to decide; only known approvers fetch a view', () => {
  const card = teams.cardOf(posted()) as { refresh: { userIds: string[] } };

  expect(state(card)).toContain('Waiting for approval: 0 of 2');
  expect(verdictsIn(card)).toEqual([]);
  expect(card.refresh.userIds).toEqual([`29:${alex.oid}`]);
});

test('who is asked gets the buttons by themselves, with the same refresh, and nothing is published', async () => {
  await teams.view(alex, posted());
  const view = teams.cardOf(posted(), alex) as { refresh: unknown };

  expect(verdictsIn(view)).toEqual(['approve', 'reject']);
  expect(view.refresh).toEqual((teams.cardOf(posted()) as { refresh: unknown }).refresh);
  expect(verdictsIn(teams.cardOf(posted()))).toEqual([]);
  expect(teams.updates()).toBe(0);
});

test('who is asked about several stages on one card gets their buttons by themselves too', async () => {
  const second = await receiveStage(world, 'prod', 'Second');
  await world.core.outbox.drain(ORG, second);
  await world.settle();

  expect(await teams.view(alex, posted())).toMatchObject({ statusCode: 200 });

  const [approveAll] = actionsOf(teams.cardOf(posted(), alex)).filter(({ verb }) => verb === 'approval.decideMany');
  const items = (approveAll?.data['items'] ?? []) as readonly { readonly requestId: string }[];
  expect(items.map(({ requestId }) => requestId).sort()).toEqual([id, second].sort());
});

test('who is asked and not known to the bot yet gets the buttons by asking for their view', async () => {
  expect(await teams.view(megan, posted())).toBeUndefined();
  await teams.press(megan, posted(), 'approval.view');

  expect(verdictsIn(teams.cardOf(posted(), megan))).toEqual(['approve', 'reject']);
});

test.each([
  ['a member of the channel who is not asked', isaiah],
  ['the person who asked for it', adele],
])('%s sees how it stands and has nothing to press', async (_who, person) => {
  expect(await teams.view(person, posted())).toBeUndefined();
  await teams.press(person, posted(), 'approval.view');

  expect(state(teams.cardOf(posted(), person))).toContain('You are not asked');
  expect(verdictsIn(teams.cardOf(posted(), person))).toEqual([]);
});

test('a fetch that nobody pressed leaves no trace, whoever it is for', async () => {
  const before = await evidence();
  for (const person of [alex, isaiah, adele]) {
    const answer = await automatic(person, 'approval.view', { verb: 'approval.view', requestId: id, revision: 0 });
    expect(answer).toMatchObject({ statusCode: 200, type: 'application/vnd.microsoft.card.adaptive' });
  }

  expect(await evidence()).toEqual(before);
});

test.each([alex, isaiah])(
  'nothing that a client sends by itself decides or is recorded as a try: %o',
  async (person) => {
    const before = await evidence();
    const data = { verb: 'approval.decide', requestId: id, revision: 0, verdict: 'approve' };
    const answer = await automatic(person, 'approval.decide', data);

    expect(String(answer.value)).toContain('nobody pressed this button');
    expect(await evidence()).toEqual(before);
  },
);

test('who presses without the right is told so alone, and that is recorded once', async () => {
  const data = { verb: 'approval.decide', requestId: id, revision: 0, verdict: 'approve' };
  for (let n = 0; n < 2; n += 1) {
    const pressed = await teams.send(teams.actionActivity(isaiah, posted(), 'approval.decide', data));
    expect(wordsOf(elementOf((pressed.body as { value: unknown }).value, 'error'))).toContain(
      'you are not an approver',
    );
  }
  await world.settle();

  expect(await refusals()).toHaveLength(1);
  expect(JSON.stringify(teams.cardOf(posted()))).not.toContain('not an approver');
  expect(teams.messages().filter(({ conversation }) => conversation.startsWith('19:'))).toHaveLength(1);
});

test('one approval of two is shown to all, and who gave it can take it back', async () => {
  await teams.view(alex, posted());
  await teams.press(alex, posted(), approve, { comment: 'fine' });
  await world.settle();
  const card = teams.cardOf(posted());

  expect(state(card)).toContain('Waiting for approval: 1 of 2');
  expect(wordsOf(elementOf(card, 'history'))).toContain('Approved by Alex Wilber');
  await teams.view(alex, posted());
  expect(verdictsIn(teams.cardOf(posted(), alex))).toEqual(['withdraw', 'reject']);
  await teams.press(alex, posted(), { verb: 'approval.decide', verdict: 'withdraw' });
  await world.settle();
  expect(state(teams.cardOf(posted()))).toContain('Waiting for approval: 0 of 2');
});

test('who took an approval back gives it again, and takes it back again, by the same buttons of the same card', async () => {
  const given: string[] = [];
  for (const verdict of ['approve', 'withdraw', 'approve', 'withdraw']) {
    await teams.press(alex, posted(), 'approval.view');
    await teams.press(alex, posted(), { verb: 'approval.decide', verdict });
    await world.settle();
    given.push(/\d of 2/.exec(state(teams.cardOf(posted())))?.[0] ?? '');
  }

  expect(given).toEqual(['1 of 2', '0 of 2', '1 of 2', '0 of 2']);
});

test('what the record keeps of a person is nothing of how they read', async () => {
  await teams.view(alex, posted());
  await teams.press(alex, posted(), approve);

  const [vote] = (await world.ports.gates.read(ORG, id))?.gate.votes ?? [];
  expect(vote?.by).toEqual({ kind: 'person', tenant: TENANT, oid: alex.oid, name: alex.name });
});

test('once it is settled the card says who, and fetches no view any more', async () => {
  for (const person of [alex, megan]) {
    await teams.press(person, posted(), 'approval.view');
    await teams.press(person, posted(), approve);
    await world.settle();
  }

  expect(state(teams.cardOf(posted()))).toContain('Approved by Megan Bowen');
  expect(teams.cardOf(posted())).not.toHaveProperty('refresh');
});

test('a card that is asked for by a message in the channel is for everybody, also when an approver asks', async () => {
  await teams.mention(alex, channel, id);
  const answer = await teams.until(() =>
    teams.messages().find((one) => one.id !== posted().id && one.conversation.startsWith('19:')),
  );

  expect(verdictsIn(teams.cardOf(answer))).toEqual([]);
});

test('a reader whose zone Teams tells gets times in it, in the plain text too', async () => {
  const zoned = teams.activity(alex, { type: 'message', text: id, localTimezone: 'America/New_York' });
  await teams.send(zoned);
  const answer = await teams.until(() => teams.messages(`a:${alex.oid}`).at(-1));

  expect(String(answer.activity['summary'])).toMatch(/Closes .* America\/New_York\./);
});

test('a card that was passed on to another conversation decides nothing there, and the attempt is in the record', async () => {
  await teams.press(alex, posted(), 'approval.view');
  const data = { ...approve, requestId: id, revision: 1 };
  for (const conversation of ['19:elsewhere@thread.tacv2', '19:a-group@thread.v2']) {
    const clicked = teams.actionActivity(alex, { ...posted(), conversation }, 'approval.decide', data);
    const { text } = await teams.send(clicked);
    expect(text).toContain('was not sent to this conversation');
  }
  expect((await world.ports.gates.read(ORG, id))?.gate.votes).toEqual([]);
  expect(await refusals()).toHaveLength(1);
  expect((await refusals())[0]).toContain('"refusal":"card-passed-on"');

  await teams.press(alex, posted(), approve);
  expect((await world.ports.gates.read(ORG, id))?.gate.votes).toHaveLength(1);
});
