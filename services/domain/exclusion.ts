import type { AskLevel, Candidate, ExcludedCandidate } from './gate.ts';
import { isSameHuman, isService, type OutsideIdentity, type Person } from './person.ts';
import type { Exclusion } from './route.ts';
import type { Run, RunSources } from './run.ts';

/** What is known of a deployment that may exclude somebody. */
export type Exclusive = Pick<
  RunSources,
  'requesters' | 'requesterAliases' | 'authors' | 'reRunner' | 'exceptionRequesters'
>;

/**
 * Why this person may not decide on this deployment, or undefined. Exclusion is generous: any matching id or address
 * is enough (contract.md). Guests and disabled accounts never decide.
 */
export function exclusionOf(
  person: Person,
  sources: Exclusive,
  excludes: readonly string[],
): ExcludedCandidate['why'] | undefined {
  if (person.disabled) return 'disabled';
  if (person.guest) return 'guest';
  const isOneOf = (identities: readonly OutsideIdentity[]) =>
    identities.some((identity) => isSameHuman(person, identity));
  const rules: readonly (readonly [Exclusion, ExcludedCandidate['why'], readonly OutsideIdentity[]])[] = [
    ['requester', 'requester', [...sources.requesters, ...(sources.requesterAliases ?? []).map((id) => ({ id }))]],
    ['commit-authors', 'commit-author', sources.authors],
    // Who did not write the last commit may still have written others: without the order, all authors count.
    ['last-committer', 'commit-author', sources.authors],
    ['re-runner', 're-runner', sources.reRunner === undefined ? [] : [sources.reRunner]],
    ['exception-requester', 'exception-requester', (sources.exceptionRequesters ?? []).map((id) => ({ id }))],
  ];
  return rules.find(([rule, , identities]) => excludes.includes(rule) && isOneOf(identities))?.[1];
}

/** Who of a route's people may decide, and who may not and why; both by name. */
export function candidatesAmong(
  people: Iterable<Person>,
  sources: Exclusive,
  excludes: readonly string[],
): { readonly eligible: readonly Candidate[]; readonly excluded: readonly ExcludedCandidate[] } {
  const eligible: Candidate[] = [];
  const excluded: ExcludedCandidate[] = [];
  for (const person of [...people].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const why = exclusionOf(person, sources, excludes);
    if (why === undefined) eligible.push({ oid: person.oid, name: person.name });
    else excluded.push({ oid: person.oid, name: person.name, why });
  }
  return { eligible, excluded };
}

/** For the obstacle `too-few-approvers`: who is asked, how many are left, and who is not and why. */
export function tooFew({
  from,
  eligible,
  quorum,
  excluded,
}: Pick<AskLevel, 'from' | 'eligible' | 'quorum' | 'excluded'>): string {
  const names = excluded.map(({ name, why }) => `${name} (${why})`).join(', ');
  return `${from.join(', ')}: ${eligible.length} of ${quorum} may decide${names === '' ? '' : `; excluded: ${names}`}`;
}

/** Humans among the identities; a service account stands for nobody. */
export function humansOf(identities: readonly OutsideIdentity[]): OutsideIdentity[] {
  return identities.filter((identity) => !isService(identity));
}

const NOBODY = 'unknown';

/** How an outside identity is shown: its own words, never as proof. */
export function labelOf(identity: OutsideIdentity): string {
  return identity.name ?? identity.uniqueName ?? identity.id ?? NOBODY;
}

/** Who asked for a run, by their own words and as a text that may be erased; empty where nobody is named. */
export function requesterTexts(run: Pick<Run, 'requestedFor' | 'requestedBy'>): { readonly requester?: string } {
  const named = [run.requestedFor, run.requestedBy].filter((identity) => labelOf(identity) !== NOBODY);
  const humans = humansOf(named);
  const labels = (humans.length === 0 ? named.slice(0, 1) : humans).map(labelOf);
  return labels.length === 0 ? {} : { requester: [...new Set(labels)].join(', ') };
}
