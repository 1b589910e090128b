/** Now, as ISO-8601 UTC with milliseconds. Read once per request. */
export interface Clock {
  now(): string;
}

/** Unpredictable bytes; in tests from a seed. */
export interface Random {
  bytes(count: number): Uint8Array;
}
