/** A policy file, or why it could not be read. */
export type PolicyFile =
  | { readonly file: string; readonly text: string }
  | { readonly file: string; readonly fault: string };

export interface PolicyReading {
  /** Those of `POLICY_FILES` in their order, lists of what is exploited, then those of the folders by name. */
  readonly files: readonly PolicyFile[];
  /** The commit that all of them are of, where the source has commits. */
  readonly commit?: string;
}

/** The files may not be taken: the message is a problem as `PolicySnapshot.problems` has them. */
export class PolicySourceError extends Error {
  override name = 'PolicySourceError' as const;
  /** Seconds to wait, when the source said so. */
  readonly retryAfter: number | undefined;
  constructor(message: string, options: { cause?: unknown; retryAfter?: number | undefined } = {}) {
    super(message, { cause: options.cause });
    this.retryAfter = options.retryAfter;
  }
}

/** Where policy files come from. Both reject with PolicySourceError. */
export interface PolicySource {
  /** Cheap; another text when a file may have changed. */
  stamp(): Promise<string>;
  /** The files as they stood at that stamp, or later where a source keeps no past. */
  read(stamp: string): Promise<PolicyReading>;
}
