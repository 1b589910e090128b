import type { Platform } from '../domain/platform.ts';
import { platformAsOf } from '../domain/platform-age.ts';
import type { PlatformStore } from './platform-store.ts';

/** Where what is known of platforms is read; without a store none is read at all. */
export interface PlatformNeeds {
  readonly platforms?: Pick<PlatformStore, 'all'>;
  /** Address of the portal of Azure. */
  readonly portal?: string;
}

/** One organization's platform as far as it may be relied on now: one call. Rejects with StoreUnavailableError. */
export async function knownPlatform(
  { platforms }: PlatformNeeds,
  organization: string,
  now: string,
): Promise<Platform | undefined> {
  return platforms === undefined ? undefined : platformAsOf(organization, await platforms.all(organization), now);
}
