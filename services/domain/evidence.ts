import { type Canonical, canonicalJson } from './canonical.ts';
import { sha256 } from './checksum.ts';
import { isJsonObject, parsedJson } from './json.ts';
import type { Actor } from './person.ts';

/** What an entry says happened; free texts and names stand apart so that they can be erased without breaking the chain. */
export interface EvidenceDraft {
  readonly kind: string;
  readonly actor: Actor;
  /** Ids, codes, checksums and times; no free text. */
  readonly data: Canonical;
  /** Free texts and names by field. */
  readonly texts?: Readonly<Record<string, string>>;
}

/** One link of an aggregate's chain, as it is stored and exported. */
export interface EvidenceEntry {
  readonly aggregate: string;
  readonly seq: number;
  /** The canonical JSON that was checksummed. */
  readonly entry: string;
  readonly hash: string;
  /** Operation that wrote it: how a writer recognises its own commit (storage.md rule 3). */
  readonly op: string;
  /** Erasable texts with their salts; the entry holds only their checksums. */
  readonly texts: Readonly<Record<string, SaltedText>>;
}

export interface SaltedText {
  readonly salt: string;
  readonly text: string;
}

export function isSalted(value: unknown): value is SaltedText {
  return isJsonObject(value) && typeof value['salt'] === 'string' && typeof value['text'] === 'string';
}

/** Where a chain stands. */
export interface ChainHead {
  readonly seq: number;
  readonly hash: string;
}

export const EMPTY_CHAIN: ChainHead = { seq: 0, hash: '0'.repeat(64) };
const VERSION = 1;

/**
 * The next link: SHA-256 over 0x00, the previous hash and the entry's canonical JSON.
 * `salt` must be unpredictable: it keeps short texts from being guessed from their checksum.
 */
export function nextEntry(
  head: ChainHead,
  draft: EvidenceDraft,
  written: { readonly aggregate: string; readonly at: string; readonly op: string; readonly salt: string },
): EvidenceEntry {
  const named = 'name' in draft.actor ? { ...draft.texts, name: draft.actor.name } : (draft.texts ?? {});
  const texts = Object.fromEntries(Object.entries(named).map(([field, text]) => [field, { salt: written.salt, text }]));
  const seq = head.seq + 1;
  const entry = canonicalJson({
    v: VERSION,
    aggregate: written.aggregate,
    seq,
    at: written.at,
    kind: draft.kind,
    actor: withoutName(draft.actor),
    op: written.op,
    data: draft.data,
    texts: Object.fromEntries(Object.entries(texts).map(([field, salted]) => [field, textChecksum(salted)])),
    prev: head.hash,
  });
  return { aggregate: written.aggregate, seq, entry, hash: linkHash(head.hash, entry), op: written.op, texts };
}

/** Checksum by which an entry refers to a text that may be erased. */
export function textChecksum(salted: SaltedText): string {
  return sha256(`${salted.salt}\0${salted.text}`);
}

function linkHash(previous: string, entry: string): string {
  return sha256(`\0${previous}${entry}`);
}

/** The first entry that does not continue the chain of one aggregate from its beginning, or undefined when all do. */
export function firstBrokenEntry(entries: readonly EvidenceEntry[]): EvidenceEntry | undefined {
  let head = EMPTY_CHAIN;
  for (const link of entries) {
    if (link.aggregate !== entries[0]?.aggregate || 'broken' in checkLink(head, link)) return link;
    head = link;
  }
  return undefined;
}

/**
 * `out-of-order`: another number than the next; `changed`: its hash is not that of it after the entry before; `contradicts`: what stands
 * beside it says something else; `text-changed`: a text is not the one that was recorded.
 */
export type ChainBreak = 'out-of-order' | 'changed' | 'unknown-version' | 'contradicts' | 'text-changed';

/**
 * Whether an entry continues the chain that stands at `head`: why not, or the fields of the texts that it was recorded with. A text may be
 * gone, never another.
 */
export function checkLink(
  head: ChainHead,
  link: EvidenceEntry,
): { readonly broken: ChainBreak } | { readonly fields: readonly string[] } {
  if (link.seq !== head.seq + 1) return { broken: 'out-of-order' };
  if (link.hash !== linkHash(head.hash, link.entry)) return { broken: 'changed' };
  const said = saidBy(link.entry);
  if (said?.v !== VERSION) return { broken: 'unknown-version' };
  const stands =
    said.seq === link.seq && said.prev === head.hash && said.aggregate === link.aggregate && said.op === link.op;
  if (!stands) return { broken: 'contradicts' };
  const isSame = Object.entries(link.texts).every(([field, text]) => isRecorded(said.texts?.[field], text));
  return isSame ? { fields: Object.keys(said.texts ?? {}) } : { broken: 'text-changed' };
}

/** A salt that went on into the text would let the text begin later, and its checksum be the same. */
function isRecorded(checksum: unknown, text: SaltedText): boolean {
  return checksum === textChecksum(text) && !text.salt.includes('\0');
}

interface Said {
  readonly v?: unknown;
  readonly seq?: unknown;
  readonly prev?: unknown;
  readonly aggregate?: unknown;
  readonly op?: unknown;
  readonly texts?: Readonly<Record<string, unknown>>;
}

function saidBy(entry: string): Said | undefined {
  const said = parsedJson(entry);
  return isJsonObject(said) ? said : undefined;
}

function withoutName(actor: Actor): Canonical {
  if (actor.kind !== 'person') return { kind: actor.kind };
  return { kind: 'person', tenant: actor.tenant, oid: actor.oid };
}
