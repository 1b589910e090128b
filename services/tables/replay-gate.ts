import type { Gate } from '../domain/gate.ts';
import { plusSeconds } from '../domain/instant.ts';
import type { DueIndex } from '../ports/due-index.ts';
import type { GateStore, OutboxItem } from '../ports/gate-store.ts';
import { ConflictError, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { RECOVER_AFTER_SECONDS } from './due-index.ts';
import { deadLetterRow, gatePartition, outboxRow } from './gate-codec.ts';

interface Needs {
  readonly table: Table;
  readonly due: DueIndex;
  readonly read: GateStore['read'];
}

const TRIES = 4;

/** Hints on both sides of the commit: one found before it would find nothing to do, and be gone. */
export async function replayGate(
  needs: Needs,
  { org, id }: Pick<Gate, 'org' | 'id'>,
  items: readonly OutboxItem[],
  at: string,
): Promise<void> {
  const hint = { kind: 'gate', org, id } as const;
  await needs.due.remind(hint, plusSeconds(at, RECOVER_AFTER_SECONDS));
  let left = items;
  for (let n = 0; n < TRIES && left.length > 0; n += 1) {
    try {
      const writes = left.flatMap((item) => replayWrites(item, at));
      await needs.table.commit('gate', gatePartition(org, id), writes);
      left = [];
    } catch (error) {
      left = await stillDead(needs, { org, id }, items, error);
    }
  }
  if (left.length > 0) throw new StoreUnavailableError(`request ${id} changed again and again while it was replayed`);
  await needs.due.remind(hint, at);
}

function replayWrites(item: OutboxItem, at: string): Write[] {
  return [
    { kind: 'delete', row: deadLetterRow(item), etag: item.etag },
    { kind: 'put', row: outboxRow(item), values: { attempts: 0, dueAt: at } },
  ];
}

/** Whether an answer was lost or somebody else replayed the same: what is no dead letter any more need not be moved. */
async function stillDead(
  needs: Needs,
  { org, id }: Pick<Gate, 'org' | 'id'>,
  items: readonly OutboxItem[],
  error: unknown,
): Promise<readonly OutboxItem[]> {
  if (!(error instanceof ConflictError) && !(error instanceof StoreUnavailableError)) throw error;
  const now = await needs.read(org, id);
  const wanted = new Set(items.map(deadLetterRow));
  const left = (now?.deadLetters ?? []).filter((item) => wanted.has(deadLetterRow(item)));
  if (left.length > 0 && error instanceof StoreUnavailableError) throw error;
  return left;
}
