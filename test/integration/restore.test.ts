import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { verifyEvidence } from '../../bot/console/verify-evidence.ts';
import { createAppendLog } from '../../services/blob/append-log.ts';
import type { CheckpointHealth } from '../../services/domain/anchoring.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';
import { TENANT } from '../builders.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { commandLine } from '../fakes/command-line.ts';
import { PEOPLE } from '../fakes/core-world.ts';
import { API_KEY, CHECK_KEY, type Countersign, startCountersign } from '../fakes/countersign.ts';
import { actor } from '../fakes/exception-scene.ts';
import { policyFolder } from '../fakes/policy-folder.ts';
import { alex, aReportedRun } from '../hostile/asked-gate.ts';

// The restore drill: the tables of one account are lost, the container of checkpoints and Azure DevOps are not.

/** Every command is a process that loads all adapters. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let [lost, fresh]: readonly Azurite[] = [];
let bot: Countersign;
let folder: string;
let decided: string;
let asked: string;
/** What people were told of the decided request, and its signed decision. */
let before: string;
let shift = -60 * 60_000;
const clock = { now: () => new Date(Date.now() + shift).toISOString() };

function there(azurite: Azurite | undefined): Azurite {
  if (azurite === undefined) throw new Error('Azurite was not started');
  return azurite;
}

async function deliver(to: Countersign): Promise<string> {
  const run = await aReportedRun({ azureDevOps: bot.azureDevOps, report: to.report });
  const check = bot.azureDevOps.startCheck(run, { environment: 'prod', stage: 'Deploy', service: 'payments-api' });
  const { headers, body } = bot.azureDevOps.deliveryOf(check);
  const sent = { method: 'POST', headers: { ...headers, 'X-Countersign-Key': CHECK_KEY }, body };
  const answer = await fetch(`${to.url}/api/azure-devops/checks`, sent);
  await to.app.core.idle();
  return ((await answer.json()) as { readonly requestId: string }).requestId;
}

function click({ app }: Countersign, requestId: string) {
  const wish = {
    verdict: 'approve',
    comment: 'looked at it',
    by: actor(PEOPLE.alex),
    op: `click ${requestId}`,
  } as const;
  return app.core.approvals.decide({ requestId, revision: 1, ...wish });
}

async function answerOf({ url }: Countersign, path: string): Promise<string> {
  return (await fetch(`${url}${path}`, { headers: { 'X-Api-Key': API_KEY } })).text();
}

async function decisionTextsOf(from: Countersign): Promise<string> {
  const { state, votes, decision, verdict, toldAt } = (await from.app.core.approvals.find(decided)) ?? {};
  const evidence = (await from.app.core.evidenceRecords.of(decided)) ?? [];
  return JSON.stringify([state, votes, decision, verdict, toldAt, evidence], undefined, 1);
}

async function anchor(of: Countersign): Promise<CheckpointHealth> {
  shift += 13 * 60_000;
  await of.app.core.idle();
  of.app.core.anchor();
  await of.app.core.idle();
  return (JSON.parse(await answerOf(of, '/health')) as { readonly checkpoints: CheckpointHealth }).checkpoints;
}

const env = async (tables: string) => ({
  COUNTERSIGN_LOCAL: 'true',
  BOT_TENANT_ID: TENANT,
  TOKEN_KEY: Buffer.alloc(32, 7).toString('base64'),
  AZURE_DEVOPS_ORGS: bot.azureDevOps.organizationUrl(),
  AZURE_DEVOPS_TOKEN: bot.azureDevOps.pat,
  TABLES_CONNECTION_STRING: tables,
  POLICY_DIR: await policyFolder(),
});

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'countersign-restore-'));
  [lost, fresh] = await Promise.all([startAzurite({ blobs: true }), startAzurite()]);
  bot = await startCountersign({ tables: there(lost).connectionString, clock });
  await bot.teams.install(alex);
  decided = await deliver(bot);
  expect((await click(bot, decided)).kind).toBe('decided');
  await bot.app.core.idle();
  asked = await deliver(bot);
  expect((await anchor(bot)).state).toBe('ok');
  before = await decisionTextsOf(bot);
});
afterAll(async () => {
  await bot.close();
  await Promise.all([there(lost).close(), there(fresh).close(), rm(folder, { recursive: true })]);
});

