import type { Catalog } from '../domain/catalog.ts';
import type { PolicyFile } from '../ports/policy-source.ts';
import { type CatalogEntry, loadCatalog, servicesNamed } from './load-catalog.ts';
import { loadPolicyFile, missing, problemsOf, type ReadFile, serviceOfFile } from './load-policy-file.ts';

/** File → what its last good version held. */
export type CatalogFiles = ReadonlyMap<string, readonly CatalogEntry[]>;

interface ComposedCatalog {
  readonly catalog: Catalog;
  readonly good: CatalogFiles;
  readonly problems: readonly string[];
}

/**
 * The catalog of all files. A broken catalog.yaml keeps its last good version; a broken file of the folder closes its
 * service: the one that it is named after, and those that it names or named.
 */
export function composeCatalog(files: readonly PolicyFile[], good: CatalogFiles): ComposedCatalog {
  if (files.length === 0) {
    const { catalog } = together([...good.values()].flat(), new Map());
    return { catalog, good, problems: [missing('catalog.yaml', 'kind: Catalog in this file or in catalog/*.yaml')] };
  }
  const reads = files.map((file) => loadPolicyFile(file, loadCatalog));
  const closed = new Map(reads.flatMap((read) => closedBy(read, good.get(read.file) ?? [])));
  const inForce = reads.flatMap(({ file, loaded }) => {
    if (loaded.kind === 'loaded') return loaded.value;
    return serviceOfFile(file) === undefined ? (good.get(file) ?? []) : [];
  });
  const { catalog, problems } = together(inForce, closed);
  return { catalog, good: newest(reads, good), problems: [...reads.flatMap(problemsOf), ...problems] };
}

function closedBy({ file, loaded }: ReadFile<readonly CatalogEntry[]>, last: readonly CatalogEntry[]) {
  const named = serviceOfFile(file);
  if (loaded.kind === 'loaded' || named === undefined) return [];
  const services = [named, ...servicesNamed(loaded.data), ...last.map(({ service }) => service.name)];
  return services.map((service) => [service, loaded.problems.join('\n')] as const);
}

/** A service that stands in two files is nobody's: whose it is cannot be told, so it is closed. */
function together(entries: readonly CatalogEntry[], closed: ReadonlyMap<string, string>) {
  const broken = new Map(closed);
  const services = new Map<string, CatalogEntry>();
  const problems: string[] = [];
  for (const entry of entries) {
    const { name } = entry.service;
    const earlier = services.get(name);
    if (earlier !== undefined) {
      const problem = `${entry.source} services.${name}: stands at ${earlier.source} too; allowed: one file for one service`;
      problems.push(problem);
      broken.set(name, problem);
    }
    services.set(name, entry);
  }
  const open = [...services].filter(([name]) => !broken.has(name));
  return { catalog: { services: new Map(open.map(([name, { service }]) => [name, service])), broken }, problems };
}

/** Files that are gone are forgotten; broken ones keep what they last held. */
function newest(reads: readonly ReadFile<readonly CatalogEntry[]>[], good: CatalogFiles): CatalogFiles {
  return new Map(
    reads.flatMap(({ file, loaded }) => {
      const entries = loaded.kind === 'loaded' ? loaded.value : good.get(file);
      return entries === undefined ? [] : [[file, entries] as const];
    }),
  );
}
