import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAppendLog } from '../../services/blob/append-log.ts';
import { createArchive } from '../../services/blob/archive.ts';
import type { Archive } from '../../services/ports/archive.ts';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { click, meetEverybody, receive, reportOnCommit } from '../bench/history.ts';
import { ORG, TENANT } from '../builders.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { createCoreWorldOn } from '../fakes/core-world.ts';
import { createInMemoryArchive } from '../fakes/in-memory-archive.ts';
import { keysOf, verified } from '../fakes/verified-export.ts';

let azurite: Azurite | undefined;
const archiveAt = (connectionString: string) =>
  createArchive({ connection: { connectionString }, container: 'countersign-archive', tenant: TENANT });

beforeAll(async () => {
  azurite = await startAzurite({ blobs: true });
});
afterAll(() => azurite?.close());

async function* lines(...all: readonly string[]): AsyncGenerator<string> {
  for (const line of all) yield `${line}\n`;
}

async function textOf(archive: Archive, name: string): Promise<string> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of archive.read(name)) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

describe.each<[string, () => Archive]>([
  ['Azure Blob storage', () => archiveAt(azurite?.connectionString ?? '')],
  ['the archive in memory', () => createInMemoryArchive()],
])('%s', (_, archiveOf) => {
  test('an archive is written once, read as it was written, and never written over', async () => {
    const archive = archiveOf();
    expect(await archive.create('2026-11/2026-11-24.jsonl', lines('one', 'zwölf'))).toBe('created');
    expect(await archive.create('2026-11/2026-11-24.jsonl', lines('another'))).toBe('exists');
    expect(await textOf(archive, '2026-11/2026-11-24.jsonl')).toBe('one\nzwölf\n');
  });

  test('an archive whose lines end in a fault is none: nothing of it is there', async () => {
    const archive = archiveOf();
    async function* broken() {
      yield* lines('one');
      throw new Error('the tables did not answer');
    }
    await expect(archive.create('broken.jsonl', broken())).rejects.toThrow('the tables did not answer');
    expect(await archive.create('broken.jsonl', lines('whole'))).toBe('created');
    expect(await textOf(archive, 'broken.jsonl')).toBe('whole\n');
  });

  test('an archive that is not there cannot be read', async () => {
    await expect(textOf(archiveOf(), 'none.jsonl')).rejects.toThrow(/reading archive none|no connection/);
  });
});

test('a store that does not answer is named without its secrets', async () => {
  const connectionString = (azurite?.connectionString ?? '').replace(
    /BlobEndpoint=http:\/\/127\.0\.0\.1:[0-9]+/,
    'BlobEndpoint=http://127.0.0.1:1',
  );
  await expect(textOf(archiveAt(connectionString), 'none.jsonl')).rejects.toThrow(
    /^reading archive none\.jsonl: the blob store gave no usable answer \(\w+\)$/,
  );
});

test('on Azure storage a request that ended long ago lies in an archive that verifies, and is gone from the tables', async () => {
  const connection = { connectionString: azurite?.connectionString ?? '' };
  const table = createAzureTable({ connection, prefix: 'old', budgetMs: 20_000 });
  await table.prepare();
  const archive = createArchive({ connection, container: 'old-archive', tenant: TENANT });
  const checkpointLog = createAppendLog({ connection, container: 'old-log', tenant: TENANT });
  const world = createCoreWorldOn(table, { checkpointLog, archive, retentionSettings: { days: 90, legalHold: false } });
  await meetEverybody(world);
  await reportOnCommit(world);
  const id = await receive(world, 1);
  await world.core.outbox.drain(ORG, id);
  await click(world, id);
  await world.core.idle();
  for (const minutes of [13, 92 * 1_440, 13, 13]) {
    world.advance(minutes);
    world.core.anchor();
    await world.core.idle();
    await world.core.retain();
  }
  expect(await table.list('gate', `${ORG}~r~${id}`)).toEqual([]);
  const text = await textOf(archive, '2026-11/2026-11-24.jsonl');
  const { fault, lacking } = await verified(text, { keys: await keysOf(7) });
  expect([fault, lacking, text.includes(id)]).toEqual([undefined, [], true]);
});
