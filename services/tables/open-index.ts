import type { Gate } from '../domain/gate.ts';
import type { GateStore, StoredGate } from '../ports/gate-store.ts';
import { ConflictError, type Row, type Table, type Write } from '../ports/table.ts';
import { component, key } from './keys.ts';

const OPEN_SHARDS = ['0', '1', '2', '3'] as const;
const DEAD = 'dead';

/** Table `open`: what waits, what was given up, and what each run asked for and by which card, by organization. */
export function createOpenIndex(
  table: Table,
  /** Short ids of every configured organization. */
  orgs: readonly string[],
  read: GateStore['read'],
): Pick<GateStore, 'open' | 'ofRun' | 'claimCard' | 'markOpen' | 'markClosed' | 'withDeadLetters'> {
  const shardOf = (gate: Pick<Gate, 'org' | 'id'>) =>
    key(gate.org, 'open', OPEN_SHARDS[gate.id.charCodeAt(0) % OPEN_SHARDS.length] ?? '0');
  return {
    open: async () => {
      const places = orgs.flatMap((org) => OPEN_SHARDS.map((shard) => ({ org, partition: key(org, 'open', shard) })));
      const lists = await Promise.all(
        places.map(async ({ org, partition }) =>
          (await table.list('open', partition)).map(({ row }) => ({ org, id: row })),
        ),
      );
      return lists.flat();
    },
    ofRun: async (org, runId) => (await table.list('open', runPartition(org, runId))).map(({ row }) => row),
    claimCard: (gate, askees, instead) => claimCard(table, gate, askees, instead),
    markOpen: async (gate) => {
      const write: Write = { kind: 'put', row: component(gate.id), values: valuesOf(gate) };
      await Promise.all([
        table.commit('open', shardOf(gate), [write]),
        table.commit('open', runPartition(gate.org, gate.run.id), [write]),
      ]);
    },
    markClosed: (gate) => table.remove('open', shardOf(gate), component(gate.id)),
    withDeadLetters: async () => {
      const found = await Promise.all(
        orgs.map(async (org) => {
          const pointers = await table.list('open', key(org, DEAD));
          return Promise.all(pointers.map((pointer) => followed(table, org, pointer, read)));
        }),
      );
      return found.flat().filter((stored) => stored !== undefined);
    },
  };
}

/** Of the requests that a run ever made: its deploy job has no other way to them, and its cards none to one another. */
function runPartition(org: string, runId: number): string {
  return key(org, 'run', String(runId));
}

/** One call for the first of a run; whoever comes second reads who was first. */
async function claimCard(table: Table, { org, id, run }: Gate, askees: string, instead?: string): Promise<string> {
  const partition = key(org, 'card', String(run.id));
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

/** Written before the commit that makes the dead letter: one without its pointer would be seen by nobody. */
export async function pointToDeadLetters(table: Table, gate: Gate): Promise<void> {
  await table.commit('open', key(gate.org, DEAD), [{ kind: 'put', row: component(gate.id), values: valuesOf(gate) }]);
}

/**
 * The request if it has dead letters. A pointer is taken away only once nothing of the request waits either: what waits
 * may be on its way to become the dead letter for which the pointer was written.
 */
async function followed(
  table: Table,
  org: string,
  pointer: Row,
  read: GateStore['read'],
): Promise<StoredGate | undefined> {
  const stored = await read(org, pointer.row);
  if (stored !== undefined && stored.deadLetters.length > 0) return stored;
  if (stored === undefined || stored.outbox.length === 0)
    await table.remove('open', key(org, DEAD), pointer.row, pointer.etag);
  return undefined;
}

function valuesOf(gate: Gate) {
  return { environment: gate.environment, service: gate.services.join(','), receivedAt: gate.receivedAt };
}
