import type { ScopeKey } from '../ports/scope-store.ts';
import { ConflictError, StoreUnavailableError, type Table, type Write } from '../ports/table.ts';
import { idPart } from './exception-codec.ts';
import { component, key } from './keys.ts';

/** Numbers that a process takes at once; those it does not use are never given. */
const BLOCK = 50;
const NEXT = 'next';
const TRIES = 20;

/** Numbers of exceptions, and where each exception is: table `sys`, one partition for the tenant. */
export function createExceptionIds(table: Table, tenant: string) {
  const partition = key(component(tenant, { caseInsensitive: true }), 'ids');
  const known = new Map<string, ScopeKey>();
  let left: Promise<{ next: number; end: number }> | undefined;

  async function take(): Promise<number> {
    const block = await (left ?? reserve(table, partition));
    if (block.next >= block.end) return afresh();
    left = Promise.resolve(block);
    block.next += 1;
    return block.next;
  }

  function afresh(): Promise<number> {
    left = reserve(table, partition);
    left.catch(() => {
      left = undefined;
    });
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

/** Which exception each request for one is about, by its operation. */
function operationsIn(table: Table, partition: string, take: () => Promise<number>) {
  const rowOf = (op: string) => key('op', component(op));
  const of = async (op: string): Promise<string | undefined> => {
    const values = (await table.get('sys', partition, rowOf(op)))?.values;
    return values === undefined ? undefined : String(values['id']);
  };
  return {
    of,
    note: async (op: string, id: string): Promise<void> => {
      await table.commit('sys', partition, [{ kind: 'put', row: rowOf(op), values: { id } }]);
    },
    /** The same for every try of one operation, at whichever process. */
    next: async (op: string): Promise<string> => {
      const known = await of(op);
      if (known !== undefined) return known;
      const id = `EX-${await take()}`;
      try {
        await table.commit('sys', partition, [{ kind: 'create', row: rowOf(op), values: { id } }]);
        return id;
      } catch (error) {
        // Another try of the same was quicker, or it was our own.
        if (!(error instanceof ConflictError)) throw error;
        return (await of(op)) ?? id;
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
