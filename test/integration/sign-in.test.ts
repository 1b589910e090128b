import { afterEach, beforeEach, expect, test } from 'vitest';
import { TENANT } from '../builders.ts';
import {
  ANN,
  ann,
  annsAccount,
  bob,
  bobsAccount,
  CONNECTION,
  channel,
  groupChat,
  linkIn,
  type SignInScene,
  startSignInScene,
} from '../fakes/sign-in-scene.ts';

// Clicks that need the person's own sign-in, over the messages endpoint. After every test: no token in what was written.

let scene: SignInScene;
beforeEach(async () => {
  scene = await startSignInScene();
});
afterEach(async () => {
  for (const token of scene.service.secrets) expect(scene.written()).not.toContain(token);
  await scene.close();
});

const DONE = { status: 200, body: { statusCode: 200, value: 'Done as yourself.' } };
const NOTHING_DONE = expect.stringMatching(/Nothing was done/);
const LOGIN = 'application/vnd.microsoft.activity.loginRequest';

test('the first click is answered with a request to sign in, and nothing is done', async () => {
  const answered = await scene.click();

  expect(answered).toMatchObject({
    status: 200,
    body: {
      statusCode: 401,
      type: LOGIN,
      value: {
        text: 'Sign in, so that this is done as yourself.',
        connectionName: CONNECTION,
        tokenExchangeResource: { id: 'exchange-1', uri: 'api://botid-countersign' },
        buttons: [{ type: 'signin', value: expect.stringMatching(/^https:/) }],
      },
    },
  });
  expect(scene.done).toEqual([]);
});

test('the click that comes back with the code is carried out once, as the person, and later ones need no code', async () => {
  const code = scene.service.signIn(linkIn(await scene.click()), annsAccount);

  expect(await scene.click({ state: code })).toMatchObject(DONE);
  expect(scene.done).toEqual([{ by: ann.oid, op: expect.any(String), token: scene.service.secrets.at(-1) }]);
  expect(await scene.click()).toMatchObject(DONE);
});

test('a click with a code that Teams sends twice is answered the same, as the same operation', async () => {
  const code = scene.service.signIn(linkIn(await scene.click()), annsAccount);

  const click = () => scene.click({ state: code }, { id: 'f:1' });
  const answers = [await click(), await click()];

  expect(answers).toMatchObject([DONE, DONE]);
  expect(new Set(scene.done.map(({ op }) => op)).size).toBe(1);
});

test.each([
  ['a wrong code', '999999'],
  ['no digits', 'CancelledByUser'],
  ['no text', 7],
])('%s is answered as a wrong code, and nothing is done', async (_what, state) => {
  await scene.click();

  expect(await scene.click({ state })).toMatchObject({
    status: 200,
    body: { statusCode: 401, type: 'application/vnd.microsoft.error.incorrectAuthCode', value: null },
  });
  expect(scene.done).toEqual([]);
  // Only what can be a code is shown to the service.
  expect(scene.service.requests.map(({ query }) => query['code'])).not.toContain('CancelledByUser');
});

test('the code of somebody else is a wrong one', async () => {
  const code = scene.service.signIn(linkIn(await scene.click({}, {}, bob)), bobsAccount);

  expect(await scene.click({ state: code })).toMatchObject({ body: { statusCode: 401 } });
  expect(scene.done).toEqual([]);
});

test('a token that Teams exchanges lets the click through, and again when it is sent again', async () => {
  const authentication = { id: 'e1', connectionName: CONNECTION, token: scene.service.ssoToken(annsAccount) };

  expect(await scene.click({ authentication }, { id: 'f:1' })).toMatchObject(DONE);
  expect(await scene.click({ authentication }, { id: 'f:1' })).toMatchObject(DONE);
  expect(new Set(scene.done.map(({ op }) => op)).size).toBe(1);
});

test.each([
  ['the service refuses', () => ({ id: 'e', connectionName: CONNECTION, token: scene.service.ssoToken('unknown') })],
  ['is for another connection', () => ({ id: 'e', connectionName: 'x', token: scene.service.ssoToken(annsAccount) })],
  ['is missing', () => ({ id: 'e', connectionName: CONNECTION })],
])('an exchange that %s is a failed precondition, and nothing is done', async (_what, authentication) => {
  expect(await scene.click({ authentication: authentication() })).toMatchObject({
    status: 200,
    body: { statusCode: 412, type: 'application/vnd.microsoft.error.preconditionFailed' },
  });
  expect(scene.done).toEqual([]);
});

