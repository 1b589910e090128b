import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { BackupFiles } from '../../services/ports/backup-store.ts';

/** A folder on this machine. Whoever else has an account here cannot read what is written. */
export function backupFiles(folder: string): BackupFiles {
  return {
    text: (name) =>
      readFile(join(folder, name), 'utf8').catch((cause: NodeJS.ErrnoException) => {
        if (cause.code === 'ENOENT') return undefined;
        throw unreadable(name, cause);
      }),
    bytes: async function* (name) {
      try {
        for await (const chunk of createReadStream(join(folder, name))) yield chunk as Uint8Array;
      } catch (cause) {
        throw unreadable(name, cause as NodeJS.ErrnoException);
      }
    },
    write: async (name, text) => {
      const file = createWriteStream(join(folder, name), { flags: 'wx', mode: 0o600, flush: true });
      let failed: NodeJS.ErrnoException | undefined;
      file.once('error', (cause) => {
        failed = cause;
      });
      await pipeline(Readable.from(text), file).catch((cause: unknown) => {
        // What the store says is not about the file.
        if (failed === undefined || failed !== cause) throw cause;
        throw new Error(`${name} cannot be written (${failed.code})`, { cause: failed });
      });
    },
  };
}

/** Makes it where it is missing. Rejects with a sentence for one that has something in it. */
export async function emptyFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  if ((await readdir(folder)).length > 0)
    throw new Error(`DIR ${folder} is not empty: a backup goes into a folder of its own`);
}

/** Rejects with a sentence for one that cannot be read. */
export async function existingFolder(folder: string): Promise<void> {
  await readdir(folder).catch((cause: NodeJS.ErrnoException) => {
    throw new Error(`${folder} is no folder that can be read (${cause.code})`, { cause });
  });
}

function unreadable(name: string, cause: NodeJS.ErrnoException): Error {
  return new Error(`${name} cannot be read (${cause.code})`, { cause });
}
