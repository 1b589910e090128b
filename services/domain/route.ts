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
}

/** What a deployment is matched by; several resource groups may be touched by one. */
export interface RouteSubject {
  readonly service: string;
  readonly environment: string;
  readonly pipeline: string;
  readonly project: string;
  readonly organization: string;
  readonly team?: string;
  readonly subscription?: string;
  readonly managementGroup?: string;
  readonly resourceGroups: readonly string[];
}
