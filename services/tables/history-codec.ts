import { Buffer } from 'node:buffer';
import type { Track } from '../domain/finding-history.ts';
import type { Write } from '../ports/table.ts';
import { key, sequence } from './keys.ts';

/** Findings in one row: 16 bytes of fingerprint and four numbers each, as base64 text just below 1 MiB in UTF-16. */
const TRACKS_A_ROW = 12_000;
/** The same without numbers. */
const PRINTS_A_ROW = 20_000;
const PRINT_BYTES = 16;
const TRACK_BYTES = 32;

/** One row after the other, each made when it is asked for: of hundreds of thousands that takes its time. */
export function* trackRows(prefix: readonly string[], tracks: ReadonlyMap<string, Track>): Generator<Write> {
  let n = 0;
  for (const part of chunksOf(tracks, TRACKS_A_ROW))
    yield { kind: 'put', row: key(...prefix, sequence(n++)), values: { tracks: packTracks(part) } };
}

export function* printRows(prefix: readonly string[], fingerprints: readonly string[]): Generator<Write> {
  let n = 0;
  for (const part of chunksOf(fingerprints, PRINTS_A_ROW))
    yield { kind: 'put', row: key(...prefix, sequence(n++)), values: { fingerprints: packPrints(part) } };
}

/** At least one, which may be empty: a scan that found nothing is a scan. */
function* chunksOf<T>(all: Iterable<T>, size: number): Generator<readonly T[]> {
  let chunk: T[] = [];
  let isFirst = true;
  for (const one of all) {
    if (chunk.length === size) {
      yield chunk;
      [chunk, isFirst] = [[], false];
    }
    chunk.push(one);
  }
  if (isFirst || chunk.length > 0) yield chunk;
}

function packTracks(tracks: readonly (readonly [string, Track])[]): string {
  const bytes = Buffer.alloc(tracks.length * TRACK_BYTES);
  tracks.forEach(([fingerprint, { firstSeen, total, goneAt, backAt }], n) => {
    const at = n * TRACK_BYTES;
    bytes.write(fingerprint, at, PRINT_BYTES, 'hex');
    for (const [i, number] of [firstSeen, total, goneAt, backAt].entries())
      bytes.writeUInt32BE(number, at + PRINT_BYTES + i * 4);
  });
  return bytes.toString('base64');
}

export function* unpackTracks(packed: string): Generator<[string, Track]> {
  const bytes = Buffer.from(packed, 'base64');
  // Most findings came with the same earlier scan: one track for all of them takes less memory.
  const known = new Map<string, Track>();
  for (let at = 0; at < bytes.length; at += TRACK_BYTES) {
    const number = (i: number) => bytes.readUInt32BE(at + PRINT_BYTES + i * 4);
    const numbers = bytes.toString('latin1', at + PRINT_BYTES, at + TRACK_BYTES);
    const track = known.get(numbers) ?? {
      firstSeen: number(0),
      total: number(1),
      goneAt: number(2),
      backAt: number(3),
    };
    known.set(numbers, track);
    yield [bytes.toString('hex', at, at + PRINT_BYTES), track];
  }
}

export function packPrints(fingerprints: readonly string[]): string {
  return Buffer.from(fingerprints.join(''), 'hex').toString('base64');
}

export function unpackPrints(packed: string): string[] {
  return Buffer.from(packed, 'base64').toString('hex').match(/.{32}/g) ?? [];
}