test('a backup restored into an empty account has the same decisions and evidence that verifies, and the next check and click work', async () => {
  const dir = join(folder, 'backup');
  const made = await commandLine(await env(there(lost).connectionString), ['backup', dir]);
  expect([made.code, made.error]).toEqual([0, expect.stringContaining('Left out: sealed job tokens, the lease')]);
  expect(made.out).toMatch(/^evidence: [0-9]+ chains with [0-9]+ entries, 0 of them broken$/m);
  const restored = await commandLine(await env(there(fresh).connectionString), ['restore', dir]);
  expect([restored.code, restored.out.split('\n').at(-2)]).toEqual([0, made.out.split('\n').at(-2)]);
  // The commands have the machine's time of day.
  shift = 0;
  const after = await startCountersign({
    tables: there(fresh).connectionString,
    clock,
    env: {
      AZURE_DEVOPS_ORGS: bot.azureDevOps.organizationUrl(),
      AZURE_DEVOPS_TOKEN: bot.azureDevOps.pat,
      BLOBS_CONNECTION_STRING: there(lost).connectionString,
    },
  });
  try {
    expect(await decisionTextsOf(after)).toBe(before);
    await after.teams.install(alex);
    await after.app.core.reconcile();
    const next = await deliver(after);
    expect((await after.app.core.approvals.find(next))?.state).toBe('asked');
    for (const id of [asked, next]) expect((await click(after, id)).kind).toBe('decided');
    await after.app.core.idle();
    expect(await after.app.core.approvals.find(next)).toMatchObject({ verdict: { result: 'succeeded' } });
    expect((await after.app.core.approvals.find(next))?.toldAt).toBeDefined();
    expect(await anchor(after)).toMatchObject({ state: 'ok', troubles: [] });
    await verified(await answerOf(after, '/api/evidence'));
  } finally {
    await after.close();
  }
});

/** By the log that was not lost. */
async function verified(exported: string): Promise<void> {
  const { connectionString } = there(lost);
  const kept = createAppendLog({ connection: { connectionString }, container: 'countersign-log', tenant: TENANT });
  const parts = await Promise.all((await kept.days()).map((day) => kept.read(day)));
  const [file, checkpoints] = [join(folder, 'all.jsonl'), join(folder, 'log.jsonl')];
  await writeFile(file, exported);
  await writeFile(
    checkpoints,
    parts
      .flatMap((part) => part?.lines ?? [])
      .map((line) => `${line}\n`)
      .join(''),
  );
  const outcome = await verifyEvidence({ signatures: verifySigned }, { file, checkpoints });
  expect(outcome.exitCode).toBe(0);
  expect(outcome.lines.join('\n')).toMatch(
    /^verified: [\s\S]*checkpoints of the log that was given: what they signed is here$/m,
  );
  expect(/\\"kind\\":\\"restored\\"/.test(exported)).toBe(true);
}

const [PARTITIONS, ROWS] = [11, 96];

test('what is read of a partition is as of one moment, also where a page of the store ends within it', async () => {
  const { connectionString } = there(fresh);
  const table = createAzureTable({ connection: { connectionString }, prefix: 'whole', budgetMs: 20_000 });
  await table.prepare();
  for (let n = 0; n < PARTITIONS; n += 1) {
    const writes = Array.from(
      { length: ROWS },
      (_, m) => ({ kind: 'put', row: `r${m + 10}`, values: { n: 0 } }) as const,
    );
    await table.commit('gate', `p${n + 10}`, writes);
  }
  const met = new Map<string, Set<unknown>>();
  let rows = 0;
  for await (const { partition, values } of table.across(
    'gate',
    { from: 'p', before: 'q' },
    [{ from: 'r', before: 's' }],
    { isWhole: true },
  )) {
    rows += 1;
    met.set(partition, (met.get(partition) ?? new Set()).add(values['n']));
    // The page of 1,000 rows ends in the last partition, which somebody changes as soon as any of it is seen.
    if (rows > 1) continue;
    const writes = Array.from(
      { length: ROWS },
      (_, m) => ({ kind: 'put', row: `r${m + 10}`, values: { n: 1 } }) as const,
    );
    await table.commit('gate', 'p20', writes);
  }
  expect(rows).toBe(PARTITIONS * ROWS);
  expect([...met.values()].map((seen) => seen.size)).toEqual(Array(PARTITIONS).fill(1));
  expect([...(met.get('p20') ?? [])]).toEqual([1]);
});
