import type { Contract } from './domain/contract.ts';
import type { ExceptionRefusal } from './domain/exception-refusal.ts';
import { chooseTarget } from './domain/exception-request.ts';
import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import { openFindings } from './ports/open-findings.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';
import type { ScopeKey, ScopeStore } from './ports/scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly scopes: Pick<ScopeStore, 'view'>;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export interface ExceptionPlace {
  readonly service: string;
  readonly environment: string;
}

type ExceptionPlacesFound = { readonly places: readonly ExceptionPlace[] } | ExceptionRefusal;

interface Named {
  readonly place?: ExceptionPlace;
  readonly fingerprint?: string;
}

export type ExceptionPlaces = ReturnType<typeof createExceptionPlaces>;

const SCOPES_AT_ONCE = 8;
/** Of a larger catalog nobody reads every scope for one sentence: the place has to be named. */
const MOST_SCOPES = 500;

/** Where a finding can be excepted that somebody names without its place. Rejects with StoreUnavailableError. */
export function createExceptionPlaces(needs: Needs) {
  return {
    /** That which is named, or those of the finding; none where neither is named, or the catalog is too large to look everywhere. */
    placesOf: async (by: PersonActor, { place, fingerprint }: Named): Promise<ExceptionPlacesFound> => {
      if (place !== undefined) return { places: [place] };
      if (fingerprint === undefined) return { places: [] };
      const stranger = await needs.strangerBecause(by);
      if (stranger !== undefined) return { code: 'stranger', refusal: stranger };
      const policy = await needs.policy.current();
      const { contract } = policy;
      if (contract === undefined) return { code: 'no-contract' };
      return placesIn(needs, { ...policy, contract }, fingerprint);
    },
  };
}

type Rules = PolicySnapshot & { readonly contract: Contract };

async function placesIn(needs: Needs, rules: Rules, fingerprint: string): Promise<ExceptionPlacesFound> {
  const scopes = needs.orgs.flatMap((org) =>
    [...rules.catalog.services.keys()].flatMap((service) =>
      [...rules.contract.environments.keys()].map((environment) => ({ org, service, environment })),
    ),
  );
  if (scopes.length > MOST_SCOPES) return { places: [] };
  const found = new Map<string, ExceptionPlace>();
  let refused: ExceptionRefusal = { code: 'unknown-finding' };
  for (let n = 0; n < scopes.length; n += SCOPES_AT_ONCE) {
    const some = scopes.slice(n, n + SCOPES_AT_ONCE);
    for (const { place, why } of await Promise.all(some.map((scope) => lookIn(needs, rules, scope, fingerprint)))) {
      if (why === undefined) found.set(JSON.stringify(place), place);
      else if (why.code !== 'unknown-finding') refused = why;
    }
  }
  return found.size === 0 ? refused : { places: [...found.values()] };
}

/** Without `why` an exception can be asked for it here. */
async function lookIn(
  { scopes, clock }: Needs,
  rules: Rules,
  scope: ScopeKey,
  fingerprint: string,
): Promise<{ readonly place: ExceptionPlace; readonly why?: ExceptionRefusal }> {
  const place = { service: scope.service, environment: scope.environment };
  const environment = rules.contract.environments.get(scope.environment);
  if (environment === undefined) return { place, why: { code: 'unknown-finding' } };
  const wanted = { ...place, fingerprints: [fingerprint] };
  const open = await openFindings(scopes, rules, { ...wanted, scope, environment, now: clock.now() });
  const chosen = chooseTarget(wanted, open, rules.contract.controls);
  return chosen.kind === 'refused' ? { place, why: chosen.why } : { place };
}
