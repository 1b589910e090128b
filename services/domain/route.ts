import type { Principal } from './person.ts';

export const MATCH_KEYS = [
  'service',
  'environment',
  'pipeline',
  'resourceGroup',
  'subscription',
  'managementGroup',
  'team',
  'project',
  'organization',
] as const;
export type MatchKey = (typeof MATCH_KEYS)[number];

export const EXCLUSIONS = [
  'requester',
  'commit-authors',
  'last-committer',
  're-runner',
  'exception-requester',
] as const;
export type Exclusion = (typeof EXCLUSIONS)[number];

/** One approval route (contract.md, routes.yaml). */
export interface Route {
  /** Where it stands, `routes.yaml:12`; names it in messages. */
  readonly source: string;
  readonly match: Partial<Readonly<Record<MatchKey, string>>>;
  readonly levels: readonly Level[];
  readonly never: readonly Exclusion[];
  readonly justification?: string;
  readonly remindAfterMinutes?: number;
  readonly escalateAfterMinutes?: number;
  readonly escalateTo?: Principal;
  readonly deadline?: { readonly minutes: number; readonly clock: 'working' | 'wall' };
  readonly post: { readonly channel?: string; readonly dm: boolean };
  readonly comment: { readonly approve: 'optional' | 'required'; readonly reject: 'optional' | 'required' };
  readonly freezes: readonly Freeze[];
}

export interface Level {
  readonly quorum: number;
  readonly from: readonly Principal[];
}

export interface Freeze {
  /** ISO dates, both inclusive. */
  readonly from: string;
  readonly until: string;
  readonly level: Principal;
  /** Whether whoever approves during the freeze must say why. */
  readonly reason?: 'optional' | 'required';
}

/** Narrowest first; `service` stands for service and environment together. */
const RISING_BREADTH: readonly MatchKey[] = [
  'service',
  'pipeline',
  'resourceGroup',
  'subscription',
  'managementGroup',
  'team',
  'project',
  'environment',
  'organization',
];

/**
 * Orders matches from narrow to wide by their narrowest key (contract.md, routes.yaml); of two with the same one, that
 * with more keys is narrower. Zero: equally narrow.
 */
export function compareNarrowness(a: Route['match'], b: Route['match']): number {
  return breadthOf(a) - breadthOf(b) || Object.keys(b).length - Object.keys(a).length;
}

/** The key by which a match is as narrow as it is; undefined for a match without keys. */
export function narrowestKey(match: Route['match']): MatchKey | undefined {
  return RISING_BREADTH[breadthOf(match)];
}

/** True when one deployment could match both and neither is the narrower; values compare without case. */
export function areEquallyNarrow(a: Route['match'], b: Route['match']): boolean {
  return (
    compareNarrowness(a, b) === 0 &&
    MATCH_KEYS.every(
      (key) => a[key] === undefined || b[key] === undefined || a[key].toLowerCase() === b[key].toLowerCase(),
    )
  );
}

/** Position of the narrowest key; a match without keys is the widest. */
function breadthOf(match: Route['match']): number {
  const at = RISING_BREADTH.findIndex((key) => match[key] !== undefined);
  return at === -1 ? RISING_BREADTH.length : at;
}

/** What a deployment is matched by whichever run it is; several resource groups may be touched by one. */
export interface RoutePlace {
  readonly service: string;
  readonly environment: string;
  readonly team?: string;
  readonly subscription?: string;
  readonly managementGroup?: string;
  readonly resourceGroups: readonly string[];
}

/** The keys that only a run has a value for. */
export const RUN_KEYS = ['pipeline', 'project', 'organization'] as const satisfies readonly MatchKey[];
export type RunKey = (typeof RUN_KEYS)[number];

/** What a deployment is matched by. */
export interface RouteSubject extends RoutePlace, Readonly<Record<RunKey, string>> {}
