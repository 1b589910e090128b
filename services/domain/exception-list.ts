import type { Calendar } from './contract.ts';
import { type Exception, type ExceptionState, expiryOf, isOver } from './exception.ts';
import { endingWithin, WARNING_DAYS } from './exception-schedule.ts';
import { type Idle, numberOf, standingAt } from './exception-use.ts';
import type { Principal } from './person.ts';

/** `open`: all that are not over. */
export const EXCEPTION_LISTS = ['open', 'mine', 'expiring', 'unused', 'ended'] as const;
export type ExceptionListKind = (typeof EXCEPTION_LISTS)[number];

export interface ListedException {
  readonly exception: Exception;
  /** By the clock, whatever is noted. */
  readonly standing: ExceptionState;
  /** Only of a list of those that may not be needed. */
  readonly idle: readonly Idle[];
}

export interface ExceptionFilter {
  readonly which: ExceptionListKind;
  /** In any case of its letters. */
  readonly service?: string;
}

export interface ExceptionList {
  readonly filter: ExceptionFilter;
  /** ISO-8601 UTC. */
  readonly at: string;
  /** By service, what ends first on top; of ended ones what ended last. */
  readonly rows: readonly ListedException[];
  /** Ended ones beyond what a list holds, and services that were not read because they are too many. */
  readonly more: number;
  readonly unread: number;
  /** Entries of other tools that nobody answers for; only where those of one service were asked for. */
  readonly unmanaged?: number;
}

export function listed(exception: Exception, now: string, idle: readonly Idle[] = []): ListedException {
  return { exception, standing: standingAt(exception, now), idle };
}

/** Whoever reads a list of those that are in force or may be never finds one there whose time is over. */
export function isLive(exception: Exception, now: string): boolean {
  return !isOver(standingAt(exception, now));
}

/** Owned by this person or one of these groups, or asked for by them. */
export function isOf({ terms, askers }: Exception, oid: string, groups: ReadonlySet<Principal>): boolean {
  const me = oid.toLowerCase();
  const isOwner = terms.owner.toLowerCase() === `user:${me}` || groups.has(terms.owner);
  return isOwner || askers.some(({ by }) => by.oid.toLowerCase() === me);
}

/** From so many working days before its end on, as its owner is first warned; what has ended is not ending. */
export function endingSoon(now: string) {
  const isEnding = endingWithin(WARNING_DAYS[0], now);
  return (exception: Exception, calendar: Calendar): boolean => isLive(exception, now) && isEnding(exception, calendar);
}

/** Suspended covers nothing any more, and may still be renewed or closed: it is in both lists. */
export function hasEnded(exception: Exception, now: string): boolean {
  const standing = standingAt(exception, now);
  return standing === 'suspended' || isOver(standing);
}

/** By service, what ends first on top. */
export function byService(a: Exception, b: Exception): number {
  return (
    compare(a.target.service, b.target.service) || compare(a.terms.until, b.terms.until) || numberOf(a) - numberOf(b)
  );
}

/** What ended last on top. */
export function byEnd(a: Exception, b: Exception): number {
  return compare(endOf(b), endOf(a)) || numberOf(b) - numberOf(a);
}

/** ISO-8601 UTC. */
export function endOf({ end, terms }: Exception): string {
  return end?.at ?? expiryOf(terms);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
