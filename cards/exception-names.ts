import type { Exception, ExceptionTarget } from '../services/domain/exception.ts';
import type { Severity } from '../services/domain/finding.ts';
import { nameIn, type Principal } from '../services/domain/person.ts';
import { counted, isViewer, nameOf, type Viewer } from './names.ts';
import { showDate } from './show-time.ts';
import { SEVERITY_WORDS } from './words.ts';

/** `payments-leads`, or the name of a person as far as the record knows it; `you` only to that person. */
export function partyName(principal: Principal, viewer?: Viewer, exception?: Exception): string {
  const name = nameIn(principal);
  if (principal.startsWith('group:')) return nameOf(name);
  if (isViewer(viewer, name)) return 'you';
  return nameOf(exception === undefined ? `person ${name}` : knownName(exception, name));
}

function knownName({ terms, askers, votes, reviews, end }: Exception, oid: string): string {
  if (terms.ownerName !== undefined && nameIn(terms.owner) === oid) return terms.ownerName;
  const last = [reviews.last?.by, end?.by].filter((by) => by !== undefined);
  const people = [...askers.map(({ by }) => by), ...votes.map(({ by }) => by), ...last];
  return people.find((person) => person.oid.toLowerCase() === oid.toLowerCase())?.name ?? `person ${oid}`;
}

/** `secret-scanning for payments-api in prod`. */
export function placeOfTarget({ control, service, environment }: ExceptionTarget): string {
  return `${nameOf(control)} for ${nameOf(service)} in ${nameOf(environment)}`;
}

/** `1 finding, critical`; of several the worst. */
export function hiddenWords(count: number, severity: Severity): string {
  return `${counted(count, 'finding')}, ${count === 1 ? '' : 'the worst '}${SEVERITY_WORDS[severity]}`;
}

/** `exactly 3 findings`, or every one of the control. */
export function coversWords({ fingerprints, control }: ExceptionTarget): string {
  if (fingerprints === undefined) return `every finding of ${nameOf(control)} there, those to come included`;
  const count = fingerprints.length;
  return `exactly ${counted(count, 'finding')}, not what may come`;
}

export const OUTSIDE_BUDGET = 'outside of it: what was open when the service came in';

/** Its last day, in full. */
export function lastDay(until: string): string {
  return `the end of ${showDate(until)} (UTC)`;
}

/** The same as a value. */
export function lastDayFact(until: string): string {
  return `${showDate(until)}, to the end of that day (UTC)`;
}

/** `1st renewal of 2, after EX-12`. */
export function renewalWords(number: number, of: number, after?: string): string {
  const last = after === undefined ? '' : `, after ${nameOf(after)}`;
  if (number > of) return `all ${of} are used`;
  return number === 0 ? `none yet of ${of}` : `${ordinal(number)} renewal of ${of}${last}`;
}

const ENDINGS: Readonly<Record<string, string>> = { one: 'st', two: 'nd', few: 'rd', other: 'th' };
const ORDINALS = new Intl.PluralRules('en', { type: 'ordinal' });

export function ordinal(number: number): string {
  return `${number}${ENDINGS[ORDINALS.select(number)]}`;
}
