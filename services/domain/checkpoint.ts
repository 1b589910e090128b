import { type Canonical, canonicalJson } from './canonical.ts';
import { sha256 } from './checksum.ts';
import { type ChainHead, EMPTY_CHAIN, type EvidenceEntry, firstBrokenEntry } from './evidence.ts';

/** Where one chain stood when a checkpoint was made, and where its rows lie: `{prefix}~{seq}` of a partition. */
export interface CheckpointHead extends ChainHead {
  readonly aggregate: string;
  readonly table: string;
  readonly partition: string;
  readonly prefix: string;
  /** Of what it is about, as far as its entries name them: sorted, and none where they name none. */
  readonly services: readonly string[];
  readonly environment?: string;
}

/** What is signed: where every chain stands that changed since the checkpoint before. */
export interface Checkpoint {
  readonly v: 1;
  /** Entra tenant id. */
  readonly tenant: string;
  /** 1 for the first, then one more each. */
  readonly number: number;
  /** ISO-8601 UTC, as are all times here. */
  readonly at: string;
  /** Every change from before then is under this checkpoint or one before it. */
  readonly through: string;
  /** `lineChecksum` of the checkpoint before; 64 zeros for the first. */
  readonly previous: string;
  /** The last of its UTC day: the next one stands in the part of this day, yyyy-MM-dd. */
  readonly continues?: string;
  /** At most MOST_HEADS, in the order of their places. */
  readonly heads: readonly CheckpointHead[];
}

export const MOST_HEADS = 1_000;
const VERSION = 1;

/** The last checkpoint that is known, which the next one follows. */
export interface LogHead {
  readonly number: number;
  /** `lineChecksum` of its line. */
  readonly checksum: string;
}

/** Before the first checkpoint. */
export const EMPTY_LOG: LogHead = { number: 0, checksum: EMPTY_CHAIN.hash };

/** One line of the log, without its end. */
export function checkpointLine(jws: string): string {
  return JSON.stringify({ checkpoint: jws });
}

/** The compact JWS in a line of the log; undefined for a line that `checkpointLine` did not write. */
export function jwsIn(line: string): string | undefined {
  const said = parsed(line);
  const jws = isObject(said) ? said['checkpoint'] : undefined;
  return isText(jws) && checkpointLine(jws) === line ? jws : undefined;
}

/** What a compact JWS says it is, before anybody has verified it. */
export function claimedIn(jws: string): { readonly text: string; readonly number: number } | undefined {
  const text = Buffer.from(jws.split('.')[1] ?? '', 'base64url').toString('utf8');
  const said = parsed(text);
  const number = isObject(said) ? said['number'] : undefined;
  return typeof number === 'number' ? { text, number } : undefined;
}

/** SHA-256 by which the next checkpoint refers to this line. */
export function lineChecksum(line: string): string {
  return sha256(line);
}

/** The checkpoint that follows. */
export function nextCheckpoint(
  after: LogHead,
  what: Pick<Checkpoint, 'tenant' | 'at' | 'through' | 'heads' | 'continues'>,
): Checkpoint {
  return { ...what, v: VERSION, number: after.number + 1, previous: after.checksum };
}

/** The text that is signed: canonical JSON, members that are undefined left out. */
export function checkpointText(checkpoint: Checkpoint): string {
  return canonicalJson(checkpoint as unknown as Canonical);
}

/** Why a line is no checkpoint that follows. */
export type LineProblem =
  /** No line of this log. */
  | 'foreign'
  /** Not signed by any of the keys, or changed since. */
  | 'not-signed'
  /** Written by a newer version of the product. */
  | 'newer-version'
  /** Signed, and not what this product writes. */
  | 'not-understood'
  | 'other-tenant'
  /** A line before it was taken away, put in, changed or moved. */
  | 'does-not-follow';

export type ReadLine =
  | { readonly checkpoint: Checkpoint; readonly head: LogHead }
  | { readonly problem: LineProblem; readonly detail: string };

/**
 * A line of the log as the checkpoint that it is. `signed`: the payload of the line's JWS (`jwsIn`) as text if its signature counts, else
 * undefined. `after`: what it must follow; undefined where the line before it is not known. `tenant`: whose it must be, where that is known.
 */
export function readLine(
  line: string,
  signed: string | undefined,
  { after, tenant }: { readonly after?: LogHead | undefined; readonly tenant?: string | undefined },
): ReadLine {
  if (signed === undefined)
    return jwsIn(line) === undefined
      ? { problem: 'foreign', detail: 'not a line of a checkpoint log' }
      : { problem: 'not-signed', detail: 'its signature does not verify with these keys' };
  const said = parsed(signed);
  if (isObject(said) && typeof said['v'] === 'number' && said['v'] > VERSION)
    return { problem: 'newer-version', detail: `version ${said['v']}: verify it with a newer version of Countersign` };
  if (!isCheckpoint(said) || canonicalJson(said as unknown as Canonical) !== signed)
    return { problem: 'not-understood', detail: 'signed, and not what this version of Countersign writes' };
  if (tenant !== undefined && said.tenant !== tenant)
    return { problem: 'other-tenant', detail: `of tenant ${said.tenant}, not ${tenant}` };
  const broken = after === undefined ? undefined : orderProblem(said, after);
  if (broken !== undefined) return { problem: 'does-not-follow', detail: broken };
  return { checkpoint: said, head: { number: said.number, checksum: lineChecksum(line) } };
}

