import { expect } from 'vitest';
import { asJudged } from '../../services/domain/active-exception.ts';
import { firstBrokenEntry } from '../../services/domain/evidence.ts';
import { type Exception, expiryOf } from '../../services/domain/exception.ts';
import type { Grant } from '../../services/domain/exception-grants.ts';
import { ended, granted } from '../../services/domain/exception-life.ts';
import { changeTo, exceptionEvidence } from '../../services/ports/exception-change.ts';
import type {
  ExceptionChange,
  ExceptionCommitted,
  ExceptionPass,
  ExceptionStore,
  StoredException,
} from '../../services/ports/exception-store.ts';
import type { Row, Table } from '../../services/ports/table.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { decodeEvidence } from '../../services/tables/evidence-row.ts';
import { createExceptionStore } from '../../services/tables/exception-store.ts';
import { createScopeStore } from '../../services/tables/scope-store.ts';
import { BOB, ORG, TENANT } from '../builders.ts';
import { aRecord } from '../exceptions.ts';
import { aContract, aControl } from '../unit/judge-input.ts';

export const AT = '2026-11-24T10:00:00.000Z';
export const SOON = '2026-11-24T10:02:00.000Z';
export const LATER = '2026-11-24T11:00:00.000Z';
export const OTHER_ORG = 'otherorg22';
export const SCOPE = { org: ORG, service: 'payments-api', environment: 'prod' };
export const PARTITION = `${ORG}~s~payments-api~prod`;
export const NOTHING: ExceptionPass = { cards: [] };

const actor = { kind: 'person', tenant: TENANT, oid: BOB.oid, name: BOB.name } as const;
const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };

/** A process on this table, whose time can be moved. */
export function aProcess<T extends Table>(table: T, orgs: readonly string[] = [OTHER_ORG, ORG]) {
  const clock = { at: AT, now: () => clock.at };
  const due = createDueIndex({ table, clock });
  const exceptions = createExceptionStore({ table, due, clock, random, tenant: TENANT, orgs });
  return { table, clock, due, exceptions, scopes: createScopeStore({ table, due, random }) };
}

/** Nobody has decided about it; by default about the finding of its number. */
export function requested(id: string, over: Parameters<typeof aRecord>[0] = {}): Exception {
  const { grantedAt: __, ...record } = aRecord({
    id,
    state: 'requested',
    votes: [],
    target: { fingerprints: [id] },
    ...over,
  });
  return record;
}

export function creation(exception: Exception, op = `ask for ${exception.id}`): ExceptionChange {
  const evidence = exceptionEvidence(exception, undefined, { kind: 'exception-requested', actor });
  return { op, exception, evidence, at: AT, wakes: true };
}

export async function created(exceptions: ExceptionStore, exception: Exception): Promise<StoredException> {
  const answer = await exceptions.create(creation(exception));
  if (answer.kind === 'pending') throw new Error(`${answer.id} is asked for already`);
  return answer.stored;
}

export function changed(from: StoredException, exception: Exception, kind = 'changed'): ExceptionChange {
  return changeTo(from, exception, aControl(), { op: `${kind} ${from.evidence.length}`, kind, actor, at: AT });
}

export const inForce = ({ exception }: StoredException, at = AT): Exception =>
  granted(exception, at, aContract().calendar);
export const revoked = ({ exception }: StoredException): Exception =>
  ended(exception, 'revoked', { at: AT, by: actor, why: 'mended' });

export function grant(exceptions: ExceptionStore, from: StoredException): Promise<ExceptionCommitted> {
  return exceptions.commit(from, changed(from, inForce(from), 'exception-granted'));
}

/** This one in force instead of the other. */
export function renewing(from: StoredException, old: StoredException): ExceptionChange {
  const closed = ended(old.exception, 'closed', { at: AT, by: actor, why: `renewed by ${from.exception.id}` });
  const exception = { ...closed, renewal: { ...closed.renewal, renewedBy: from.exception.id } };
  const evidence = exceptionEvidence(exception, undefined, { kind: 'exception-renewed', actor });
  return { ...changed(from, inForce(from), 'exception-granted'), replaces: { stored: old, exception, evidence } };
}

const json = <T>({ values }: Row, column: string): T => JSON.parse(String(values[column])) as T;

/** Header, chain, what judgements read, and what later requests must know say the same of every exception here. */
export function expectAgreement(rows: readonly Row[]): void {
  const of = (kind: string) => rows.filter(({ row }) => row.startsWith(`${kind}~`));
  const headers = of('h');
  const judged = headers.map((header) => {
    const exception = json<Exception>(header, 'exception');
    const { id, state, revision } = exception;
    const part = id.toLowerCase();
    const chain = of('e')
      .filter(({ row }) => row.startsWith(`e~${part}~`))
      .map(decodeEvidence);
    expect(firstBrokenEntry(chain), id).toBeUndefined();
    expect(JSON.parse(chain.at(-1)?.entry ?? '{}')).toMatchObject({ data: { exception: id, state, revision } });
    expect(header.values).toMatchObject({ state, revision, until: exception.terms.until });
    const noted = of('n')
      .flatMap((row) => json<Grant[]>(row, 'grants'))
      .filter((one) => one.id === id);
    if (exception.grantedAt === undefined) expect(noted).toEqual([]);
    else if (state !== 'closed')
      expect(noted.map(({ endsAt }) => endsAt)).toContain(exception.end?.at ?? expiryOf(exception.terms));
    if (state === 'requested') return [String(header.values['pending']), asJudged(exception)] as const;
    return state === 'active' ? ([`a~${part}`, asJudged(exception)] as const) : undefined;
  });
  const read = [...of('a'), ...of('q')].map((row) => [row.row, json(row, 'exception')]);
  expect(read.sort()).toEqual(judged.filter((one) => one !== undefined).sort());
  const ids = headers.map(({ row }) => row.slice('h~'.length));
  for (const { row } of [...of('e'), ...of('k'), ...of('c')]) expect(ids).toContain(row.split('~')[1]);
}
