import type { Place } from '../domain/asset.ts';
import type { PlaceState } from '../domain/baseline.ts';
import type { Catalog } from '../domain/catalog.ts';
import { plusMinutes } from '../domain/instant.ts';
import { type Resources, stateOf } from '../domain/place-state.ts';
import type { Section } from '../domain/platform.ts';
import { platformAsOf } from '../domain/platform-age.ts';
import { type PlatformIndex, platformIndex, sectionsOfPlace } from '../domain/platform-index.ts';
import { reviewOf } from '../domain/platform-review.ts';
import { AssetsUnavailableError } from './assets.ts';
import type { BaselineResources } from './baseline-resources.ts';
import type { Clock } from './clock.ts';
import type { PlatformStore } from './platform-store.ts';

interface Needs {
  readonly clock: Clock;
  /** Absent: nothing is known of any platform. */
  readonly platforms?: Pick<PlatformStore, 'all'>;
  /** Absent: Azure is not asked about its resources. */
  readonly baselineResources?: BaselineResources;
}

export type PlaceStates = ReturnType<typeof createPlaceStates>;

const RESOURCES_MINUTES = 60;
const NOT_ASKED = 'Azure is not asked by a bot that runs locally';

/** What is so of places, read as seldom as will do: sections by one call for all places, resources of Azure once an hour. */
export function createPlaceStates(needs: Needs) {
  const indexes = new WeakMap<readonly Section[], PlatformIndex>();
  const asked = new Map<string, { readonly resources: Resources; readonly at: string }>();

  /** Of one reading of the sections, for however many places. */
  function indexOf(organization: string, sections: readonly Section[], catalog: Catalog): PlatformIndex {
    const known = indexes.get(sections);
    if (known?.catalog === catalog) return known;
    const index = platformIndex({ organization, sections }, catalog);
    indexes.set(sections, index);
    return index;
  }

  async function resourcesOf(place: Place, catalog: Catalog, isFresh: boolean): Promise<Resources | undefined> {
    const types = typesNamed(place, catalog);
    if (types.length === 0) return undefined;
    const key = JSON.stringify([place.service, place.environment, types]);
    const now = needs.clock.now();
    const known = asked.get(key);
    if (!isFresh && known !== undefined && now < plusMinutes(known.at, RESOURCES_MINUTES)) return known.resources;
    const resources = { types, ...(await askedNow(needs, place, catalog)) };
    asked.set(key, { resources, at: now });
    return resources;
  }

  return {
    /** Of the platform of an organization (URL), as far as it may be relied on now: one call. Rejects with StoreUnavailableError. */
    sections: async (organization: string): Promise<readonly Section[]> =>
      platformAsOf(organization, (await needs.platforms?.all(organization)) ?? [], needs.clock.now()).sections,
    /** The sections by which a place may change. */
    sectionsOf: (organization: string, sections: readonly Section[], place: Place, catalog: Catalog) =>
      sectionsOfPlace(indexOf(organization, sections, catalog), place),
    /** What of it a look after a deployment goes by. */
    reviewOf: (organization: string, sections: readonly Section[], place: Place, catalog: Catalog) =>
      reviewOf(indexOf(organization, sections, catalog), place),
    /** Whether anything could be known of a place at all. */
    isWatched: (sections: readonly Section[], place: Place, catalog: Catalog): boolean =>
      sections.length > 0 || typesNamed(place, catalog).length > 0,
    /** `wanted`: keys of its baseline. Never rejects because of Azure: what it does not say is unknown. */
    of: async (
      organization: string,
      sections: readonly Section[],
      place: Place,
      { catalog, wanted, isFresh }: { catalog: Catalog; wanted: ReadonlySet<string>; isFresh: boolean },
    ): Promise<PlaceState> => {
      const resources = await resourcesOf(place, catalog, isFresh);
      return stateOf(indexOf(organization, sections, catalog), place, {
        wanted,
        ...(resources === undefined ? {} : { resources }),
      });
    },
  };
}

/** Lower case, each once, sorted. */
function typesNamed({ service, environment }: Place, { services }: Catalog): string[] {
  const named = services.get(service)?.environments.get(environment)?.baseline ?? [];
  return [...new Set(named.map(({ type }) => type))].sort();
}

async function askedNow(
  { clock, baselineResources }: Needs,
  place: Place,
  catalog: Catalog,
): Promise<
  { readonly at: string; readonly found: Extract<Resources, { found: unknown }>['found'] } | { unknown: string }
> {
  if (baselineResources === undefined) return { unknown: NOT_ASKED };
  const at = clock.now();
  try {
    const { found, unread } = await baselineResources.of(place, catalog);
    return unread.length > 0 ? { unknown: unread.join('; ') } : { at, found };
  } catch (error) {
    if (error instanceof AssetsUnavailableError) return { unknown: error.message };
    throw error;
  }
}