function orderProblem({ number, previous }: Checkpoint, after: LogHead): string | undefined {
  if (number !== after.number + 1) return `checkpoint ${number} stands after checkpoint ${after.number}`;
  if (previous !== after.checksum) return `checkpoint ${number} does not follow the line of checkpoint ${after.number}`;
  return undefined;
}

/** What contradicts what is under a checkpoint: the chain went on from it, never back and never elsewhere. */
export type HeadProblem = 'broken' | 'gone' | 'changed';

/**
 * Whether a chain, read from its first entry, still holds what is under a checkpoint. `broken`: it does not verify; `gone`: it ends before
 * the anchored entry; `changed`: another entry stands in its place.
 */
export function chainProblem(entries: readonly EvidenceEntry[], anchored?: ChainHead): HeadProblem | undefined {
  if (firstBrokenEntry(entries) !== undefined) return 'broken';
  if (anchored === undefined) return undefined;
  const link = entries[anchored.seq - 1];
  if (link === undefined) return 'gone';
  return link.hash === anchored.hash ? undefined : 'changed';
}

/** Whether a later checkpoint says of the same chain what the earlier one excludes. */
export function contradicts(earlier: ChainHead, later: ChainHead): boolean {
  return later.seq < earlier.seq || (later.seq === earlier.seq && later.hash !== earlier.hash);
}

/** What a checkpoint says of a chain that verifies. Throws a RangeError for an empty one. */
export function headOf(
  place: Pick<CheckpointHead, 'table' | 'partition' | 'prefix'>,
  entries: readonly EvidenceEntry[],
): CheckpointHead {
  const last = entries.at(-1);
  if (last === undefined) throw new RangeError('an empty chain has no head');
  const { table, partition, prefix } = place;
  const { aggregate, seq, hash } = last;
  return { aggregate, table, partition, prefix, seq, hash, ...aboutWhat(entries) };
}

/** As its entries name it; where they name several environments, the latest. */
function aboutWhat(entries: readonly EvidenceEntry[]): Pick<CheckpointHead, 'services' | 'environment'> {
  const data = entries.map(dataOf);
  const services = data.flatMap((one) => [one['service'], one['services']].flat()).filter(isText);
  const environment = data
    .map((one) => one['environment'])
    .filter(isText)
    .at(-1);
  return { services: [...new Set(services)].sort(), ...(environment === undefined ? {} : { environment }) };
}

function dataOf({ entry }: EvidenceEntry): Readonly<Record<string, unknown>> {
  const said = parsed(entry);
  return isObject(said) && isObject(said['data']) ? said['data'] : {};
}

const CHECKSUM = /^[0-9a-f]{64}$/;
const DAY = /^[0-9]{4}-[0-9]{2}-[0-9]{2}$/;
const MEMBERS = new Set(['v', 'tenant', 'number', 'at', 'through', 'previous', 'continues', 'heads']);
const HEAD_MEMBERS = new Set(['aggregate', 'table', 'partition', 'prefix', 'seq', 'hash', 'services', 'environment']);

/** Strict: what this version does not write, it does not understand either. */
function isCheckpoint(said: unknown): said is Checkpoint {
  if (!isObject(said) || said['v'] !== VERSION || !hasOnly(said, MEMBERS)) return false;
  const { heads, continues } = said as { heads?: unknown; continues?: unknown };
  return (
    ['tenant', 'at', 'through'].every((name) => isText(said[name])) &&
    isCount(said['number']) &&
    isChecksum(said['previous']) &&
    (continues === undefined || (isText(continues) && DAY.test(continues))) &&
    Array.isArray(heads) &&
    heads.length <= MOST_HEADS &&
    heads.every(isHead)
  );
}

function isHead(said: unknown): boolean {
  if (!isObject(said) || !hasOnly(said, HEAD_MEMBERS)) return false;
  const { services, environment } = said as { services?: unknown; environment?: unknown };
  return (
    ['aggregate', 'table', 'partition', 'prefix'].every((name) => isText(said[name])) &&
    isCount(said['seq']) &&
    isChecksum(said['hash']) &&
    Array.isArray(services) &&
    services.every(isText) &&
    (environment === undefined || isText(environment))
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 1;
}

function isChecksum(value: unknown): boolean {
  return isText(value) && CHECKSUM.test(value);
}

function hasOnly(said: object, names: ReadonlySet<string>): boolean {
  return Object.keys(said).every((name) => names.has(name));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Undefined for what is no JSON: a forged line must be named, not end the verification. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
