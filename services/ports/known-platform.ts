import type { Platform } from '../domain/platform.ts';
import { platformAsOf } from '../domain/platform-age.ts';
import type { PlatformStore } from './platform-store.ts';

/** Where what is known of platforms is read; without a store, or anything that they are read from, none is. */
export interface PlatformNeeds {
  readonly platforms?: Pick<PlatformStore, 'all'>;
  readonly platformSources?: readonly unknown[];
  /** Address of the portal of Azure. */
  readonly portal?: string;
}

/** One organization's platform as far as it may be relied on now: one call. Rejects with StoreUnavailableError. */
export async function knownPlatform(
  { platforms, platformSources }: PlatformNeeds,
  organization: string,
  now: string,
): Promise<Platform | undefined> {
  if (platforms === undefined || platformSources?.length === 0) return undefined;
  return platformAsOf(organization, await platforms.all(organization), now);
}
