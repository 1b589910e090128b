import { assetOf, createPlaces, distinctPlaces, type Place } from './asset.ts';
import type { Catalog } from './catalog.ts';
import type { Contract } from './contract.ts';
import { type Platform, type ProjectFact, sectionsOf } from './platform.ts';

/** What a platform is looked at with. */
export interface PlatformSetting {
  readonly catalog: Catalog;
  readonly contract: Contract;
  /** ISO-8601 UTC. */
  readonly now: string;
}

/** The services of the catalog that are built or deployed in a project (id), by the names of its pipelines and repositories. */
export function servicesIn(platform: Platform, project: string, catalog: Catalog): string[] {
  return servicesOfProject(
    sectionsOf(platform, 'project').find(({ target }) => target === project)?.known?.facts,
    catalog,
  );
}

/** Whether the catalog names something of this project. */
export function isNamedBy(facts: ProjectFact | undefined, catalog: Catalog): boolean {
  return servicesOfProject(facts, catalog).length > 0;
}

/** The services of the catalog that these pipelines and repositories belong to, sorted. */
export function servicesOfProject(facts: ProjectFact | undefined, { services }: Catalog): string[] {
  if (facts === undefined) return [];
  const names = {
    pipelines: new Set(facts.pipelines.map((name) => name.toLowerCase())),
    repositories: new Set(facts.repositories.map((name) => name.toLowerCase())),
  };
  const isThere = (all: ReadonlySet<string>, wanted: readonly string[]) =>
    wanted.some((name) => all.has(name.toLowerCase()));
  return [...services.values()]
    .filter((one) => isThere(names.pipelines, one.pipelines) || isThere(names.repositories, one.repositories))
    .map(({ name }) => name)
    .sort();
}

/** Where an environment of Azure DevOps is the catalog's: the services of its project that have one of this name, without regard to case. */
export function placesOfEnvironment(
  platform: Platform,
  project: string,
  environment: string,
  { catalog }: Pick<PlatformSetting, 'catalog'>,
): Place[] {
  return placesNamed(servicesIn(platform, project, catalog), environment, catalog);
}

/** Environments of this name that the catalog gives these services, without regard to case. */
export function placesNamed(services: readonly string[], environment: string, catalog: Catalog): Place[] {
  return services.flatMap((service) =>
    [...(catalog.services.get(service)?.environments.keys() ?? [])]
      .filter((name) => name.toLowerCase() === environment.toLowerCase())
      .map((name) => ({ service, environment: name })),
  );
}

/** Where what reaches an ARM id matters: of a subscription every environment in it, of less the one that it belongs to. */
export function placesOfAsset(platform: Platform, id: string, { catalog }: Pick<PlatformSetting, 'catalog'>): Place[] {
  const asset = assetOf(id);
  if (asset === undefined) return [];
  const name = sectionsOf(platform, 'roles').find(({ target }) => target === asset.subscriptionId)?.name;
  const named = { ...asset, ...(name === undefined ? {} : { subscription: name }) };
  if (asset.resourceGroup !== undefined) {
    const place = placeIn(catalog, named);
    if (place.kind === 'known') return [{ service: place.service, environment: place.environment }];
    return place.kind === 'tie' ? [...place.places] : [];
  }
  const names = [asset.subscriptionId, ...(name === undefined ? [] : [name.toLowerCase()])];
  return allPlaces(catalog).filter(({ service, environment }) => {
    const subscription = catalog.services.get(service)?.environments.get(environment)?.subscription;
    return subscription !== undefined && names.includes(subscription.toLowerCase());
  });
}

type FindPlace = ReturnType<typeof createPlaces>;
const finders = new WeakMap<Catalog, FindPlace>();

/** A platform asks it of thousands, and to prepare it takes as long as the catalog is large. */
function placeIn(catalog: Catalog, asset: Parameters<FindPlace>[0]): ReturnType<FindPlace> {
  const find = finders.get(catalog) ?? createPlaces(catalog);
  finders.set(catalog, find);
  return find(asset);
}

/** Every environment of tier production of the services that the platform's projects hold. */
export function productionPlaces(platform: Platform, setting: PlatformSetting): Place[] {
  const services = new Set(
    sectionsOf(platform, 'project').flatMap(({ target }) => servicesIn(platform, target, setting.catalog)),
  );
  return distinctPlaces(allPlaces(setting.catalog)).filter(
    (place) => services.has(place.service) && isProduction(place.environment, setting),
  );
}

/** Whether the contract gives an environment of this name the tier production. */
export function isProduction(environment: string, { contract }: Pick<PlatformSetting, 'contract'>): boolean {
  const wanted = environment.toLowerCase();
  return [...contract.environments].some(([name, { tier }]) => tier === 'production' && name.toLowerCase() === wanted);
}

function allPlaces({ services }: Catalog): Place[] {
  return [...services.values()].flatMap(({ name: service, environments }) =>
    [...environments.keys()].map((environment) => ({ service, environment })),
  );
}
