import { plusMinutes } from './instant.ts';

/** What something came from, or who answered. */
export interface Source {
  readonly kind: 'check' | 'report' | 'hook' | 'message' | 'policy' | 'directory' | 'azure-devops';
  /** Of a report. */
  readonly tool?: string;
  readonly service?: string;
}

/** When something last came from there (ISO-8601 UTC). */
export interface Heard extends Source {
  readonly at: string;
}

/** How far a process's clock is ahead of another one; behind, where it is negative. */
export interface ClockSkew {
  /** Whose clock it was compared with. */
  readonly with: string;
  /** Whole seconds; an answer under way adds to them. */
  readonly seconds: number;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** How Teams has held us back in the last hour. */
export interface Throttling {
  readonly count: number;
  /** ISO-8601 UTC; until when the last one asked to wait. */
  readonly until: string;
}

/** What one process has heard and met, as it noted it. */
export interface Pulse {
  readonly instance: string;
  /** ISO-8601 UTC; when it noted this. */
  readonly at: string;
  readonly heard: readonly Heard[];
  readonly clocks: readonly ClockSkew[];
  readonly throttled?: Throttling;
}

/** While no process could note anything (ISO-8601 UTC): none ran, or the store did not answer. */
export interface Outage {
  readonly from: string;
  readonly until: string;
}

export const PULSE_MINUTES = 5;
/** Three pulses that did not come. */
const SILENT_MINUTES = 15;
const MOST_HEARD = 2_000;
export const MOST_SKEW_SECONDS = 60;

/** Two sources with the same key are one. */
export function sourceKey({ kind, tool, service }: Source): string {
  return JSON.stringify([kind, tool, service]);
}

/** Of every source the last, the newest first, and of very many those. */
export function lastHeard<T extends Heard>(all: readonly T[]): T[] {
  const last = new Map<string, T>();
  for (const one of all) {
    const key = sourceKey(one);
    const known = last.get(key);
    if (known === undefined || known.at < one.at) last.set(key, one);
  }
  return [...last.values()].toSorted((a, b) => (a.at > b.at ? -1 : 1)).slice(0, MOST_HEARD);
}

/** Undefined while pulses came as they should, and before the first. */
export function outageBefore(now: string, pulses: readonly Pick<Pulse, 'at'>[]): Outage | undefined {
  const newest = pulses
    .map(({ at }) => at)
    .sort()
    .at(-1);
  return newest === undefined || isAlive({ at: newest }, now) ? undefined : { from: newest, until: now };
}

export function isAlive({ at }: Pick<Pulse, 'at'>, now: string): boolean {
  return now < plusMinutes(at, SILENT_MINUTES);
}

/** Of all that were asked to wait, as far as it is not an hour ago. */
export function throttlingOf(waits: readonly { readonly at: string; readonly until: string }[], now: string) {
  const recent = waits.filter(({ at }) => at > plusMinutes(now, -60));
  const until = recent
    .map((one) => one.until)
    .sort()
    .at(-1);
  return until === undefined ? undefined : { count: recent.length, until };
}

/** Undefined for what is no date. */
export function skewOf(now: string, date: string): number | undefined {
  const difference = Date.parse(now) - Date.parse(date);
  return Number.isNaN(difference) ? undefined : Math.round(difference / 1_000);
}
