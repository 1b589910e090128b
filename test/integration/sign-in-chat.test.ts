import { afterEach, beforeEach, expect, test } from 'vitest';
import {
  ANN,
  ann,
  annsAccount,
  bobsAccount,
  CONNECTION,
  channel,
  linkIn,
  type SignInScene,
  startSignInScene,
} from '../fakes/sign-in-scene.ts';

// Sign-ins that begin or end in the chat, over the messages endpoint. After every test: no token in what was written.

let scene: SignInScene;
beforeEach(async () => {
  scene = await startSignInScene();
});
afterEach(async () => {
  for (const token of scene.service.secrets) expect(scene.written()).not.toContain(token);
  await scene.close();
});

type Json = Record<string, unknown>;
const said = () => scene.teams.messages().map(({ activity }) => activity['text']);
const DONE = { status: 200, body: { statusCode: 200, value: 'Done as yourself.' } };
const NOTHING_DONE = expect.stringMatching(/Nothing was done/);

test.each([
  ['personal', {}, 'application/vnd.microsoft.card.oauth', true],
  ['channel', channel, 'application/vnd.microsoft.card.signin', false],
])(
  'a click without Action.Execute in a %s chat is answered with a card to sign in',
  async (_kind, where, contentType, exchangeable) => {
    const value = { verb: 'do', requestId: 'r' };
    await scene.teams.send(scene.teams.activity(ann, { type: 'message', replyToId: 'm1', value, ...where }));

    const message = scene.teams.messages().at(-1) ?? expect.fail('no message');
    const [attachment] = message.activity['attachments'] as [{ contentType: string; content: Json }];
    expect(attachment).toMatchObject({ contentType, content: { buttons: [{ type: 'signin' }] } });
    expect('tokenExchangeResource' in attachment.content).toBe(exchangeable);
    expect(scene.teams.updates()).toBe(0);
  },
);

test('a typed command is answered with the same card, and with a sentence while the service is down', async () => {
  await scene.teams.say(ann, 'do it');
  expect(scene.teams.messages().at(-1)?.activity).toMatchObject({
    attachments: [{ content: { connectionName: CONNECTION } }],
  });

  scene.service.fail({ on: /GetSignInResource/, status: 503 });
  await scene.teams.say(ann, 'do it');
  expect(said().at(-1)).toEqual(NOTHING_DONE);
});

test('who signed in from the chat hears that they are, and may click again', async () => {
  const code = scene.service.signIn(linkIn(await scene.click()), annsAccount);

  expect((await scene.invoke('signin/verifyState', { state: code })).status).toBe(200);
  expect(said()).toEqual(['You are signed in; click again.']);
  expect(await scene.click()).toMatchObject(DONE);
});

test('a wrong code from the chat is answered 412 and said', async () => {
  expect((await scene.invoke('signin/verifyState', { state: '999999' })).status).toBe(412);
  expect(said()).toEqual([NOTHING_DONE]);
});

test('an exchange from several devices is heard of once', async () => {
  const value = { id: 'e1', connectionName: CONNECTION, token: scene.service.ssoToken(annsAccount) };

  const answers = await Promise.all([1, 2, 3].map(() => scene.invoke('signin/tokenExchange', value)));

  const body = { id: 'e1', connectionName: CONNECTION, failureDetail: null };
  expect(answers.map((one) => [one.status, one.body])).toEqual([1, 2, 3].map(() => [200, body]));
  expect(said()).toEqual(['You are signed in; click again.']);
});

test('an exchange that is refused is answered 412 and left to the button that Teams then shows', async () => {
  const value = { id: 'e1', connectionName: CONNECTION, token: scene.service.ssoToken('unknown') };

  expect(await scene.invoke('signin/tokenExchange', value)).toMatchObject({
    status: 412,
    body: { id: 'e1', failureDetail: expect.any(String) },
  });
  expect(said()).toEqual([]);
});

test('an exchange for another account is answered 412, said, and signed out', async () => {
  const value = { id: 'e1', connectionName: CONNECTION, token: scene.service.ssoToken(bobsAccount) };

  expect((await scene.invoke('signin/tokenExchange', value)).status).toBe(412);
  expect(said()).toEqual([expect.stringMatching(/not the one you use/)]);
  expect(scene.service.accountOf(ANN)).toBeUndefined();
});

test('a failure that Teams reports is logged by its code alone', async () => {
  expect((await scene.invoke('signin/failure', { code: 'resourcematchfailed', message: 'of ann@x' })).status).toBe(200);
  expect((await scene.invoke('signin/failure', { code: 'a b\nc', message: 'm' })).status).toBe(200);

  expect(scene.bot.lines.map(({ data, message }) => ({ data, message }))).toEqual([
    { data: { code: 'resourcematchfailed' }, message: 'sign-in failed' },
    { data: { code: 'unknown' }, message: 'sign-in failed' },
  ]);
});
