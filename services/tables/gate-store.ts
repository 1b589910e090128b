import { isOpenBypass } from '../domain/bypass.ts';
import { EMPTY_CHAIN, type EvidenceEntry, nextEntry } from '../domain/evidence.ts';
import { type Gate, mayMove } from '../domain/gate.ts';
import { plusSeconds } from '../domain/instant.ts';
import type { Clock, Random } from '../ports/clock.ts';
import type { DueIndex } from '../ports/due-index.ts';
import type { Committed, GateChange, GateStore, OutboxItem, StoredGate } from '../ports/gate-store.ts';
import { ConflictError, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { RECOVER_AFTER_SECONDS } from './due-index.ts';
import { evidenceWrite } from './evidence-row.ts';
import {
  decode,
  gateOf,
  gatePartition,
  gatePartitions,
  HEADER,
  headerValues,
  heldValues,
  memberWrites,
  onceWrites,
  outboxRow,
  outboxWrites,
  TOKEN,
} from './gate-codec.ts';
import { onlyRange } from './keys.ts';
import { createOpenIndex, pointToBypass } from './open-index.ts';
import { replayGate } from './replay-gate.ts';
import { tidyGate } from './tidy-gate.ts';

/** A commit that takes longer than this will not come any more. */
const ON_ITS_WAY_SECONDS = 600;

interface Needs {
  readonly table: Table;
  readonly due: DueIndex;
  readonly clock: Clock;
  readonly random: Random;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** Unique to this process. */
  readonly instance: string;
}

/** Gates on Table Storage: rules 1 to 4 of storage.md. */
export function createGateStore(needs: Needs): GateStore {
  const read = (org: string, id: string) => readGate(needs, org, id);
  return {
    read,
    create: (change) => write(needs, undefined, change, tokenWrites(change.token), change.token),
    commit: (from, change) => {
      const dropped: Write[] =
        change.dropToken === true && from.token !== undefined ? [{ kind: 'delete', row: TOKEN }] : [];
      return write(needs, from, change, dropped, dropped.length > 0 ? undefined : from.token);
    },
    remind: ({ org, id }, at) => needs.due.remind({ kind: 'gate', org, id }, at),
    enqueue: async ({ org, id }, kind, at, member) => {
      await needs.due.remind({ kind: 'gate', org, id }, plusSeconds(at, RECOVER_AFTER_SECONDS));
      // Sequence 0 belongs to no state change: there is at most one such item of a kind.
      const row = outboxRow({ seq: 0, kind });
      const values = heldValues(at, needs.instance);
      await needs.table.commit('gate', gatePartition(org, id), [{ kind: 'put', row, values }, ...memberWrites(member)]);
    },
    tidy: (from, bookkeeping) => tidyGate({ ...needs, read }, from, bookkeeping),
    locate: async (id) => {
      const found = await Promise.all(needs.orgs.map((org) => read(org, id)));
      return found.find((stored) => stored !== undefined);
    },
    receivedSince: (instant) => receivedSince(needs, instant),
    replay: (gate, items, at) => replayGate({ ...needs, read }, gate, items, at),
    ...createOpenIndex(needs.table, needs.orgs, read),
  };
}

function tokenWrites(token: string | undefined): Write[] {
  return token === undefined ? [] : [{ kind: 'create', row: TOKEN, values: { token } }];
}

async function readGate({ table, instance }: Needs, org: string, id: string): Promise<StoredGate | undefined> {
  return decode(await table.list('gate', gatePartition(org, id)), instance);
}

async function* receivedSince({ table, orgs }: Needs, instant: string): AsyncGenerator<Gate> {
  for (const org of orgs) {
    for await (const { values } of table.across('gate', gatePartitions(org), [onlyRange(HEADER)])) {
      const gate = gateOf(values);
      if (gate.receivedAt >= instant) yield gate;
    }
  }
}

/** The one commit: hints first, then header, evidence, outbox and everything else together, or nothing. */
async function write(
  needs: Needs,
  from: StoredGate | undefined,
  change: GateChange,
  extra: readonly Write[],
  token: string | undefined,
): Promise<Committed> {
  const { gate } = change;
  refuseIllegalMove(from?.gate, gate);
  const entry = entryOf(needs, from, change);
  await remindBefore(needs, from, change);
  if (isOpenBypass(gate) && from?.gate.state !== gate.state) await pointToBypass(needs.table, gate);
  const values = headerValues(gate, entry);
  const header: Write =
    from === undefined
      ? { kind: 'create', row: HEADER, values }
      : { kind: 'replace', row: HEADER, values, etag: from.etag };
  const writes: Write[] = [
    header,
    evidenceWrite(['e'], entry),
    ...outboxWrites(change, entry.seq, needs.instance),
    ...onceWrites(from?.gate, gate, entry.seq),
    ...(change.done ?? []).map((item): Write => ({ kind: 'delete', row: outboxRow(item), etag: item.etag })),
    ...extra,
  ];
  try {
    const etags = await needs.table.commit('gate', gatePartition(gate.org, gate.id), writes);
    const hint = { kind: 'gate', org: gate.org, id: gate.id } as const;
    if (change.outbox.length > 0) await needs.due.remindAgain(hint, change.at);
    return { kind: 'committed', stored: after(from, change, entry, etags, token) };
  } catch (error) {
    return resolve(needs, change, entry, error);
  }
}

/** The table of moves is checked where every change passes; a breach is a fault of ours, never an answer. */
function refuseIllegalMove(before: Gate | undefined, gate: Gate): void {
  if (before === undefined || before.state === gate.state || mayMove(before.state, gate.state)) return;
  throw new Error(`request ${gate.id} may not go from ${before.state} to ${gate.state}`);
}

function entryOf(needs: Needs, from: StoredGate | undefined, change: GateChange): EvidenceEntry {
  const last = from?.evidence.at(-1);
  const salt = Buffer.from(needs.random.bytes(16)).toString('hex');
  const written = { aggregate: `${change.gate.org} ${change.gate.id}`, at: change.at, op: change.op, salt };
  return nextEntry(last ?? EMPTY_CHAIN, change.evidence, written);
}

/** A hint whose commit fails is harmless; a commit without its hint could be forgotten (rule 2). */
async function remindBefore(needs: Needs, from: StoredGate | undefined, change: GateChange): Promise<void> {
  const recover = plusSeconds(change.at, RECOVER_AFTER_SECONDS);
  const coveredAlready = (change.done ?? []).length > 0 || change.outbox.length === 0;
  const times = [...(coveredAlready ? [] : [recover]), ...(change.wakeAt ?? [])];
  const until = from === undefined ? { until: plusSeconds(change.at, ON_ITS_WAY_SECONDS) } : {};
  const hint = { kind: 'gate', org: change.gate.org, id: change.gate.id, ...until } as const;
  await Promise.all(times.map((at) => needs.due.remind(hint, at)));
}

/**
 * After any conflict or silence only the stored entry says whose commit it was (rule 3). Its operation id alone does not:
 * the same click, sent twice, may have been refused in another process and be accepted here.
 */
async function resolve(needs: Needs, change: GateChange, entry: EvidenceEntry, error: unknown): Promise<Committed> {
  if (!(error instanceof ConflictError) && !(error instanceof StoreUnavailableError)) throw error;
  const stored = await readGate(needs, change.gate.org, change.gate.id);
  const mine = stored?.evidence.some(({ seq, hash }) => seq === entry.seq && hash === entry.hash) ?? false;
  if (stored !== undefined && mine) return { kind: 'committed', stored };
  if (stored !== undefined && error instanceof ConflictError) return { kind: 'lost', stored };
  throw error instanceof StoreUnavailableError
    ? error
    : new StoreUnavailableError('the request vanished', { cause: error });
}

function after(
  from: StoredGate | undefined,
  change: GateChange,
  entry: EvidenceEntry,
  etags: ReadonlyMap<string, string>,
  token: string | undefined,
): StoredGate {
  const done = new Set((change.done ?? []).map(outboxRow));
  const added = change.outbox.map((kind): OutboxItem => {
    const item = { kind, seq: entry.seq, attempts: 0, dueAt: change.at };
    return { ...item, etag: etags.get(outboxRow(item)) ?? '' };
  });
  return {
    gate: change.gate,
    etag: etags.get(HEADER) ?? '',
    evidence: [...(from?.evidence ?? []), entry],
    outbox: [...(from?.outbox ?? []).filter((item) => !done.has(outboxRow(item))), ...added],
    deadLetters: from?.deadLetters ?? [],
    cards: from?.cards ?? [],
    members: from?.members ?? [],
    ...(from?.cardsEtag === undefined ? {} : { cardsEtag: from.cardsEtag }),
    ...(token === undefined ? {} : { token }),
  };
}
