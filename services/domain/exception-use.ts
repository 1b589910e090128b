import type { Catalog } from './catalog.ts';
import type { Contract } from './contract.ts';
import { type Exception, type ExceptionState, expiryOf, isWithin } from './exception.ts';
import { mayBlock } from './exception-request.ts';
import { SEVERITIES, type Severity } from './finding.ts';
import { plusMinutes } from './instant.ts';
import { type JudgedGroup, namedIn } from './judgement.ts';

const MINUTES_A_DAY = 1_440;
/** An exception that hides nothing for so many days is unused. */
export const UNUSED_DAYS = 14;

/** What an exception is good for as things are. */
export interface Use {
  /** Findings that would block without it. */
  readonly count: number;
  /** Something that it was granted for blocks all the same. */
  readonly outgrown?: 'severity' | 'control';
}

/** Among what is open in its scope, judged as if there were no exceptions. */
export function useOf({ target, severity }: Pick<Exception, 'target' | 'severity'>, open: readonly JudgedGroup[]): Use {
  const blocking = open.filter((group) => mayBlock(group) && namedIn(group, target.fingerprints).length > 0);
  const own = blocking.filter(({ control }) => control === target.control);
  const hidden = own.filter((group) => !isWorse(group.severity, severity));
  const count = new Set(hidden.flatMap((group) => namedIn(group, target.fingerprints))).size;
  if (hidden.length < own.length) return { count, outgrown: 'severity' };
  const hasMoved = target.fingerprints !== undefined && own.length < blocking.length;
  return { count, ...(hasMoved ? { outgrown: 'control' as const } : {}) };
}

function isWorse(severity: Severity, than: Severity): boolean {
  return SEVERITIES.indexOf(severity) < SEVERITIES.indexOf(than);
}

/** Once a day is often enough, however often it is looked at. */
export function isCountDue({ state, hides }: Exception, now: string): boolean {
  return state === 'active' && now >= plusMinutes(hides.at, MINUTES_A_DAY);
}

/** With what it hides now; `use` undefined: that cannot be known. What it had outgrown, and is mended, is forgotten. */
export function counted(exception: Exception, use: Use | undefined, now: string): Exception {
  const { hides, reviews } = exception;
  if (use === undefined) return { ...exception, hides: { ...hides, at: now } };
  const noneSince = use.count > 0 ? {} : { noneSince: hides.noneSince ?? now };
  const { outgrown: _, ...rest } = reviews;
  return {
    ...exception,
    hides: { count: use.count, at: now, ...noneSince },
    reviews: use.outgrown === undefined ? rest : reviews,
  };
}

/** Why an exception in force may not be needed as it is. */
export type Idle =
  /** What it is about is not there any more. */
  | { readonly code: 'orphan'; readonly gone: 'control' | 'service' | 'environment' }
  /** It hides nothing since then (ISO-8601 UTC). */
  | { readonly code: 'unused'; readonly since: string }
  /** Another one in force covers all of it, at least as long. */
  | { readonly code: 'shadowed'; readonly by: string }
  | { readonly code: 'outgrown'; readonly how: 'severity' | 'control' };

export interface IdleBasis {
  readonly contract: Pick<Contract, 'controls' | 'environments'>;
  readonly catalog: Catalog;
  /** Of the same organization, the exception itself among them or not. */
  readonly others: readonly Exception[];
  /** ISO-8601 UTC. */
  readonly now: string;
}

/** Nothing for one that is not in force: it covers nothing anyhow. */
export function idleOf(exception: Exception, basis: IdleBasis): Idle[] {
  const { now, others } = basis;
  if (standingAt(exception, now) !== 'active') return [];
  const gone = goneOf(exception, basis);
  const { noneSince } = exception.hides;
  const { outgrown } = exception.reviews;
  const isUnused = noneSince !== undefined && now >= plusMinutes(noneSince, UNUSED_DAYS * MINUTES_A_DAY);
  const shadow = others.find((other) => shadows(other, exception, now));
  return [
    ...(gone === undefined ? [] : [{ code: 'orphan', gone } as const]),
    ...(isUnused && gone === undefined ? [{ code: 'unused', since: noneSince } as const] : []),
    ...(shadow === undefined ? [] : [{ code: 'shadowed', by: shadow.id } as const]),
    ...(outgrown === undefined ? [] : [{ code: 'outgrown', how: outgrown } as const]),
  ];
}

/** What cannot be read is not gone. */
function goneOf({ target }: Exception, { contract, catalog }: IdleBasis) {
  if (!contract.controls.some(({ name }) => name === target.control)) return 'control';
  if (!contract.environments.has(target.environment)) return 'environment';
  const isKnown = catalog.services.has(target.service) || catalog.broken.has(target.service);
  return isKnown ? undefined : 'service';
}

/** Of two that cover the same for the same time the older one stands. */
function shadows(other: Exception, exception: Exception, now: string): boolean {
  if (other.id === exception.id || other.org !== exception.org || standingAt(other, now) !== 'active') return false;
  return coversAll(other, exception) && (!coversAll(exception, other) || numberOf(other) < numberOf(exception));
}

function coversAll(wide: Exception, narrow: Exception): boolean {
  return (
    isWithin(narrow.target, wide.target) &&
    !isWorse(narrow.severity, wide.severity) &&
    wide.terms.until >= narrow.terms.until
  );
}

export function numberOf({ id }: Pick<Exception, 'id'>): number {
  return Number(id.slice(id.indexOf('-') + 1));
}

/** What it is now: one whose time is over has expired, whether or not that is noted yet. */
export function standingAt({ state, terms }: Pick<Exception, 'state' | 'terms'>, now: string): ExceptionState {
  const isLive = state === 'requested' || state === 'active' || state === 'suspended';
  return isLive && now >= expiryOf(terms) ? 'expired' : state;
}
