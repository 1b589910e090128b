import { Readable } from 'node:stream';
import { type Archive, ArchiveUnavailableError } from '../ports/archive.ts';
import { type BlobContainer, codeOf, containerOf, reasonOf } from './container.ts';

/** 16 MiB is what the service takes in one block with room for 50,000 of them. */
const BLOCK_BYTES = 16 * 1024 * 1024;
const AT_ONCE = 2;

/** Blobs `archive/{tenant}/{name}`, each created once: blocks that were not put together are none. */
export function createArchive(options: BlobContainer & { readonly tenant: string }): Archive {
  const container = containerOf(options);
  const blobOf = (name: string) => container.getBlockBlobClient(`archive/${options.tenant}/${name}`);
  return {
    create: async (name, lines) => {
      const blob = blobOf(name);
      const settings = {
        conditions: { ifNoneMatch: '*' },
        blobHTTPHeaders: { blobContentType: 'application/jsonl' },
      };
      try {
        // Where the operator has made it, the bot may not have the right to make one.
        if (!(await container.exists())) await container.createIfNotExists();
        if (await blob.exists()) return 'exists';
        await blob.uploadStream(Readable.from(bytesOf(lines)), BLOCK_BYTES, AT_ONCE, settings);
        return 'created';
      } catch (error) {
        if (codeOf(error) === 'BlobAlreadyExists' || codeOf(error) === 'ConditionNotMet') return 'exists';
        throw unavailable(error, `writing archive ${name}`);
      }
    },
    read: async function* (name) {
      try {
        const answer = await blobOf(name).download(0, undefined, { maxRetryRequests: 2 });
        for await (const chunk of answer.readableStreamBody ?? []) yield Buffer.from(chunk);
      } catch (error) {
        throw unavailable(error, `reading archive ${name}`);
      }
    },
  };
}

async function* bytesOf(lines: AsyncIterable<string>): AsyncGenerator<Buffer> {
  for await (const line of lines) yield Buffer.from(line);
}

/** What the tables, the signer or the log of checkpoints said while it was written is theirs to say. */
function unavailable(error: unknown, doing: string): unknown {
  const isOfBlobs = error instanceof Error && error.name === 'RestError';
  return isOfBlobs
    ? new ArchiveUnavailableError(`${doing}: the blob store gave no usable answer (${reasonOf(error)})`, {
        cause: error,
      })
    : error;
}
