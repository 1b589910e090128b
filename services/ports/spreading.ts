import { minuteOf } from '../domain/finding-history.ts';
import { thresholdReached } from '../domain/ladder.ts';
import type { ScopeKey, ScopeStore, SpreadEntry } from './scope-store.ts';

/** Rules whose spread one import looks up; the next scan takes up what is beyond. */
const MOST_CHANGES = 100;

export interface Spreading {
  readonly scope: ScopeKey;
  readonly tool: string;
  /** `spreadKey` of each rule that this tool found and that some step asks the spread of; sorted. */
  readonly rules: readonly string[];
  /** Those that are registered, as the last scan left them. */
  readonly before: readonly string[];
  /** Numbers of services that steps wait for, rising, by `spreadKey`. */
  readonly asked: (rule: string) => readonly number[];
  /** ISO-8601 UTC. */
  readonly at: string;
}

/**
 * Registers this scope under the rules that are new in it, takes it out of those that are gone, and notes in every scope
 * concerned how far a rule has spread when that passes a number that a step waits for. Every part may be repeated.
 * Resolves to what is registered now.
 */
export async function spread(scopes: ScopeStore, spreading: Spreading): Promise<readonly string[]> {
  const { scope, tool, rules, before } = spreading;
  const appeared = rules.filter((rule) => !before.includes(rule)).slice(0, MOST_CHANGES);
  const gone = before.filter((rule) => !rules.includes(rule)).slice(0, MOST_CHANGES - appeared.length);
  for (const rule of appeared) {
    await scopes.putSpread(rule, { scope, tool, noted: 0 });
    await noteAll(scopes, spreading, rule, await scopes.spreadEntries(scope.org, rule));
  }
  for (const rule of gone) await takeOut(scopes, spreading, rule);
  return [...before.filter((rule) => !gone.includes(rule)), ...appeared].sort();
}

/** What the scope was told is taken back first; another tool that has found the same there is then told anew. */
async function takeOut(scopes: ScopeStore, spreading: Spreading, rule: string): Promise<void> {
  const { scope, tool, at } = spreading;
  const entries = await scopes.spreadEntries(scope.org, rule);
  const here = entries.filter((entry) => isSame(entry.scope, scope));
  const wasTold = here.some(({ noted }) => noted > 0);
  if (wasTold) await scopes.noteSpread(scope, rule, { services: 0, since: minuteOf(at) }, at);
  await scopes.removeSpread(rule, scope, tool);
  const left = entries.filter((entry) => !(isSame(entry.scope, scope) && entry.tool === tool));
  const known = left.map((entry) => (isSame(entry.scope, scope) ? { ...entry, noted: 0 } : entry));
  await noteAll(scopes, spreading, rule, known);
}

function isSame(a: ScopeKey, b: ScopeKey): boolean {
  return a.service === b.service && a.environment === b.environment;
}

/** Each entry says what its scope was told, so that of two imports at once the later one tells those that are behind. */
async function noteAll(
  scopes: ScopeStore,
  { asked, at }: Spreading,
  rule: string,
  entries: readonly SpreadEntry[],
): Promise<void> {
  const services = new Set(entries.map(({ scope }) => scope.service)).size;
  const reached = thresholdReached(asked(rule), services);
  for (const entry of entries) {
    if (entry.noted === reached) continue;
    const since = entry.since ?? at;
    await scopes.noteSpread(entry.scope, rule, { services: reached, since: minuteOf(since) }, at);
    await scopes.putSpread(rule, { ...entry, noted: reached, since });
  }
}
