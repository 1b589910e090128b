import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAppendLog } from '../../services/blob/append-log.ts';
import { orgOf } from '../../services/domain/gate.ts';
import type { Row, TableName, Write } from '../../services/ports/table.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { WHOLE } from '../../services/tables/keys.ts';
import { TENANT } from '../builders.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { EXCEPTION_TERMS } from '../fakes/blocked-gate.ts';
import { commandLine } from '../fakes/command-line.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { API_KEY, CHECK_KEY, type Countersign, startCountersign } from '../fakes/countersign.ts';
import { actor, nextOp } from '../fakes/exception-scene.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { alex, aReportedRun } from '../hostile/asked-gate.ts';

// From a click to the auditor's desk: the bot over tables and blobs, the export by HTTP, and the commands as processes of their own.

/** Every command is a process that loads all adapters. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const COMMENT = 'Ann was on sick leave, so I looked at it';
const isaiah = { oid: PEOPLE.isaiah, name: 'Isaiah Langer' };

let azurite: Azurite;
let bot: Countersign;
let folder: string;
let key: string;
let log: string;
/** A request that was decided, one that secrets block, and the exception of it. */
let decided: string;
let blocked: string;
let exception: string;
/** The commands have the machine's time of day: what they do must not be in the bot's past. */
let shift = -30 * 60_000;
const clock = { now: () => new Date(Date.now() + shift).toISOString() };
const table = () =>
  createAzureTable({
    connection: { connectionString: azurite.connectionString },
    prefix: 'countersign',
    budgetMs: 20_000,
  });

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-evidence-'));
  azurite = await startAzurite({ blobs: true });
  bot = await startCountersign({ tables: azurite.connectionString, clock });
  await bot.teams.install(alex);
  await bot.teams.install(isaiah);
  decided = await aDecidedRequest();
  [blocked, exception] = await anExceptedRequest();
  await anchor();
  key = await fileOf('jwks.json', await (await fetch(`${bot.url}/.well-known/jwks.json`)).text());
  log = await fileOf('log.jsonl', (await logLines()).map((line) => `${line}\n`).join(''));
});
afterAll(async () => {
  await bot.close();
  await azurite.close();
  await rm(folder, { recursive: true });
});

/** A check as Azure DevOps delivers it. */
async function asked(run: Awaited<ReturnType<typeof aReportedRun>>): Promise<string> {
  const check = bot.azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
  const { headers, body } = bot.azureDevOps.deliveryOf(check);
  const sent = { method: 'POST', headers: { ...headers, 'X-Countersign-Key': CHECK_KEY }, body };
  const answer = await fetch(`${bot.url}/api/azure-devops/checks`, sent);
  await bot.app.core.idle();
  return ((await answer.json()) as { readonly requestId: string }).requestId;
}

/** Isaiah may not, and Alex does; then its job begins. */
async function aDecidedRequest(): Promise<string> {
  const run = await aReportedRun(bot);
  const id = await asked(run);
  const { teams } = bot;
  const card = await teams.until(() => teams.messages().find((one) => JSON.stringify(one).includes('approval.decide')));
  const click = { verb: 'approval.decide', verdict: 'approve' };
  await teams.press(isaiah, card, click, { comment: 'me too' });
  await teams.press(alex, card, click, { comment: COMMENT });
  await bot.app.core.idle();
  bot.azureDevOps.deployTo('prod', run, { stage: 'Deploy' });
  return id;
}

