import { createHash, hash } from 'node:crypto';
import { type Steps, visit } from './steps.ts';

/** SHA-256 of UTF-8 text or bytes, as 64 lower-case hexadecimal characters. */
export function sha256(...parts: readonly (string | Uint8Array)[]): string {
  const [only = ''] = parts;
  // Of one text in one call, which takes half the time.
  return parts.length === 1 ? hash('sha256', only, 'hex') : digest(parts).toString('hex');
}

/** The same of the texts of many. */
export function* sha256Of<T>(all: Iterable<T>, textOf: (one: T) => string): Steps<string> {
  const hash = createHash('sha256');
  yield* visit(all, (one) => hash.update(textOf(one)));
  return hash.digest('hex');
}

const HALF = Buffer.alloc(32);

/** The first 128 bits of SHA-256 of UTF-8 text, as 32 lower-case hexadecimal characters. */
export function sha256Half(text: string): string {
  // Copied, because a slice keeps all 64 characters in memory; the digest as bytes takes three times as long.
  HALF.write(hash('sha256', text, 'hex'), 'latin1');
  return HALF.toString('latin1');
}

const BASE32 = 'abcdefghijklmnopqrstuvwxyz234567';

/** SHA-256 in lower-case base32 (RFC 4648 alphabet) without padding: 52 characters, safe in every table key. */
export function sha256Base32(text: string): string {
  let bits = 0;
  let value = 0;
  let out = '';
  for (const byte of hash('sha256', text, 'buffer')) {
    value = (value << 8) | byte;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out += BASE32[(value >>> bits) & 31];
    }
    value &= (1 << bits) - 1;
  }
  return bits === 0 ? out : out + BASE32[(value << (5 - bits)) & 31];
}

function digest(parts: readonly (string | Uint8Array)[]): Buffer {
  const hash = createHash('sha256');
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** SHA-256 of what is added piece by piece. */
export function runningSha256() {
  const hash = createHash('sha256');
  // Small pieces are put together: a call for each takes longer than their checksum.
  let pending = '';
  const flush = () => {
    if (pending !== '') hash.update(pending);
    pending = '';
  };
  return {
    /** As text in UTF-8, or as the bytes that they are. */
    add: (part: string | Uint8Array): void => {
      if (typeof part !== 'string') {
        flush();
        hash.update(part);
        return;
      }
      pending += part;
      if (pending.length > AT_ONCE) flush();
    },
    /** Of all that was added so far. */
    hex: (): string => {
      flush();
      return hash.copy().digest('hex');
    },
  };
}

const AT_ONCE = 1 << 16;
