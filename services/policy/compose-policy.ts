import type { Contract } from '../domain/contract.ts';
import type { PolicySnapshot } from '../ports/policy.ts';
import type { PolicyFile } from '../ports/policy-source.ts';
import { type CatalogFiles, composeCatalog } from './compose-catalog.ts';
import { composeRoutes, type RouteFiles } from './compose-routes.ts';
import { loadContract } from './load-contract.ts';
import { composeKnownExploited, type GoodLists, isListOfExploited } from './load-known-exploited.ts';
import { loadPolicyFile, missing, problemsOf, type ReadFile } from './load-policy-file.ts';
import { loadProvenance } from './load-provenance.ts';

/** The last good version of each file: what stays in force while a newer one is broken. */
interface GoodPolicy {
  readonly contract?: Contract;
  readonly catalog: CatalogFiles;
  readonly routes: RouteFiles;
  readonly exploited: GoodLists;
}

export const NO_POLICY: GoodPolicy = { catalog: new Map(), routes: new Map(), exploited: new Map() };

/** What is in force once these files are read over the last good ones. Total: broken files become problems. */
export function composePolicy(
  files: readonly PolicyFile[],
  good: GoodPolicy,
  today: string,
): { readonly snapshot: PolicySnapshot; readonly good: GoodPolicy } {
  const read = readContract(files, today);
  const contract = read.loaded.kind === 'loaded' ? read.loaded.value : good.contract;
  const catalog = composeCatalog(filesOf('catalog', files), good.catalog);
  const routes = composeRoutes(filesOf('routes', files), good.routes, {
    services: [...catalog.catalog.services.keys(), ...catalog.catalog.broken.keys()],
    // No environment, or one that the contract does not know, is taken for production: the stricter reading.
    reachesProduction: ({ environment = '' }) => contract?.environments.get(environment)?.tier !== 'non-production',
  });
  const { knownExploited, ...exploited } = composeKnownExploited(files.filter(isListOfExploited), good.exploited);
  const { trust, problems: distrust } = loadProvenance(files);
  return {
    snapshot: {
      ...(contract === undefined ? {} : { contract }),
      ...(knownExploited === undefined ? {} : { knownExploited }),
      catalog: catalog.catalog,
      routes: routes.routes,
      brokenRoutes: routes.broken,
      ...(trust === undefined ? {} : { provenance: trust }),
      problems: [...problemsOf(read), ...catalog.problems, ...routes.problems, ...exploited.problems, ...distrust],
    },
    good: {
      ...(contract === undefined ? {} : { contract }),
      catalog: catalog.good,
      routes: routes.good,
      exploited: exploited.good,
    },
  };
}

function readContract(files: readonly PolicyFile[], today: string): ReadFile<Contract> {
  const name = 'contract.yaml';
  const file = files.find((one) => one.file === name);
  if (file === undefined) {
    return { file: name, loaded: { kind: 'broken', problems: [missing(name, 'kind: GatingContract in this file')] } };
  }
  return loadPolicyFile(file, (source) => loadContract(source, today));
}

function filesOf(kind: 'catalog' | 'routes', files: readonly PolicyFile[]): readonly PolicyFile[] {
  return files.filter(({ file }) => file === `${kind}.yaml` || file.startsWith(`${kind}/`));
}
