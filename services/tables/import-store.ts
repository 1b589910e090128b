import { EMPTY_CHAIN, nextEntry } from '../domain/evidence.ts';
import type { ImportedException } from '../domain/imported-exception.ts';
import type { Random } from '../ports/clock.ts';
import type { ImportStore, ImportsChange, StoredImports } from '../ports/import-store.ts';
import type { ScopeKey } from '../ports/scope-store.ts';
import { ConflictError, type Table, type Write } from '../ports/table.ts';
import { decodeEvidence, evidenceWrite } from './evidence-row.ts';
import { component, key, prefixRange } from './keys.ts';
import { scopePartition } from './scope-views.ts';

interface Needs {
  readonly table: Table;
  readonly random: Random;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
}

const IMPORTED = 'i';
const EVIDENCE = 'ie';
/** Rows of one transaction: each may have 30,000 characters, of up to three bytes. */
const AT_ONCE = 40;

/** In table `scope`, beside the exceptions of the scope; in table `open` a pointer to each scope, written before its first row. */
export function createImportStore({ table, random, orgs }: Needs): ImportStore {
  return {
    read: (scope) => read(table, scope),
    commit: async (from, change) => {
      const { scope } = from;
      const writes = [...change.changed.map((one) => write(from, one)), noted({ random }, from, change)];
      try {
        if (from.evidence.length === 0) await pointToImports(table, scope);
        for (let n = 0; n < writes.length; n += AT_ONCE)
          await table.commit('scope', scopePartition(scope), writes.slice(n, n + AT_ONCE));
        return 'committed';
      } catch (error) {
        if (!(error instanceof ConflictError)) throw error;
        return 'lost';
      }
    },
    scopes: async (service) => {
      const ranges = service === undefined ? {} : { ranges: [prefixRange(component(service))] };
      const found = await Promise.all(orgs.map((org) => table.list('open', pointers(org), ranges)));
      return found.flatMap((rows, n) =>
        rows.map(({ values }) => ({
          org: orgs[n] ?? '',
          service: String(values['service']),
          environment: String(values['environment']),
        })),
      );
    },
  };
}

function pointers(org: string): string {
  return key(org, 'imported');
}

/** That something was brought in there. */
export async function pointToImports(table: Table, { org, service, environment }: ScopeKey): Promise<void> {
  const row = key(component(service), component(environment));
  await table.commit('open', pointers(org), [{ kind: 'put', row, values: { service, environment } }]);
}

async function read(table: Table, scope: ScopeKey): Promise<StoredImports> {
  const ranges = [prefixRange(IMPORTED), prefixRange(EVIDENCE)];
  const rows = await table.list('scope', scopePartition(scope), { ranges });
  const kept = rows.filter(({ row }) => row.startsWith(`${IMPORTED}~`));
  const decoded = kept.map(({ etag, values }) => {
    return { etag, one: JSON.parse(String(values['imported'])) as ImportedException };
  });
  return {
    scope,
    all: decoded.map(({ one }) => one),
    versions: new Map(decoded.map(({ one, etag }) => [one.id, etag])),
    evidence: rows.filter(({ row }) => row.startsWith(`${EVIDENCE}~`)).map(decodeEvidence),
  };
}

function write({ versions }: StoredImports, imported: ImportedException): Write {
  const row = key(IMPORTED, component(imported.id));
  const values = { imported: JSON.stringify(imported) };
  const etag = versions.get(imported.id);
  return etag === undefined ? { kind: 'create', row, values } : { kind: 'replace', row, values, etag };
}

function noted(
  { random }: Pick<Needs, 'random'>,
  { scope, evidence }: StoredImports,
  { op, at, evidence: draft }: ImportsChange,
): Write {
  const aggregate = `${scope.org} imports ${scope.service} ${scope.environment}`;
  const salt = Buffer.from(random.bytes(16)).toString('hex');
  return evidenceWrite([EVIDENCE], nextEntry(evidence.at(-1) ?? EMPTY_CHAIN, draft, { aggregate, at, op, salt }));
}
