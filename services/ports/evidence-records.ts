import type { EvidenceEntry } from '../domain/evidence.ts';

export type TextErased =
  /** Numbers of the entries that had it. */
  | { readonly kind: 'erased'; readonly seqs: readonly number[] }
  | { readonly kind: 'unknown-id' }
  /** No entry has a text of this field; those that there are. */
  | { readonly kind: 'no-such-text'; readonly fields: readonly string[] }
  /** The chain does not verify: nothing of it is touched, so that it can be looked at as it is. */
  | { readonly kind: 'broken'; readonly seq: number }
  /** Others changed it again and again at the same moment. */
  | { readonly kind: 'not-recorded' };

/** The evidence of what people call by an id: a request, an exception, an action off the release path. Rejects with StoreUnavailableError. */
export interface EvidenceRecords {
  /** Its chain from the first entry; undefined: nothing has this id. */
  of(id: string): Promise<readonly EvidenceEntry[] | undefined>;
  /**
   * Takes the texts of one field away from all its entries. One transaction with the entry `text-erased`, which says of which entries; what
   * stays of a text is its checksum with a salt that is gone. `at`: ISO-8601 UTC of now.
   */
  eraseText(id: string, field: string, at: string): Promise<TextErased>;
}