test.each([
  ['another person', { tenant: TENANT, oid: bob.oid }],
  ['the same object id of another tenant', { tenant: '99999999-0000-4000-8000-00000000000a', oid: ann.oid }],
])('who signs in as %s is told so, is signed out again, and nothing is done', async (_who, account) => {
  const code = scene.service.signIn(linkIn(await scene.click()), account);

  const answered = await scene.click({ state: code });

  expect(answered).toMatchObject({ body: { statusCode: 200, value: expect.stringMatching(/not the one you use/) } });
  expect(scene.service.accountOf(ANN)).toBeUndefined();
  expect(scene.done).toEqual([]);
});

test('a foreign account that the service keeps is never used, even while it cannot be signed out', async () => {
  scene.service.keep(ANN, bobsAccount);
  scene.service.fail({ on: /SignOut/, status: 503 });

  expect(await scene.click()).toMatchObject({ body: { statusCode: 401, type: LOGIN } });
  expect(scene.service.accountOf(ANN)).toEqual(bobsAccount);
  expect(await scene.click()).toMatchObject({ body: { statusCode: 401, type: LOGIN } });
  expect([scene.service.accountOf(ANN), scene.done]).toEqual([undefined, []]);
});

test('without a connection the service is asked nothing', async () => {
  await scene.close();
  scene = await startSignInScene({});

  expect(await scene.click()).toMatchObject({ body: { value: 'Approve it in Azure DevOps.' } });
  expect(await scene.click({ state: '123456' })).toMatchObject({
    body: { value: expect.stringMatching(/SIGNIN_CONNECTION/) },
  });
  expect((await scene.invoke('signin/verifyState', { state: '123456' })).status).toBe(412);
  expect(scene.service.requests).toEqual([]);
});

test.each([429, 500, 503])('while the service answers %i that is said, and it is asked once', async (status) => {
  scene.service.fail({ on: /GetSignInResource/, status, times: 9 });
  expect(await scene.click()).toMatchObject({ body: { statusCode: 200, value: NOTHING_DONE } });
  const asked = scene.service.requests.filter(({ call }) => call.endsWith('GetSignInResource'));

  scene.service.fail({ on: /GetToken/, status, times: 9 });
  expect(await scene.click()).toMatchObject({ body: { value: expect.stringMatching(/Nothing was recorded/) } });
  expect(await scene.click({ state: '123456' })).toMatchObject({ body: { statusCode: 200, value: NOTHING_DONE } });

  expect([asked.length, scene.done]).toEqual([1, []]);
  expect(scene.written()).not.toContain('123456');
});

test('a service that is silent is waited for a few seconds, and that is said', async () => {
  scene.service.fail({ on: /exchange/, silent: true });
  const authentication = { id: 'e1', connectionName: CONNECTION, token: scene.service.ssoToken(annsAccount) };

  expect(await scene.click({ authentication })).toMatchObject({ body: { statusCode: 200, value: NOTHING_DONE } });
  expect(scene.bot.lines).toMatchObject([{ level: 'warn', message: 'token service did not answer' }]);
  expect(scene.done).toEqual([]);
}, 10_000);

test('in a channel nothing is offered for exchange, in a group chat it is', async () => {
  const inChannel = (await scene.click({}, channel)).body as { value: object };

  expect(inChannel).toMatchObject({ statusCode: 401, value: { connectionName: CONNECTION } });
  expect(inChannel.value).not.toHaveProperty('tokenExchangeResource');
  expect(await scene.click({}, groupChat)).toMatchObject({
    body: { value: { tokenExchangeResource: { id: 'exchange-1' } } },
  });
});

test('who clicked in a channel only is known by the code that they bring', async () => {
  const code = scene.service.signIn(linkIn(await scene.click({}, channel)), annsAccount);

  expect(await scene.click({ state: code }, channel)).toMatchObject(DONE);
});

test('nobody is asked to sign in because a card came into view', async () => {
  expect(await scene.click({ trigger: 'automatic' })).toMatchObject({ body: { statusCode: 200 } });
  expect(scene.service.requests.some(({ call }) => call.endsWith('GetSignInResource'))).toBe(false);
});
