import type { Gate } from '../../services/domain/gate.ts';
import type { Bookkeeping, GateChange, GateStore, OutboxItem, StoredGate } from '../../services/ports/gate-store.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createGateStore } from '../../services/tables/gate-store.ts';
import { aGate, ORG } from '../builders.ts';
import type { FaultyTable } from './fresh-tables.ts';

export const AT = '2026-11-23T09:30:00.000Z';
export const LATER = '2026-11-23T09:40:00.000Z';
export const PARTITION = `${ORG}~r~${aGate().id}`;
export const OTHER_ORG = 'otherorg22';

interface Scene {
  readonly table: FaultyTable;
  readonly gates: GateStore;
  readonly due: ReturnType<typeof createDueIndex>;
  /** Its time can be moved. */
  readonly clock: { at: string };
}

export const random = { bytes: (count: number) => globalThis.crypto.getRandomValues(new Uint8Array(count)) };

export async function setScene(newTable: () => Promise<FaultyTable>): Promise<Scene> {
  const table = await newTable();
  const clock = { at: AT, now: () => clock.at };
  const due = createDueIndex({ table, clock });
  return {
    table,
    due,
    clock,
    gates: createGateStore({ table, due, clock, random, orgs: [OTHER_ORG, ORG], instance: 'this process' }),
  };
}

export function aChange(op: string, over: Partial<Gate> = {}, change: Partial<GateChange> = {}): GateChange {
  const evidence = { kind: op, actor: { kind: 'countersign' }, data: { op } } as const;
  return { op, gate: aGate(over), evidence, outbox: [], at: AT, ...change };
}

export const received = (op = 'receive', change: Partial<GateChange> = {}) => ({
  ...aChange(op, { state: 'received' }, { outbox: ['index', 'judge'], ...change }),
  token: 'sealed-token',
});

export async function anAskedGate(gates: GateStore, change: Partial<GateChange> = {}): Promise<StoredGate> {
  const { stored } = await gates.create(received());
  return (await gates.commit(stored, aChange('assess', {}, { outbox: ['card', 'index'], ...change }))).stored;
}

export const rowsOf = async (table: FaultyTable) => (await table.list('gate', PARTITION)).map(({ row }) => row);
export const NOTHING: Bookkeeping = { done: [], retry: [], cards: [], droppedCards: [] };
export const aCard = (conversation: string, recipient = 'user:bob', activityId = 'm1') => ({
  conversation,
  recipient,
  activityId,
  shows: 'asked 1',
});
export const itemOf = ({ outbox }: StoredGate, kind: OutboxItem['kind']): OutboxItem => {
  const item = outbox.findLast((one) => one.kind === kind);
  if (item === undefined) throw new Error(`no item ${kind}`);
  return item;
};
export const kindsOf = (stored: StoredGate | undefined) => stored?.outbox.map(({ seq, kind }) => `${seq} ${kind}`);
