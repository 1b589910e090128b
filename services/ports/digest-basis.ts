import type { Contract } from '../domain/contract.ts';
import { viewOf } from '../domain/contract-view.ts';
import type { DigestBasis } from '../domain/digest-reader.ts';
import type { Exception } from '../domain/exception.ts';
import { endingWithin } from '../domain/exception-schedule.ts';
import type { Warning } from '../domain/warning.ts';
import type { ReaderPlan } from './digest-readers.ts';
import type { Directory } from './directory.ts';
import { type Holders, holdersOf } from './holders.ts';
import { inLanes } from './lanes.ts';
import { type OpenWarnings, openWarnings, type WarningSources } from './open-warnings.ts';
import type { PolicySnapshot } from './policy.ts';

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
  const isEndingIn = endingWithin(ENDING_DAYS, at);
  const isEnding = (one: Exception) =>
    isEndingIn(one, catalog.services.get(one.target.service)?.calendar ?? contract.calendar);
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

interface Sources extends WarningSources {
  readonly directory: Directory;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
}

/** What is known of several services. */
export interface ReadWarnings {
  readonly warnings: readonly Warning[];
  /** By service the controls that are not known to have run there. */
  readonly unscanned: ReadonlyMap<string, readonly string[]>;
}

/**
 * The warnings of these services (undefined: of all that the catalog names), each read once, and who has them as of now.
 * Rejects with StoreUnavailableError or DirectoryUnavailableError.
 */
export async function readWarnings(
  sources: Sources,
  policy: PolicyInForce,
  wanted: ReadonlySet<string> | undefined,
  now: string,
): Promise<ReadWarnings> {
  const { services, broken } = policy.catalog;
  const names = [...new Set([...services.keys(), ...broken.keys()])].filter((name) => wanted?.has(name) ?? true).sort();
  const places = names.flatMap((service) => sources.orgs.map((org) => ({ org, service, now })));
  const all = await inLanes(places, (place) => openWarnings(sources, policy, place));
  const found = all.flatMap(({ warnings }) => warnings);
  const oids = found.flatMap(({ holder }) => (holder === undefined ? [] : [holder.oid]));
  const holders = await holdersOf(sources.directory, { oids, principals: [] });
  const warnings = found.map((warning) =>
    warning.holder === undefined ? warning : withHolder(warning, warning.holder, holders),
  );
  return { warnings, unscanned: unscannedIn(all.filter(({ service }) => services.has(service))) };
}

/** Of several organizations none knows of it. */
function unscannedIn(all: readonly OpenWarnings[]): ReadonlyMap<string, readonly string[]> {
  const unscanned = new Map<string, readonly string[]>();
  for (const { service, unscanned: here } of all) {
    const before = unscanned.get(service);
    unscanned.set(service, before === undefined ? here : here.filter((control) => before.includes(control)));
  }
  return unscanned;
}

function withHolder(warning: Warning, { oid }: NonNullable<Warning['holder']>, holders: Holders): Warning {
  const name = holders.nameOf(oid);
  const isGone = !holders.isActive(oid);
  return { ...warning, holder: { oid, ...(name === undefined ? {} : { name }), ...(isGone ? { isGone: true } : {}) } };
}
