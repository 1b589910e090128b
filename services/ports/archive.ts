/** It did not answer: whether an archive was written is unknown. */
export class ArchiveUnavailableError extends Error {
  override name = 'ArchiveUnavailableError' as const;
}

/** Files outside of the tables that are written once and never changed. Rejects with ArchiveUnavailableError. */
export interface Archive {
  /** All of it or nothing. `exists`: there is one of this name, and it was left as it is. */
  create(name: string, lines: AsyncIterable<string>): Promise<'created' | 'exists'>;
  /** Its bytes. */
  read(name: string): AsyncIterable<Uint8Array>;
}
