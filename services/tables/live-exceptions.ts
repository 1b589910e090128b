import { type Exception, isOver } from '../domain/exception.ts';
import type { LiveException } from '../ports/exception-store.ts';
import type { Table } from '../ports/table.ts';
import { decodeException, idPart } from './exception-codec.ts';
import { component, key, prefixRange } from './keys.ts';

export function livePartition(org: string): string {
  return key(org, 'exception');
}

/** Table `open`: exceptions that are not over, by organization and service; a projection, written after each commit. */
export function createLiveExceptions(table: Table, orgs: readonly string[]) {
  const rowOf = ({ id, target }: Exception) => key(component(target.service), idPart(id));
  return {
    /** As it is; what is over is taken out. */
    list: async (exception: Exception): Promise<void> => {
      if (isOver(exception.state)) return table.remove('open', livePartition(exception.org), rowOf(exception));
      const values = { exception: JSON.stringify(exception) };
      await table.commit('open', livePartition(exception.org), [{ kind: 'put', row: rowOf(exception), values }]);
    },
    /** Whether it is listed as it is. */
    has: async (exception: Exception): Promise<boolean> => {
      const listed = await table.get('open', livePartition(exception.org), rowOf(exception));
      return listed?.values['exception'] === (isOver(exception.state) ? undefined : JSON.stringify(exception));
    },
    read: async (service?: string): Promise<readonly LiveException[]> => {
      const ranges = service === undefined ? {} : { ranges: [prefixRange(component(service))] };
      const lists = await Promise.all(orgs.map((org) => table.list('open', livePartition(org), ranges)));
      return lists.flat().map((row) => {
        const exception = decodeException(row);
        const { service: name, environment } = exception.target;
        return { org: exception.org, id: exception.id, service: name, environment, exception };
      });
    },
  };
}
