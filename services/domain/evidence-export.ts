import { canonicalJson } from './canonical.ts';
import { checkpointLine } from './checkpoint.ts';
import { sha256 } from './checksum.ts';
import { type EvidenceEntry, isSalted } from './evidence.ts';
import { isJsonObject, type JsonObject, parsedJson } from './json.ts';

/** Of the form of an export; a verifier reads no later one. */
export const EXPORT_VERSION = 1;

/** What somebody asked for, and when it was read. */
export interface ExportHead {
  readonly v: typeof EXPORT_VERSION;
  readonly tenant: string;
  /** ISO-8601 UTC; aggregates that changed from then on. Absent: from the beginning. */
  readonly from?: string;
  /** ISO-8601 UTC, exclusive. Absent: until `at`. */
  readonly to?: string;
  /** `service` or `service/environment`. Absent: everything. */
  readonly scope?: string;
  /** ISO-8601 UTC; what happened later may be missing. */
  readonly at: string;
}

/** What the last line signs: how many lines came before it, the SHA-256 of all their bytes, and that of the first line alone. */
export interface ExportEnd {
  readonly lines: number;
  readonly sha256: string;
  readonly first: string;
}

/** A public signing key as a JWK Set has it. */
export type ExportKey = Readonly<Record<'kty' | 'crv' | 'x' | 'kid', string>> & {
  /** Of a key on the curve P-256. */
  readonly y?: string;
  readonly alg: 'EdDSA' | 'ES256';
  readonly use: 'sig';
};

export type ExportLine =
  | { readonly kind: 'head'; readonly head: ExportHead; readonly keys: readonly ExportKey[] }
  | { readonly kind: 'checkpoint'; readonly jws: string }
  | { readonly kind: 'entry'; readonly entry: EvidenceEntry }
  | { readonly kind: 'end'; readonly jws: string };

/** A line that is none of an export. */
export interface NoLine {
  readonly kind: 'none';
  readonly why: string;
}

/** First line of an export, without its line end, as are all lines here. */
export function headLine({ v, tenant, from, to, scope, at }: ExportHead, keys: readonly ExportKey[]): string {
  const written = keys.map(({ kty, crv, x, y, kid, alg, use }) => ({ kty, crv, x, y, kid, alg, use }));
  return canonicalJson({ export: { v, tenant, from, to, scope, at }, jwks: { keys: written } });
}

/** In the order of the alphabet, as all members of a line are. */
export function entryLine({ aggregate, entry, hash, op, seq, texts }: EvidenceEntry): string {
  const fields = Object.keys(texts).sort();
  const salted = fields.map((field) => [field, { salt: texts[field]?.salt, text: texts[field]?.text }]);
  return JSON.stringify({ entry: { aggregate, entry, hash, op, seq, texts: Object.fromEntries(salted) } });
}

export function endLine(jws: string): string {
  return canonicalJson({ end: jws });
}

/** What a line says, or why it is none of an export. One way of writing each: nothing hides beside what is read of it. */
export function readExportLine(text: string): ExportLine | NoLine {
  const value = parsedJson(text);
  if (!isJsonObject(value)) return none('it is no JSON object');
  const line = lineIn(value);
  if (line.kind === 'none') return line;
  // What is parsed in order need not be put in order, which takes most of the time of an entry.
  const again = line.kind === 'entry' && isInOrder(value) ? JSON.stringify(value) : written(line);
  return again === text ? line : none('it is not written as Countersign writes it');
}

/** What the last line was signed for; undefined: not what this version signs. */
export function readExportEnd(payload: string): ExportEnd | undefined {
  const value = parsedJson(payload);
  if (!isJsonObject(value)) return undefined;
  const { lines, sha256: all, first } = value;
  const isEnd = typeof lines === 'number' && typeof all === 'string' && typeof first === 'string';
  return isEnd ? { lines, sha256: all, first } : undefined;
}

