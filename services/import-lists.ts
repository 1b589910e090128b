import { isLive } from './domain/exception-list.ts';
import type { ExceptionRefusal } from './domain/exception-refusal.ts';
import {
  type ImportedException,
  type ImportList,
  importStanding,
  type ListedImport,
} from './domain/imported-exception.ts';
import type { PersonActor } from './domain/person.ts';
import type { Refusal } from './domain/refusal.ts';
import type { Clock } from './ports/clock.ts';
import type { ExceptionStore } from './ports/exception-store.ts';
import type { ImportStore } from './ports/import-store.ts';
import { inLanes } from './ports/lanes.ts';
import type { Policy } from './ports/policy.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly imports: Pick<ImportStore, 'read' | 'scopes'>;
  readonly exceptions: Pick<ExceptionStore, 'live' | 'locate'>;
  /** Why this person may read nothing, or undefined. */
  readonly strangerBecause: (by: PersonActor) => Promise<Refusal | undefined>;
}

export type ImportLists = ReturnType<typeof createImportLists>;

/** Exceptions of other tools for which nobody answers here. Changes nothing. Each rejects with StoreUnavailableError. */
export function createImportLists(needs: Needs) {
  const all = (service?: string): Promise<ImportList | ExceptionRefusal> => listOf(needs, service);
  return {
    list: async (by: PersonActor, service?: string): Promise<ImportList | ExceptionRefusal> => {
      const stranger = await needs.strangerBecause(by);
      return stranger === undefined ? all(service) : { code: 'stranger', refusal: stranger };
    },
    /** For whoever runs the bot. */
    all,
  };
}

async function listOf(needs: Needs, service?: string): Promise<ImportList | ExceptionRefusal> {
  const [{ catalog }, scopes] = await Promise.all([needs.policy.current(), needs.imports.scopes()]);
  const known = [...new Set([...catalog.services.keys(), ...scopes.map((scope) => scope.service)])];
  const same = (name: string) => name.toLowerCase() === service?.toLowerCase();
  const named = service === undefined ? undefined : (known.find((name) => name === service) ?? known.find(same));
  if (service !== undefined && named === undefined) return { code: 'unknown-service', known };
  const wanted = scopes.filter((scope) => named === undefined || scope.service === named);
  const imported = (await inLanes(wanted, (scope) => needs.imports.read(scope))).flatMap(({ all }) => all);
  const at = needs.clock.now();
  const over = await overOf(needs, new Set(imported.flatMap(({ requested = [] }) => requested)), at);
  const rows = imported
    .map((one) => listed(one, at.slice(0, 10), over))
    .filter(({ standing }) => standing === 'unmanaged' || standing === 'ended')
    .sort(byPlace);
  return { at, rows, ...(named === undefined ? {} : { service: named }) };
}

/** What was asked for in its place and is over stands for nothing any more. */
function listed(imported: ImportedException, today: string, over: ReadonlySet<string>): ListedImport {
  const { requested, ...rest } = imported;
  if (requested === undefined || requested.some((id) => !over.has(id)))
    return { imported, standing: importStanding(imported, today), over: [] };
  return { imported, standing: importStanding(rest, today), over: requested };
}

/** Of these those that are over. What the projection does not have may only be about to be in it: it is read itself. */
async function overOf({ exceptions }: Needs, ids: ReadonlySet<string>, at: string): Promise<ReadonlySet<string>> {
  if (ids.size === 0) return ids;
  const listed = new Map((await exceptions.live()).map(({ id, exception }) => [id, exception]));
  const over = new Set<string>();
  await inLanes([...ids], async (id) => {
    const exception = listed.get(id) ?? (await exceptions.locate(id))?.exception;
    if (exception === undefined || !isLive(exception, at)) over.add(id);
  });
  return over;
}

function byPlace(a: ListedImport, b: ListedImport): number {
  const keyOf = ({ standing, imported: { service, environment, entry } }: ListedImport) =>
    [
      standing === 'unmanaged' ? '0' : '1',
      service,
      environment,
      entry.source,
      String(entry.line).padStart(8, '0'),
    ].join('\0');
  const [left, right] = [keyOf(a), keyOf(b)];
  return left < right ? -1 : left > right ? 1 : 0;
}
