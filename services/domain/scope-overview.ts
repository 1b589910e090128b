import type { ActivityEvent } from './activity.ts';
import { activityWords } from './activity-group.ts';
import type { Baseline } from './baseline.ts';
import { standingOf, type UnapprovedStanding } from './bypass.ts';
import type { Exception, ExceptionState } from './exception.ts';
import type { ListedException } from './exception-list.ts';
import type { Category } from './finding.ts';
import type { FindingEvent } from './finding-event.ts';
import type { FindingList } from './finding-list.ts';
import type { Gate, GateState } from './gate.ts';
import { plusDays } from './instant.ts';
import type { OffPath, OffPathKind } from './off-path.ts';
import type { Actor } from './person.ts';
import { type PostDeployReview, type PostDeployVerdict, verdictOf } from './post-deploy.ts';
import { type Review, subjectOf } from './review.ts';

/** What findings of these categories tell of: how the platform before it stands, what differs there from what was approved, who did what. */
const ABOUT = { platform: 'platform', configuration: 'drift', activity: 'audit' } as const satisfies Partial<
  Record<Category, string>
>;
export type About = (typeof ABOUT)[keyof typeof ABOUT];

/** Something that happened in a scope. */
export type ScopeMoment = {
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Absent: in every environment of the service. */
  readonly environment?: string;
} & (
  | { readonly kind: 'waits'; readonly requestId: string; readonly runName: string }
  | {
      readonly kind: 'decided';
      readonly requestId: string;
      readonly runName: string;
      readonly outcome: GateState;
      /** Names of those whose word it was. */
      readonly by: readonly string[];
      /** What was recorded stopped nothing. */
      readonly observed: boolean;
    }
  | {
      readonly kind: FindingEvent['kind'];
      readonly tool: string;
      readonly count: number;
      /** Where it is about something else than what is shipped. */
      readonly about?: About;
    }
  | { readonly kind: 'audit-reviewed'; readonly by: string }
  | { readonly kind: 'exception-asked' | 'exception-granted' | 'exception-reviewed'; readonly exceptionId: string }
  | { readonly kind: 'exception-ended'; readonly exceptionId: string; readonly standing: ExceptionState }
  | {
      readonly kind: 'baseline-taken';
      readonly requestId: string;
      readonly runName: string;
      readonly by: readonly string[];
      /** How much is in it. */
      readonly entries: number;
    }
  | { readonly kind: 'drift-accepted'; readonly by: string; readonly until?: string }
  | {
      readonly kind: 'looked-after';
      readonly requestId: string;
      readonly runName: string;
      readonly verdict: PostDeployVerdict;
      readonly found: number;
    }
  | {
      readonly kind: 'off-path';
      readonly actionId: string;
      readonly action: OffPathKind;
      readonly standing: UnapprovedStanding;
    }
  /** `count`: how often the same was done that day. */
  | { readonly kind: 'audited'; readonly message: string; readonly count: number }
);

/** What is known of one service, or of one of its environments. */
export interface ScopeOverview {
  readonly service: string;
  readonly environment?: string;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** Requests that are not settled, what closes first on top. */
  readonly waiting: readonly Gate[];
  /** What blocks or warns. */
  readonly findings: FindingList;
  /** That are not over, what ends first on top. */
  readonly exceptions: readonly ListedException[];
  /** The newest first. */
  readonly timeline: Timeline;
}

/** What happened lately, as far back as all of it is known. */
export interface Timeline {
  readonly moments: readonly ScopeMoment[];
  /** ISO-8601 UTC; before it more happened than is read. Absent: all of the last 30 days is there. */
  readonly cutBefore?: string;
}

/** Newest first, as far as it was read. */
export interface Recalled<T> {
  readonly found: readonly T[];
  /** ISO-8601 UTC; older ones were not read. */
  readonly cutBefore?: string;
}

/** What is on record of a scope. */
export interface Remembered {
  readonly waiting: readonly Gate[];
  /** What was noted with what it is about, each place by itself. */
  readonly noted: readonly Recalled<ScopeMoment>[];
  /** Of the whole contract: this scope was part of what was looked at. */
  readonly reviews: readonly Review[];
  readonly offPaths: readonly OffPath[];
  readonly activities: Recalled<ActivityEvent>;
}

/** Days that a timeline goes back. */
export const TIMELINE_DAYS = 30;

/** ISO-8601 UTC: nothing before it is on a timeline of `now`. */
export function timelineSince(now: string): string {
  return `${plusDays(now.slice(0, 10), -TIMELINE_DAYS)}T00:00:00.000Z`;
}

