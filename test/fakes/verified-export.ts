import type { ExportKey } from '../../services/domain/evidence-export.ts';
import { type Verification, verifyExport } from '../../services/evidence-verification.ts';
import { verifySigned } from '../../services/vault/verify-signed.ts';
import { signerOf } from './evidence-scene.ts';

export const NEEDS = { signatures: verifySigned };
export const bytesOf = (text: string) => new TextEncoder().encode(text);

/** As a file is read. */
export async function* inChunks(bytes: Uint8Array, size = 65_536): AsyncGenerator<Uint8Array> {
  for (let from = 0; from < bytes.length; from += size) yield bytes.subarray(from, from + size);
}

interface With {
  readonly keys?: readonly ExportKey[];
  readonly log?: readonly string[];
}

/** What the verifier says of a file, or of lines with their ends. */
export async function verified(
  file: string | readonly string[] | Uint8Array,
  { keys, log }: With = {},
): Promise<Verification> {
  const bytes = file instanceof Uint8Array ? file : bytesOf(typeof file === 'string' ? file : file.join(''));
  return verifyExport(NEEDS, {
    export: inChunks(bytes),
    ...(keys === undefined ? {} : { keys }),
    ...(log === undefined ? {} : { checkpoints: inChunks(bytesOf(log.map((line) => `${line}\n`).join(''))) }),
  });
}

export const keysOf = async (byte: number) => (await signerOf(byte).jwks()).keys;
