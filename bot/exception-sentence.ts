import { isWrittenDate } from '../services/domain/written-date.ts';

/** What a sentence about an exception says beside whom or what it names; as written, and nothing of it left out. */
export interface ExceptionSaid {
  readonly until?: string;
  readonly reason?: string;
}

/** What `request exception …` names. */
export interface ExceptionNamed {
  readonly fingerprint?: string;
  readonly control?: string;
  readonly place?: { readonly service: string; readonly environment: string };
  /** Everything of the control that is open there as the service comes in. */
  readonly isBaseline?: true;
  /** The entry of another tool in whose place it is asked for. */
  readonly imported?: string;
}

const IMPORT_ID = /^[a-z2-7]{16}$/i;
const FINGERPRINT = /^[0-9a-f]{32}$/i;
/** As keyboards and clients write them. */
const QUOTED = /^(?:"([^"]*)"|“([^“”]*)”|„([^„“]*)“|«([^«»]*)»)(?: +(.*))?$/s;
const CLAUSE = /(?:^| )(until|because)(?= |$)/i;

/**
 * The words of `request exception …`: a finding, a finding in its place, a control in its place, or all of a control that is
 * open as a service comes in. Undefined: none of these.
 */
export function readExceptionRequest(words: string): (ExceptionNamed & ExceptionSaid) | undefined {
  const { head, ...said } = readClauses(words);
  const names = head === '' ? [] : head.split(' ').map(unquoted);
  const [first = '', service, environment] = names;
  const isFinding = FINGERPRINT.test(first);
  if (names.length === 4 && first.toLowerCase() === 'baseline') return baselineOf(names.slice(1), said);
  if (names.length === 4 && first.toLowerCase() === 'import') return importOf(names.slice(1), said);
  if (names.length === 0) return said;
  if (names.length === 1 && isFinding) return { fingerprint: first.toLowerCase(), ...said };
  if (names.length !== 3 || service === undefined || environment === undefined) return undefined;
  const place = { service, environment };
  return { ...(isFinding ? { fingerprint: first.toLowerCase() } : { control: first }), place, ...said };
}

function importOf([id = '', service = '', environment = '']: readonly string[], said: ExceptionSaid) {
  return IMPORT_ID.test(id) ? { imported: id.toLowerCase(), place: { service, environment }, ...said } : undefined;
}

/** Never of single findings: those are asked for by themselves. */
function baselineOf([control = '', service = '', environment = '']: readonly string[], said: ExceptionSaid) {
  return FINGERPRINT.test(control)
    ? undefined
    : { control, place: { service, environment }, isBaseline: true as const, ...said };
}

/** What is asked for there; `until` as the ISO date that was meant, where it is one. */
export function askedAt(
  place: NonNullable<ExceptionNamed['place']>,
  { fingerprint, control, isBaseline, imported, reason }: ExceptionNamed & ExceptionSaid,
  until: string | undefined,
) {
  return {
    ...place,
    ...(control === undefined ? {} : { control }),
    ...(fingerprint === undefined ? {} : { fingerprints: [fingerprint] }),
    ...(isBaseline === undefined ? {} : { isBaseline }),
    ...(imported === undefined ? {} : { imported }),
    terms: { ...(reason === undefined ? {} : { reason }), ...(until === undefined ? {} : { until }) },
  };
}

/** `until DATE` and `because …`, in either order, with nothing before them. Undefined when there is. */
export function readExceptionSaid(words: string): ExceptionSaid | undefined {
  const { head, ...said } = readClauses(words);
  return head === '' ? said : undefined;
}

/** `because …` alone: whatever follows is the reason, dates included. */
export function readBecause(words: string): string | undefined {
  const [, reason] = /^because (.+)$/is.exec(oneLine(words)) ?? [];
  return reason === undefined ? undefined : unquoted(reason);
}