/** What happened in the last 30 days, the newest first. Where older ones of one kind were not read, none of any kind is told. */
export function timelineOf({ waiting, noted, reviews, offPaths, activities }: Remembered, now: string): Timeline {
  const cuts = [...noted, activities].flatMap(({ cutBefore }) => cutBefore ?? []);
  const cutBefore = cuts.toSorted().at(-1);
  const since = cutBefore ?? timelineSince(now);
  const all = [
    ...waiting.map(
      ({ id, receivedAt: at, environment, run }): ScopeMoment => ({
        ...{ kind: 'waits', at, environment, requestId: id, runName: run.name },
      }),
    ),
    ...noted.flatMap(({ found }) => found),
    ...reviews.flatMap(reviewIn),
    ...offPaths.map(offPathIn),
    ...activitiesIn(activities.found),
  ];
  const moments = all.filter(({ at }) => at >= since && at <= now).sort(newestFirst);
  return { moments, ...(cutBefore === undefined ? {} : { cutBefore }) };
}

function reviewIn({ recorded, ...review }: Review): ScopeMoment[] {
  if (recorded === undefined || subjectOf(review) !== 'audit') return [];
  return [{ kind: 'audit-reviewed', at: recorded.at, by: recorded.by.name }];
}

function offPathIn({ id: actionId, kind: action, at, environment, bypass }: OffPath): ScopeMoment {
  return { kind: 'off-path', at, ...placed(environment), actionId, action, standing: standingOf(bypass) };
}

/** The same done in the same environment on one day (UTC) is one moment, its last. */
function activitiesIn(events: readonly ActivityEvent[]): ScopeMoment[] {
  const alike = Map.groupBy(events, (event) => {
    const { words } = activityWords(event);
    return JSON.stringify([event.environment, event.at.slice(0, 10), words, event.hasFailed]);
  });
  return [...alike.values()].flatMap((same) =>
    same
      .toSorted((a, b) => (a.at < b.at ? 1 : -1))
      .slice(0, 1)
      .map(({ at, environment, message }) => {
        return { kind: 'audited', at, ...placed(environment), message, count: same.length };
      }),
  );
}

function placed(environment: string): { readonly environment?: string } {
  return environment === '-' ? {} : { environment };
}

/** How a request ended, once Azure DevOps was told or had ended it itself. */
export function decidedIn(gate: Gate): ScopeMoment | undefined {
  const { id: requestId, toldAt: at, environment, run, state: outcome, votes, decision, observed } = gate;
  if (at === undefined) return undefined;
  const words = decision?.verdict === 'reject' ? [decision] : outcome === 'approved' ? votes : [];
  const by = [...new Set(words.map((word) => word.by.name))];
  return { kind: 'decided', at, environment, requestId, runName: run.name, outcome, by, observed };
}

/** What a change of an exception tells; `before` absent: it was asked for. */
export function exceptionMoment(before: Exception | undefined, after: Exception, at: string): ScopeMoment | undefined {
  const { id: exceptionId, state: standing, target } = after;
  const of = { at, exceptionId, environment: target.environment };
  if (before === undefined) return { ...of, kind: 'exception-asked' };
  if (before.state !== standing)
    return standing === 'active' ? { ...of, kind: 'exception-granted' } : { ...of, kind: 'exception-ended', standing };
  return before.reviews.last?.at === after.reviews.last?.at ? undefined : { ...of, kind: 'exception-reviewed' };
}

/** What a change of a baseline tells. */
export function baselineMoment(before: Baseline | undefined, after: Baseline, by: Actor, at: string): ScopeMoment {
  const { requestId, runName, approvedBy } = after.taken;
  if (before === undefined || before.taken.requestId !== requestId) {
    const names = approvedBy.map(({ name }) => name);
    return { kind: 'baseline-taken', at, requestId, runName, by: names, entries: after.entries.length };
  }
  const until = after.accepted.find((one) => one.at === at)?.until;
  const name = by.kind === 'person' ? by.name : 'Countersign';
  return { kind: 'drift-accepted', at, by: name, ...(until === undefined ? {} : { until }) };
}

/** What the look after a deployment came to. */
export function lookedAfter(review: PostDeployReview, at: string): ScopeMoment {
  const { requestId, runName } = review.release;
  const found = review.sources.reduce((sum, one) => sum + one.found.length, 0);
  return { kind: 'looked-after', at, requestId, runName, verdict: verdictOf(review), found };
}

/** What one report changed, by kind and by what it is about; `prints` of each kind. */
export function findingMoments(
  { tool, at }: { readonly tool: string; readonly at: string },
  changed: readonly (readonly [kind: FindingEvent['kind'], prints: readonly string[]])[],
  categoryOf: (print: string) => Category | undefined,
): ScopeMoment[] {
  return changed.flatMap(([kind, prints]) =>
    [...Map.groupBy(prints, (print) => aboutOf(categoryOf(print)))].map(([about, same]): ScopeMoment => {
      return { kind, at, tool, count: same.length, ...(about === undefined ? {} : { about }) };
    }),
  );
}

function aboutOf(category: Category | undefined): About | undefined {
  return Object.entries(ABOUT).find(([one]) => one === category)?.[1];
}

/** Of one moment in the order of their words, so that the same is always shown the same. */
function newestFirst(a: ScopeMoment, b: ScopeMoment): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one < other ? -1 : Number(one > other);
}