async function anExceptedRequest(): Promise<readonly [request: string, exception: string]> {
  const run = await aReportedRun(bot, { name: 'second' });
  const query = { service: 'payments-api', commit: run.commit, runId: String(run.id) };
  await bot.report('gitleaks-orders.sarif', query);
  const requestId = await asked(run);
  const { exceptionRequests, exceptionDecisions, approvals } = bot.app.core;
  expect((await approvals.find(requestId))?.state).toBe('blocked');
  const what = { service: 'payments-api', environment: 'prod', control: 'secret-scanning', requestId };
  const by = { by: actor(PEOPLE.adele), op: nextOp() };
  const answer = await exceptionRequests.request({ ...by, ...what, terms: EXCEPTION_TERMS });
  const id = 'exception' in answer ? answer.exception.id : '';
  const granted = { id, by: actor(PEOPLE.megan), op: nextOp(), verdict: 'approve', comment: 'until Monday' } as const;
  expect(await exceptionDecisions.decide(granted)).toMatchObject({ kind: 'done' });
  await bot.app.core.idle();
  return [requestId, id];
}

/** Some minutes pass, in which everything that happened comes under a checkpoint. */
async function anchor(): Promise<void> {
  shift += 13 * 60_000;
  await bot.app.core.idle();
  bot.app.core.anchor();
  await bot.app.core.idle();
}

/** What an operator copies from the container. */
async function logLines(): Promise<readonly string[]> {
  const { connectionString } = azurite;
  const kept = createAppendLog({ connection: { connectionString }, container: 'countersign-log', tenant: TENANT });
  const parts = await Promise.all((await kept.days()).map((day) => kept.read(day)));
  return parts.flatMap((part) => part?.lines ?? []);
}

async function fileOf(name: string, text: string): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, text);
  return file;
}

/** As the auditor gets it. */
async function exported(name: string, query = ''): Promise<string> {
  const answer = await fetch(`${bot.url}/api/evidence${query}`, { headers: { 'X-Api-Key': API_KEY } });
  expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
  return fileOf(name, await answer.text());
}

/** Of an operator's command; without a store where there is none to ask. */
async function settings(tables?: string): Promise<Readonly<Record<string, string>>> {
  return {
    ...{ COUNTERSIGN_LOCAL: 'true', BOT_TENANT_ID: TENANT, TOKEN_KEY: Buffer.alloc(32, 7).toString('base64') },
    ...{ AZURE_DEVOPS_ORGS: bot.azureDevOps.organizationUrl(), AZURE_DEVOPS_TOKEN: bot.azureDevOps.pat },
    ...(tables === undefined ? {} : { TABLES_CONNECTION_STRING: tables }),
    POLICY_DIR: await policyFolder(),
  };
}

/** Without a single setting. */
const verify = (file: string) => commandLine({}, ['evidence', 'verify', file, '--key', key, '--checkpoints', log]);

/** As somebody who may write to the tables would. */
async function meddle(name: TableName, partition: string, writesOf: (rows: readonly Row[]) => readonly Write[]) {
  const rows = await table().list(name, partition, { ranges: [WHOLE] });
  expect(rows.length).toBeGreaterThan(0);
  await table().commit(name, partition, writesOf(rows));
  return async () => {
    const kept = rows.map(({ row, values }) => ({ kind: 'put', row, values }) as const);
    await table().commit(name, partition, kept);
  };
}

const org = () => orgOf(TENANT, bot.azureDevOps.organizationUrl());
const gatePartition = (id: string) => `${org()}~r~${id}`;

/** Entries of an export, as they were recorded. */
async function entriesIn(file: string): Promise<readonly Entry[]> {
  const lines = (await readFile(file, 'utf8')).trim().split('\n');
  const read = lines.map((line) => (JSON.parse(line) as { readonly entry?: { readonly entry: string } }).entry);
  return read.flatMap((one) => (one === undefined ? [] : [JSON.parse(one.entry) as Entry]));
}

interface Entry {
  readonly aggregate: string;
  readonly kind: string;
}

