import { NO_DRIFT } from './domain/drift.ts';
import type { DriftRefusal } from './domain/drift-refusal.ts';
import { type DriftView, driftView } from './domain/drift-view.ts';
import { orgOf } from './domain/gate.ts';
import type { PersonActor } from './domain/person.ts';
import { isProduction } from './domain/platform-places.ts';
import type { Refusal } from './domain/refusal.ts';
import type { BaselineStore } from './ports/baseline-store.ts';
import type { Clock } from './ports/clock.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';

interface Needs {
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly baselines: Pick<BaselineStore, 'read'>;
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

/** A service, and one of its environments if only that is meant; in any case of their letters. */
export interface DriftMeant {
  readonly service: string;
  readonly environment?: string;
}

/** Drift that somebody chose on a card, for which they want an exception. */
export interface DriftChosen {
  readonly org: string;
  readonly service: string;
  readonly environment: string;
  readonly revision: number;
  /** Fingerprints; absent: all of it. */
  readonly only?: readonly string[];
}

/** That with the most changes, and those beside it. */
export interface DriftShown {
  readonly view: DriftView;
  readonly others: readonly DriftView[];
}

export type DriftViews = ReturnType<typeof createDriftViews>;

/** How things differ from what was approved, for the people of the directory. Changes nothing. Rejects when the store does not answer. */
export function createDriftViews(needs: Needs) {
  return {
    show: async (by: PersonActor, meant: DriftMeant): Promise<DriftShown | DriftRefusal> => {
      const stranger = await needs.strangerBecause(by);
      return stranger === undefined ? show(needs, meant) : { code: 'stranger', refusal: stranger };
    },
    /** The finding that is meant: exceptions are asked for one by one. */
    chosen: async (by: PersonActor, chosen: DriftChosen): Promise<{ readonly fingerprint: string } | DriftRefusal> => {
      const stranger = await needs.strangerBecause(by);
      return stranger === undefined ? one(needs, chosen) : { code: 'stranger', refusal: stranger };
    },
  };
}

async function show(needs: Needs, { service: typed, environment }: DriftMeant): Promise<DriftShown | DriftRefusal> {
  const policy = await needs.policy.current();
  const { contract, catalog } = policy;
  if (contract === undefined) return { code: 'no-contract' };
  const service = spelled(catalog.services.keys(), typed);
  if (service === undefined) return { code: 'unknown-service', known: [...catalog.services.keys()] };
  const all = [...(catalog.services.get(service)?.environments.keys() ?? [])];
  const wanted = environment === undefined ? undefined : spelled(all, environment);
  if (environment !== undefined && wanted === undefined) return { code: 'unknown-environment', known: all };
  const environments = all.filter((name) => (wanted ?? name) === name && isProduction(name, { contract }));
  const views = (
    await Promise.all(
      needs.organizations.flatMap((organization) =>
        environments.map((name) => viewOf(needs, policy, organization, { service, environment: name })),
      ),
    )
  ).filter((view) => view !== undefined);
  const [view, ...others] = views.sort((a, b) => b.drift.items.length - a.drift.items.length);
  return view === undefined ? { code: 'no-baseline' } : { view, others };
}

function spelled(names: Iterable<string>, typed: string): string | undefined {
  return [...names].find((name) => name.toLowerCase() === typed.toLowerCase());
}

async function viewOf(
  { tenant, baselines, clock }: Needs,
  { contract }: PolicySnapshot,
  organization: string,
  place: { readonly service: string; readonly environment: string },
): Promise<DriftView | undefined> {
  const org = orgOf(tenant, organization);
  const { baseline, drift } = await baselines.read({ org, ...place });
  if (baseline === undefined) return undefined;
  const days = contract?.reviews.baselineDays;
  const where = { organization, org, ...place, ...(days === undefined ? {} : { acceptedDays: days }) };
  return driftView(where, baseline, drift?.drift ?? NO_DRIFT, clock.now());
}

async function one(
  { baselines }: Needs,
  { org, service, environment, revision, only = [] }: DriftChosen,
): Promise<{ readonly fingerprint: string } | DriftRefusal> {
  const { baseline, drift: stored } = await baselines.read({ org, service, environment });
  if (baseline === undefined || stored === undefined) return { code: 'no-baseline' };
  const { drift } = stored;
  if (drift.items.length === 0) return { code: 'no-drift' };
  if (revision !== drift.revision) return { code: 'stale-revision' };
  const prints = drift.items.map(({ fingerprint }) => fingerprint);
  const chosen = prints.length === 1 && only.length === 0 ? prints : prints.filter((print) => only.includes(print));
  const [fingerprint] = chosen;
  if (fingerprint === undefined) return { code: 'nothing-chosen' };
  return chosen.length > 1 ? { code: 'one-at-a-time' } : { fingerprint };
}
