import type { ExceptionRefusal } from './domain/exception-refusal.ts';
import { type Imported, importOf, type OutsideException } from './domain/outside-exception.ts';
import type { Clock } from './ports/clock.ts';
import { openFindings } from './ports/open-findings.ts';
import type { Policy } from './ports/policy.ts';
import type { ScopeStore } from './ports/scope-store.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly scopes: Pick<ScopeStore, 'view'>;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
}

export interface ImportPlace {
  readonly service: string;
  readonly environment: string;
  readonly control?: string;
}

/** In the order of the entries. */
export type ImportsJudged = readonly Imported[] | ExceptionRefusal;

export type ExceptionImports = ReturnType<typeof createExceptionImports>;

/** What could be requested of what another tool lets pass. Changes nothing. Rejects with StoreUnavailableError. */
export function createExceptionImports({ clock, policy, scopes, orgs }: Needs) {
  return async (
    entries: readonly OutsideException[],
    { service, environment: name, control }: ImportPlace,
  ): Promise<ImportsJudged> => {
    const snapshot = await policy.current();
    const { contract, catalog } = snapshot;
    if (contract === undefined) return { code: 'no-contract' };
    const environment = contract.environments.get(name);
    if (environment === undefined) return { code: 'unknown-environment', known: [...contract.environments.keys()] };
    if (!catalog.services.has(service)) return { code: 'unknown-service', known: [...catalog.services.keys()] };
    const controls = contract.controls.map((one) => one.name);
    if (control !== undefined && !controls.includes(control)) return { code: 'unknown-control', known: controls };
    const now = clock.now();
    const lists = await Promise.all(
      orgs.map((org) =>
        openFindings(scopes, snapshot, { scope: { org, service, environment: name }, environment, now }),
      ),
    );
    const basis = { open: lists.flat(), today: now.slice(0, 10), ...(control === undefined ? {} : { control }) };
    return entries.map((entry) => importOf(entry, basis));
  };
}
