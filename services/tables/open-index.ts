import { isOpenBypass } from '../domain/bypass.ts';
import type { Gate } from '../domain/gate.ts';
import type { GateStore, StoredGate } from '../ports/gate-store.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import { component, key } from './keys.ts';

const OPEN_SHARDS = ['0', '1', '2', '3'] as const;
const DEAD = 'dead';
const BYPASS = 'bypass';

/** Table `open`: what waits, was given up or was bypassed, and what each run asked for and by which card, by organization. */
export function createOpenIndex(
  table: Table,
  /** Short ids of every configured organization. */
  orgs: readonly string[],
  read: GateStore['read'],
): Pick<GateStore, 'open' | 'ofRun' | 'claimCard' | 'markOpen' | 'markClosed' | 'withDeadLetters' | 'openBypasses'> {
  return {
    open: async () => {
      const places = orgs.flatMap((org) => openPartitions(org).map((partition) => ({ org, partition })));
      const lists = await Promise.all(
        places.map(async ({ org, partition }) =>
          (await table.list('open', partition)).map(({ row }) => ({ org, id: row })),
        ),
      );
      return lists.flat();
    },
    ofRun: async (org, runId) => (await table.list('open', runPartition(org, runId))).map(({ row }) => row),
    claimCard: (gate, askees, instead) => claimCard(table, gate, askees, instead),
    markOpen: (gate) => markOpen(table, gate),
    markClosed: (gate) => table.remove('open', openPartition(gate), component(gate.id)),
    withDeadLetters: () => followAll(table, orgs, DEAD, read),
    openBypasses: () => followAll(table, orgs, BYPASS, read),
  };
}

export function openPartitions(org: string): readonly string[] {
  return OPEN_SHARDS.map((shard) => key(org, 'open', shard));
}

function openPartition({ org, id }: Pick<Gate, 'org' | 'id'>): string {
  return key(org, 'open', OPEN_SHARDS[id.charCodeAt(0) % OPEN_SHARDS.length] ?? '0');
}

/** Of the requests that a run ever made: its deploy job has no other way to them, and its cards none to one another. */
export function runPartition(org: string, runId: number): string {
  return key(org, 'run', String(runId));
}

export function cardPartition(org: string, runId: number): string {
  return key(org, 'card', String(runId));
}

/** One call for the first of a run; whoever comes second reads who was first. */
async function claimCard(table: Table, { org, id, run }: Gate, askees: string, instead?: string): Promise<string> {
  const partition = cardPartition(org, run.id);
  const row = component(askees);
  const values = { requestId: id };
  const read = async () => {
    const found = await table.get('open', partition, row);
    return { requestId: String(found?.values['requestId']), etag: found?.etag ?? '' };
  };
  const before = instead === undefined ? undefined : await read();
  if (before !== undefined && before.requestId !== instead) return before.requestId;
  const write: Write =
    before === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag: before.etag };
  try {
    await table.commit('open', partition, [write]);
    return id;
  } catch (error) {
    if (error instanceof ConflictError) return (await read()).requestId;
    throw error;
  }
}

/** What a pointer stands for, and when nothing of the request can become that any more. */
const POINTERS = {
  [DEAD]: {
    stands: (stored: StoredGate) => stored.deadLetters.length > 0,
    // What waits may be on its way to become the dead letter for which the pointer was written.
    isOver: (stored: StoredGate) => stored.outbox.length === 0,
  },
  [BYPASS]: {
    stands: ({ gate }: StoredGate) => isOpenBypass(gate),
    // Until Azure DevOps has its result, the commit for which the pointer was written may still come.
    isOver: ({ gate }: StoredGate) => gate.toldAt !== undefined,
  },
} as const;
type Pointer = keyof typeof POINTERS;

async function pointTo(table: Table, partition: string, gate: Gate): Promise<void> {
  const write: Write = { kind: 'put', row: component(gate.id), values: valuesOf(gate) };
  await table.commit('open', partition, [write]);
}

export async function markOpen(table: Table, gate: Gate): Promise<void> {
  await Promise.all([pointTo(table, openPartition(gate), gate), pointToRun(table, gate)]);
}

export function pointToRun(table: Table, gate: Gate): Promise<void> {
  return pointTo(table, runPartition(gate.org, gate.run.id), gate);
}

/** Written before the commit that makes it true, as is the next: what has no pointer would be seen by nobody. */
export function pointToDeadLetters(table: Table, gate: Gate): Promise<void> {
  return pointTo(table, key(gate.org, DEAD), gate);
}

export function pointToBypass(table: Table, gate: Gate): Promise<void> {
  return pointTo(table, key(gate.org, BYPASS), gate);
}

async function followAll(
  table: Table,
  orgs: readonly string[],
  kind: Pointer,
  read: GateStore['read'],
): Promise<readonly StoredGate[]> {
  const found = await Promise.all(
    orgs.map(async (org) => {
      const pointers = await table.list('open', key(org, kind));
      return Promise.all(pointers.map((pointer) => followed(table, org, kind, pointer, read)));
    }),
  );
  return found.flat().filter((stored) => stored !== undefined);
}

/** The request, if it still is what the pointer says; one that can be it no more loses its pointer. */
async function followed(
  table: Table,
  org: string,
  kind: Pointer,
  pointer: Row,
  read: GateStore['read'],
): Promise<StoredGate | undefined> {
  const { stands, isOver } = POINTERS[kind];
  const stored = await read(org, pointer.row);
  if (stored !== undefined && stands(stored)) return stored;
  if (stored === undefined || isOver(stored)) await table.remove('open', key(org, kind), pointer.row, pointer.etag);
  return undefined;
}

function valuesOf(gate: Gate) {
  return { environment: gate.environment, service: gate.services.join(','), receivedAt: gate.receivedAt };
}
