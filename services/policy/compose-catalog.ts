import type { Catalog, Service } from '../domain/catalog.ts';
import { readCodeowners } from '../domain/codeowners.ts';
import type { PolicyFile } from '../ports/policy-source.ts';
import { isBackstage, loadBackstage } from './load-backstage.ts';
import { type CatalogEntry, loadCatalog, servicesNamed } from './load-catalog.ts';
import type { Loaded } from './load-file.ts';
import { loadPolicyFile, missing, problemsOf, type ReadFile, serviceOfFile } from './load-policy-file.ts';
import type { Source } from './yaml-text.ts';

/** File → what its last good version held. */
export type CatalogFiles = ReadonlyMap<string, readonly CatalogEntry[]>;

interface ComposedCatalog {
  readonly catalog: Catalog;
  readonly good: CatalogFiles;
  readonly problems: readonly string[];
}

/** A document of a file that could be read otherwise. Without a name it may be that of any service of the file. */
interface BrokenDocument {
  readonly named?: string;
  readonly problems: readonly string[];
}

interface CatalogFile {
  readonly entries: readonly CatalogEntry[];
  readonly broken: readonly BrokenDocument[];
}

/** Of one file: a file that names people throughout must not hide what closes a service. */
const OWNERS_NAMED = 5;
const CODEOWNERS = /^catalog\/(.+)\.codeowners$/;

/**
 * The catalog of all files. A broken catalog.yaml keeps its last good version; a broken file of the folder closes its
 * service: the one that it is named after, and those that it names or named. A broken Backstage document closes its own.
 */
export function composeCatalog(all: readonly PolicyFile[], good: CatalogFiles): ComposedCatalog {
  const files = all.filter(({ file }) => !CODEOWNERS.test(file));
  if (files.length === 0) {
    const { catalog } = together([...good.values()].flat(), new Map());
    return { catalog, good, problems: [missing('catalog.yaml', 'kind: Catalog in this file or in catalog/*.yaml')] };
  }
  const reads = files.map((file) => loadPolicyFile(file, loadCatalogFile));
  const closed = new Map(reads.flatMap((read) => closedBy(read, good.get(read.file) ?? [])));
  const inForce = reads.flatMap(({ file, loaded }) => {
    if (loaded.kind === 'loaded') return loaded.value.entries;
    return serviceOfFile(file) === undefined ? (good.get(file) ?? []) : [];
  });
  const { catalog, problems } = together(inForce, closed);
  const owned = withCodeowners(catalog, all);
  return {
    catalog: owned.catalog,
    good: newest(reads, good),
    problems: [...reads.flatMap(problemsIn), ...problems, ...owned.problems],
  };
}

function loadCatalogFile(source: Source): Loaded<CatalogFile> {
  if (isBackstage(source.text)) {
    const read = loadBackstage(source);
    const entries = read.flatMap((one) => ('service' in one ? one : []));
    return { kind: 'loaded', value: { entries, broken: read.flatMap((one) => ('service' in one ? [] : one)) } };
  }
  const loaded = loadCatalog(source);
  return loaded.kind === 'broken' ? loaded : { kind: 'loaded', value: { entries: loaded.value, broken: [] } };
}

function problemsIn(read: ReadFile<CatalogFile>): readonly string[] {
  return read.loaded.kind === 'loaded'
    ? read.loaded.value.broken.flatMap(({ problems }) => problems)
    : problemsOf(read);
}

function closedBy(read: ReadFile<CatalogFile>, last: readonly CatalogEntry[]) {
  const { file, loaded } = read;
  const named = serviceOfFile(file);
  const why = problemsIn(read).join('\n');
  if (loaded.kind === 'broken' && named === undefined) return [];
  const services =
    loaded.kind === 'loaded'
      ? [...loaded.value.broken.flatMap(({ named }) => named ?? []), ...lostFrom(loaded.value, last).map(nameOf)]
      : [named ?? '', ...servicesNamed(loaded.data), ...last.map(nameOf)];
  return services.map((service) => [service, why] as const);
}

/** What the file held and holds no more, while some of it cannot be told. */
function lostFrom({ entries, broken }: CatalogFile, last: readonly CatalogEntry[]): readonly CatalogEntry[] {
  const isTold = broken.every(({ named }) => named !== undefined);
  const present = new Set(entries.map(nameOf));
  return isTold ? [] : last.filter((entry) => !present.has(nameOf(entry)));
}

function nameOf({ service }: CatalogEntry): string {
  return service.name;
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

/** Paths that the catalog itself names come first. Who owns a path decides about no gate, so nothing is closed here. */
function withCodeowners(catalog: Catalog, files: readonly PolicyFile[]) {
  const services = new Map(catalog.services);
  const problems = files.flatMap((file) => {
    const named = CODEOWNERS.exec(file.file)?.[1];
    if (named === undefined) return [];
    if ('fault' in file) return [`${file.file}:1 file: ${file.fault}`];
    const service = services.get(named);
    if (service === undefined) {
      const isClosed = catalog.broken.has(named);
      return isClosed ? [] : [`${file.file}:1 file: is of no service; allowed: the name of a service of the catalog`];
    }
    const { paths, problems } = readCodeowners(file.text);
    services.set(named, { ...service, paths: [...service.paths, ...paths.map((path) => ownedBy(service, path))] });
    const lines = problems.map(({ line, message }) => `${file.file}:${line} owners: ${message}`);
    const more = lines.length - OWNERS_NAMED;
    return more > 0 ? [...lines.slice(0, OWNERS_NAMED), `${file.file}:1 owners: and ${more} more like these`] : lines;
  });
  return { catalog: { ...catalog, services }, problems };
}

function ownedBy(service: Service, { glob, owner }: ReturnType<typeof readCodeowners>['paths'][number]) {
  return { glob, owner: owner ?? service.owner };
}

/** Files that are gone are forgotten; broken ones keep what they last held. */
function newest(reads: readonly ReadFile<CatalogFile>[], good: CatalogFiles): CatalogFiles {
  return new Map(
    reads.flatMap(({ file, loaded }) => {
      const last = good.get(file) ?? [];
      if (loaded.kind === 'loaded') {
        return [[file, [...loaded.value.entries, ...lostFrom(loaded.value, last)]] as const];
      }
      return last.length === 0 ? [] : [[file, last] as const];
    }),
  );
}
