import type { EvidenceEntry } from '../domain/evidence.ts';
import type { Gate } from '../domain/gate.ts';
import { plusSeconds } from '../domain/instant.ts';
import type { CardReference, GateChange, Member, OutboxItem, OutboxKind, StoredGate } from '../ports/gate-store.ts';
import type { Row, RowRange, Values, Write } from '../ports/table.ts';
import { RECOVER_AFTER_SECONDS } from './due-index.ts';
import { decodeEvidence } from './evidence-row.ts';
import { component, key, prefixRange, sequence } from './keys.ts';

/** Partition of one request. */
export function gatePartition(org: string, id: string): string {
  return key(org, 'r', component(id));
}

/** Partitions of all requests of an organization. */
export function gatePartitions(org: string): RowRange {
  return prefixRange(key(org, 'r'));
}

/** Rows of one request's partition (storage.md, table `gate`). */
export const HEADER = 'h';
export const VERDICT = 't';
export const TOKEN = 's';
/** Written by every pass over the cards: its etag tells whether another pass has come between. */
export const CARDS = 'c';

/** The record itself, with the columns by which an operator finds it. */
export function headerValues(gate: Gate, entry: EvidenceEntry): Values {
  return {
    state: gate.state,
    revision: gate.revision,
    subjectChecksum: gate.subjectChecksum ?? '',
    service: gate.services.join(','),
    environment: gate.environment,
    requester: gate.run.requestedFor.id ?? '',
    contractVersion: gate.judgement?.contract?.version ?? 0,
    route: [...new Set((gate.ask?.levels ?? []).map(({ route }) => route))].join(','),
    closesAt: gate.closesAt,
    op: entry.op,
    evSeq: entry.seq,
    evHash: entry.hash,
    gate: JSON.stringify(gate),
  };
}

export function outboxRow(item: Pick<OutboxItem, 'seq' | 'kind'>): string {
  return key('o', sequence(item.seq), item.kind);
}

export function deadLetterRow(item: Pick<OutboxItem, 'seq' | 'kind'>): string {
  return key('dl', sequence(item.seq), item.kind);
}

export function cardRow(card: CardReference): string {
  // Parked: there is no conversation to name it by yet.
  return card.conversation === '' ? key('c', '_', component(card.recipient)) : key('c', component(card.conversation));
}

export function memberWrites(member: Member | undefined): Write[] {
  if (member === undefined) return [];
  return [{ kind: 'put', row: key('m', component(member.id)), values: { ...member } }];
}

/** Values of an item that `holder` is about to carry out itself: others leave it alone until its hint is due. */
export function heldValues(at: string, holder: string): Values {
  return { attempts: 0, dueAt: at, holder, heldUntil: plusSeconds(at, RECOVER_AFTER_SECONDS) };
}

export function outboxWrites(change: GateChange, seq: number, holder: string): Write[] {
  return change.outbox.map((kind) => ({
    kind: 'create',
    row: outboxRow({ seq, kind }),
    values: heldValues(change.at, holder),
  }));
}

/** Rows that are created once and never written again: who voted, who decided, and what was sealed. */
export function onceWrites(before: Gate | undefined, gate: Gate, seq: number): Write[] {
  const writes: Write[] = voteWrites(before, gate, seq);
  const { decision, verdict } = gate;
  if (decision !== undefined && before?.decision === undefined) {
    const values = { verdict: decision.verdict, oid: decision.by.oid, at: decision.at, revision: gate.revision };
    writes.push({ kind: 'create', row: key('d', sequence(gate.revision)), values });
    if (decision.verdict === 'reject') writes.push(voteWrite(decision.by.oid, seq, values));
  }
  if (verdict !== undefined && before?.verdict === undefined) {
    const { lines, ...scalars } = verdict;
    writes.push({ kind: 'create', row: VERDICT, values: { ...scalars, lines: JSON.stringify(lines) } });
  }
  return writes;
}

/** Every vote that was given or taken back by this change; a new question voids all of them by its revision. */
function voteWrites(before: Gate | undefined, gate: Gate, seq: number): Write[] {
  if (before === undefined || before.revision !== gate.revision) return [];
  const [was, is] = [before.votes, gate.votes].map((votes) => new Map(votes.map((vote) => [vote.by.oid, vote])));
  const given = [...(is ?? [])].filter(([oid]) => was?.has(oid) !== true);
  const taken = [...(was ?? [])].filter(([oid]) => is?.has(oid) !== true);
  const { revision } = gate;
  return [
    ...given.map(([oid, { at }]) => voteWrite(oid, seq, { verdict: 'approve', oid, at, revision })),
    ...taken.map(([oid, { at }]) => voteWrite(oid, seq, { verdict: 'withdraw', oid, at, revision })),
  ];
}

function voteWrite(oid: string, seq: number, values: Values): Write {
  return { kind: 'create', row: key('v', component(oid), sequence(seq)), values };
}

/** The record of a header row. */
export function gateOf(values: Values): Gate {
  return JSON.parse(String(values['gate'])) as Gate;
}

/** Reads a partition back as `reader` sees it, or undefined when it holds no request. */
export function decode(rows: readonly Row[], reader: string): StoredGate | undefined {
  const header = rows.find(({ row }) => row === HEADER);
  if (header === undefined) return undefined;
  const of = (prefix: string) => rows.filter(({ row }) => row.startsWith(`${prefix}~`));
  const token = rows.find(({ row }) => row === TOKEN)?.values['token'];
  const cardsEtag = rows.find(({ row }) => row === CARDS)?.etag;
  const item = (row: Row) => decodeItem(row, reader);
  return {
    gate: gateOf(header.values),
    etag: header.etag,
    evidence: of('e').map(decodeEvidence),
    outbox: of('o').map(item),
    deadLetters: of('dl').map(item),
    cards: of('c').map(({ values }) => JSON.parse(String(values['card'])) as CardReference),
    members: of('m').map(({ values }) => ({ id: String(values['id']), question: String(values['question']) })),
    ...(cardsEtag === undefined ? {} : { cardsEtag }),
    ...(token === undefined ? {} : { token: String(token) }),
  };
}

/** What another process holds is not due before that one has had its time. */
function decodeItem({ row, values, etag }: Row, reader: string): OutboxItem {
  const [, seq, kind] = row.split('~');
  const { dueAt, holder, heldUntil } = values;
  const isHeld = holder !== undefined && holder !== reader;
  return {
    kind: kind as OutboxKind,
    seq: Number(seq),
    attempts: Number(values['attempts']),
    dueAt: String(isHeld ? heldUntil : dueAt),
    etag,
  };
}
