import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { EXCEPTION_TERMS } from '../fakes/blocked-gate.ts';
import { answerOf, type CheckScene, expectProblem, setCheckScene } from '../fakes/check-scene.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { API_KEY } from '../fakes/countersign.ts';
import { AUDIENCE, createEntra, type Entra } from '../fakes/entra.ts';
import { actor } from '../fakes/exception-scene.ts';
import { assessed, exemptionId } from '../fakes/import-scene.ts';
import { aState, vault } from '../fakes/signal-scene.ts';

// People bring in what other tools let pass, over HTTP and on the command line, on the whole product.

const ENTRY = fileURLToPath(new URL('../../bot/cli.ts', import.meta.url));
vi.setConfig({ testTimeout: 60_000 });

let entra: Entra;
let scene: CheckScene;
let folder: string;
let file: string;
beforeAll(async () => {
  entra = await createEntra();
  scene = await setCheckScene({ API_AUDIENCE: AUDIENCE }, { entraKeys: entra.keys, level: 'trace' });
  await assessed(scene.app, [aState()]);
  folder = await mkdtemp(join(tmpdir(), 'countersign-imports-'));
  file = join(folder, 'exemptions.json');
});
afterAll(async () => {
  await scene.close();
  await rm(folder, { recursive: true });
});

const PLACE = { service: 'payments-api', environment: 'prod' };
const TRIVY = 'vulnerabilities:\n  - id: CVE-2024-1\n    statement: No fix yet\n';

/** As the command line of Azure lists them: the second says everything. */
function exemptions(): string {
  const { owner, reason, reasonClass, reviewEvery } = EXCEPTION_TERMS;
  const expiresOn = new Date(Date.now() + 3 * 86_400_000).toISOString();
  const metadata = { owner, reviewEvery };
  const { policyAssignmentId } = aState();
  const one = { policyAssignmentId, description: reason, expiresOn };
  return JSON.stringify([
    { name: 'nobody', id: exemptionId('nobody'), ...one },
    { name: 'a-key', id: exemptionId('a-key'), exemptionCategory: reasonClass, ...one, metadata },
  ]);
}

