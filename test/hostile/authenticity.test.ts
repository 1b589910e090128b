import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { sendRaw } from '../fakes/hostile-http.ts';
import { type WatchedSockets, watchSockets } from '../fakes/watched-sockets.ts';
import { aGateThatAsks, alex, approvalOf, evidenceOf } from './asked-gate.ts';
import { BOT, FORGED, LET_IN } from './forged-activities.ts';

// Forged activities on the whole product: real tokens, real store, a gate that asks Alex and Megan.

const guest = '78f1bdf8-c249-4648-bb9a-88502761ba65';
const disabled = '78f1bdf8-c249-4648-bb9a-88502761ba66';
const unknown = '00000000-0000-4000-8000-0000000000ff';

let folder: string;
let sockets: WatchedSockets;
let scene: CheckScene;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-people-'));
  sockets = watchSockets();
  scene = await setCheckScene({ DIRECTORY_FILE: await laxDirectory() }, { botId: BOT, level: 'trace' });
});
afterAll(async () => {
  await scene.close();
  sockets.stop();
  await rm(folder, { recursive: true });
});

/** The sample's directory, where a guest, a disabled account and somebody whom it does not name lead payments too. */
async function laxDirectory(): Promise<string> {
  const sample = await readFile(new URL('../../manifest/policy/directory.yaml', import.meta.url), 'utf8');
  const lax = sample
    .replace('payments-leads:\n', `payments-leads:\n    - ${guest}\n    - ${disabled}\n`)
    .replace(
      'people:\n',
      `people:\n  - { oid: ${disabled}, name: Former Lead, upn: f@contoso.example, disabled: true }\n`,
    );
  const file = join(folder, 'directory.yaml');
  await writeFile(file, lax);
  return file;
}

const click = (requestId: string, members?: Readonly<Record<string, unknown>>) => approvalOf(scene, requestId, members);

test('every forged activity is answered 401 with nothing, touches no row, and its token is not logged', async () => {
  const { id } = await aGateThatAsks(scene);
  const before = await scene.rows();
  const [calls, logged] = [scene.tables.calls, scene.lines.length];
  for (const { what, token, members } of FORGED) {
    const bearer = await token(scene.teams);
    const answered = await scene.teams.send(click(id, members), bearer);
    expect([answered.status, answered.text], what).toEqual([401, '']);
    for (const part of bearer.split('.').filter((text) => text.length > 20)) {
      expect(scene.lines.join('\n').includes(part), `${what} is logged`).toBe(false);
    }
  }
  expect(scene.tables.calls).toBe(calls);
  expect(await scene.rows()).toEqual(before);
  expect(sockets.elsewhere).toEqual([]);
  expect((await scene.app.core.approvals.find(id))?.state).toBe('asked');
  expect(scene.lines.slice(logged).filter((line) => line.includes('activity refused'))).toHaveLength(FORGED.length);
});

test.each(LET_IN)('$what decides', async ({ token }) => {
  const { id } = await aGateThatAsks(scene);
  const answered = await scene.teams.send(click(id), await token(scene.teams));
  expect(answered.status).toBe(200);
  expect(await scene.app.core.approvals.find(id)).toMatchObject({ state: 'approved', decision: { by: alex } });
});

test('one captured click, sent five times at once and once more later, is one decision with equal answers', async () => {
  const { id, check } = await aGateThatAsks(scene);
  const [captured, token] = [click(id), await scene.teams.tokens?.sign(scene.teams.url)];
  const send = () => scene.teams.send(captured, token);
  const answers = await Promise.all([send(), send(), send(), send(), send()]);
  await scene.app.core.idle();
  const states = answers.map(({ status, body }) => [status, saidState(body)]);
  expect(states).toEqual(states.map(() => [200, expect.stringMatching(/approved/i)]));
  expect(new Set(states.map((state) => state.join())).size).toBe(1);
  const again = await send();
  expect([again.status, saidState(again.body)]).toEqual([200, expect.stringMatching(/approved/i)]);
  // A refusal would say that somebody else was first.
  for (const { text } of [...answers, again]) expect(text).not.toContain('"id":"error"');

  const kinds = (await evidenceOf(scene, id)).map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'decided')).toHaveLength(1);
  expect(kinds).not.toContain('refused');
  const rows = (await scene.rows()).filter((row) => row.includes(`~r~${id}"`));
  expect(rows.filter((row) => /"rowKey":"d~/.test(row))).toHaveLength(1);
  const told = scene.azureDevOps.events.filter(({ taskId }) => taskId === check.taskInstanceId);
  expect(told).toMatchObject([{ result: 'succeeded' }]);
});

/** The first words of the answered card's state. */
function saidState(body: unknown): string {
  const { value } = body as { value: { body: { id?: string }[] } };
  return JSON.stringify(value.body.find(({ id }) => id === 'state'));
}

test.each([
  ['a guest among the approvers', guest, 'guest'],
  ['a disabled account among the approvers', disabled, 'disabled'],
  ['somebody whom the directory does not know', unknown, 'not-in-directory'],
  ['somebody who is asked for nothing here', PEOPLE.isaiah, 'not-an-approver'],
  ['the requester', PEOPLE.adele, 'own-deployment'],
] as const)('%s decides nothing, and the attempt is evidence', async (_who, oid, refusal) => {
  const { id } = await aGateThatAsks(scene);
  const from = { id: '29:alex', name: 'Alex Wilber', aadObjectId: oid };
  expect((await scene.teams.send(click(id, { from }))).status).toBe(200);
  expect((await scene.app.core.approvals.find(id))?.state).toBe('asked');
  expect((await evidenceOf(scene, id)).at(-1)).toMatchObject({ kind: 'refused', data: { refusal } });
});

test('a person is known by tenant and object id alone: name, address and chat id of an approver are nobody', async () => {
  const { id } = await aGateThatAsks(scene);
  const posing = { id: `29:${alex.oid}`, name: alex.name, userPrincipalName: 'alex.wilber@contoso.example' };
  for (const oid of [PEOPLE.adele, unknown]) {
    await scene.teams.send(click(id, { from: { ...posing, aadObjectId: oid } }));
  }
  expect((await scene.app.core.approvals.find(id))?.state).toBe('asked');
});

test('a socket that wants to become a WebSocket is not served', async () => {
  const answer = await sendRaw(
    scene.url,
    [
      'GET /api/messages HTTP/1.1',
      'Host: x',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      `Sec-WebSocket-Key: ${Buffer.alloc(16).toString('base64')}`,
      '',
      '',
    ].join('\r\n'),
  );
  expect(answer.status).toBe(405);
});

test('an activity over 256 KiB is answered 413 without a look at its token', async () => {
  const calls = scene.tables.calls;
  const answered = await scene.teams.send(click('x'.repeat(256 * 1024)), '');
  expect(answered.status).toBe(413);
  expect(scene.tables.calls).toBe(calls);
});
