import type { Section, SectionKey } from '../domain/platform.ts';

/** A section as it is kept, and how far the read that is under way has come. */
export interface StoredSection {
  readonly section: Section;
  /** ISO-8601 UTC; when it is read again. */
  readonly nextAt: string;
  /** A read that was begun and goes on here, in whatever process. */
  readonly begun?: { readonly at: string; readonly next: string };
  readonly version: string;
}

/** What is known of the platforms of organizations, in table `sys`. Rejects with StoreUnavailableError. */
export interface PlatformStore {
  /** All sections of an organization (URL). */
  all(organization: string): Promise<readonly StoredSection[]>;
  /** In place of what was read, in one transaction; undefined: somebody else was first. */
  put(
    organization: string,
    next: Omit<StoredSection, 'version'>,
    before: StoredSection | undefined,
  ): Promise<StoredSection | undefined>;
  forget(organization: string, key: SectionKey): Promise<void>;
}
