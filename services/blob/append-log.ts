import { Buffer } from 'node:buffer';
import type { ContainerClient } from '@azure/storage-blob';
import {
  type CheckpointLog,
  CheckpointLogUnavailableError,
  type LogPart,
  type LogPosition,
} from '../ports/checkpoint-log.ts';
import { type BlobContainer, codeOf, containerOf, member, reasonOf } from './container.ts';

const DAY = /\/([0-9]{4}-[0-9]{2}-[0-9]{2})\.jsonl$/;

export interface AppendLogOptions extends BlobContainer {
  /** Entra tenant id, a folder of its own. */
  readonly tenant: string;
  /** Milliseconds for one call with its at most 3 tries. */
  readonly budgetMs?: number;
}

/**
 * The log on Azure Blob storage: an append blob for each UTC day, `checkpoints/{tenant}/2026-11-28.jsonl`. A line is one block, appended
 * where the blob still has this length and ETag: of two at once one is written.
 */
export function createAppendLog(options: AppendLogOptions): CheckpointLog {
  const { tenant, budgetMs = 10_000 } = options;
  const container = containerOf(options);
  const folder = `checkpoints/${tenant}/`;
  const blobOf = (day: string) => container.getAppendBlobClient(`${folder}${day}.jsonl`);
  const within = () => ({ abortSignal: AbortSignal.timeout(budgetMs) });
  return {
    days: async () => {
      const days: string[] = [];
      try {
        for await (const { name } of container.listBlobsFlat({ prefix: folder, ...within() }))
          days.push(...(DAY.exec(name)?.slice(1) ?? []));
      } catch (error) {
        if (isMissing(error)) return [];
        throw unavailable(error, 'listing the checkpoint log');
      }
      return days.sort();
    },
    read: async (day) => {
      try {
        // Its parts are all of the same version, also where the connection breaks in between.
        const answer = await blobOf(day).download(0, undefined, { ...within(), maxRetryRequests: 2 });
        const bytes = Buffer.concat(await collected(answer.readableStreamBody));
        return partOf(day, bytes, answer.etag ?? '');
      } catch (error) {
        if (isMissing(error)) return undefined;
        throw unavailable(error, `reading the checkpoint log of ${day}`);
      }
    },
    end: async (day) => {
      try {
        const { contentLength = 0, etag = '' } = await blobOf(day).getProperties(within());
        return { day, bytes: contentLength, version: etag };
      } catch (error) {
        if (isMissing(error)) return { day, bytes: 0 };
        throw unavailable(error, `looking at the checkpoint log of ${day}`);
      }
    },
    append: async (line, at) => {
      try {
        const begun = at.version ?? (await begin(container, blobOf(at.day), within));
        // Behind a line that was cut off, a new one would be part of it.
        const bytes = Buffer.from(`${at.isCut === true ? '\n' : ''}${line}\n`);
        const conditions = { appendPosition: at.bytes, ifMatch: begun };
        const { etag = '' } = await blobOf(at.day).appendBlock(bytes, bytes.length, { conditions, ...within() });
        return { day: at.day, bytes: at.bytes + bytes.length, version: etag };
      } catch (error) {
        if (hasMoved(error)) return 'moved';
        throw unavailable(error, `appending to the checkpoint log of ${at.day}`);
      }
    },
  };
}

type AppendBlob = ReturnType<ContainerClient['getAppendBlobClient']>;

/** A new part, of which there is none yet; its version. */
async function begin(
  container: ContainerClient,
  blob: AppendBlob,
  within: () => { abortSignal: AbortSignal },
): Promise<string> {
  const create = () =>
    blob.create({
      conditions: { ifNoneMatch: '*' },
      blobHTTPHeaders: { blobContentType: 'application/jsonl' },
      ...within(),
    });
  try {
    return (await create()).etag ?? '';
  } catch (error) {
    if (codeOf(error) !== 'ContainerNotFound') throw error;
    await container.createIfNotExists(within());
    return (await create()).etag ?? '';
  }
}

async function collected(stream: NodeJS.ReadableStream | undefined): Promise<Uint8Array[]> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream ?? []) chunks.push(Buffer.from(chunk));
  return chunks;
}

function partOf(day: string, bytes: Buffer, version: string): LogPart {
  const lines = bytes.toString('utf8').split('\n');
  const cut = lines.pop() ?? '';
  const end: LogPosition = { day, bytes: bytes.length, version };
  return cut === '' ? { lines, end } : { lines: [...lines, cut], end: { ...end, isCut: true } };
}

/** Of the service itself: a bare 404 may come from anything in between. */
function isMissing(error: unknown): boolean {
  return ['BlobNotFound', 'ContainerNotFound'].includes(codeOf(error) ?? '') || isMissingHead(error);
}

/** The answer to HEAD has no body; the code stands in a header. */
function isMissingHead(error: unknown): boolean {
  const response = member(error, 'response');
  const headers = member(response, 'headers');
  const code =
    headers instanceof Object && 'get' in headers
      ? (headers.get as (name: string) => unknown)('x-ms-error-code')
      : undefined;
  return code === 'BlobNotFound' || code === 'ContainerNotFound';
}

const MOVED: ReadonlySet<string> = new Set([
  'BlobAlreadyExists',
  'ConditionNotMet',
  'AppendPositionConditionNotMet',
  'BlobNotFound',
]);

function hasMoved(error: unknown): boolean {
  return MOVED.has(codeOf(error) ?? '');
}

function unavailable(error: unknown, doing: string): Error {
  return new CheckpointLogUnavailableError(`${doing}: the blob store gave no usable answer (${reasonOf(error)})`, {
    cause: error,
  });
}
