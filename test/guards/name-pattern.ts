/** A pattern for the names of tests that are written so, with whatever stands in the places of `%s` and the like. */
export function namePattern(written: string): string {
  return written.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&').replaceAll(/%[sjid]/g, '.*');
}
