import { afterAll, beforeAll, expect, test } from 'vitest';
import { TENANT } from '../builders.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { startTokenService, type TokenService } from '../fakes/token-service.ts';
import { type WatchedSockets, watchSockets } from '../fakes/watched-sockets.ts';
import { alex } from './asked-gate.ts';
import { leaksIn } from './secrets.ts';

// Sign-ins on the whole product, at log level trace: tokens go through and stay nowhere.

const CONNECTION = 'azure-devops';
const alexsAccount = { tenant: TENANT, oid: PEOPLE.alex };

let sockets: WatchedSockets;
let service: TokenService;
let scene: CheckScene;
const answers: string[] = [];

beforeAll(async () => {
  sockets = watchSockets();
  service = await startTokenService(CONNECTION);
  scene = await setCheckScene({ SIGNIN_CONNECTION: CONNECTION, BOT_OAUTH_URL: service.url }, { level: 'trace' });
});
afterAll(async () => {
  await scene.close();
  await service.close();
  sockets.stop();
});

async function exchange(id: string, token: string): Promise<number> {
  const value = { id, connectionName: CONNECTION, token };
  const answered = await scene.teams.send(
    scene.teams.activity(alex, { type: 'invoke', name: 'signin/tokenExchange', value }),
  );
  answers.push(answered.text);
  return answered.status;
}

const said = () => scene.teams.messages().map(({ activity }) => activity['text']);

test('who signs in as themselves is signed in, and as somebody else is not', async () => {
  expect(await exchange('own', service.ssoToken(alexsAccount))).toBe(200);
  expect(said()).toEqual(['You are signed in; click again.']);
  expect(await exchange('foreign', service.ssoToken({ tenant: TENANT, oid: PEOPLE.megan }))).toBe(412);
  expect(service.accountOf(`29:${alex.oid}`)).toBeUndefined();
});

test('no token and no code is logged, stored, told or sent elsewhere, whatever the service answers', async () => {
  const code = '271828182';
  await exchange('refused', service.ssoToken('unknown'));
  for (const status of [401, 429, 503]) {
    service.fail({ on: /exchange|GetToken/, status, times: 2 });
    expect(await exchange(`failed ${status}`, service.ssoToken(alexsAccount))).toBe(412);
    const value = { action: { type: 'Action.Execute', verb: 'approval.view', data: {} }, state: code };
    const click = scene.teams.activity(alex, { type: 'invoke', name: 'adaptiveCard/action', value });
    answers.push((await scene.teams.send(click)).text);
  }
  const texts = [
    ...scene.lines,
    ...answers,
    ...(await scene.rows()),
    ...scene.teams.requests.map((one) => JSON.stringify(one.body)),
  ];
  // The payload of a token is in pieces what anybody knows: its last part is what makes it one.
  const signatures = service.secrets.map((token) => token.split('.')[2] ?? token);

  expect(service.requests.some(({ query }) => query['code'] === code)).toBe(true);
  expect(scene.lines.some((line) => line.includes('token service did not answer'))).toBe(true);
  expect(texts.some((text) => text.includes(`29:${alex.oid}`))).toBe(true);
  expect(leaksIn(texts.join('\n'), { ...Object.fromEntries(signatures.entries()), code })).toEqual([]);
  expect(sockets.elsewhere).toEqual([]);
});
