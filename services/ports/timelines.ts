import type { Recalled, ScopeMoment } from '../domain/scope-overview.ts';
import type { ScopeKey } from './scope-store.ts';

/** What happened in scopes, noted in the transaction of what it tells of. Rejects with StoreUnavailableError. */
export interface Timelines {
  /** Of one scope since an instant (ISO-8601 UTC), the newest 100 of each of its two partitions: two calls, however much there is. */
  since(scope: ScopeKey, instant: string): Promise<readonly Recalled<ScopeMoment>[]>;
}
