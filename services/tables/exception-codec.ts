import { type ActiveException, asJudged } from '../domain/active-exception.ts';
import { sha256Base32 } from '../domain/checksum.ts';
import type { EvidenceEntry } from '../domain/evidence.ts';
import { type Exception, type ExceptionTarget, isSameTarget } from '../domain/exception.ts';
import type { Grant } from '../domain/exception-grants.ts';
import { exceptionMoment } from '../domain/scope-overview.ts';
import type { Withdrawal } from '../domain/withdrawal.ts';
import type {
  ExceptionCard,
  ExceptionChange,
  ExceptionScope,
  StoredException,
  StoredGrants,
  StoredWithdrawals,
} from '../ports/exception-store.ts';
import type { Row, RowRange, Values, Write } from '../ports/table.ts';
import { decodeEvidence } from './evidence-row.ts';
import { component, key, prefixRange, sequence } from './keys.ts';
import { momentWrite } from './moment-rows.ts';

/** Rows of exceptions in the partition of their scope (docs/storage.md). */
const HEADER = 'h';
const EVIDENCE = 'e';
const CARD = 'c';
const SHOWING = 'k';
/** Between pasts and requested exceptions: a judgement reads them with those. */
export const GRANTS = 'n';
export const IN_FORCE = 'a';
export const REQUESTED = 'q';
/** No judgement reads it. */
const WITHDRAWN = 'b';

export function idPart(id: string): string {
  return component(id, { caseInsensitive: true });
}

export function headerRow(id: string): string {
  return key(HEADER, idPart(id));
}

export const HEADERS = prefixRange(HEADER);

export function evidencePrefix(id: string): readonly string[] {
  return [EVIDENCE, idPart(id)];
}

export function showingRow(id: string): string {
  return key(SHOWING, idPart(id));
}

export function inForceRow(id: string): string {
  return key(IN_FORCE, idPart(id));
}

/** One for each target: two requests for the same thing at once meet in it. */
export function requestedRow(target: ExceptionTarget): string {
  return key(...requestedParts(target));
}

function requestedParts({ control, fingerprints }: ExceptionTarget): string[] {
  const prints = fingerprints === undefined ? '-' : sha256Base32(JSON.stringify(fingerprints));
  return [REQUESTED, component(control), prints];
}

/** A request that was narrowed gives its place free for what it does not ask for any more. */
export function pendingRow(row: string, before: Exception, { id, target, state }: Exception): string {
  return state === 'requested' && !isSameTarget(before.target, target)
    ? key(...requestedParts(target), idPart(id))
    : row;
}

function cardRow(id: string, { topic, recipient }: ExceptionCard): string {
  return key(CARD, idPart(id), component(topic), component(recipient));
}

export function cardWrite(id: string, card: ExceptionCard): Write {
  return { kind: 'put', row: cardRow(id, card), values: { card: JSON.stringify(card) } };
}

export function headerValues(exception: Exception, pending: string): Values {
  const { state, revision, target, terms } = exception;
  return {
    state,
    revision,
    control: target.control,
    until: terms.until,
    pending,
    exception: JSON.stringify(exception),
  };
}

export function judgedValues(exception: Exception): Values {
  return { exception: JSON.stringify(asJudged(exception)) };
}

export function decodeJudged({ values }: Row): ActiveException {
  return JSON.parse(String(values['exception'])) as ActiveException;
}

export function decodeException({ values }: Row): Exception {
  return JSON.parse(String(values['exception'])) as Exception;
}

/** What later requests of the same control must know, where it changes. */
export function lateWrites(
  { exception: { target }, grants, withdrawn }: Pick<ExceptionChange, 'exception' | 'grants' | 'withdrawn'>,
  known: Pick<StoredException, 'grants' | 'withdrawn'>,
): Write[] {
  const { control } = target;
  const write = (
    prefix: string,
    name: string,
    value: unknown,
    before: { readonly etag: string } | undefined,
  ): Write => {
    const row = key(prefix, component(control));
    const values = { control, [name]: JSON.stringify(value) };
    return before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.etag };
  };
  return [
    ...(grants === undefined ? [] : [write(GRANTS, 'grants', grants, known.grants.get(control))]),
    ...(withdrawn === undefined ? [] : [write(WITHDRAWN, 'withdrawn', withdrawn, known.withdrawn.get(control))]),
  ];
}

/** This row only: `-` is the first character that a key can go on with. */
export function exactly(row: string): RowRange {
  return { from: row, before: `${row}-` };
}

/** Ranges of everything that belongs to one exception, and the grants of its scope. */
export function rangesOf(id: string): RowRange[] {
  return [
    prefixRange(key(CARD, idPart(id))),
    prefixRange(key(EVIDENCE, idPart(id))),
    prefixRange(GRANTS),
    prefixRange(WITHDRAWN),
    exactly(headerRow(id)),
    exactly(showingRow(id)),
  ];
}

export const SCOPE_RANGES = [IN_FORCE, WITHDRAWN, GRANTS, REQUESTED].map(prefixRange);

function startingWith(rows: readonly Row[], prefix: string): Row[] {
  return rows.filter(({ row }) => row.startsWith(`${prefix}~`));
}

export function decodeStored(
  rows: readonly Row[],
  id: string,
): (StoredException & { readonly pending: string }) | undefined {
  const header = rows.find(({ row }) => row === headerRow(id));
  if (header === undefined) return undefined;
  const showing = rows.find(({ row }) => row === showingRow(id));
  return {
    exception: decodeException(header),
    etag: header.etag,
    pending: String(header.values['pending']),
    evidence: startingWith(rows, EVIDENCE).map(decodeEvidence),
    cards: startingWith(rows, CARD).map(({ values }) => JSON.parse(String(values['card'])) as ExceptionCard),
    grants: decodeGrants(rows),
    withdrawn: decodeWithdrawn(rows),
    ...(showing === undefined
      ? {}
      : {
          showing: {
            etag: showing.etag,
            attempts: Number(showing.values['attempts']),
            dueAt: String(showing.values['dueAt']),
          },
        }),
  };
}

export function decodeScope(rows: readonly Row[]): ExceptionScope {
  return {
    active: startingWith(rows, IN_FORCE).map(decodeJudged),
    requested: startingWith(rows, REQUESTED).map(decodeJudged),
    grants: decodeGrants(rows),
    withdrawn: decodeWithdrawn(rows),
  };
}

export function decodeGrants(rows: readonly Row[]): StoredGrants {
  return new Map(
    startingWith(rows, GRANTS).map(({ etag, values }) => [
      String(values['control']),
      { etag, grants: JSON.parse(String(values['grants'])) as Grant[] },
    ]),
  );
}

function decodeWithdrawn(rows: readonly Row[]): StoredWithdrawals {
  return new Map(
    startingWith(rows, WITHDRAWN).map(({ etag, values }) => [
      String(values['control']),
      { etag, withdrawn: JSON.parse(String(values['withdrawn'])) as Withdrawal[] },
    ]),
  );
}

export function showWrite(id: string, at: string): Write {
  return { kind: 'put', row: showingRow(id), values: { attempts: 0, dueAt: at } };
}

/** For whoever reads the timeline of its scope. */
export function momentOf(before: Exception | undefined, after: Exception, { seq }: EvidenceEntry, at: string): Write[] {
  const moment = exceptionMoment(before, after, at);
  return moment === undefined ? [] : momentWrite(['exception', idPart(after.id), sequence(seq)], [moment]);
}
