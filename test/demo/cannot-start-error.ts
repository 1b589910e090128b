/** What the demo cannot start with, in words for the person who started it. */
export class CannotStartError extends Error {
  override name = 'CannotStartError' as const;
}
