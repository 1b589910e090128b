import type { Cadence, Calendar, Control } from './contract.ts';
import {
  type ExceptionTerms,
  expiryOf,
  latestUntil,
  REASON_CLASSES,
  type ReasonClass,
  type ReviewCadence,
} from './exception.ts';
import { type ExceptionField, type ExceptionRefusal, REQUIRED_FIELDS } from './exception-refusal.ts';
import type { Principal } from './person.ts';
import { type DateRefusal, readWrittenDate } from './written-date.ts';

/** As written by whoever asks, on whichever road; blank is missing. */
export interface TermsWish {
  readonly owner?: string;
  readonly reasonClass?: string;
  readonly reason?: string;
  readonly until?: string;
  readonly reviewEvery?: string;
  readonly mitigation?: string;
  readonly ticket?: string;
}

/** What terms are read by. */
export interface TermsBasis {
  readonly expiry: Pick<Control['expiry'], 'maxDays' | 'minReason' | 'reviewEveryDays'>;
  /** ISO-8601 UTC. */
  readonly now: string;
  /** IANA zone of whoever wrote the date: `Friday` is theirs; its end and the control's limit are UTC. */
  readonly timezone: string;
  readonly cadences?: Calendar['cadences'];
}

/** Longest text of a field in characters. */
export const LONGEST_TEXT: Readonly<Record<'reason' | 'mitigation' | 'ticket', number>> = {
  reason: 2_000,
  mitigation: 2_000,
  ticket: 400,
};
/** Far beyond any control's limit: what is too late is told with that. */
const ANY_DAYS = 36_500;

export type TermsRead =
  /** Without the owner, whom only the directory knows. */
  | { readonly kind: 'terms'; readonly terms: Omit<ExceptionTerms, 'owner'> }
  | { readonly kind: 'refused'; readonly why: ExceptionRefusal };

/** Everything but the owner, checked in the order of the form; what is missing is named all at once. */
export function readTerms(wish: TermsWish, basis: TermsBasis): TermsRead {
  const missing = missingFields(wish);
  if (missing.length > 0) return refused({ code: 'field-missing', fields: missing });
  const reasonClass = classOf(wish.reasonClass ?? '');
  if (reasonClass === undefined) return refused({ code: 'reason-class-unknown', known: REASON_CLASSES });
  const unfit = unfitText(wish, basis.expiry.minReason);
  if (unfit !== undefined) return refused(unfit);
  const until = readUntil(wish.until ?? '', basis);
  if (typeof until !== 'string') return refused(until);
  const review = readReview(wish.reviewEvery ?? '', basis, until);
  if ('code' in review) return refused(review);
  const [mitigation, ticket] = [trimmed(wish.mitigation), trimmed(wish.ticket)];
  return {
    kind: 'terms',
    terms: {
      reasonClass,
      reason: trimmed(wish.reason),
      until,
      review,
      ...(mitigation === '' ? {} : { mitigation }),
      ...(ticket === '' ? {} : { ticket }),
    },
  };
}

export function missingFields(wish: TermsWish): ExceptionField[] {
  return REQUIRED_FIELDS.filter((field) => trimmed(wish[field]) === '');
}

function refused(why: ExceptionRefusal): TermsRead {
  return { kind: 'refused', why };
}

function trimmed(text: string | undefined): string {
  return (text ?? '').trim();
}

function classOf(text: string): ReasonClass | undefined {
  const word = text.trim().toLowerCase().replaceAll(/\s+/g, '-');
  return REASON_CLASSES.find((one) => one === word);
}

function unfitText(wish: TermsWish, least: number): ExceptionRefusal | undefined {
  const given = [...trimmed(wish.reason)].length;
  if (given < least) return { code: 'reason-too-short', least, given };
  for (const field of ['reason', 'mitigation', 'ticket'] as const) {
    const most = LONGEST_TEXT[field];
    if ([...trimmed(wish[field])].length > most) return { code: 'text-too-long', field, most };
  }
  return undefined;
}

/** The ISO date (UTC) that is meant; today is allowed as long as it lasts, the limit counts from today. */
export function readUntil(text: string, basis: TermsBasis): string | ExceptionRefusal {
  const { now, timezone, cadences = new Map<string, Cadence>(), expiry } = basis;
  const written = readWrittenDate(text, { now, timezone, cadences, maxDays: ANY_DAYS });
  const latest = latestUntil(now, expiry.maxDays);
  const tooFar = { code: 'until-too-far', latest, maxDays: expiry.maxDays } as const;
  const until = written.kind === 'date' ? written.date : pastDate(written.why);
  if (typeof until !== 'string') return until.code === 'date-too-far' ? tooFar : { code: 'date', why: until };
  if (expiryOf({ until }) <= now) return { code: 'date', why: { code: 'date-past', date: until } };
  return until > latest ? tooFar : until;
}

/** A day that is over where it was written goes on as long as it does in UTC. */
function pastDate(why: DateRefusal): string | DateRefusal {
  return why.code === 'date-past' ? why.date : why;
}

const DAYS_IN: Readonly<Record<string, number>> = { d: 1, day: 1, days: 1, w: 7, week: 7, weeks: 7 };

/** `14d`, `2 weeks`, `daily`, `weekly` or the name of a cadence; never rarer than the control asks, nor than its end. */
function readReview(
  text: string,
  { now, cadences, expiry }: TermsBasis,
  until: string,
): ReviewCadence | ExceptionRefusal {
  const review = reviewOf(text.trim().toLowerCase(), cadences ?? new Map());
  if (review === undefined) return { code: 'review-unreadable', cadences: [...(cadences?.keys() ?? [])] };
  if (review.everyDays > expiry.reviewEveryDays)
    return { code: 'review-too-rare', mostDays: expiry.reviewEveryDays, why: 'control' };
  const life = Math.ceil((Date.parse(expiryOf({ until })) - Date.parse(now)) / 86_400_000);
  // A named cadence falls on days of its own: of the last period only a part may be left.
  if (review.cadence !== undefined || review.everyDays <= life) return review;
  // The control's own cadence was proposed, and is no wish of whoever asks for a few days.
  if (review.everyDays === expiry.reviewEveryDays) return { everyDays: life };
  return { code: 'review-too-rare', mostDays: life, why: 'expiry' };
}

function reviewOf(text: string, cadences: ReadonlyMap<string, Cadence>): ReviewCadence | undefined {
  const named = [...cadences].find(([name]) => name.toLowerCase() === text);
  if (named !== undefined) return { everyDays: named[1].everyDays, cadence: named[0] };
  if (text === 'daily') return { everyDays: 1 };
  if (text === 'weekly') return { everyDays: 7 };
  const [, count, unit] = /^(?:every )?(\d{1,3}) ?([a-z]+)$/.exec(text) ?? [];
  const days = Number(count) * (DAYS_IN[unit ?? ''] ?? Number.NaN);
  return days > 0 ? { everyDays: days } : undefined;
}

/** What the form proposes: the most that the control allows, as it is written there. */
export function proposedReview({ reviewEveryDays, reviewCadence }: Control['expiry']): string {
  return reviewCadence ?? `${reviewEveryDays}d`;
}

/** `user:` or `group:` and a name, as policy files write them; undefined for anything else. */
export function principalOf(text: string): Principal | undefined {
  const [, kind, name] = /^(user|group):(.{1,200})$/s.exec(text.trim()) ?? [];
  return kind === undefined || name === undefined || name.trim() === ''
    ? undefined
    : `${kind as 'user' | 'group'}:${name.trim()}`;
}
