import type { ScopeKey } from '../ports/scope-store.ts';
import { ConflictError, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { exactly, idPart } from './exception-codec.ts';
import { component, key } from './keys.ts';

/** Numbers that a process takes at once; those it does not use are never given. */
const BLOCK = 50;
const NEXT = 'next';
const TRIES = 20;

/** Numbers of exceptions, and where each exception is: table `sys`, one partition for the tenant. */
export function createExceptionIds(table: Table, tenant: string) {
  const partition = key(component(tenant, { caseInsensitive: true }), 'ids');
  const known = new Map<string, ScopeKey>();
  let left: ReturnType<typeof reserve> | undefined;

  /** All who come at once take from one reservation. */
  async function take(): Promise<number> {
    left ??= reserve(table, partition);
    const mine = left;
    try {
      const block = await mine;
      if (block.next < block.end) {
        block.next += 1;
        return block.next;
      }
      if (left === mine) left = undefined;
    } catch (error) {
      if (left === mine) left = undefined;
      throw error;
    }
    return take();
  }

  return {
    ...operationsIn(table, partition, take),
    /** Before the exception itself: one that nobody can find would be in force unseen. */
    place: async (id: string, { org, service, environment }: ScopeKey): Promise<void> => {
      const write: Write = { kind: 'put', row: idPart(id), values: { org, service, environment } };
      await table.commit('sys', partition, [write]);
      known.set(id, { org, service, environment });
    },
    placeOf: async (id: string): Promise<ScopeKey | undefined> => {
      const kept = known.get(id);
      if (kept !== undefined) return kept;
      const values = (await table.get('sys', partition, idPart(id)))?.values;
      if (values === undefined) return undefined;
      const scope = {
        org: String(values['org']),
        service: String(values['service']),
        environment: String(values['environment']),
      };
      known.set(id, scope);
      return scope;
    },
  };
}

/** Which exceptions an operation asks for or joins: one number of its own, and the last one that it joined. */
function operationsIn(table: Table, partition: string, take: () => Promise<number>) {
  const rowOf = (op: string) => key('op', component(op));
  const joinedRow = (op: string) => key('op', component(op), 'joined');
  const numberOf = async (op: string) => (await table.get('sys', partition, rowOf(op)))?.values['id'];
  return {
    of: async (op: string): Promise<string[]> => {
      const ranges = [exactly(rowOf(op)), exactly(joinedRow(op))];
      return (await table.list('sys', partition, { ranges })).map(({ values }) => String(values['id']));
    },
    joins: async (op: string, id: string): Promise<void> => {
      await table.commit('sys', partition, [{ kind: 'put', row: joinedRow(op), values: { id } }]);
    },
    /** The same for every try of one operation, at whichever process. */
    next: async (op: string): Promise<string> => {
      const known = await numberOf(op);
      if (known !== undefined) return String(known);
      const id = `EX-${await take()}`;
      try {
        await table.commit('sys', partition, [{ kind: 'create', row: rowOf(op), values: { id } }]);
        return id;
      } catch (error) {
        // Another try of the same was quicker, or it was our own.
        if (!(error instanceof ConflictError)) throw error;
        return String((await numberOf(op)) ?? id);
      }
    },
  };
}

async function reserve(table: Table, partition: string): Promise<{ next: number; end: number }> {
  for (let n = 0; n < TRIES; n += 1) {
    const before = await table.get('sys', partition, NEXT);
    const from = Number(before?.values['n'] ?? 0);
    const values = { n: from + BLOCK };
    const write: Write =
      before === undefined
        ? { kind: 'create', row: NEXT, values }
        : { kind: 'replace', row: NEXT, values, etag: before.etag };
    try {
      await table.commit('sys', partition, [write]);
      return { next: from, end: from + BLOCK };
    } catch (error) {
      // Somebody else was quicker, or our own answer was lost: a gap in the numbers harms nobody.
      if (!(error instanceof ConflictError)) throw error;
    }
  }
  throw new StoreUnavailableError('numbers of exceptions are taken by others again and again');
}
