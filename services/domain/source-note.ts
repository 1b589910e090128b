import type { Place } from './asset.ts';
import { plusMinutes } from './instant.ts';

/** Something that a signal is about and that is nobody's as far as the catalog says. */
export interface Stranger {
  /** ARM id; '' where the signal names nothing. */
  readonly asset: string;
  /** Equally narrow for several parts of the catalog: whose it is cannot be told. */
  readonly places?: readonly Place[];
}

export interface Strangers {
  readonly count: number;
  /** The first of them. */
  readonly samples: readonly Stranger[];
}

/** What is known of one source's pulls of one target, or of what it sends by itself. */
export interface SourceNote {
  readonly source: string;
  /** Id; `SENT` of what comes by itself. */
  readonly target: string;
  readonly name: string;
  /** Of a repository: the organization (URL) that it is in. */
  readonly organization?: string;
  /** ISO-8601 UTC, as all here; when the last whole pull began. */
  readonly pulledAt?: string;
  /** Why the last try failed; absent after one that did not. */
  readonly failure?: { readonly at: string; readonly why: string };
  /** When it is pulled again; absent of what comes by itself. */
  readonly nextAt?: string;
  readonly strangers: Strangers;
}

export const SENT = 'sent';

/** Three pulls have failed by then. */
const STALE_MINUTES = 180;
/** By so much clocks of processes differ. */
const SKEW_MINUTES = 5;
const SAMPLES = 20;

/** Its pulls have been failing: what is known of it is older than it should be. */
export function isStale({ target, pulledAt }: Pick<SourceNote, 'target' | 'pulledAt'>, now: string): boolean {
  if (target === SENT) return false;
  const isRecent = (at: string) => at >= plusMinutes(now, -STALE_MINUTES) && at <= plusMinutes(now, SKEW_MINUTES);
  return pulledAt === undefined || !isRecent(pulledAt);
}

/** Each once. */
export function strangersOf(all: readonly Stranger[]): Strangers {
  const distinct = [...new Map(all.map((one) => [one.asset.toLowerCase(), one])).values()];
  return { count: distinct.length, samples: distinct.slice(0, SAMPLES) };
}
