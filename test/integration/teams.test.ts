import type { IAdaptiveCard } from 'adaptivecards';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Answer, TurnPerson } from '../../bot/answer.ts';
import type { ActionInput } from '../../bot/teams/application.ts';
import type { Conversation, Recipient } from '../../services/ports/notifier.ts';
import { type FakeTeams, startTeams } from '../fakes/teams.ts';
import { startTeamsBot, type TeamsBot } from '../fakes/teams-bot.ts';

const TENANT = '7f1c2a34-0000-4000-8000-00000000000a';
const ann = { oid: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'Ann' };
const bob = { oid: 'bbbbbbbb-0000-4000-8000-000000000002', name: 'Bob' };
const releases = { team: 'Payments', channel: 'Releases' };

let teams: FakeTeams;
let bot: TeamsBot;
let actions: { by: TurnPerson; input: ActionInput }[];
let commands: { by: TurnPerson; text: string; op: string }[];
let known: { event: 'reached' | 'left'; recipients: readonly Recipient[]; conversation: Conversation }[];
/** What stands behind the edge in this test. */
let act: (by: TurnPerson, input: ActionInput) => Promise<Answer>;
let command: (by: TurnPerson, text: string) => Promise<Answer>;
let remember: () => Promise<void>;

beforeEach(async () => {
  actions = [];
  commands = [];
  known = [];
  act = async () => ({ text: 'Recorded.' });
  command = async () => ({ text: 'Here you are.' });
  remember = async () => {};
  teams = await startTeams({ tenant: TENANT });
  bot = await startTeamsBot(teams, TENANT, {
    runAction: async (by, input) => {
      actions.push({ by, input });
      return act(by, input);
    },
    runCommand: async (by, text, op) => {
      commands.push({ by, text, op });
      return command(by, text);
    },
    reached: async (recipients, conversation) => {
      known.push({ event: 'reached', recipients, conversation });
      await remember();
    },
    left: async (recipients, conversation) => {
      known.push({ event: 'left', recipients, conversation });
    },
  });
});

afterEach(async () => {
  await bot.close();
  await teams.close();
});

function aCard(title: string): IAdaptiveCard {
  const data = { verb: 'approval.decide', requestId: 'r', revision: 1, verdict: 'approve' };
  const card = {
    type: 'AdaptiveCard',
    version: '1.5',
    refresh: { action: { type: 'Action.Execute', verb: 'approval.view', data: { requestId: 'r', revision: 1 } } },
    body: [
      { type: 'TextBlock', id: 'title', text: title },
      { type: 'Input.Text', id: 'comment', label: 'Comment' },
    ],
    actions: [
      {
        type: 'Action.Execute',
        title: 'Approve',
        verb: 'approval.decide',
        data,
        fallback: { type: 'Action.Submit', title: 'Approve', data },
      },
    ],
  };
  // The package's interface knows neither inputs nor fallbacks in these places.
  return card as unknown as IAdaptiveCard;
}

/** A card in the conversation where this person asked for it. */
async function aSentCard(ask: () => Promise<unknown> = () => teams.say(ann, 'show')) {
  command = async () => ({ text: 'One approval', card: aCard('Waiting') });
  await ask();
  return teams.until(() => teams.messages().at(-1));
}

test.each([
  ['an empty object', '{}', 400],
  ['a list', '[]', 400],
  ['an activity whose type is a number', '{"type":1}', 400],
  ['an activity that lacks everything', '{"type":"message"}', 401],
  ['an activity with null in every place', '{"type":"invoke","from":null,"conversation":null,"recipient":null}', 401],
])('%s is refused with an empty body, and the bot lives on', async (_what, body, status) => {
  const refused = await teams.send(JSON.parse(body));

  expect([refused.status, refused.text]).toEqual([status, '']);
  expect((await teams.say(ann, 'help')).status).toBe(200);
});

