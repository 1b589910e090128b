import { glob, readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import type { SimulatedCheck } from '../fakes/azure-devops-model.ts';
import { answerOf, type CheckScene, setCheckScene } from '../fakes/check-scene.ts';
import { API_KEY } from '../fakes/countersign.ts';
import { aGateThatAsks, alex, approvalOf } from './asked-gate.ts';
import { OTHER_TENANT } from './forged-activities.ts';
import { HOSTILE_NAMES } from './names.ts';

// Hostile names on the whole product: the store also holds the rows of another tenant's organization.

const SECRET = 'only-the-other-organization-knows';
const OWN = 'what-this-organization-knows';

let scene: CheckScene;
let foreign: { readonly id: string; readonly check: SimulatedCheck };
let own: { readonly id: string };
let before: readonly string[];

beforeAll(async () => {
  const other = await setCheckScene({ BOT_TENANT_ID: OTHER_TENANT });
  foreign = await aGateThatAsks(other, { branch: `refs/heads/${SECRET}` });
  // Its process ends and its rows stay.
  scene = await setCheckScene({}, { tables: other.tables });
  await other.app.stop();
  await scene.teams.install(alex);
  own = await aGateThatAsks(scene, { branch: `refs/heads/${OWN}` });
  await scene.teams.say(alex, 'help');
  before = await scene.rows();
  expect(before.join('\n')).toContain(SECRET);
  return () => other.close();
});
afterAll(() => scene.close());

/** Nothing of the other organization in what anybody was told, and nothing changed. */
async function expectUntouched(): Promise<void> {
  const told = JSON.stringify(scene.teams.messages().map(({ versions }) => versions));
  expect(told).not.toContain(SECRET);
  expect(await scene.rows()).toEqual(before);
}

test('what is one’s own is shown', async () => {
  await scene.teams.say(alex, `why ${own.id}`);
  expect(JSON.stringify(scene.teams.messages().at(-1)?.activity)).toContain(OWN);
});

test.each([
  'approvals',
  'why',
  'who approves',
  'who approves payments-api',
  'approve',
  'reject',
  'status',
  'help',
  'findings',
])('the command %s with a hostile argument is answered in words, with nothing of anybody else', async (command) => {
  const asked = scene.teams.messages().length;
  for (const name of [...HOSTILE_NAMES, foreign.id, foreign.id.toUpperCase()]) {
    for (const text of [`${command} ${name}`, `${command} ${name} because`]) {
      expect((await scene.teams.say(alex, text)).status, text).toBe(200);
    }
  }
  const answers = scene.teams.messages().slice(asked);
  expect(answers).toHaveLength((HOSTILE_NAMES.length + 2) * 2);
  for (const { activity } of answers) expect(JSON.stringify(activity)).not.toContain('could not do this');
  await expectUntouched();
});

test('a click whose ids are hostile, or those of another organization, is answered in words and does nothing', async () => {
  const data = { verb: 'approval.decide', requestId: own.id, revision: 1, verdict: 'approve' };
  const exception = { verb: 'exception.request', service: 'a', environment: 'prod', control: 'c' };
  const click = async (action: { readonly verb: string }) => {
    const value = { action: { type: 'Action.Execute', verb: action.verb, data: action } };
    const answered = await scene.teams.send(approvalOf(scene, own.id, { value }));
    expect(answered.status).toBe(200);
    expect(answered.text).not.toMatch(new RegExp(`${SECRET}|could not do this`));
    return answered;
  };
  for (const name of [...HOSTILE_NAMES, foreign.id]) {
    for (const field of ['requestId', 'revision', 'verdict', 'verb']) await click({ ...data, [field]: name });
    for (const verb of ['approval.view', 'exception.request'])
      await click({ ...exception, verb, requestId: name } as never);
    for (const field of ['service', 'environment', 'control', 'fingerprint'])
      await click({ ...exception, [field]: name });
  }
  await expectUntouched();
});

const QUERY = { service: 'payments-api', commit: 'a'.repeat(40) };

test.each(['service', 'commit', 'environment', 'branch', 'runId', 'timing', 'format', 'category', '$filter'])(
  'a report whose parameter %s is hostile is refused by name, or stored for what it says it is',
  async (parameter) => {
    for (const name of HOSTILE_NAMES) {
      const query = new URLSearchParams({ ...QUERY, [parameter]: name });
      const answer = await answerOf(
        await fetch(`${scene.url}/api/findings?${query}`, {
          method: 'POST',
          headers: { 'X-Api-Key': API_KEY, 'Content-Type': 'application/json' },
          body: '{',
        }),
      );
      expect([400, 422], name).toContain(answer.status);
      expect(answer.text).not.toContain(SECRET);
    }
    expect(await scene.rows()).toEqual(before);
  },
);

test('a report for a service with a hostile name is kept under a key of its own', async () => {
  const seen = new Set(before);
  const names = HOSTILE_NAMES.filter((name) => name.length <= 200 && name.trim() !== '');
  for (const service of names) {
    const answer = await scene.report('gitleaks-clean.sarif', { service, commit: 'b'.repeat(40) });
    expect(answer.status, service).toBe(200);
  }
  const added = (await scene.rows()).filter((row) => !seen.has(row) && row.startsWith('countersignscope '));
  const keys = added.map(
    (row) => JSON.parse(row.slice(row.indexOf(' ') + 1)) as Record<'partitionKey' | 'rowKey', string>,
  );
  for (const { partitionKey, rowKey } of keys) expect(partitionKey + rowKey).toMatch(/^[A-Za-z0-9._~-]+$/);
  const services = new Set(keys.map(({ partitionKey }) => partitionKey));
  expect(services.size).toBe(new Set(names.map((name) => name.toLowerCase())).size);
  before = await scene.rows();
});

test.each(['runId', 'stage', 'environment', 'service', 'artifact'])(
  'a check whose field %s is hostile stores nothing but a text of its own gate',
  async (field) => {
    for (const name of HOSTILE_NAMES) {
      const body = { runId: 1, stage: 'Deploy', environment: 'prod', service: 'payments-api', [field]: name };
      const answer = await scene.send(scene.waiting(), { body });
      expect([400, 403], `${field} ${name}`).toContain(answer.status);
      expect(answer.text).not.toContain(SECRET);
    }
    expect(await scene.rows()).toEqual(before);
  },
);

test.each(['ProjectId', 'PlanId', 'JobId', 'TimelineId', 'TaskInstanceId', 'HubName'])(
  'a check whose header %s is hostile is refused',
  async (header) => {
    for (const name of HOSTILE_NAMES.filter((text) => /^[\x20-\xff]*$/.test(text))) {
      const answer = await scene.send(scene.waiting(), { headers: { [header]: name } });
      expect([answer.status, answer.json['field']], name).toEqual([400, header]);
    }
    expect(await scene.rows()).toEqual(before);
  },
);

test.each([undefined, null, '', 7, {}, "x' or 'a' eq 'a"])(
  'a query without a partition that is a key never leaves the process: %j',
  async (partition) => {
    const { connectionString } = scene.tables;
    const table = createAzureTable({ connection: { connectionString }, prefix: 'countersign' });
    const found = await table.list('gate', partition as string).catch((error: unknown) => error);
    // A quotation mark is allowed in a key, and is one there.
    if (typeof partition === 'string' && partition !== '') expect(found).toEqual([]);
    else expect(found).toBeInstanceOf(RangeError);
  },
);

test('every comparison that a query makes is written by the odata tag, in one file, or quoted for Graph', async () => {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const users: string[] = [];
  for await (const file of glob('{bot,cards,services}/**/*.ts', { cwd: root })) {
    const text = await readFile(`${root}/${file}`, 'utf8');
    if (/listEntities|queryOptions/.test(text)) users.push(file);
    const untagged = text.replaceAll(/odata`[^`]*`/g, '');
    expect(untagged, file).not.toMatch(/\b(?:eq|ne|gt|ge|lt|le) (?:\$\{(?!quoted\()|'|")/);
    if (file.startsWith('services/tables/')) expect(untagged, file).not.toMatch(/filter\s*[:=]\s*(?:`|'|"|[^\n]*\+)/);
  }
  expect(users).toEqual(['services/tables/azure-rows.ts']);
});
