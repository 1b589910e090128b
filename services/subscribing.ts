import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { Subscribed } from './domain/subscription.ts';
import type { Subscription, Subscriptions } from './ports/digest-store.ts';
import type { Policy, PolicySnapshot } from './ports/policy.ts';

interface Needs {
  readonly policy: Policy;
  readonly subscriptions: Pick<Subscriptions, 'of' | 'add' | 'remove'>;
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export type Subscribing = ReturnType<typeof createSubscribing>;

/** More is no wish to read, but everything. */
export const MOST_SUBSCRIBED = 50;

/** Whose digest has what they do not own. Rejects with StoreUnavailableError. */
export function createSubscribing(needs: Needs) {
  return {
    subscribe: (by: PersonActor, scope: string): Promise<Subscribed> => subscribe(needs, by, scope),
    /** Of a scope that is gone too. */
    unsubscribe: (by: PersonActor, scope: string): Promise<Subscribed> => unsubscribe(needs, by, scope),
  };
}

async function subscribe(needs: Needs, by: PersonActor, typed: string): Promise<Subscribed> {
  const stranger = await needs.strangerBecause(by);
  if (stranger !== undefined) return { kind: 'refused', why: stranger };
  const known = scopesIn(await needs.policy.current());
  const scope = named(known, typed);
  if (scope === undefined) return { kind: 'unknown-scope', scope: typed, known };
  const all = await namesOf(needs, by);
  if (all.includes(scope)) return { kind: 'already', scope, all };
  if (all.length >= MOST_SUBSCRIBED) return { kind: 'too-many', all };
  await needs.subscriptions.add({ oid: by.oid, scope });
  return { kind: 'subscribed', scope, all: [...all, scope].sort() };
}

async function unsubscribe(needs: Needs, by: PersonActor, typed: string): Promise<Subscribed> {
  const stranger = await needs.strangerBecause(by);
  if (stranger !== undefined) return { kind: 'refused', why: stranger };
  const all = await namesOf(needs, by);
  const scope = named(all, typed);
  if (scope === undefined) return { kind: 'not-subscribed', scope: typed, all };
  await needs.subscriptions.remove({ oid: by.oid, scope });
  return { kind: 'unsubscribed', scope, all: all.filter((one) => one !== scope) };
}

function scopesIn({ catalog, contract }: PolicySnapshot): string[] {
  return [...catalog.services.keys(), ...(contract?.environments.keys() ?? [])].sort();
}

/** People type names in any case. */
function named(known: readonly string[], typed: string): string | undefined {
  return known.includes(typed) ? typed : known.find((name) => name.toLowerCase() === typed.toLowerCase());
}

async function namesOf({ subscriptions }: Needs, { oid }: PersonActor): Promise<string[]> {
  return (await subscriptions.of(oid)).map(({ scope }: Subscription) => scope).sort();
}