async function post(headers: Readonly<Record<string, string>>, body: unknown, route = '/imports') {
  const response = await fetch(`${scene.url}/api/exceptions${route}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify(body),
  });
  return answerOf(response);
}
const bearer = async (oid: string) => ({ Authorization: `Bearer ${await entra.person(oid)}` });

async function cli(args: readonly string[], stdin: string, env: Readonly<Record<string, string>> = {}) {
  const child = spawn(process.execPath, [ENTRY, 'exceptions', 'import', ...args], {
    env: { PATH: '/nowhere', ...env },
  });
  child.stdin.end(stdin);
  const [out, error, [code]] = await Promise.all([text(child.stdout), text(child.stderr), once(child, 'close')]);
  return { code, out, error };
}

test('over HTTP each entry has its line, its name and what became of it', async () => {
  const answer = await post(await bearer(PEOPLE.adele), { ...PLACE, file: '.trivyignore.yaml', text: TRIVY });
  expect(answer).toMatchObject({
    status: 200,
    json: {
      source: 'trivy',
      gone: 0,
      problems: [],
      entries: [
        { line: 2, name: 'CVE-2024-1', became: 'unmanaged', missing: ['owner', 'reasonClass', 'until', 'reviewEvery'] },
      ],
    },
  });
});

test('no key and no token of an application brings anything in, and is told who can', async () => {
  const body = { ...PLACE, file: 'f', text: 'vulnerabilities:\n  - id: CVE-2024-9\n' };
  const robot = { Authorization: `Bearer ${await entra.application(['Checks.Submit'])}` };
  for (const headers of [robot, { 'X-Api-Key': API_KEY }]) {
    const answer = await post(headers, body);
    expectProblem(answer, 403, 'person-required');
    expect(answer.json['detail']).toContain('this is for people');
  }
  const list = await scene.app.core.importLists.all();
  expect(JSON.stringify(list)).not.toContain('CVE-2024-9');
});

test('what is no such file, no such place, or too large is refused as a whole', async () => {
  const as = await bearer(PEOPLE.adele);
  expectProblem(await post(as, { ...PLACE, file: 'f', text: 'a: b' }), 422, 'file-refused');
  expectProblem(await post(as, { ...PLACE, environment: 'moon', file: 'f', text: TRIVY }), 400, 'unknown-environment');
  expectProblem(await post(as, { ...PLACE, file: 'f', text: TRIVY, owner: 'me' }), 400, 'field-invalid');
  expectProblem(await post(as, { ...PLACE, file: 'f', text: '#'.repeat(1024 * 1024) }), 413, 'body-too-large');
});

test('on the command line a person brings a file in with their own token; the same again asks for nothing twice', async () => {
  await writeFile(file, exemptions());
  const args = [file, '--service', 'payments-api', '--environment', 'prod', '--url', scene.url, '--token-stdin'];
  const first = await cli(args, await entra.person(PEOPLE.adele));
  expect(first).toEqual({
    code: 1,
    out: [
      'unmanaged\tazure-policy\tline 1\tnobody\tit does not say the owner, the kind of reason and how often it is reviewed',
      'requested\tazure-policy\tline 1\ta-key\tEX-1',
      '',
    ].join('\n'),
    error: '',
  });
  expect(await cli(args, await entra.person(PEOPLE.adele))).toEqual(first);
  expect(await scene.app.core.exceptionViews.view(actor(PEOPLE.adele), 'EX-1')).toMatchObject({
    state: 'requested',
    askers: [{ by: { oid: PEOPLE.adele } }],
  });
});

test('what was left unmanaged is asked for by its id, with what it does not say itself; then it is in no list', async () => {
  const reset = '/subscriptions/1/providers/Microsoft.Authorization/policyAssignments/reset';
  await assessed(scene.app, [aState(), aState(vault(), { policyAssignmentId: reset })]);
  const entry = {
    name: 'left',
    id: exemptionId('left'),
    policyAssignmentId: reset,
    description: EXCEPTION_TERMS.reason,
  };
  const text = JSON.stringify([entry, { ...entry, name: 'narrow', resourceSelectors: [{}] }]);
  await post(await bearer(PEOPLE.adele), { ...PLACE, file: 'f', text });
  const kept = async () => {
    const list = await scene.app.core.importLists.all();
    return 'code' in list ? [] : list.rows;
  };
  const idOf = async (name: string) => (await kept()).find(({ imported }) => imported.entry.name === name)?.imported.id;
  const { reason: _, ...terms } = EXCEPTION_TERMS;
  const ask = async (said: object) => post(await bearer(PEOPLE.adele), { ...PLACE, ...terms, ...said }, '');
  const id = await idOf('left');

  expectProblem(await ask({ import: 'a'.repeat(16) }), 404, 'unknown-import');
  expectProblem(await ask({ import: await idOf('narrow') }), 422, 'import-narrower');
  expectProblem(await ask({ import: 'EX-1' }), 400, 'field-invalid');
  for (const what of [{ fingerprint: 'a'.repeat(32) }, { requestId: 'r' }, { baseline: true }, { renews: 'EX-1' }])
    expectProblem(await ask({ import: id, ...what }), 400, 'field-invalid');
  expectProblem(await ask({ import: id, owner: '' }), 422, 'field-missing');

  const answer = await ask({ import: id });
  expect(answer).toMatchObject({ status: 201, json: { state: 'requested' } });
  const exception = await scene.app.core.exceptionViews.view(actor(PEOPLE.adele), String(answer.json['exceptionId']));
  expect(exception).toMatchObject({ target: { control: 'azure-policy' }, terms: { reason: EXCEPTION_TERMS.reason } });
  await scene.app.core.idle();
  expect((await kept()).map(({ imported }) => imported.entry.name)).not.toContain('left');
});

test('a pipeline could not run, but can look; without a place nothing is sent', async () => {
  await writeFile(file, TRIVY);
  const there = [file, '--service', 'payments-api', '--environment', 'prod'];
  const robot = await entra.application(['Checks.Submit']);
  expect(await cli([...there, '--url', scene.url, '--token-stdin'], robot)).toMatchObject({
    code: 2,
    out: '',
    error: expect.stringContaining('this is for people'),
  });
  expect(await cli([file, '--url', scene.url, '--token-stdin'], robot)).toMatchObject({
    code: 2,
    error: expect.stringContaining('--dry-run'),
  });
  expect(await cli([file, '--dry-run'], '')).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^unmanaged\ttrivy\t/),
  });
});
