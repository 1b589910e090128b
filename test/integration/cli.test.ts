import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { type Gate, orgOf } from '../../services/domain/gate.ts';
import type { GateStore, OutboxKind, StoredGate } from '../../services/ports/gate-store.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createGateStore } from '../../services/tables/gate-store.ts';
import { aGate, ORGANIZATION, TENANT } from '../builders.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { commandLine } from '../fakes/command-line.ts';
import { createCoreWorldOn } from '../fakes/core-world.ts';
import { type Countersign, startCountersign } from '../fakes/countersign.ts';
import { scanned } from '../fakes/scanned.ts';

const HOUR = 3_600_000;
const POLICY = fileURLToPath(new URL('../../manifest/policy', import.meta.url));
/** Every command is a process that loads all adapters. */
vi.setConfig({ testTimeout: 180_000 });

let azurite: Azurite;
beforeAll(async () => {
  azurite = await startAzurite();
});
afterAll(() => azurite.close());

let prefixes = 0;

/** A store of its own, what is in it, and the command line on it. */
async function setScene({ organization = ORGANIZATION, prefix = '', directory = false } = {}) {
  prefixes += 1;
  const TABLES_PREFIX = prefix === '' ? `cli${prefixes}n` : prefix;
  const settings = {
    COUNTERSIGN_LOCAL: 'true',
    BOT_TENANT_ID: TENANT,
    AZURE_DEVOPS_ORGS: organization,
    TABLES_CONNECTION_STRING: azurite.connectionString,
    TABLES_PREFIX,
    TOKEN_KEY: Buffer.alloc(32, 7).toString('base64'),
    ...(directory ? { DIRECTORY_FILE: `${POLICY}/directory.yaml` } : {}),
  };
  const { connectionString } = azurite;
  const table = createAzureTable({ connection: { connectionString }, prefix: TABLES_PREFIX, budgetMs: 20_000 });
  await table.prepare();
  const org = orgOf(TENANT, organization);
  const clock = { now: () => new Date().toISOString() };
  const due = createDueIndex({ table, clock });
  const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };
  const gates = createGateStore({ table, due, clock, random, orgs: [org], instance: 'test' });
  return {
    table,
    gates,
    org,
    giveUp: (over: Partial<Gate>, ...kinds: readonly OutboxKind[]) => giveUp(gates, aGate({ org, ...over }), kinds),
    cli: (...args: readonly string[]) => commandLine(settings, args),
    settings,
  };
}

/** A request of which these were given up. */
async function giveUp(gates: GateStore, gate: Gate, kinds: readonly OutboxKind[]): Promise<StoredGate> {
  const at = gate.receivedAt;
  const evidence = { kind: 'received', actor: { kind: 'countersign' }, data: {} } as const;
  const { stored } = await gates.create({ op: 'receive', gate, evidence, outbox: kinds, at, token: 'sealed' });
  const retry = stored.outbox.map((item) => ({ ...item, attempts: 30, dead: true }));
  await gates.tidy(stored, { done: [], retry, cards: [], droppedCards: [] });
  return stored;
}

const hoursAgo = (hours: number) => new Date(Date.now() - hours * HOUR).toISOString();

test('every dead letter is listed on a line of its own, oldest first, whatever became of its request', async () => {
  const { giveUp, cli } = await setScene();
  await giveUp({ id: 'waiting', receivedAt: '2026-11-23T10:00:00.000Z' }, 'card', 'index');
  await giveUp(
    { id: 'told', receivedAt: '2026-11-23T09:00:00.000Z', toldAt: '2026-11-23T09:05:00.000Z', environment: 'dev' },
    'card',
  );
  const { code, out } = await cli('dlq', 'list');
  expect(out.split('\n')).toEqual([
    'told\tpayments-api\tdev\tcard\t30 attempts\tsince 2026-11-23T09:00:00.000Z',
    'waiting\tpayments-api\tprod\tcard\t30 attempts\tsince 2026-11-23T10:00:00.000Z',
    'waiting\tpayments-api\tprod\tindex\t30 attempts\tsince 2026-11-23T10:00:00.000Z',
    '',
  ]);
  expect(code).toBe(0);
});

test('status: as plain text what the chat says, and its code says whether somebody is needed', async () => {
  const { giveUp, cli } = await setScene({ directory: true });
  await giveUp({ id: 'told', receivedAt: '2026-11-23T09:00:00.000Z', toldAt: '2026-11-23T09:05:00.000Z' }, 'card');
  const { code, out } = await cli('status');
  expect(code).toBe(1);
  expect(out.split('\n')).toEqual(
    expect.arrayContaining(['Delivery status', 'Given up: ✗ 1: card of told', expect.stringMatching(/^Clocks: ✓/)]),
  );
});

test('without dead letters there is no line, and a person is told so', async () => {
  const { cli } = await setScene();
  expect(await cli('dlq', 'list')).toEqual({ code: 0, out: '', error: expect.stringContaining('No dead letters.') });
});

