import { type Exception, type ExceptionState, isOver } from './exception.ts';
import { endOf, type ListedException } from './exception-list.ts';
import { standingAt } from './exception-use.ts';
import type { Category } from './finding.ts';
import type { FindingEvent } from './finding-event.ts';
import type { FindingList } from './finding-list.ts';
import type { Gate } from './gate.ts';
import { plusDays } from './instant.ts';
import type { ReleasedIn } from './release.ts';
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
  | { readonly kind: 'waits' | 'released'; readonly requestId: string; readonly runName: string }
  | {
      readonly kind: FindingEvent['kind'];
      readonly tool: string;
      readonly count: number;
      readonly commit?: string;
      /** Where it is about something else than what is shipped. */
      readonly about?: About;
    }
  | { readonly kind: 'audit-reviewed'; readonly by: string }
  | { readonly kind: 'exception-asked' | 'exception-granted' | 'exception-reviewed'; readonly exceptionId: string }
  | { readonly kind: 'exception-ended'; readonly exceptionId: string; readonly standing: ExceptionState }
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
  readonly timeline: readonly ScopeMoment[];
}

/** What a scope remembers, by environment; `environment` absent: of all of them. */
export interface Remembered {
  readonly waiting: readonly Gate[];
  readonly releases: readonly ReleasedIn[];
  /** All of them, whatever became of them. */
  readonly exceptions: readonly Exception[];
  readonly events: readonly { readonly environment?: string; readonly events: readonly FindingEvent[] }[];
  /** Of the whole contract: this scope was part of what was looked at. */
  readonly reviews: readonly Review[];
}

/** Days that a timeline goes back. */
export const TIMELINE_DAYS = 30;

/** ISO-8601 UTC: nothing before it is on a timeline of `now`. */
export function timelineSince(now: string): string {
  return `${plusDays(now.slice(0, 10), -TIMELINE_DAYS)}T00:00:00.000Z`;
}

/** What happened in the last 30 days, the newest first; of findings, each report once. */
export function timelineOf({ waiting, releases, exceptions, events, reviews }: Remembered, now: string): ScopeMoment[] {
  const since = timelineSince(now);
  const all = [
    ...waiting.map(
      ({ id, receivedAt: at, environment, run }): ScopeMoment => ({
        ...{ kind: 'waits', at, environment, requestId: id, runName: run.name },
      }),
    ),
    ...releases.map(
      ({ environment, release: { at, requestId, runName } }): ScopeMoment => ({
        ...{ kind: 'released', at, environment, requestId, runName },
      }),
    ),
    ...exceptions.flatMap((exception) => momentsOf(exception, now)),
    ...events.flatMap((one) => reportsIn(one.environment, one.events)),
    ...reviews.flatMap(reviewIn),
  ];
  return all.filter(({ at }) => at >= since && at <= now).sort(newestFirst);
}

function reviewIn({ recorded, ...review }: Review): ScopeMoment[] {
  if (recorded === undefined || subjectOf(review) !== 'audit') return [];
  return [{ kind: 'audit-reviewed', at: recorded.at, by: recorded.by.name }];
}

function momentsOf(exception: Exception, now: string): ScopeMoment[] {
  const { id: exceptionId, target, askers, grantedAt, reviews, end } = exception;
  const of = { exceptionId, environment: target.environment };
  const standing = standingAt(exception, now);
  return [
    { ...of, kind: 'exception-asked', at: askers[0].at },
    ...(grantedAt === undefined ? [] : [{ ...of, kind: 'exception-granted', at: grantedAt } as const]),
    ...(reviews.last === undefined ? [] : [{ ...of, kind: 'exception-reviewed', at: reviews.last.at } as const]),
    ...(isOver(standing) || end !== undefined
      ? [{ ...of, kind: 'exception-ended', at: endOf(exception), standing } as const]
      : []),
  ];
}

function reportsIn(environment: string | undefined, events: readonly FindingEvent[]): ScopeMoment[] {
  const where = environment === undefined ? {} : { environment };
  const alike = Map.groupBy(events, (event) => {
    const { kind, at, tool, reportId } = event;
    return JSON.stringify([kind, at, tool, reportId, aboutOf(event) ?? null]);
  });
  return [...alike.values()].flatMap((same) =>
    same.slice(0, 1).map((event) => {
      const { kind, at, tool, commit } = event;
      const about = aboutOf(event);
      return {
        ...where,
        ...{ kind, at, tool, count: same.length },
        ...(commit === undefined ? {} : { commit }),
        ...(about === undefined ? {} : { about }),
      };
    }),
  );
}

function aboutOf({ category }: FindingEvent): About | undefined {
  return Object.entries(ABOUT).find(([one]) => one === category)?.[1];
}

/** What is gone is of the category in which it was found. */
export function categorised(events: readonly FindingEvent[]): FindingEvent[] {
  const category = events.findLast((one) => one.category !== undefined)?.category;
  return events.map((one) => (category === undefined || one.category !== undefined ? one : { ...one, category }));
}

/** Of one moment in the order of their words, so that the same is always shown the same. */
function newestFirst(a: ScopeMoment, b: ScopeMoment): number {
  if (a.at !== b.at) return a.at < b.at ? 1 : -1;
  const [one, other] = [JSON.stringify(a), JSON.stringify(b)];
  return one < other ? -1 : Number(one > other);
}
