import { afterAll, beforeAll, expect, test } from 'vitest';
import { createAppendLog } from '../../services/blob/append-log.ts';
import type { CheckpointHealth } from '../../services/domain/anchoring.ts';
import { type CheckpointHead, EMPTY_LOG, jwsIn, readLine } from '../../services/domain/checkpoint.ts';
import type { PublicKey } from '../../services/ports/signer.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';
import { TENANT } from '../builders.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { API_KEY, type Countersign, startCountersign } from '../fakes/countersign.ts';

// The bot with Azurite's tables and blobs. Its clock is ours, near that of the machine, which the store compares it with.

let azurite: Azurite;
let countersign: Countersign;
let shift = 0;
const clock = { now: () => new Date(Date.now() + shift).toISOString() };

beforeAll(async () => {
  azurite = await startAzurite({ blobs: true });
  countersign = await startCountersign({ tables: azurite.connectionString, clock });
});
afterAll(async () => {
  await countersign.close();
  await azurite.close();
});

async function checkpoints(): Promise<CheckpointHealth> {
  const answer = await fetch(`${countersign.url}/health`, { headers: { 'X-Api-Key': API_KEY } });
  return ((await answer.json()) as { readonly checkpoints: CheckpointHealth }).checkpoints;
}

/** Whoever has read access to the container and the public keys, and nothing else. */
async function read(): Promise<readonly CheckpointHead[]> {
  const { keys } = (await (await fetch(`${countersign.url}/.well-known/jwks.json`)).json()) as {
    readonly keys: readonly PublicKey[];
  };
  const { connectionString } = azurite;
  const log = createAppendLog({ connection: { connectionString }, container: 'countersign-log', tenant: TENANT });
  const heads: CheckpointHead[] = [];
  let after = EMPTY_LOG;
  for (const day of await log.days()) {
    for (const line of (await log.read(day))?.lines ?? []) {
      const signed = await verifySigned.payloadOf('countersign-checkpoint+jws', jwsIn(line) ?? '', keys);
      const found = readLine(line, signed, { after, tenant: TENANT });
      if ('problem' in found) throw new Error(found.detail);
      after = found.head;
      heads.push(...found.checkpoint.heads);
    }
  }
  return heads;
}

/** One begins with each tick as well; of a process there is one at a time. */
async function round(): Promise<void> {
  await countersign.app.core.idle();
  countersign.app.core.anchor();
  await countersign.app.core.idle();
}

test('the bot begins its log by itself, and a report that it took is under a checkpoint seven minutes later, for everybody to verify', async () => {
  await countersign.report('semgrep-payments.sarif', { service: 'payments-api', commit: 'a'.repeat(40) });
  shift = 13 * 60_000;
  await round();
  const heads = await read();
  expect(heads).toEqual([
    expect.objectContaining({ table: 'scope', seq: 1, aggregate: expect.stringContaining(' report ') }),
  ]);
  expect(await checkpoints()).toMatchObject({ state: 'ok', troubles: [], last: { number: expect.any(Number) } });
});

test('evidence that somebody changed in the tables is told to operators, and kept out of checkpoints', async () => {
  const table = createAzureTable({
    connection: { connectionString: azurite.connectionString },
    prefix: 'countersign',
    budgetMs: 20_000,
  });
  const before = await read();
  const [head] = before;
  if (head === undefined) throw new Error('nothing is under a checkpoint');
  await countersign.report('semgrep-payments.sarif', { service: 'payments-api', commit: 'b'.repeat(40) });
  const rows = (await table.list('scope', head.partition)).filter(({ row }) => row.startsWith('e~'));
  const forged = rows.find(({ row }) => !row.startsWith(head.prefix));
  if (forged === undefined) throw new Error('the second report is not there');
  const entry = String(forged.values['entry']).replace(/"at":"2/, '"at":"1');
  await table.commit('scope', head.partition, [{ kind: 'put', row: forged.row, values: { ...forged.values, entry } }]);
  shift = 26 * 60_000;
  await round();
  const health = await checkpoints();
  expect(health).toMatchObject({ state: 'broken', troubles: [{ about: { kind: 'chain', problem: 'broken' } }] });
  expect(countersign.lines.some((line) => line.includes('evidence is not what it was'))).toBe(true);
  expect((await read()).filter(({ table: name }) => name === 'scope')).toEqual([head]);
  await table.commit('scope', head.partition, [{ kind: 'put', row: forged.row, values: forged.values }]);
  shift = 39 * 60_000;
  await round();
  expect((await read()).filter(({ table: name }) => name === 'scope')).toHaveLength(2);
  expect(await checkpoints()).toMatchObject({ state: 'ok', troubles: [] });
});

test('without a blob store the bot works, and says that evidence is not under checkpoints', async () => {
  const tablesOnly = azurite.connectionString.replace(/BlobEndpoint=[^;]*;/, '');
  const without = await startCountersign({ tables: tablesOnly, env: { TABLES_PREFIX: 'without' } });
  try {
    const answer = await fetch(`${without.url}/health`, { headers: { 'X-Api-Key': API_KEY } });
    expect(await answer.json()).toMatchObject({ store: 'ok', checkpoints: { state: 'off', troubles: [] } });
  } finally {
    await without.close();
  }
});
