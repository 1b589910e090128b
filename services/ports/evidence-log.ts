import type { EvidenceEntry } from '../domain/evidence.ts';
import type { TableName } from './table.ts';

/** Where the rows of a chain lie: `{prefix}~{seq}` of a partition. */
export interface ChainPlace {
  readonly table: TableName;
  readonly partition: string;
  readonly prefix: string;
}

/** One aggregate's chain, from its first entry. */
export interface EvidenceChain extends ChainPlace {
  /** At least one. As they are stored: whether they verify is for the reader to see. */
  readonly entries: readonly EvidenceEntry[];
}

/** All evidence by time and by place. Rejects with StoreUnavailableError. */
export interface EvidenceLog {
  /**
   * Every chain that was changed from `from` (inclusive) to `before` (exclusive; ISO-8601 UTC), whole and once, in the order of their
   * places. Some that were not changed may be among them: their time is cut to five minutes. Never all in memory at once.
   */
  changed(from: string, before: string): AsyncIterable<EvidenceChain>;
  /** Where they lie, in the same order, without reading them. One call for each 1,000. */
  places(from: string, before: string): Promise<readonly ChainPlace[]>;
  /** One call for each 1,000 entries; undefined where there is none. */
  chain(place: ChainPlace): Promise<EvidenceChain | undefined>;
}
