import type { Catalog } from '../domain/catalog.ts';

/** What is pulled as a whole: a subscription of Azure, or a repository. */
export interface PullTarget {
  /** Of a subscription its id, lower case. */
  readonly id: string;
  /** As people know it. */
  readonly name: string;
  /** Of a repository: where it is, and the services that the catalog says are built from it. */
  readonly repository?: { readonly organization: string; readonly services: readonly string[] };
}

export interface FoundTargets {
  readonly targets: readonly PullTarget[];
  /** What the catalog names and the bot cannot see, and what to do about it, by name. */
  readonly unseen: ReadonlyMap<string, string>;
  /**
   * Organizations (URL) whose targets could not be listed, and why: nothing is known of what there is in them now. Without an error: it
   * was not asked. Absent: all were listed.
   */
  readonly unlisted?: ReadonlyMap<string, SourceUnavailableError | SourceRefusedError | undefined>;
}

export interface SignalPage {
  /** In the format that the source is named after. */
  readonly body: Uint8Array;
  /** Opaque; absent on the last page. */
  readonly next?: string;
  /** Why what the whole list lacks is not known to be clean, and what to do about it. */
  readonly missing?: string;
}

/** It does not answer now, or asks for patience; what was read so far stays good. */
export class SourceUnavailableError extends Error {
  override name = 'SourceUnavailableError' as const;
  /** Seconds. */
  readonly retryAfter?: number;
  constructor(message: string, { cause, retryAfter }: { cause?: unknown; retryAfter?: number } = {}) {
    super(message, cause === undefined ? {} : { cause });
    if (retryAfter !== undefined) this.retryAfter = retryAfter;
  }
}

/** It will not say, or says what nobody can read: the message names the permission that is missing, where that is it. */
export class SourceRefusedError extends Error {
  override name = 'SourceRefusedError' as const;
}

/** Signals about environments that are pulled. Each method rejects with SourceUnavailableError or SourceRefusedError. */
export interface SignalSource {
  /** The format of what it gives, as report readers know it. */
  readonly name: string;
  /** What the catalog says is ours. An organization that is not due is not asked; where there is one alone, it rejects when that fails. */
  targets(catalog: Catalog, isDue?: (organization: string) => boolean): Promise<FoundTargets>;
  /** Everything that is wrong in it now, page by page. */
  page(target: PullTarget, next?: string): Promise<SignalPage>;
}