test('replaying puts everything of a request back into its outbox, once', async () => {
  const { gates, org, giveUp, cli } = await setScene();
  await giveUp({ id: 'waiting', receivedAt: hoursAgo(5) }, 'card', 'verdict');
  expect(await cli('dlq', 'replay', 'waiting')).toMatchObject({
    code: 0,
    out: 'Replayed card, verdict of request waiting. The running bot takes it within seconds.\n',
  });
  expect(await gates.read(org, 'waiting')).toMatchObject({
    deadLetters: [],
    outbox: [
      { kind: 'card', attempts: 0 },
      { kind: 'verdict', attempts: 0 },
    ],
  });
  expect(await cli('dlq', 'replay', 'waiting')).toEqual({
    code: 1,
    out: '',
    error: expect.stringContaining('Request waiting has no dead letters: there is nothing to replay.'),
  });
});

test('an unknown request is named, with where the known ones are', async () => {
  const { cli } = await setScene();
  expect(await cli('dlq', 'replay', 'nothing/../of*this')).toEqual({
    code: 1,
    out: '',
    error: expect.stringContaining('There is no request nothing/../of*this. "dlq list" names those'),
  });
});

test('a verdict whose job token has ended stays given up, with the way out; the rest is replayed', async () => {
  const { gates, org, giveUp, cli } = await setScene();
  await giveUp({ id: 'late', state: 'rejected', receivedAt: hoursAgo(49) }, 'card', 'verdict');
  const first = await cli('dlq', 'replay', 'late');
  expect(first).toMatchObject({ code: 0, out: expect.stringMatching(/^Replayed card of request late\./) });
  expect(first.error).toMatch(/Not replayed: verdict\..*job token ended on .*Run the stage again\./);
  expect(await cli('dlq', 'replay', 'late')).toMatchObject({ code: 1, out: '' });
  expect(await gates.read(org, 'late')).toMatchObject({
    deadLetters: [{ kind: 'verdict' }],
    outbox: [{ kind: 'card' }],
  });
});

test('wrong settings and a silent store are named, and end with 2', async () => {
  const { settings } = await setScene();
  const wrong = await commandLine({ ...settings, TOKEN_KEY: 'short', AZURE_DEVOPS_ORGS: '' }, ['dlq', 'list']);
  expect(wrong).toMatchObject({ code: 2, out: '' });
  expect(wrong.error).toMatch(/AZURE_DEVOPS_ORGS/);
  expect(wrong.error).toMatch(/TOKEN_KEY/);
  const silent = settings.TABLES_CONNECTION_STRING.replace(/(TableEndpoint=http:\/\/127\.0\.0\.1):\d+/, '$1:9');
  const down = await commandLine({ ...settings, TABLES_CONNECTION_STRING: silent }, ['dlq', 'replay', 'x']);
  expect(down).toMatchObject({ code: 2, out: '', error: expect.stringContaining('Could not run: ') });
});

test('tables that do not exist are not made: the answer says where it looked', async () => {
  const { settings } = await setScene();
  const ended = await commandLine({ ...settings, TABLES_PREFIX: 'nobodys' }, ['dlq', 'list']);
  expect(ended).toMatchObject({ code: 2, out: '', error: expect.stringContaining('nobodysopen') });
});