test('an invoke that nobody handles is refused, not unimplemented', async () => {
  const unhandled = await teams.send(teams.activity(ann, { type: 'invoke', name: 'task/fetch', value: {} }));
  const signin = await teams.send(teams.activity(ann, { type: 'invoke', name: 'signin/failure', value: {} }));

  expect(unhandled).toMatchObject({ status: 400, body: { type: 'application/vnd.microsoft.error' } });
  expect(signin.status).toBe(200);
});

test('a card action without a verb is answered as an error', async () => {
  const value = { action: { data: {} }, trigger: 'manual' };
  const answered = await teams.send(teams.activity(ann, { type: 'invoke', name: 'adaptiveCard/action', value }));

  expect(answered).toMatchObject({ status: 200, body: { statusCode: 400, type: 'application/vnd.microsoft.error' } });
  expect(actions).toEqual([]);
});

test('a card with refresh is shown to the person who acted and never published to all', async () => {
  const message = await aSentCard(() => teams.mention(ann, releases, 'show'));
  act = async () => ({ text: 'Approved', card: aCard('Approved by you') });

  await teams.press(ann, message, 'approval.decide');
  await teams.view(bob, message);
  await teams.press(bob, message, 'approval.decide');

  expect(teams.cardOf(message, ann)).toEqual(aCard('Approved by you'));
  expect(teams.cardOf(message)).toEqual(aCard('Waiting'));
  expect(teams.updates()).toBe(0);
});

test('a click brings verb, data with inputs, person and trigger', async () => {
  const message = await aSentCard();

  await teams.press(ann, message, { verb: 'approval.decide', verdict: 'approve' }, { comment: 'fine' });
  await teams.view(ann, message);

  const data = { verb: 'approval.decide', requestId: 'r', revision: 1, verdict: 'approve', comment: 'fine' };
  const by = { kind: 'person', tenant: TENANT, oid: ann.oid, name: 'Ann' };
  expect(actions).toMatchObject([
    { by, input: { verb: 'approval.decide', data, automatic: false } },
    { by, input: { verb: 'approval.view', automatic: true } },
  ]);
});

test('a click that Teams sends again is the same operation', async () => {
  const message = await aSentCard();
  const click = teams.actionActivity(ann, message, 'approval.decide', { requestId: 'r', revision: 1 });

  await teams.send(click);
  await teams.send(click);

  expect(new Set(actions.map(({ input }) => input.op)).size).toBe(1);
});

test('an answer without a card is a message to the person who acted', async () => {
  const message = await aSentCard();

  expect(await teams.press(ann, message, 'approval.decide')).toEqual({
    statusCode: 200,
    type: 'application/vnd.microsoft.activity.message',
    value: 'Recorded.',
  });
});

test('actions at once in one conversation are all answered', async () => {
  const message = await aSentCard(() => teams.mention(ann, releases, 'show'));
  const { promise: bothThere, resolve } = Promise.withResolvers<void>();
  act = async () => {
    if (actions.length === 2) resolve();
    await bothThere;
    return { text: 'Recorded.' };
  };

  const answers = await Promise.all([ann, bob].map((user) => teams.press(user, message, 'approval.decide')));

  expect(answers.map((answer) => answer.statusCode)).toEqual([200, 200]);
  expect(bot.lines).toEqual([]);
});

test('a client without Action.Execute acts by a message, and its card is replaced in a personal chat', async () => {
  const message = await aSentCard();
  act = async () => ({ text: 'Approved', card: aCard('Approved by you') });

  await teams.pressSubmit(ann, message, 'approval.decide', { comment: 'fine' });

  expect(actions).toMatchObject([{ input: { verb: 'approval.decide', data: { requestId: 'r', comment: 'fine' } } }]);
  expect(teams.cardOf(message)).toEqual(aCard('Approved by you'));
});

