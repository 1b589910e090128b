import { plusSeconds } from '../domain/instant.ts';
import type { SourceNote } from '../domain/source-note.ts';
import { AssetsUnavailableError } from './assets.ts';
import { SourceRefusedError, SourceUnavailableError } from './signal-source.ts';

const LONGEST_WAIT_SECONDS = 3_600;
/** A permission may be given at any time. */
const REFUSED_SECONDS = 900;

/** Whether what this note is about may be asked again; a time that lies further ahead was written by a clock that was wrong. */
export function isDue(note: SourceNote | undefined, now: string): boolean {
  const at = note?.nextAt ?? '';
  return at <= now || at > plusSeconds(now, LONGEST_WAIT_SECONDS);
}

/** Seconds: as long as was asked for, an hour at most. */
export function waitAfter(error: unknown): number {
  if (error instanceof SourceRefusedError) return REFUSED_SECONDS;
  const asked = error instanceof SourceUnavailableError ? (error.retryAfter ?? 0) : 0;
  return Math.min(asked, LONGEST_WAIT_SECONDS);
}

/** In words that may be shown: a fault of ours is left to the log. */
export function whyOf(error: unknown): string {
  const known = [SourceUnavailableError, SourceRefusedError, AssetsUnavailableError];
  return known.some((kind) => error instanceof kind) ? (error as Error).message : 'it failed: the log has the reason';
}
