import type { Place } from '../domain/asset.ts';
import type { Catalog } from '../domain/catalog.ts';
import type { ResourceFact } from '../domain/place-state.ts';

/** Resources that the catalog's baselines name, as they are in Azure now. Rejects with AssetsUnavailableError rather than guess. */
export interface BaselineResources {
  /** Those that belong to this place; `unread`: why there may be more, in words. */
  of(
    place: Place,
    catalog: Catalog,
  ): Promise<{ readonly found: readonly ResourceFact[]; readonly unread: readonly string[] }>;
}