/** What an exception is to be left with. */
export interface LessNamed extends ExceptionSaid {
  /** Fingerprints with commas between them. */
  readonly only?: string;
}

/** Fingerprints, with commas or blanks between them or none at all, before `until DATE` and `because …`. */
export function readLess(words: string): LessNamed | undefined {
  const { head, ...said } = readClauses(words);
  if (head === '') return said;
  const prints = head.split(/ ?, ?| /);
  return prints.every((one) => FINGERPRINT.test(one)) ? { only: prints.join(',').toLowerCase(), ...said } : undefined;
}

/**
 * Of `grant EX-n …`: a comment, or `[only FP, FP] [until DATE] [because …]` for less than was asked for. `unclear`: `only` before, or `until` within, a comment
 * may be meant as its end, and nobody is to grant more than they mean; in quotes it is a comment.
 */
export function readGrant(words: string): LessNamed | 'unclear' {
  const line = oneLine(words);
  if (/^only(?: |$)/i.test(line)) {
    const less = readLess(line.slice('only'.length));
    return less?.only === undefined ? 'unclear' : less;
  }
  if (/^until(?: |$)/i.test(line)) {
    const less = readExceptionSaid(line);
    return less?.until === undefined ? 'unclear' : less;
  }
  const comment = unquoted(line);
  if (comment === line && /(?:^| )until(?= |$)/i.test(line)) return 'unclear';
  return comment === '' ? {} : { reason: comment };
}

function readClauses(words: string): ExceptionSaid & { readonly head: string } {
  const line = oneLine(words);
  const found = CLAUSE.exec(line);
  if (found === null) return { head: line };
  const head = line.slice(0, found.index).trim();
  const rest = line.slice(found.index + found[0].length).trim();
  return { head, ...(found[1]?.toLowerCase() === 'until' ? untilFirst(rest) : becauseFirst(rest)) };
}

/** The date is said: whatever follows `because` is the reason. */
function untilFirst(rest: string): ExceptionSaid {
  const because = /(?:^| )because(?: |$)/i.exec(rest);
  if (because === null) return said(rest, '');
  return said(rest.slice(0, because.index), unquoted(rest.slice(because.index + because[0].length)));
}

/** Within a reason `until` is a word as any other, unless the sentence ends with it and a date. */
function becauseFirst(rest: string): ExceptionSaid {
  const quote = quoteIn(rest);
  const [, date] = /^until (.+)$/i.exec(quote?.after ?? '') ?? [];
  if (quote !== undefined && (quote.after === '' || date !== undefined)) return said(date ?? '', quote.inside);
  const split = readTail(rest);
  return split === undefined ? said('', rest) : said(split.date, split.before);
}

/** What ends with `until` and a date. */
function readTail(text: string): { readonly before: string; readonly date: string } | undefined {
  const [, before = '', date = ''] = /^(?:(.*) )?until (.+)$/is.exec(text) ?? [];
  return isWrittenDate(withoutStop(date)) ? { before, date } : undefined;
}

function said(until: string, reason: string): ExceptionSaid {
  const date = unquoted(withoutStop(until.trim()));
  const why = reason.trim();
  return { ...(date === '' ? {} : { until: date }), ...(why === '' ? {} : { reason: why }) };
}

function withoutStop(date: string): string {
  return date.replace(/[.,;!]+$/, '');
}

function unquoted(text: string): string {
  const quote = quoteIn(text.trim());
  return quote?.after === '' ? quote.inside.trim() : text.trim();
}

/** What the text begins with in quotes, and what comes after them. */
function quoteIn(text: string): { readonly inside: string; readonly after: string } | undefined {
  const [, ...parts] = QUOTED.exec(text) ?? [];
  const inside = parts.slice(0, -1).find((part) => part !== undefined);
  return inside === undefined ? undefined : { inside, after: parts.at(-1) ?? '' };
}

function oneLine(words: string): string {
  return words.trim().replace(/\s+/g, ' ');
}