/** The keys of a JWK Set as `/.well-known/jwks.json` answers it; undefined: it is none, or has none. */
export function readKeys(jwks: string): readonly ExportKey[] | undefined {
  const keys = keysIn(parsedJson(jwks));
  return keys === undefined || keys.length === 0 ? undefined : keys;
}

function keysIn(jwks: unknown): readonly ExportKey[] | undefined {
  const keys: unknown = isJsonObject(jwks) ? jwks['keys'] : undefined;
  return Array.isArray(keys) && keys.every(isKey) ? keys : undefined;
}

/** Named by its own thumbprint (RFC 7638), so that no other key goes by its name. */
function isKey(value: unknown): value is ExportKey {
  if (!isJsonObject(value) || value['use'] !== 'sig') return false;
  const { alg, crv, kty, x, y, kid } = value;
  const isEd25519 = alg === 'EdDSA' && crv === 'Ed25519' && kty === 'OKP' && typeof x === 'string';
  const isP256 = alg === 'ES256' && crv === 'P-256' && kty === 'EC' && typeof x === 'string' && typeof y === 'string';
  if (!isEd25519 && !isP256) return false;
  const named = isP256 ? { crv, kty, x, y } : { crv, kty, x };
  return kid === Buffer.from(sha256(canonicalJson(named)), 'hex').toString('base64url');
}

function lineIn(value: JsonObject): ExportLine | NoLine {
  if ('export' in value) return headIn(value);
  if (isJsonObject(value['entry'])) return entryIn(value['entry']);
  if (typeof value['checkpoint'] === 'string') return { kind: 'checkpoint', jws: value['checkpoint'] };
  if (typeof value['end'] === 'string') return { kind: 'end', jws: value['end'] };
  return none('it is neither an entry nor a checkpoint');
}

const ENTRY_MEMBERS = 'aggregate,entry,hash,op,seq,texts';

/** No other members than `entryLine` writes, in its order; only few names of texts are ever out of order. */
function isInOrder(value: JsonObject): boolean {
  const entry = value['entry'] as EvidenceEntry;
  const fields = Object.keys(entry.texts);
  return (
    Object.keys(value).length === 1 &&
    Object.keys(entry).join() === ENTRY_MEMBERS &&
    fields.every((field, n) => n === 0 || (fields[n - 1] ?? '') < field) &&
    Object.values(entry.texts).every((text) => Object.keys(text).join() === 'salt,text')
  );
}

function written(line: ExportLine): string {
  if (line.kind === 'head') return headLine(line.head, line.keys);
  if (line.kind === 'entry') return entryLine(line.entry);
  return line.kind === 'checkpoint' ? checkpointLine(line.jws) : endLine(line.jws);
}

function headIn({ export: head, jwks }: JsonObject): ExportLine | NoLine {
  if (!isJsonObject(head) || !Number.isSafeInteger(head['v'])) return none('its export has no version');
  if (head['v'] !== EXPORT_VERSION)
    return none(`it is of version ${head['v']} of the form: verify it with the version of Countersign that wrote it`);
  const keys = keysIn(jwks);
  const { tenant, at, from = '', to = '', scope = '' } = head;
  const isHead = [tenant, at, from, to, scope].every((one) => typeof one === 'string');
  if (!isHead || keys === undefined) return none('it does not say of which tenant, when, and with which keys');
  return { kind: 'head', head: head as unknown as ExportHead, keys };
}

function entryIn(value: JsonObject): ExportLine | NoLine {
  const { aggregate, entry, hash, op, seq, texts } = value;
  const isWhole =
    [aggregate, entry, hash, op].every((one) => typeof one === 'string') &&
    Number.isSafeInteger(seq) &&
    isJsonObject(texts) &&
    Object.values(texts).every(isSalted);
  return isWhole ? { kind: 'entry', entry: value as unknown as EvidenceEntry } : none('it is no whole entry');
}

function none(why: string): NoLine {
  return { kind: 'none', why };
}
