import { workingMorningBefore } from '../domain/calendar.ts';
import type { Contract } from '../domain/contract.ts';
import { viewOf } from '../domain/contract-view.ts';
import type { DigestBasis } from '../domain/digest.ts';
import type { Exception } from '../domain/exception.ts';
import type { Warning } from '../domain/warning.ts';
import type { ReaderPlan } from './digest-readers.ts';
import { openWarnings } from './open-warnings.ts';
import type { PolicySnapshot } from './policy.ts';
import type { ScopeStore } from './scope-store.ts';

/** A policy under which something can be judged. */
export type PolicyInForce = PolicySnapshot & { readonly contract: Contract };

/** Exceptions are told of so many working days before their end. */
const ENDING_DAYS = 14;

/** What every digest is made from, whoever reads it. `at` is ISO-8601 UTC. */
export function basisOf(
  { contract, commit, catalog }: PolicyInForce,
  { vacant, keeper }: ReaderPlan,
  exceptions: readonly Exception[],
  at: string,
): DigestBasis {
  const isEnding = ({ target, terms }: Exception) => {
    const calendar = catalog.services.get(target.service)?.calendar ?? contract.calendar;
    return workingMorningBefore(calendar, terms.until, ENDING_DAYS) <= at;
  };
  return {
    at,
    vacant,
    keeper,
    fallbacks: new Map(contract.controls.map(({ name, owner }) => [name, owner.fallback])),
    unownedAfterDays: contract.limits.unownedAfterDays,
    exceptions,
    ending: new Set(exceptions.filter(isEnding).map(({ id }) => id)),
    undecided: viewOf(contract, commit, at)?.overdue ?? [],
  };
}

const SERVICES_AT_ONCE = 8;

/** The warnings of these services (undefined: of all that the catalog names), each read once. Rejects with StoreUnavailableError. */
export async function readWarnings(
  scopes: Pick<ScopeStore, 'view'>,
  orgs: readonly string[],
  policy: PolicyInForce,
  wanted: ReadonlySet<string> | undefined,
  now: string,
): Promise<Warning[]> {
  const { services, broken } = policy.catalog;
  const names = [...new Set([...services.keys(), ...broken.keys()])].filter((name) => wanted?.has(name) ?? true).sort();
  const places = names.flatMap((service) => orgs.map((org) => ({ org, service, now })));
  const found: (readonly Warning[])[] = [];
  for (let from = 0; from < places.length; from += SERVICES_AT_ONCE) {
    const some = places.slice(from, from + SERVICES_AT_ONCE);
    found.push(...(await Promise.all(some.map((place) => openWarnings(scopes, policy, place)))));
  }
  return found.flat();
}
