import type { Candidate, ExcludedCandidate } from './gate.ts';
import type { Obstacle } from './judgement.ts';
import type { Principal } from './person.ts';
import type { Exclusion, Route } from './route.ts';
import type { Considered, RouteChoice } from './route-choice.ts';

/** Who could approve a deployment of a service to an environment now, by which route and why, before there is a run. */
export interface WhoApproves {
  readonly service: string;
  readonly environment: string;
  readonly approval: 'required' | 'none';
  /** ISO date until which the environment is only observed: before it nobody is asked. */
  readonly observeUntil?: string;
  /** What keeps every such deployment closed, whoever would approve it. */
  readonly obstacle?: Obstacle;
  /** Why the routes of this service cannot be read: no other stands in for them. */
  readonly unreadable?: string;
  readonly choice: RouteChoice;
  /** One for each possible route, in the same order. */
  readonly ways: readonly Way[];
  /** What is wrong with the policy files, `file:line message`. */
  readonly problems: readonly string[];
}

/** One route with its people. */
export interface Way {
  readonly considered: Considered;
  readonly levels: readonly Approvers[];
  /** Enforced once there is a run: they depend on who asked for it and wrote it. */
  readonly never: readonly Exclusion[];
  /** Why this route cannot be asked, or by how much its people are too few. */
  readonly obstacle?: Obstacle;
  readonly told: Told;
}

/** The people of one level of a route. */
export interface Approvers {
  readonly from: readonly Principal[];
  readonly quorum: number;
  /** ISO date, inclusive, of the freeze that asks for this level. */
  readonly frozenUntil?: string;
  readonly eligible: readonly Candidate[];
  /** Guests and disabled accounts. */
  readonly excluded: readonly ExcludedCandidate[];
  /** Of `from`: without any member, or not in the directory at all. */
  readonly empty: readonly Principal[];
  /** Who could become an approver by activating a membership of `group`. */
  readonly inactive: readonly { readonly group: string; readonly people: readonly Candidate[] }[];
  /** Of `from`: the directory does not say who could activate a membership. */
  readonly inactiveUnknown: readonly Principal[];
}

/** Who gets a card of their own, and where else one is posted. */
export interface Told {
  /** The first by name, up to `maxApprovers` of the contract; nobody where the route sends no direct messages. */
  readonly direct: readonly Candidate[];
  /** Of those: without a conversation with the bot. Absent: not checked. */
  readonly unreachable?: readonly Candidate[];
  /** `isKnown` absent: not checked. */
  readonly channel?: { readonly name: string; readonly isKnown?: boolean };
}

/** Whether there is any run of which somebody could approve the deployment, or none has to be. */
export function canBeApproved({ approval, obstacle, ways }: WhoApproves): boolean {
  if (obstacle !== undefined) return false;
  return approval === 'none' || ways.some((way) => way.obstacle === undefined);
}

/** The route for a run about which nothing more is known, when there is one. */
export function routeOfAllRuns({
  choice,
  ways,
}: WhoApproves): { readonly route: Route; readonly way: Way } | undefined {
  const way = choice.narrower === undefined ? undefined : ways.at(-1);
  return way === undefined ? undefined : { route: way.considered.route, way };
}
