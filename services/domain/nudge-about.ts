import { type Exception, expiryOf } from './exception.ts';
import { MOST_MISSED } from './exception-life.ts';
import type { ExceptionTopic } from './exception-topics.ts';
import type { Gate } from './gate.ts';
import type { Nudge, NudgeKind } from './nudge.ts';
import { type Review, subjectOf } from './review.ts';

/** A line names the first of several services. */
const SERVICES = 2;
const NAME_MAX = 64;

/** That a request waits for approval; `slot` tells reminders of the same request apart. */
export function approvalNudge(gate: Gate, slot: string): Nudge {
  const { id, services, environment, run, closesAt } = gate;
  const place = { services: services.slice(0, SERVICES), environment, name: run.name.slice(0, NAME_MAX) };
  return { kind: 'approval', about: aboutGate(gate), slot, id, ...place, deadline: closesAt };
}

export function aboutGate({ org, id }: Pick<Gate, 'org' | 'id'>): string {
  return `request ${org} ${id}`;
}

/** The reminder of its route: one for each revision. */
export function timedSlot({ revision }: Pick<Gate, 'revision'>): string {
  return `time ${revision}`;
}

const NUDGES: Readonly<Partial<Record<ExceptionTopic, NudgeKind>>> = {
  remind: 'exception',
  review: 'review',
  ending: 'ending',
};

/** Whether a message for this may be a nudge. */
export function mayBeNudge(topic: ExceptionTopic): boolean {
  return NUDGES[topic] !== undefined;
}

/** Undefined for what is told once: questions, outcomes, and a review because something is worse, or allowed less, than it was granted for. */
export function exceptionNudge(exception: Exception, topic: ExceptionTopic, slot: string): Nudge | undefined {
  const kind = NUDGES[topic];
  const { id, target, terms, reviews } = exception;
  const isAskedAtOnce = reviews.outgrown !== undefined || reviews.limits !== undefined;
  if (kind === undefined || (topic === 'review' && isAskedAtOnce)) return undefined;
  const place = { services: [target.service], environment: target.environment, name: target.control };
  const isLast = topic === 'review' && reviews.missed + 1 >= MOST_MISSED && reviews.nextAt !== undefined;
  const last = isLast ? { suspendedAt: reviews.nextAt } : {};
  return { kind, about: aboutException(exception), slot, id, ...place, deadline: expiryOf(terms), ...last };
}

export function aboutException({ id }: Pick<Exception, 'id'>): string {
  return `exception ${id}`;
}

/** That nobody has recorded having looked at the trends or the audit of a period; after its deadline others hear of it. */
export function reviewNudge(review: Pick<Review, 'id' | 'escalateAt'>): Nudge {
  const { id, escalateAt: deadline } = review;
  return { kind: subjectOf(review), about: aboutReview(review), slot: 'remind', id, services: [], deadline };
}

/** That more has drifted than its card was sent with; each revision once. */
export function driftNudge(scope: DriftedScope, revision: number): Nudge {
  const { service, environment } = scope;
  return {
    ...{ kind: 'drift', about: aboutDrift(scope), slot: `revision ${revision}`, id: service },
    ...{ services: [service], environment },
  };
}

interface DriftedScope {
  readonly org: string;
  readonly service: string;
  readonly environment: string;
}

export function aboutDrift({ org, service, environment }: DriftedScope): string {
  return `drift ${org} ${service} ${environment}`;
}

export function aboutReview({ id }: Pick<Review, 'id'>): string {
  return `review ${id}`;
}
