import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { aBlockedGate, EXCEPTION_TERMS } from '../fakes/blocked-gate.ts';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { AUDIENCE, createEntra, type Entra } from '../fakes/entra.ts';
import { actor } from '../fakes/exception-scene.ts';

const ENTRY = fileURLToPath(new URL('../../bot/cli.ts', import.meta.url));
vi.setConfig({ testTimeout: 60_000 });

let entra: Entra;
let scene: CheckScene;
let print: string;
beforeAll(async () => {
  entra = await createEntra();
  scene = await setCheckScene({ API_AUDIENCE: AUDIENCE }, { entraKeys: entra.keys });
  [print = ''] = (await aBlockedGate(scene)).prints;
});
afterAll(() => scene.close());

/** A process without any setting of the bot, as on a person's own machine. */
async function cli(args: readonly string[], stdin: string) {
  const child = spawn(process.execPath, [ENTRY, 'exceptions', 'request', ...args], { env: { PATH: '/nowhere' } });
  child.stdin.end(stdin);
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, out, error };
}

const place = ['--service', 'payments-api', '--environment', 'prod', '--control', 'secret-scanning'];
const there = () => [...place, '--finding', print, '--url', scene.url, '--token-stdin'];
const terms = (until: string = EXCEPTION_TERMS.until) => {
  const { owner, reasonClass, reason, reviewEvery } = EXCEPTION_TERMS;
  const said = ['--owner', owner, '--class', reasonClass, '--reason', reason, '--review-every', reviewEvery];
  return [...said, '--until', until];
};
const none = async () =>
  expect(await scene.app.core.exceptionViews.view(actor(PEOPLE.adele), 'EX-1')).toHaveProperty('code');

test('who may not, or leaves out what is mandatory, is told so in the words of the chat, and it ends with 1', async () => {
  const token = await entra.person(PEOPLE.adele);
  const missing = await cli(there(), token);
  expect(missing).toMatchObject({ code: 1, out: '', error: expect.stringContaining('the kind of reason') });
  const far = await cli([...there(), ...terms('in 60 days')], token);
  expect(far).toMatchObject({ code: 1, out: '', error: expect.stringContaining('Nothing was recorded yet: ') });
  const guest = await entra.person('78f1bdf8-c249-4648-bb9a-88502761ba65');
  expect(await cli([...there(), ...terms()], guest)).toMatchObject({ code: 1, out: '' });
  await none();
});

test('an application, a value of the wrong form, no service and no address could not run', async () => {
  const robot = await entra.application(['Checks.Submit']);
  expect(await cli([...there(), ...terms()], robot)).toMatchObject({
    code: 2,
    out: '',
    error: expect.stringContaining('this is for people'),
  });
  const token = await entra.person(PEOPLE.adele);
  const wrong = await cli([...there(), ...terms(), '--renews', 'twelve'], token);
  expect(wrong).toMatchObject({ code: 2, out: '', error: expect.stringContaining('renews') });
  expect(await cli(terms(), token)).toMatchObject({ code: 2, error: expect.stringContaining('--service') });
  expect(await cli([...place, ...terms()], token)).toMatchObject({ code: 2, error: expect.stringContaining('--url') });
  await none();
});

test('a person asks for an exception on the command line with their own token', async () => {
  const asked = await cli([...there(), ...terms(), '--ticket', 'SEC-7'], `${await entra.person(PEOPLE.adele)}\n`);
  expect(asked).toMatchObject({ code: 0, error: '' });
  expect(asked.out).toMatch(/^EX-1 is requested, until the end of \d{4}-\d\d-\d\d \(UTC\)\.\n$/);
  expect(await scene.app.core.exceptionViews.view(actor(PEOPLE.adele), 'EX-1')).toMatchObject({
    state: 'requested',
    terms: { ticket: 'SEC-7', owner: EXCEPTION_TERMS.owner },
    askers: [{ by: { oid: PEOPLE.adele } }],
  });
});
