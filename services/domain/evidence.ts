import { type Canonical, canonicalJson } from './canonical.ts';
import { sha256 } from './checksum.ts';
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
  return sha256(salted.salt, '\0', salted.text);
}

function linkHash(previous: string, entry: string): string {
  return sha256('\0', previous, entry);
}

/** The first entry that does not continue the chain from its beginning, or undefined when all do. */
export function firstBrokenEntry(entries: readonly EvidenceEntry[]): EvidenceEntry | undefined {
  let head = EMPTY_CHAIN;
  for (const link of entries) {
    if (!continues(head, link)) return link;
    head = link;
  }
  return undefined;
}

function continues(head: ChainHead, link: EvidenceEntry): boolean {
  return link.seq === head.seq + 1 && link.hash === linkHash(head.hash, link.entry) && agrees(link, head.hash);
}

/** The columns beside an entry may not say anything else than the entry does; a text may be gone, never another. */
function agrees(link: EvidenceEntry, previous: string): boolean {
  const said = saidBy(link.entry);
  const stands =
    said?.seq === link.seq && said.prev === previous && said.aggregate === link.aggregate && said.op === link.op;
  return stands && Object.entries(link.texts).every(([field, text]) => said.texts?.[field] === textChecksum(text));
}

interface Said {
  readonly seq?: unknown;
  readonly prev?: unknown;
  readonly aggregate?: unknown;
  readonly op?: unknown;
  readonly texts?: Readonly<Record<string, unknown>>;
}

/** Undefined for what is no entry: a forged one must be named, not end the verification. */
function saidBy(entry: string): Said | undefined {
  try {
    return (JSON.parse(entry) as Said | null) ?? undefined;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

function withoutName(actor: Actor): Canonical {
  if (actor.kind !== 'person') return { kind: actor.kind };
  return { kind: 'person', tenant: actor.tenant, oid: actor.oid };
}
