import { EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../domain/evidence.ts';
import { type Exception, mayBecome } from '../domain/exception.ts';
import { plusSeconds } from '../domain/instant.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { DueIndex } from '../ports/due-index.ts';
import {
  type ExceptionChange,
  type ExceptionCommitted,
  type ExceptionCreated,
  type ExceptionPass,
  type ExceptionStore,
  type StoredException,
  scopeOf,
} from '../ports/exception-store.ts';
import type { ScopeKey } from '../ports/scope-store.ts';
import { ConflictError, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { RECOVER_AFTER_SECONDS } from './due-index.ts';
import { evidenceWrite } from './evidence-row.ts';
import {
  cardWrite,
  decodeException,
  decodeScope,
  decodeStored,
  evidencePrefix,
  HEADERS,
  headerRow,
  headerValues,
  idPart,
  inForceRow,
  judgedValues,
  lateWrites,
  momentOf,
  pendingRow,
  rangesOf,
  requestedRow,
  SCOPE_RANGES,
  showingRow,
  showWrite,
} from './exception-codec.ts';
import { createExceptionIds } from './exception-ids.ts';
import { key, keyTime, sequence } from './keys.ts';
import { createLiveExceptions } from './live-exceptions.ts';
import { scopePartition } from './scope-views.ts';

interface Needs {
  readonly table: Table;
  readonly due: DueIndex;
  readonly clock: Clock;
  readonly random: Random;
  readonly tenant: string;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
}

/** Exceptions on Table Storage, beside the heads of their scope: rules 1 to 5 of storage.md. */
export function createExceptionStore(needs: Needs): ExceptionStore {
  const { table, due } = needs;
  const ids = createExceptionIds(table, needs.tenant);
  const live = createLiveExceptions(table, needs.orgs);
  const read = (scope: ScopeKey, id: string) => readOne(table, scope, id);
  const locate = async (id: string) => {
    const scope = await ids.placeOf(id);
    // A place in another organization is none of ours, whoever wrote it.
    return scope === undefined || !needs.orgs.includes(scope.org) ? undefined : read(scope, id);
  };
  return {
    nextId: ids.next,
    askedBy: async (op) => {
      const found = await Promise.all((await ids.of(op)).map((id) => locate(id)));
      return found.find((stored) => stored !== undefined && isBy(stored, op));
    },
    joins: ids.joins,
    scope: async (scope) => decodeScope(await table.list('scope', scopePartition(scope), { ranges: SCOPE_RANGES })),
    read,
    locate,
    create: async (change) => {
      await ids.place(change.exception.id, scopeOf(change.exception));
      return create(needs, change);
    },
    commit: (from, change) => commit(needs, from as Read, change),
    shown: async (from, pass) => {
      const { exception } = from;
      const times = [pass.retryAt, pass.lookAt].filter((at) => at !== undefined);
      await Promise.all(times.map((at) => due.remind(hintOf(exception), at)));
      if (from.showing !== undefined) await live.list(exception);
      // Whoever took the mark away has listed it; a slower one who died since may have listed something older.
      else if (!(await live.has(exception))) await live.list((await locate(exception.id))?.exception ?? exception);
      await tidy(needs, from, pass);
    },
    showAgain: async ({ org, service, environment }, id, at) => {
      await due.remind({ kind: 'exception', org, service, environment, id }, plusSeconds(at, RECOVER_AFTER_SECONDS));
      const scope = { org, service, environment };
      await table.commit('scope', scopePartition(scope), [showWrite(id, at)]);
    },
    live: live.read,
    all: async (scope) => {
      const rows = await table.list('scope', scopePartition(scope), { ranges: [HEADERS] });
      return rows.map(decodeException).sort((a, b) => numberOf(b) - numberOf(a));
    },
  };
}

/** With the row by which others know that it is asked for. */
type Read = StoredException & { readonly pending: string };

function isBy({ evidence }: StoredException, op: string): boolean {
  return evidence.some((entry) => entry.op === op);
}

async function readOne(table: Table, scope: ScopeKey, id: string): Promise<Read | undefined> {
  return decodeStored(await table.list('scope', scopePartition(scope), { ranges: rangesOf(id) }), id);
}

function numberOf({ id }: Exception): number {
  return Number(id.slice(id.indexOf('-') + 1));
}

function hintOf(exception: Exception) {
  return { kind: 'exception' as const, ...scopeOf(exception), id: exception.id };
}

async function create(needs: Needs, change: ExceptionChange): Promise<ExceptionCreated> {
  const { exception } = change;
  const partition = scopePartition(scopeOf(exception));
  const entry = entryOf(needs, undefined, change);
  const pending = requestedRow(exception.target);
  await needs.due.remind(hintOf(exception), plusSeconds(change.at, RECOVER_AFTER_SECONDS));
  const writes: Write[] = [
    { kind: 'create', row: headerRow(exception.id), values: headerValues(exception, pending) },
    { kind: 'create', row: pending, values: judgedValues(exception) },
    evidenceWrite(evidencePrefix(exception.id), entry),
    showWrite(exception.id, change.at),
    wakeWrite(change, entry),
    ...momentOf(undefined, exception, entry, change.at),
  ];
  const before = { grants: new Map(), withdrawn: new Map(), cards: [], evidence: [] };
  try {
    const etags = await needs.table.commit('scope', partition, writes);
    await needs.due.remindAgain(hintOf(exception), change.at);
    return { kind: 'created', stored: after({ ...before, pending }, change, entry, etags) };
  } catch (error) {
    const mine = await foundAfter(needs.table, change, entry, error);
    if (mine !== undefined) return { kind: 'created', stored: mine };
    // Another try of the same operation has the same id.
    const theirs = await readOne(needs.table, scopeOf(exception), exception.id);
    if (theirs !== undefined && isBy(theirs, change.op)) return { kind: 'created', stored: theirs };
    const taken = await needs.table.get('scope', partition, pending);
    if (taken !== undefined)
      return { kind: 'pending', id: (JSON.parse(String(taken.values['exception'])) as { id: string }).id };
    // Whatever was in the way is decided by now: the same can be asked for again.
    throw new StoreUnavailableError('an exception for the same was decided at this moment', { cause: error });
  }
}

async function commit(needs: Needs, from: Read, change: ExceptionChange): Promise<ExceptionCommitted> {
  const { exception, replaces } = change;
  refuseIllegalMove(from.exception, exception);
  if (replaces !== undefined) refuseIllegalMove(replaces.stored.exception, replaces.exception);
  const entry = entryOf(needs, from, change);
  const recover = plusSeconds(change.at, RECOVER_AFTER_SECONDS);
  const moved = [exception, ...(replaces === undefined ? [] : [replaces.exception])];
  await Promise.all(moved.map((one) => needs.due.remind(hintOf(one), recover)));
  const writes: Write[] = [
    ...stateWrites(from, exception, entry, change.at),
    ...(replaces === undefined ? [] : replacedWrites(needs, change, replaces)),
    ...lateWrites(change, from),
    ...(change.wakes ? [wakeWrite(change, entry)] : []),
  ];
  try {
    const etags = await needs.table.commit('scope', scopePartition(scopeOf(exception)), writes);
    await Promise.all(moved.map((one) => needs.due.remindAgain(hintOf(one), change.at)));
    const pending = pendingRow(from.pending, from.exception, exception);
    return { kind: 'committed', stored: after({ ...from, pending }, change, entry, etags) };
  } catch (error) {
    const mine = await foundAfter(needs.table, change, entry, error);
    if (mine !== undefined) return { kind: 'committed', stored: mine };
    const stored = await readOne(needs.table, scopeOf(exception), exception.id);
    if (stored === undefined) throw new StoreUnavailableError(`${exception.id} vanished`, { cause: error });
    return { kind: 'lost', stored };
  }
}

/** The table of moves is checked where every change passes; a breach is a fault of ours, never an answer. */
function refuseIllegalMove(before: Exception, after: Exception): void {
  if (before.state === after.state || mayBecome(before.state, after.state)) return;
  throw new Error(`${before.id} may not go from ${before.state} to ${after.state}`);
}

function replacedWrites(needs: Needs, change: ExceptionChange, replaces: Replaced): Write[] {
  const { stored, exception, evidence } = replaces;
  const entry = entryOf(needs, stored, { ...change, exception, evidence });
  return stateWrites(stored as Read, exception, entry, change.at);
}

type Replaced = NonNullable<ExceptionChange['replaces']>;

/** Everything of one exception that changes: its header, evidence, what judgements read of it, and that its cards are to be shown. */
function stateWrites(from: Read, exception: Exception, entry: EvidenceEntry, at: string): Write[] {
  const [before, now] = [from.exception.state, exception.state];
  const judged = judgedValues(exception);
  const pending = pendingRow(from.pending, from.exception, exception);
  const values = headerValues(exception, pending);
  const writes: Write[] = [
    { kind: 'replace', row: headerRow(exception.id), values, etag: from.etag },
    evidenceWrite(evidencePrefix(exception.id), entry),
    showWrite(exception.id, at),
    ...momentOf(from.exception, exception, entry, at),
  ];
  if (now === 'requested') writes.push({ kind: 'put', row: pending, values: judged });
  if (before === 'requested' && (now !== 'requested' || pending !== from.pending))
    writes.push({ kind: 'delete', row: from.pending });
  if (now === 'active') writes.push({ kind: 'put', row: inForceRow(exception.id), values: judged });
  else if (before === 'active') writes.push({ kind: 'delete', row: inForceRow(exception.id) });
  return writes;
}

/** One for each change: of two in one second neither carries out the other's. */
function wakeWrite({ exception, at }: ExceptionChange, { seq }: EvidenceEntry): Write {
  return { kind: 'put', row: key('o', keyTime(at), idPart(exception.id), sequence(seq), 'wake'), values: { at } };
}

function entryOf(
  { random }: Needs,
  from: Pick<StoredException, 'evidence'> | undefined,
  { exception, evidence, at, op }: ExceptionChange,
): EvidenceEntry {
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  const written = { aggregate: `${exception.org} ${exception.id}`, at, op, salt };
  return nextEntry(from?.evidence.at(-1) ?? EMPTY_CHAIN, evidence, written);
}

/** After any conflict or silence only the stored entry says whose commit it was (rule 3). */
async function foundAfter(
  table: Table,
  { exception }: ExceptionChange,
  entry: EvidenceEntry,
  error: unknown,
): Promise<StoredException | undefined> {
  if (!(error instanceof ConflictError) && !(error instanceof StoreUnavailableError)) throw error;
  const stored = await readOne(table, scopeOf(exception), exception.id);
  const isMine = stored?.evidence.some(({ seq, hash }) => seq === entry.seq && hash === entry.hash) ?? false;
  if (isMine) return stored;
  if (error instanceof StoreUnavailableError) throw error;
  return undefined;
}

function after(
  from: Pick<Read, 'grants' | 'withdrawn' | 'cards' | 'evidence' | 'pending'>,
  { exception, at }: ExceptionChange,
  entry: EvidenceEntry,
  etags: ReadonlyMap<string, string>,
): Read {
  const { grants, withdrawn, cards, pending, evidence } = from;
  return {
    exception,
    etag: etags.get(headerRow(exception.id)) ?? '',
    pending,
    evidence: [...evidence, entry],
    cards,
    grants,
    withdrawn,
    showing: { etag: etags.get(showingRow(exception.id)) ?? '', attempts: 0, dueAt: at },
  };
}

/**
 * Cards that were sent are written down in any case; that all are shown only if nothing has changed meanwhile. Else all of
 * it, its projection too, may be older than what another pass has shown: it is looked at once more.
 */
async function tidy(
  { table, due, clock }: Needs,
  { exception, showing }: StoredException,
  pass: ExceptionPass,
): Promise<void> {
  const partition = scopePartition(scopeOf(exception));
  const cards = pass.cards.map((card) => cardWrite(exception.id, card));
  const row = showingRow(exception.id);
  const done: Write[] = [];
  if (showing !== undefined && pass.retryAt === undefined) done.push({ kind: 'delete', row, etag: showing.etag });
  if (showing !== undefined && pass.retryAt !== undefined) {
    const values = { attempts: showing.attempts + 1, dueAt: pass.retryAt };
    done.push({ kind: 'replace', row, etag: showing.etag, values });
  }
  try {
    if (cards.length + done.length > 0) await table.commit('scope', partition, [...cards, ...done]);
  } catch (error) {
    if (!(error instanceof ConflictError)) throw error;
    const now = clock.now();
    await due.remind(hintOf(exception), plusSeconds(now, RECOVER_AFTER_SECONDS));
    // Which of two messages came last nobody knows: what they show is sent once more.
    const doubtful = pass.cards.map((card) => cardWrite(exception.id, { ...card, shows: '' }));
    await table.commit('scope', partition, [...doubtful, showWrite(exception.id, now)]);
  }
}
