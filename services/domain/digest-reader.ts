import type { RuleInForce } from './contract-view.ts';
import type { Exception } from './exception.ts';
import { MINUTES_A_DAY, minuteOf } from './finding-history.ts';
import type { Principal } from './person.ts';
import { isUnowned, type Warning } from './warning.ts';

/** Why somebody reads about warnings: as whom, and in which services. */
export interface DigestReader {
  /** `user:oid` or `channel:…`. */
  readonly name: string;
  /** Principals in whose place they are told, with the services in which they are; `all`: in every one. */
  readonly standsFor: ReadonlyMap<Principal, ReadonlySet<string> | 'all'>;
  /** Services of which they read everything. */
  readonly services: ReadonlySet<string>;
  /** Environments of which they read everything, whatever the service. */
  readonly environments: ReadonlySet<string>;
  /** Those whom they cover, and are told in the place of. */
  readonly covers?: readonly CoveredReader[];
}

export interface CoveredReader {
  readonly name: string;
  /** ISO-8601 UTC, exclusive. */
  readonly until: string;
}

/** What all readers are told from. */
export interface DigestBasis {
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Owners of whom nobody is left. */
  readonly vacant: ReadonlySet<Principal>;
  /** Who hears of what nobody owns, at once … */
  readonly keeper: Principal;
  /** … and, by control, who does after so many days. */
  readonly fallbacks: ReadonlyMap<string, Principal>;
  readonly unownedAfterDays: number;
  /** Not over. */
  readonly exceptions: readonly Exception[];
  /** Ids of those that end within 14 working days. */
  readonly ending: ReadonlySet<string>;
  /** Rules that should have been decided on. */
  readonly undecided: readonly RuleInForce[];
}

/** Whether what is known of a service as a whole concerns this reader: its owners, whoever follows it, its channel. */
export function readsOf({ standsFor: all, services }: DigestReader, service: string): boolean {
  return services.has(service) || [...all.values()].some((one) => one !== 'all' && one.has(service));
}

/** Which of these warnings this reader is told of. */
export function readBy(reader: DigestReader, warnings: readonly Warning[], basis: DigestBasis): Warning[] {
  return warnings.filter((warning) => concerns(reader, warning, basis));
}

function concerns(reader: DigestReader, warning: Warning, basis: DigestBasis): boolean {
  const { service, environments, owner, lead } = warning;
  if (reader.services.has(service) || environments.some((one) => reader.environments.has(one))) return true;
  if (standsFor(reader, owner, service)) return true;
  if (lead !== undefined && standsFor(reader, lead, service)) return true;
  if (warning.holder !== undefined && isOf(reader, `user:${warning.holder.oid}`, service)) return true;
  return (
    isUnowned(warning, basis.vacant) && unownedKeepers(warning, basis).some((one) => standsFor(reader, one, service))
  );
}

function isOf(reader: DigestReader, holder: `user:${string}`, service: string): boolean {
  return reader.name === holder || standsFor(reader, holder, service);
}

/** Who hears of what nobody owns. */
function unownedKeepers({ control, seen }: Warning, basis: DigestBasis): Principal[] {
  const { keeper, fallbacks, unownedAfterDays, at } = basis;
  const fallback = control === undefined ? undefined : fallbacks.get(control);
  const oldest = seen.at(-1) ?? Number.POSITIVE_INFINITY;
  const isOld = oldest + unownedAfterDays * MINUTES_A_DAY <= minuteOf(at);
  return fallback !== undefined && isOld ? [keeper, fallback] : [keeper];
}

export function standsFor({ standsFor: all }: DigestReader, principal: Principal, service: string): boolean {
  const services = all.get(principal);
  return services === 'all' || (services?.has(service) ?? false);
}
