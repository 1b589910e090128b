import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createAppendLog } from '../../services/blob/append-log.ts';
import { type CheckpointLog, CheckpointLogUnavailableError } from '../../services/ports/checkpoint-log.ts';
import { TENANT } from '../builders.ts';
import { type Azurite, startAzurite } from '../fakes/azurite.ts';
import { createInMemoryAppendLog } from '../fakes/in-memory-append-log.ts';

const DAY = '2026-11-28';
const NONE = { day: DAY, bytes: 0 } as const;
const CONTAINER = 'countersign-log';

interface Scene {
  readonly log: CheckpointLog;
  /** What somebody with the key of the storage can do: the part has this text from now on; undefined: it is gone. */
  meddle(text: string | undefined): Promise<void>;
}

let azurite: Azurite;
let last = 0;
beforeAll(async () => {
  azurite = await startAzurite({ blobs: true });
});
afterAll(() => azurite.close());

async function onAzurite(): Promise<Scene> {
  last += 1;
  const { connectionString } = azurite;
  const container = `${CONTAINER}${last}`;
  const blob = BlobServiceClient.fromConnectionString(connectionString)
    .getContainerClient(container)
    .getAppendBlobClient(`checkpoints/${TENANT}/${DAY}.jsonl`);
  return {
    log: createAppendLog({ connection: { connectionString }, container, tenant: TENANT, budgetMs: 20_000 }),
    meddle: async (text) => {
      await blob.deleteIfExists();
      if (text === undefined) return;
      await blob.create();
      if (text !== '') await blob.appendBlock(text, Buffer.byteLength(text));
    },
  };
}

async function inMemory(): Promise<Scene> {
  const log = createInMemoryAppendLog();
  return {
    log,
    meddle: async (text) => void (text === undefined ? log.parts.delete(DAY) : log.parts.set(DAY, text)),
  };
}

async function appended(log: CheckpointLog, line: string, at: Parameters<CheckpointLog['append']>[1]) {
  const end = await log.append(line, at);
  if (end === 'moved') throw new Error('it has moved');
  return end;
}

describe.each([
  ['Azure Blob storage', onAzurite],
  ['the log in memory', inMemory],
] as const)('a checkpoint log on %s', (_, scene) => {
  test('has no parts before anything was appended', async () => {
    const { log } = await scene();
    expect(await log.days()).toEqual([]);
    expect(await log.read(DAY)).toBeUndefined();
    expect(await log.end(DAY)).toEqual(NONE);
  });

  test('gives lines back in their order, with the end that the last append gave', async () => {
    const { log } = await scene();
    const one = await appended(log, '{"ü":1}', NONE);
    const two = await appended(log, '{"b":2}', one);
    expect(await log.read(DAY)).toEqual({ lines: ['{"ü":1}', '{"b":2}'], end: two });
    expect(await log.end(DAY)).toEqual(two);
    expect(two.bytes).toBe(Buffer.byteLength('{"ü":1}\n{"b":2}\n'));
  });

  test('begins one part for each day, and lists them in order', async () => {
    const { log } = await scene();
    await appended(log, 'a', { day: '2026-11-29', bytes: 0 });
    await appended(log, 'b', NONE);
    expect(await log.days()).toEqual([DAY, '2026-11-29']);
  });

  test('of two who append at the same place it takes one', async () => {
    const { log } = await scene();
    const both = await Promise.all([log.append('one', NONE), log.append('other', NONE)]);
    expect(both.filter((end) => end === 'moved')).toHaveLength(1);
    const end = both.find((one) => one !== 'moved');
    if (end === undefined) throw new Error('none was taken');
    const later = await Promise.all([log.append('three', end), log.append('four', end)]);
    expect(later.filter((one) => one === 'moved')).toHaveLength(1);
    expect((await log.read(DAY))?.lines).toHaveLength(2);
  });

  test('a part that was begun and not written is empty, and goes on', async () => {
    const { log, meddle } = await scene();
    await appended(log, 'x', NONE);
    await meddle('');
    const empty = await log.read(DAY);
    expect(empty?.lines).toEqual([]);
    expect(await log.append('y', NONE)).toBe('moved');
    await appended(log, 'y', empty?.end ?? NONE);
    expect((await log.read(DAY))?.lines).toEqual(['y']);
  });

  test('nothing is appended to what was changed, even to the same length, or taken away', async () => {
    const { log, meddle } = await scene();
    const end = await appended(log, 'abc', NONE);
    await meddle('abd\n');
    expect(await log.append('next', end)).toBe('moved');
    expect((await log.end(DAY)).version).not.toBe(end.version);
    await meddle(undefined);
    expect(await log.append('next', end)).toBe('moved');
    expect(await log.read(DAY)).toBeUndefined();
  });

  test('a line after one that was cut off is a line of its own', async () => {
    const { log, meddle } = await scene();
    await appended(log, 'whole', NONE);
    await meddle('whole\nhal');
    const cut = await log.read(DAY);
    expect(cut).toMatchObject({ lines: ['whole', 'hal'], end: { isCut: true } });
    await appended(log, 'next', cut?.end ?? NONE);
    expect((await log.read(DAY))?.lines).toEqual(['whole', 'hal', 'next']);
  });
});

test('a blob store that does not answer is said to be unavailable, with its reason, for each call', async () => {
  const connectionString = azurite.connectionString.replace(
    /BlobEndpoint=[^;]*/,
    'BlobEndpoint=http://127.0.0.1:1/devstoreaccount1',
  );
  const log = createAppendLog({
    connection: { connectionString },
    container: CONTAINER,
    tenant: TENANT,
    budgetMs: 300,
  });
  for (const call of [log.days(), log.read(DAY), log.end(DAY), log.append('x', NONE)]) {
    const fault = await call.then(
      () => undefined,
      (error: unknown) => error,
    );
    expect(fault).toBeInstanceOf(CheckpointLogUnavailableError);
    expect(String(fault)).toMatch(/checkpoint log.*the blob store gave no usable answer \(/);
  }
});

test('blobs are reached by https only, but on this machine', () => {
  const connectionString = azurite.connectionString.replace(
    /BlobEndpoint=[^;]*/,
    'BlobEndpoint=http://blobs.example/a',
  );
  expect(() => createAppendLog({ connection: { connectionString }, container: CONTAINER, tenant: TENANT })).toThrow(
    /https only.*blobs\.example/,
  );
});

test('a container that the store would refuse is refused by name', () => {
  const { connectionString } = azurite;
  expect(() => createAppendLog({ connection: { connectionString }, container: 'No_Such', tenant: TENANT })).toThrow(
    /"No_Such"/,
  );
});
