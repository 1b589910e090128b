import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { createAzureTable } from '../../services/tables/azure-table.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';

const folders: string[] = [];
afterEach(() => Promise.all(folders.splice(0).map((folder) => rm(folder, { recursive: true }))));

async function aFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'azurite-'));
  folders.push(folder);
  return folder;
}

const tableOn = ({ connectionString }: Azurite) =>
  createAzureTable({ connection: { connectionString }, prefix: 'kept', budgetMs: 20_000 });

test('rows and etags kept in a folder are there again after a restart', async () => {
  const location = join(await aFolder(), 'data');
  const before = await startAzurite({ location });
  await tableOn(before).prepare();
  const text = 'ü'.repeat(100_000);
  const etags = await tableOn(before).commit('gate', 'p', [{ kind: 'create', row: 'h', values: { text } }]);
  await before.close();

  const after = await startAzurite({ location });

  await tableOn(after).prepare();
  expect(await tableOn(after).get('gate', 'p', 'h')).toEqual({ row: 'h', etag: etags.get('h'), values: { text } });
  await after.close();
});

test('without a folder every start is empty, and two run side by side', async () => {
  const [one, other] = await Promise.all([startAzurite(), startAzurite()]);
  await Promise.all([tableOn(one).prepare(), tableOn(other).prepare()]);

  await tableOn(one).commit('gate', 'p', [{ kind: 'create', row: 'h', values: {} }]);

  expect(await tableOn(other).list('gate', 'p')).toEqual([]);
  await Promise.all([one.close(), other.close()]);
});
