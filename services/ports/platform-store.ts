import type { Section, SectionKey } from '../domain/platform.ts';

/** A section as it is kept, and how far the read that is under way has come. */
export interface StoredSection {
  readonly section: Section;
  /** ISO-8601 UTC; when it is read again. */
  readonly nextAt: string;
  /** ISO-8601 UTC; when it was last read without taking anything from before. */
  readonly thoroughAt?: string;
  /** A read that was begun and goes on here, in whatever process. */
  readonly begun?: {
    readonly at: string;
    readonly next: string;
    /** Nothing is taken from before. */
    readonly isThorough?: boolean;
    /** Nothing of these is. */
    readonly things?: readonly string[];
  };
  readonly hints?: readonly SectionHint[];
  readonly version: string;
}

/** Somebody said that something has changed there. */
export interface SectionHint {
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Id of the one thing that has; absent: anything may have. */
  readonly thing?: string;
  readonly etag: string;
}

/** What is known of the platforms of organizations, in table `sys`. Rejects with StoreUnavailableError. */
export interface PlatformStore {
  /** All sections of an organization (URL). */
  all(organization: string): Promise<readonly StoredSection[]>;
  /** In place of what was read, in one transaction; undefined: somebody else was first. Throws a RangeError for more than one holds. */
  put(
    organization: string,
    next: Omit<StoredSection, 'version' | 'hints'>,
    before: StoredSection | undefined,
  ): Promise<StoredSection | undefined>;
  forget(organization: string, key: SectionKey): Promise<void>;
  /** It is read again with the next round. */
  hint(organization: string, key: SectionKey, at: string, thing?: string): Promise<void>;
  /** Unless they came again since they were read. */
  heeded(organization: string, key: SectionKey, hints: readonly SectionHint[]): Promise<void>;
}