test.each([[[]], [['dlq']], [['dlq', 'replay']], [['dlq', 'remove', 'x']], [['who-approves', '--service', 'x']]])(
  'arguments %j say what there is instead, and end with 2',
  async (args) => {
    const { code, out, error } = await commandLine({}, args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(error).not.toContain('    at ');
    expect(error).not.toBe('');
  },
);

test('what is replayed is carried out by the running bot', async () => {
  const prefix = 'running';
  const bot: Countersign = await startCountersign({
    tables: azurite.connectionString,
    env: { TABLES_PREFIX: prefix },
  });
  try {
    const { gates, org, giveUp, cli } = await setScene({ organization: bot.azureDevOps.organizationUrl(), prefix });
    await giveUp({ id: 'waiting', receivedAt: hoursAgo(1), state: 'rejected', toldAt: hoursAgo(1) }, 'card');
    expect(await cli('dlq', 'replay', 'waiting')).toMatchObject({ code: 0 });
    await expect
      .poll(() => gates.read(org, 'waiting'), { timeout: 90_000, interval: 100 })
      .toMatchObject({ deadLetters: [], outbox: [] });
    expect(await gates.withDeadLetters()).toEqual([]);
  } finally {
    await bot.close();
  }
});

const PAYMENTS = ['who-approves', '--service', 'payments-api', '--environment', 'prod'];

test('who approves is told in plain text, with who can be reached', async () => {
  const { cli } = await setScene({ directory: true });
  const { code, out } = await cli(...PAYMENTS);
  expect(out).toMatch(/^Who approves payments-api in prod\n✓ 2 people may approve it\n/);
  expect(out).toContain('\nRoute: routes.yaml:6\n');
  expect(out).toContain('Not reachable before they install Countersign in Teams: Alex Wilber and Megan Bowen\n');
  expect(code).toBe(0);
});

test('a folder of policy files is looked at without a store, and says no where nobody could approve', async () => {
  const { settings } = await setScene({ directory: true });
  const { TABLES_CONNECTION_STRING: _, ...withoutStore } = settings;
  const folder = await mkdtemp(join(tmpdir(), 'countersign-cli-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  await cp(POLICY, folder, { recursive: true });
  const configured = { ...withoutStore, POLICY_REPO: `${ORGANIZATION}/Shop/_git/policy`, POLICY_REF: 'main' };
  const ask = (...args: readonly string[]) => commandLine(configured, [...args, '--policy', folder]);
  const routes = await readFile(join(folder, 'routes.yaml'), 'utf8');

  await writeFile(join(folder, 'routes.yaml'), routes.replace('["group:payments-leads"]', '["group:orders-leads"]'));
  const others = await ask(...PAYMENTS);
  expect(others).toMatchObject({ code: 0, out: expect.stringContaining('Isaiah Langer, Megan Bowen') });
  expect(others.out).toContain('? Not checked: who of them can be reached in Teams, and who covers for them\n');
  await writeFile(join(folder, 'routes.yaml'), routes.replace('["group:payments-leads"]', '["group:nobody"]'));
  expect(await ask(...PAYMENTS)).toMatchObject({
    code: 1,
    out: expect.stringContaining('✗ Nobody can approve it now'),
  });
  await writeFile(join(folder, 'routes.yaml'), routes.replaceAll('environment: prod', 'environment: staging'));
  expect(await ask(...PAYMENTS)).toMatchObject({ code: 1, out: expect.stringContaining('the nearest; ') });
});

test('an unknown service or environment says no and names what was meant', async () => {
  const { cli } = await setScene({ directory: true });
  expect(await cli('who-approves', '--service', 'payment-api', '--environment', 'prod')).toEqual({
    code: 1,
    out: '',
    error: expect.stringContaining('Did you mean "payments-api"?'),
  });
  expect(await cli('who-approves', '--service', 'payments-api', '--environment', 'live')).toEqual({
    code: 1,
    out: '',
    error: expect.stringContaining('The contract has no such environment. It has prod and staging.'),
  });
});

test('posture takes a scope or none, says no to what is unknown, and cannot have two forms', async () => {
  const { cli } = await setScene();
  expect(await cli('posture', 'payments-api', 'prod')).toMatchObject({
    code: 1,
    out: expect.stringMatching(/^signal/),
  });
  expect(await cli('posture', '--json', '--csv')).toMatchObject({ code: 2, out: '' });
});

test('a directory that does not answer and a folder that is none could not run', async () => {
  const { settings } = await setScene();
  const silent = await commandLine({ ...settings, DIRECTORY_FILE: '/nowhere/directory.yaml' }, PAYMENTS);
  expect(silent).toMatchObject({ code: 2, out: '', error: expect.stringContaining('(DIRECTORY_FILE)') });
  const nowhere = await commandLine(settings, [...PAYMENTS, '--policy', '/nowhere']);
  expect(nowhere).toMatchObject({ code: 2, out: '', error: expect.stringContaining('--policy /nowhere is no folder') });
});

test('calibration of a store without reports is a table of what there is too little to say of', async () => {
  const { cli } = await setScene({ directory: true });
  const { code, out, error } = await cli('contract', 'calibrate', '--days', '30');
  expect({ code, error }).toEqual({ code: 0, error: expect.not.stringContaining('Not counted') });
  expect(out).toMatch(/^control +advice .*\nazure-policy +too little to say +0 /);
  expect(out).not.toContain('activity');
  expect(await cli('contract', 'calibrate', '--control', 'sats')).toEqual({
    code: 2,
    out: '',
    error: expect.stringContaining('Did you mean "sast"?'),
  });
});

test('what pipelines have reported to a real store is measured, and the change is written out', async () => {
  const { table, cli } = await setScene({ directory: true });
  const world = createCoreWorldOn(table);
  world.now = hoursAgo(240);
  const rules = Array.from({ length: 22 }, (_, n) => `rule-${n}`);
  await scanned(world, rules, { commit: 'a'.repeat(40) });
  world.advance(3 * 1_440);
  await scanned(world, rules.slice(0, 2), { commit: 'b'.repeat(40) });

  const all = await cli('contract', 'calibrate');
  expect(all.code).toBe(0);
  expect(all.out).toMatch(/\nsast +ready to block +2 +2 +20 +0 % +3 days +3 days +0 % +- +10 days +1\n/);
  const { out } = await cli('contract', 'calibrate', '--control', 'SAST');
  expect(out).toMatch(/^- \{ when: \{ tier: \[production\], .*then: block, from: .*justification: "Say why\./m);
  expect((await cli('contract', 'calibrate', '--days', '5')).out).toMatch(/^sast +too little to say +2 +0 +0 /m);
});
