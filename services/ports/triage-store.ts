import type { EvidenceDraft, EvidenceEntry } from '../domain/evidence.ts';
import type { FindingKey } from '../domain/open-finding.ts';
import type { Triage } from '../domain/triage.ts';

/** As it was read. */
export interface StoredTriage {
  readonly key: FindingKey;
  /** Absent: nobody has it, and nothing is put off. */
  readonly triage?: Triage;
  /** Its chain, oldest first. */
  readonly evidence: readonly EvidenceEntry[];
}

export interface TriageChange {
  /** Stable over replays of the same click or message (storage.md rule 3). */
  readonly op: string;
  /** Absent: released. */
  readonly triage?: Triage;
  readonly evidence: EvidenceDraft;
  /** ISO-8601 UTC of now. */
  readonly at: string;
}

export type TriageCommitted =
  | { readonly kind: 'committed'; readonly stored: StoredTriage }
  /** Somebody else's change was first: as it is now. */
  | { readonly kind: 'lost'; readonly stored: StoredTriage };

/** A service in which somebody has something; of what was released lately it may still stand there. */
export interface Assignments {
  readonly org: string;
  readonly service: string;
  /** As what it was read; opaque. */
  readonly etag: string;
  /** ISO-8601 UTC; when it was last written. */
  readonly at: string;
}

/** Somebody (object id) who has, or lately had, some finding of a service. */
export interface Assigned {
  readonly oid: string;
  readonly service: string;
}

/** What people do with findings. Rejects with StoreUnavailableError. */
export interface TriageStore {
  /** Everything of one service by fingerprint: one call. */
  of(org: string, service: string): Promise<ReadonlyMap<string, Triage>>;
  read(key: FindingKey): Promise<StoredTriage>;
  /** State and evidence are one transaction; the same operation again writes nothing. */
  commit(from: StoredTriage, change: TriageChange): Promise<TriageCommitted>;
  /** The services in which this person (object id) has something, of every organization. */
  assignedTo(oid: string): Promise<readonly Assignments[]>;
  /** Everybody's: one call for each organization and 1,000 of them. For reports. */
  assigned(): Promise<readonly Assigned[]>;
  /** This person has nothing there any more; what has been written anew meanwhile stays. */
  assignedNothing(oid: string, found: Assignments): Promise<void>;
}
