import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY } from '../fakes/countersign.ts';
import { AUDIENCE, createEntra, type Entra } from '../fakes/entra.ts';

const ENTRY = fileURLToPath(new URL('../../bot/cli.ts', import.meta.url));
const fixture = (name: string) => fileURLToPath(new URL(`../fixtures/${name}`, import.meta.url));
vi.setConfig({ testTimeout: 60_000 });

let entra: Entra;
let scene: CheckScene;
let number = 0;
beforeAll(async () => {
  entra = await createEntra();
  scene = await setCheckScene({ API_AUDIENCE: AUDIENCE }, { entraKeys: entra.keys });
});
afterAll(() => scene.close());

/** A process without any setting of the bot, as in a pipeline; each call is of another commit. */
async function report(file: string, args: readonly string[] = [], env: Record<string, string> = {}, stdin = '') {
  number += 1;
  const commit = number.toString(16).padStart(40, 'd');
  const all = [ENTRY, 'report', file, '--service', 'payments-api', '--commit', commit, '--url', scene.url, ...args];
  const child = spawn(process.execPath, all, { env: { PATH: '/nowhere', ...env } });
  child.stdin.end(stdin);
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, out, error };
}

const LOCAL = { LOCAL_API_KEY: API_KEY };

test('it says what was read, and of each environment what the report would do there', async () => {
  const { code, out, error } = await report(fixture('scanners/gitleaks.json'), [], LOCAL);
  expect(code).toBe(0);
  const [first, ...environments] = out.trimEnd().split('\n');
  expect(first).toBe('gitleaks: 2 results, 2 findings (2 new, 0 reopened, 0 gone)');
  expect(environments.length).toBeGreaterThan(1);
  for (const line of environments) expect(line).toMatch(/^[a-z]+: \d+ block, \d+ warn, \d+ monitor$/);
  expect(environments).toContainEqual(expect.stringMatching(/^prod: [1-9]\d* block/));
  expect(error).toContain('unverified');
});

test('asked to fail on a block, it ends with 1 where one blocks, and with 0 where none does', async () => {
  expect(await report(fixture('scanners/gitleaks.json'), ['--fail-on', 'block'], LOCAL)).toMatchObject({ code: 1 });
  const clean = await report(fixture('scanners/trufflehog-clean.json'), ['--fail-on', 'block'], LOCAL);
  expect(clean).toMatchObject({ code: 0, out: expect.stringContaining('trufflehog: 0 results, 0 findings') });
});

test.each<[string, readonly string[], string, number]>([
  ['azure-policy.json', ['--timing', 'pre-deploy'], 'azure-policy: 5 results', 1],
  ['azure-policy.json', [], 'azure-policy: 5 results', 0],
  ['defender-alerts.json', [], 'defender: ', 0],
  ['advanced-security.json', [], 'ghazdo: ', 1],
  ['azure-activity.json', [], 'azure-activity: 5 results', 0],
  ['azure-devops-audit.json', [], 'azure-devops-audit: 4 results', 0],
  ['cyclonedx.json', [], ': ', 0],
  ['openvex.json', [], ': ', 0],
])('what %s with %j would block is told too, and ends as it should', async (name, args, start, code) => {
  const ended = await report(fixture(`scanners/${name}`), ['--fail-on', 'block', ...args], LOCAL);
  const [first = '', ...environments] = ended.out.trimEnd().split('\n');
  expect([ended.code, first]).toEqual([code, expect.stringContaining(start)]);
  expect(environments).toContainEqual(expect.stringMatching(code === 1 ? /^prod: [1-9]/ : /^prod: 0 block/));
});

test('the category of a tool is passed on, and only one that there is', async () => {
  const args = ['--fail-on', 'block', '--category'];
  const file = fixture('sarif/semgrep-payments.sarif');
  expect(await report(file, [...args, 'moon'], LOCAL)).toMatchObject({
    code: 2,
    error: expect.stringContaining('category'),
  });
});

test('an environment alone is told when it is named', async () => {
  const { out } = await report(fixture('scanners/gitleaks.json'), ['--environment', 'prod'], LOCAL);
  expect(out.trimEnd().split('\n')).toEqual([expect.stringMatching(/^gitleaks: /), expect.stringMatching(/^prod: /)]);
});

test('the artifact is passed on, and only a checksum is one', async () => {
  const send = (artifact: string) => report(fixture('scanners/gitleaks.json'), ['--artifact', artifact], LOCAL);
  expect(await send(`sha256:${'a'.repeat(64)}`)).toMatchObject({ code: 0 });
  expect(await send('payments-api:1.4')).toMatchObject({ code: 2, error: expect.stringContaining('artifact') });
});

test('a token for the role is enough, one without it is not', async () => {
  const send = async (role: 'Findings.Submit' | 'Evidence.Read') =>
    report(fixture('scanners/grype.json'), ['--token-stdin'], {}, await entra.application([role]));
  expect(await send('Findings.Submit')).toMatchObject({ code: 0 });
  expect(await send('Evidence.Read')).toMatchObject({ code: 2, out: '', error: expect.stringContaining('403') });
});

test.each<[string, string, readonly string[], string]>([
  ['a report that is refused', 'sarif/failed-scan.sarif', [], '422: The tool says that its run failed'],
  ['a file that is not there', 'scanners/absent.json', [], 'cannot be read'],
  ['an environment that nobody knows', 'scanners/grype.json', ['--environment', 'moon'], 'moon'],
  ['another decision to fail on', 'scanners/grype.json', ['--fail-on', 'warn'], '--fail-on takes block'],
  ['an address in the clear', 'scanners/grype.json', ['--url', 'http://bot.example'], 'must be a https:// address'],
])('%s could not run', async (_what, file, args, sentence) => {
  const ended = await report(fixture(file), args, LOCAL);
  expect(ended).toMatchObject({ code: 2, out: '', error: expect.stringContaining(sentence) });
});
