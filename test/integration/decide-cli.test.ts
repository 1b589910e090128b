import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { AUDIENCE, createEntra, type Entra } from '../fakes/entra.ts';
import { aGateThatAsks, alex } from '../hostile/asked-gate.ts';

const ENTRY = fileURLToPath(new URL('../../bot/cli.ts', import.meta.url));
vi.setConfig({ testTimeout: 60_000 });

let entra: Entra;
let scene: CheckScene;
beforeAll(async () => {
  entra = await createEntra();
  scene = await setCheckScene({ API_AUDIENCE: AUDIENCE }, { entraKeys: entra.keys });
  await scene.teams.install(alex);
});
afterAll(() => scene.close());

/** A process without any setting of the bot, as on a person's own machine. */
async function cli(args: readonly string[], stdin = '', env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [ENTRY, ...args], { env: { PATH: '/nowhere', ...env } });
  child.stdin.end(stdin);
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, out, error };
}

const stateOf = async (id: string) => (await scene.app.core.approvals.find(id))?.state;

test('a person approves and rejects on the command line with their own token', async () => {
  const [first, second] = [await aGateThatAsks(scene), await aGateThatAsks(scene)];
  const token = await entra.person(PEOPLE.alex);
  const approved = await cli(['approve', first.id, '--url', scene.url, '--token-stdin'], `${token}\n`);
  expect(approved).toMatchObject({ code: 0, out: `Request ${first.id} (payments-api in prod) is approved.\n` });
  const reject = ['reject', second.id, '--comment', 'not today', '--token-stdin'];
  expect(await cli(reject, token, { PUBLIC_URL: scene.url })).toMatchObject({
    code: 0,
    out: `Request ${second.id} (payments-api in prod) is rejected.\n`,
  });
  expect(await scene.app.core.approvals.find(second.id)).toMatchObject({ decision: { comment: 'not today' } });
});

test('who may not is told so in the words of the chat, and it ends with 1', async () => {
  const { id } = await aGateThatAsks(scene);
  const token = await entra.person(PEOPLE.adele);
  const ended = await cli(['approve', id, '--url', scene.url, '--token-stdin'], token);
  expect(ended).toMatchObject({ code: 1, out: '', error: expect.stringContaining('you asked for') });
  expect(await stateOf(id)).toBe('asked');
});

test('an application, no address, no audience and nobody signed in could not run', async () => {
  const { id } = await aGateThatAsks(scene);
  const robot = await entra.application(['Checks.Submit']);
  const approve = ['approve', id, '--url', scene.url];
  expect(await cli([...approve, '--token-stdin'], robot)).toMatchObject({
    code: 2,
    out: '',
    error: expect.stringContaining('this is for people'),
  });
  expect(await cli(['approve', id])).toMatchObject({ code: 2, error: expect.stringContaining('--url') });
  expect(await cli(approve)).toMatchObject({ code: 2, error: expect.stringContaining('--audience') });
  const alone = await cli([...approve, '--audience', AUDIENCE]);
  expect(alone).toMatchObject({ code: 2, out: '', error: expect.stringContaining('Could not run: ') });
  expect(alone.error).not.toContain('    at ');
  expect(await stateOf(id)).toBe('asked');
});
