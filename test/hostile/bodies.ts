import { gzipSync } from 'node:zlib';

/** Bodies that no route may take. */
export interface HostileBody {
  readonly what: string;
  readonly body: () => string | Uint8Array;
  readonly headers?: Readonly<Record<string, string>>;
  /** What JSON routes answer. */
  readonly status: number;
  /** What the route of reports answers; absent where that depends on what its reader meets first. */
  readonly reportStatus?: number;
}

const GZIP = { 'content-encoding': 'gzip' };
const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`;
const changed = (bytes: Uint8Array, at: number) => {
  const copy = Uint8Array.from(bytes);
  const index = copy.length + at;
  copy[index] = (copy[index] ?? 0) ^ 0xff;
  return copy;
};

/** Made once: the compressing takes seconds. */
const bombs = new Map<string, Uint8Array>();
function bomb(megabytes: number, times = 1): Uint8Array {
  const key = `${megabytes} ${times}`;
  const made = bombs.get(key) ?? gzipSync(times === 1 ? Buffer.alloc(megabytes * 1024 * 1024, 0x20) : bomb(megabytes));
  bombs.set(key, made);
  return made;
}

export const HOSTILE_BODIES: readonly HostileBody[] = [
  { what: '65 levels', body: () => deep(65), status: 400 },
  { what: '10,000 levels', body: () => deep(10_000), status: 400 },
  { what: '10,000 levels that never end', body: () => '['.repeat(10_000), status: 400 },
  { what: 'a million levels', body: () => '['.repeat(1_000_000), status: 413 },
  { what: 'a million levels, compressed', body: () => gzipSync('['.repeat(1_000_000)), headers: GZIP, status: 413 },
  { what: '200 MB of blanks, compressed', body: () => bomb(200), headers: GZIP, status: 413, reportStatus: 413 },
  {
    what: '20 MB of blanks, compressed twice, said once',
    body: () => bomb(20, 2),
    headers: GZIP,
    status: 400,
  },
  {
    what: '20 MB of blanks, compressed twice, said twice',
    body: () => bomb(20, 2),
    headers: { 'content-encoding': 'gzip, gzip' },
    status: 415,
  },
  { what: 'gzip with another length', body: () => changed(gzipSync('{}'), -1), headers: GZIP, status: 400 },
  { what: 'gzip with another checksum', body: () => changed(gzipSync('{}'), -5), headers: GZIP, status: 400 },
  { what: 'gzip that breaks off', body: () => gzipSync('{"a":1}').subarray(0, -9), headers: GZIP, status: 400 },
  {
    what: 'gzip with more behind it',
    body: () => Buffer.concat([gzipSync('{}'), Buffer.from('{"a":1}')]),
    headers: GZIP,
    status: 400,
  },
  { what: 'gzip that is none', body: () => '{}', headers: GZIP, status: 400 },
  { what: 'another compression', body: () => '{}', headers: { 'content-encoding': 'br' }, status: 415 },
  { what: 'half a character', body: () => Uint8Array.of(0x7b, 0x22, 0xc3, 0x22, 0x7d), status: 400 },
  { what: 'UTF-16', body: () => Buffer.from('{}', 'utf16le'), status: 400 },
];

/** The five ways in which a deep merge was made to reach every object. */
export const PROTOTYPE_SHAPES: readonly string[] = [
  '{"__proto__":{"isOwner":true}}',
  '{"constructor":{"prototype":{"isOwner":true}}}',
  '{"a":{"__proto__":{"isOwner":true}}}',
  '[{"__proto__":{"isOwner":true}}]',
  '{"\\u005f\\u005fproto\\u005f\\u005f":{"isOwner":true}}',
];
