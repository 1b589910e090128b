export interface RetentionSettings {
  /** So long after its last change a request stays. */
  readonly days: number;
  /** Nothing is deleted while it is true. */
  readonly legalHold: boolean;
}

export const DEFAULT_RETENTION: RetentionSettings = { days: 400, legalHold: false };