test('a card that can no longer be replaced is sent anew', async () => {
  const message = await aSentCard();
  act = async () => ({ text: 'Approved', card: aCard('Approved by you') });
  teams.fail({ status: 404, code: 'ActivityNotFoundInConversation' });

  await teams.pressSubmit(ann, message, 'approval.decide');

  expect(teams.messages()).toHaveLength(2);
});

test('in a channel the answer to one person never becomes the card of all', async () => {
  const message = await aSentCard(() => teams.mention(ann, releases, 'show'));
  act = async () => ({ text: 'Approved.', card: aCard('Approved by you') });

  await teams.pressSubmit(ann, message, 'approval.decide');

  expect(teams.updates()).toBe(0);
  expect(teams.messages().at(-1)?.activity).toMatchObject({ text: 'Approved.' });
});

test('a command arrives without mention and odd blanks, and is answered in its thread', async () => {
  await teams.mention(ann, releases, 'approvals&nbsp; mine');

  expect(commands).toMatchObject([{ text: 'approvals mine', by: { oid: ann.oid } }]);
  expect(teams.requests.at(-1)?.path).toMatch(/;messageid=\d+\/activities/);
});

test('a message in a channel that does not mention the bot is none of its business', async () => {
  const mentioned = { conversation: { id: '19:x@thread.tacv2', tenantId: TENANT, conversationType: 'channel' } };

  await teams.send(teams.activity(ann, { type: 'message', text: 'approve r', ...mentioned }));

  expect(commands).toEqual([]);
});

test('words of people are never read as markup', async () => {
  command = async () => ({ text: '[Approve](https://evil.example)' });

  await teams.say(ann, 'help');

  expect(teams.messages().at(-1)?.activity).toMatchObject({ textFormat: 'plain' });
});

test('an installation is remembered and greets a person once', async () => {
  const conversation = await teams.install(ann);

  expect(known).toContainEqual({
    event: 'reached',
    recipients: [{ kind: 'person', oid: ann.oid }],
    conversation: { id: conversation, kind: 'personal', tenantId: TENANT, serviceUrl: teams.url, botId: 'bot' },
  });
  expect(teams.messages(conversation)).toHaveLength(1);
});

test('a channel is remembered under its id and its names and not greeted', async () => {
  const conversation = await teams.installInChannel(releases, ann);

  expect(known[0]?.recipients).toEqual([
    { kind: 'channel', channel: conversation },
    { kind: 'channel', channel: 'Payments/Releases' },
  ]);
  expect(teams.messages()).toEqual([]);
});

test('a removal is forgotten, not remembered', async () => {
  await teams.uninstall(ann);

  expect(known.map(({ event }) => event)).toEqual(['left', 'left']);
});

test('a person is answered although the conversation could not be remembered', async () => {
  remember = () => Promise.reject(new Error('no store'));

  await teams.say(ann, 'help');

  expect(teams.messages()).toHaveLength(1);
  expect(bot.lines).toMatchObject([{ level: 'error', message: 'conversation not remembered' }]);
});

test('a fault is one sentence with a reference that the log knows, and none of its text', async () => {
  act = () => Promise.reject(new Error('secret of the store'));
  const message = await aSentCard();

  const answered = await teams.press(ann, message, 'approval.decide');
  command = () => Promise.reject(new Error('secret of the store'));
  await teams.say(ann, 'help');

  const references = bot.lines.map(({ data }) => (data as { reference: string }).reference);
  expect(answered.value).toContain(references[0]);
  expect(teams.messages().at(-1)?.activity['text']).toContain(references[1]);
  expect(JSON.stringify([answered, teams.messages()])).not.toContain('secret');
});

test('a fault while a card refreshes leaves the card alone', async () => {
  const message = await aSentCard();
  act = () => Promise.reject(new Error('no store'));

  expect(await teams.view(ann, message)).toMatchObject({ statusCode: 500, type: 'application/vnd.microsoft.error' });
});
