import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type DeliveryHealth, isSkewed } from '../../services/domain/delivery-health.ts';
import { answerOf, type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY, CHECK_KEY } from '../fakes/countersign.ts';

/** Seconds that the bot's clock is ahead: what was found well is looked at again after ten. */
let ahead = 0;
const clock = { now: () => new Date(Date.now() + ahead * 1_000).toISOString() };

let scene: CheckScene;
beforeAll(async () => {
  scene = await setCheckScene({}, { clock });
});
afterAll(() => scene.close());
afterEach(() => {
  Object.assign(scene.tables, { down: false, ahead: 0 });
  scene.azureDevOps.faults.clear();
});

const get = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
  answerOf(await fetch(`${scene.url}${path}`, { headers }));

test.each([
  ['no key', {}],
  ["a check's key", { 'X-Countersign-Key': CHECK_KEY }],
])('the details are not for a caller with %s', async (_what, headers) => {
  expectProblem(await get('/health', headers), 401, 'unauthenticated');
});

test('operators are told how deliveries go and which contract is in force', async () => {
  const { status, json } = await get('/health', { 'X-Api-Key': API_KEY });
  expect(status).toBe(200);
  expect(json).toMatchObject({ store: 'ok', waiting: 0, contract: { version: expect.any(Number) } });
});

test('without the store it is alive, not ready, and says which part is missing', async () => {
  ahead = 11;
  scene.tables.down = true;
  expect((await get('/livez')).status).toBe(200);
  expect((await get('/readyz')).status).toBe(503);
  expect(await get('/health', { 'X-Api-Key': API_KEY })).toMatchObject({
    status: 200,
    json: { store: 'unavailable', ready: { store: 'failing', policy: 'ok', signing: 'ok' } },
  });
  scene.tables.down = false;
  expect((await get('/readyz')).status).toBe(200);
});

test.each([-90_000, 90_000])(
  'while the clock of the store is %d ms from ours it is alive and not ready',
  async (ms) => {
    ahead = 22;
    scene.tables.ahead = ms;
    expect((await get('/livez')).status).toBe(200);
    expect((await get('/readyz')).status).toBe(503);
    expect(scene.lines.at(-1)).toContain('set the clock of this machine');
  },
);

test.each([-90_000, 90_000])('operators see how far the clock of the store is from ours: %d ms', async (ms) => {
  scene.tables.ahead = ms;
  const { json } = await get('/health', { 'X-Api-Key': API_KEY });
  const clocks = (json['clocks'] as DeliveryHealth['clocks']).filter((one) => one.with === 'Azure Table Storage');
  expect(clocks.map(isSkewed)).toEqual([true]);
  expect(Math.sign(clocks[0]?.seconds ?? 0)).toBe(-Math.sign(ms));
});

test('probes need no key and give nothing away', async () => {
  expect((await get('/livez')).text).toBe('{"status":"alive"}');
  expect((await get('/readyz')).text).toBe('{"status":"ready"}');
});

test('while Teams and Azure DevOps are out it is ready: their outage must not become ours', async () => {
  ahead += 11;
  scene.azureDevOps.faults.add({ on: /./, status: 503 });
  scene.teams.fail({ status: 503 });
  const answer = await scene.send(scene.waiting());
  expect(answer.status).toBe(503);
  expect(await get('/readyz')).toMatchObject({ status: 200, json: { status: 'ready' } });
  expect((await get('/livez')).status).toBe(200);
});

test('what was found well is looked at again after ten seconds', async () => {
  ahead += 11;
  expect((await get('/readyz')).status).toBe(200);
  scene.tables.down = true;
  expect((await get('/readyz')).status).toBe(200);
  ahead += 11;
  expect((await get('/readyz')).status).toBe(503);
});