test('what was decided, granted and refused is in the export, under checkpoints, and verifies without the bot', async () => {
  const file = await exported('whole.jsonl');
  const entries = await entriesIn(file);
  const kindsOf = (id: string) => entries.filter((one) => one.aggregate.endsWith(` ${id}`)).map(({ kind }) => kind);
  expect(kindsOf(decided)).toEqual(expect.arrayContaining(['check-received', 'judged', 'refused', 'decided', 'told']));
  expect(kindsOf(exception)).toEqual(expect.arrayContaining(['exception-requested', 'exception-granted']));
  expect(kindsOf(blocked)).toContain('judged');
  const { code, out, error } = await verify(file);
  expect([code, error]).toEqual([0, '']);
  expect(out).toContain(`verified: ${entries.length} entries of `);
  expect(out).toContain(`${entries.length} entries are under a signed checkpoint of that time, 0 under the signature`);
  expect(out).toContain('signed by a key that you gave');
  expect(out).toMatch(/[0-9]+ checkpoints of the log that was given: what they signed is here/);
});

test('the report of a deployment is the same from the store and from the file', async () => {
  const file = await exported('month.jsonl');
  const days = ['--from', dayAt(-1), '--to', dayAt(2), '--zone', 'UTC'];
  const stored = await commandLine(await settings(azurite.connectionString), ['audit', ...days]);
  const archived = await commandLine(await settings(), ['audit', ...days, '--evidence', file]);
  for (const { out, error } of [stored, archived]) {
    expect(error).toContain('Deployments: 1 (1 approved). Without a decision that let them: 0.');
    expect(out).toContain('Alex Wilber');
    expect(out).toContain(decided);
  }
  expect(archived.out).toBe(stored.out);
});

/** Of the day so many days from today; UTC. */
function dayAt(days: number): string {
  return new Date(Date.parse(clock.now()) + days * 86_400_000).toISOString().slice(0, 10);
}

test('a row that somebody edits in the table is named by its line, entry and request', async () => {
  const edit = ({ row, values }: Row): Write => {
    const entry = String(values['entry']).replace('"not-an-approver"', '"expired"');
    expect(entry).not.toBe(values['entry']);
    return { kind: 'put', row, values: { ...values, entry } };
  };
  const isRefused = ({ values }: Row) => String(values['entry']).includes('"kind":"refused"');
  const undo = await meddle('gate', gatePartition(decided), (rows) => rows.filter(isRefused).map(edit));
  const { code, out, error } = await verify(await exported('edited.jsonl'));
  await undo();
  expect([code, error]).toEqual([1, 'Not verified.\n']);
  expect(out).toMatch(new RegExp(`^line [0-9]+ \\(entry [0-9]+ of ${org()} ${decided}\\): it, or what it says`));
});

test('a whole request that somebody deletes is named as missing, by the checkpoints of the export alone as well', async () => {
  const undo = await meddle('gate', gatePartition(blocked), (rows) =>
    rows.map(({ row, etag }) => ({ kind: 'delete', row, etag })),
  );
  const file = await exported('deleted.jsonl');
  await undo();
  for (const more of [['--checkpoints', log], []]) {
    const { code, out, error } = await commandLine({}, ['evidence', 'verify', file, '--key', key, ...more]);
    expect([code, error]).toEqual([1, 'Not verified.\n']);
    expect(out).toMatch(new RegExp(`^missing: entry [0-9]+ of ${org()} ${blocked}, which checkpoint [0-9]+`));
  }
});

test('a text that is erased is gone, and all that is left still verifies', async () => {
  expect((await readFile(await exported('before.jsonl'), 'utf8')).includes(COMMENT)).toBe(true);
  shift = 0;
  const erase = ['evidence', 'erase', decided, '--field', 'comment'];
  expect(await commandLine(await settings(azurite.connectionString), erase)).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^erased: comment of entr/),
  });
  await anchor();
  const file = await exported('erased.jsonl');
  expect((await readFile(file, 'utf8')).includes(COMMENT)).toBe(false);
  const { code, out, error } = await verify(file);
  expect([code, error]).toEqual([0, '']);
  expect(out).toContain('the last that was read is 3 of');
  expect(out).toContain('texts that were erased: 1; that they were there is under the signatures');
});
