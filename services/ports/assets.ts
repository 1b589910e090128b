import type { Asset } from '../domain/asset.ts';

/** Azure could not be asked, or would not say: nothing is known about any asset. */
export class AssetsUnavailableError extends Error {
  override name = 'AssetsUnavailableError' as const;
}

export interface ListedAssets {
  readonly assets: readonly Asset[];
  /** What could not be covered, in words. With anything here there may be more. */
  readonly unread: readonly string[];
}

/** What there is in Azure, as far as the bot may see it. Rejects with AssetsUnavailableError rather than guess. */
export interface Assets {
  /** By `assetKey` of the id; what does not exist, or may not be seen, is absent. */
  find(ids: readonly string[]): Promise<ReadonlyMap<string, Asset>>;
  /** Every resource and resource group. */
  list(): Promise<ListedAssets>;
}
