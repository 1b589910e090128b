import type { ServiceClientCredentialsFactory } from 'botframework-connector';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createAdapter } from '../../bot/teams/adapter.ts';
import { createPersonTokens } from '../../bot/teams/person-tokens.ts';
import { PersonTokensUnavailableError } from '../../services/ports/person-tokens.ts';
import { TENANT } from '../builders.ts';
import {
  ANN,
  ann,
  annsAccount,
  bobsAccount,
  CONNECTION,
  channel,
  type SignInScene,
  startSignInScene,
} from '../fakes/sign-in-scene.ts';
import { BOT } from '../hostile/forged-activities.ts';

// A person's token outside their turn, as the outbox needs it later: in another process on the same store.

const person = { tenant: TENANT, oid: ann.oid };

let scene: SignInScene;
beforeEach(async () => {
  scene = await startSignInScene();
});
afterEach(() => scene.close());

test.each([
  ['their own chat', {}],
  ['a channel alone', channel],
])('who acted in %s and signed in has a token in every process', async (_where, where) => {
  await scene.click({}, where);
  scene.service.keep(ANN, annsAccount);

  const held = await scene.tokensElsewhere().tokenOf(person);

  expect(held).toEqual({ kind: 'token', token: scene.service.secrets.at(-1) });
});

test('a token is asked for each time, so that one that was withdrawn is gone', async () => {
  await scene.click();
  scene.service.keep(ANN, annsAccount);
  const tokens = scene.tokensElsewhere();

  await tokens.tokenOf(person);
  scene.service.drop(ANN);

  expect(await tokens.tokenOf(person)).toEqual({ kind: 'sign-in-needed' });
});

test('who never did anything in Teams must sign in, and the service is not asked', async () => {
  expect(await scene.tokensElsewhere().tokenOf(person)).toEqual({ kind: 'sign-in-needed' });
  expect(scene.service.requests).toEqual([]);
});

test('the token of another account is none, and that account is signed out', async () => {
  await scene.click();
  scene.service.keep(ANN, bobsAccount);

  expect(await scene.tokensElsewhere().tokenOf(person)).toEqual({ kind: 'sign-in-needed' });
  expect(scene.service.accountOf(ANN)).toBeUndefined();
});

test.each([
  [400, /answered 400/],
  [429, /answered 429/],
  [503, /answered 503/],
])('a service that answers %i leaves open whether there is a token', async (status, message) => {
  await scene.click();
  scene.service.fail({ on: /GetToken/, status });

  const fault: unknown = await scene
    .tokensElsewhere()
    .tokenOf(person)
    .catch((error: unknown) => error);

  expect(fault).toBeInstanceOf(PersonTokensUnavailableError);
  expect(fault).toHaveProperty('message', expect.stringMatching(message));
  // A cause would quote the address, with the person in it.
  expect(fault).not.toHaveProperty('cause');
});

test('the service is asked in the name of the bot', async () => {
  const signed = {
    signRequest: async (request: { headers: { set(name: string, value: string): void } }) => {
      request.headers.set('authorization', 'Bearer of-the-bot');
      return request;
    },
  };
  const credentials = {
    isValidAppId: async () => true,
    isAuthenticationDisabled: async () => false,
    createCredentials: async () => signed,
  } as unknown as ServiceClientCredentialsFactory;
  const settings = { local: true, cloud: 'public', botType: 'SingleTenant', botTenantId: TENANT, botId: BOT } as const;
  const adapter = createAdapter({ ...settings, oauthUrl: scene.service.url }, credentials);
  scene.service.keep(ANN, annsAccount);

  const tokens = createPersonTokens({ adapter, connection: CONNECTION, userIdOf: async () => ANN });

  expect(await tokens.tokenOf(person)).toMatchObject({ kind: 'token' });
  expect(scene.service.requests).toMatchObject([{ authorization: 'Bearer of-the-bot' }]);
});

test('a service that is not there leaves open whether there is a token', async () => {
  await scene.click();
  await scene.service.close();

  await expect(scene.tokensElsewhere().tokenOf(person)).rejects.toThrow(/did not answer: ECONN/);
});

test('without a connection there is none to have', async () => {
  await scene.close();
  scene = await startSignInScene({});
  await scene.click();

  expect(await scene.tokensElsewhere().tokenOf(person)).toEqual({ kind: 'not-configured' });
});
