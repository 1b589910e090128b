import { sha256 } from '../domain/checksum.ts';

/** Shorter ones are passwords more often than keys: their last characters would give too much away. */
const LONG = 16;

/**
 * What may be told of a secret: its last four characters, if it is long, and a checksum that tells it from others. Undefined
 * for what a tool has already made unreadable.
 */
export function describeSecret(
  value: string | undefined,
): { readonly ending: string; readonly checksum: string } | undefined {
  if (value === undefined || /^[*x.\s]*$|redacted|\*{3}/i.test(value)) return undefined;
  const last = value.slice(-4);
  const ending = value.length >= LONG && /^[A-Za-z0-9+/=_-]{4}$/.test(last) ? `, ends in ${last}` : '';
  return { ending, checksum: sha256(value) };
}
