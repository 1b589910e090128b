import type { Place } from './asset.ts';
import type { Catalog } from './catalog.ts';
import { type Platform, type Section, sectionsOf } from './platform.ts';
import { placesOfAsset } from './platform-places.ts';
import { connectionIdentities, principalNames } from './role-holders.ts';

/** A platform with what many places ask of it, each answered once. */
export interface PlatformIndex {
  readonly platform: Platform;
  readonly catalog: Catalog;
  /** Projects (ids) in which a service is built or deployed, as far as that can be read now. */
  projectsOf(service: string): ReadonlySet<string>;
  /** As `placesOfAsset`. */
  placesOf(armId: string): readonly Place[];
  /** As `connectionIdentities`. */
  readonly identities: ReadonlySet<string>;
  /** As `principalNames`. */
  readonly names: ReadonlyMap<string, string>;
}

export function platformIndex(platform: Platform, catalog: Catalog): PlatformIndex {
  const pipelines = new Map<string, string[]>();
  const repositories = new Map<string, string[]>();
  const add = (all: Map<string, string[]>, name: string, project: string) => {
    const key = name.toLowerCase();
    all.set(key, [...(all.get(key) ?? []), project]);
  };
  for (const { target, known, unknown } of sectionsOf(platform, 'project')) {
    if (known === undefined || unknown !== undefined) continue;
    for (const name of known.facts.pipelines) add(pipelines, name, target);
    for (const name of known.facts.repositories) add(repositories, name, target);
  }
  const places = new Map<string, readonly Place[]>();
  return {
    platform,
    catalog,
    identities: connectionIdentities(platform),
    names: principalNames(platform),
    projectsOf: (name) => {
      const service = catalog.services.get(name);
      const built = service?.pipelines.flatMap((one) => pipelines.get(one.toLowerCase()) ?? []) ?? [];
      const kept = service?.repositories.flatMap((one) => repositories.get(one.toLowerCase()) ?? []) ?? [];
      return new Set([...built, ...kept]);
    },
    placesOf: (armId) => {
      const found = places.get(armId) ?? placesOfAsset(platform, armId, { catalog });
      places.set(armId, found);
      return found;
    },
  };
}

/** The sections by which a place may change: those of its projects, and the role assignments of its identities. */
export function sectionsOfPlace({ platform, projectsOf }: PlatformIndex, { service }: Place): Section[] {
  const projects = projectsOf(service);
  return platform.sections.filter(
    ({ kind, target }) => kind === 'roles' || (projects.has(target) && kind !== 'variable-groups'),
  );
}
