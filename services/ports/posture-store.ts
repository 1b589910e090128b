import type { Posture } from '../domain/posture.ts';
import type { ScopeKey } from './scope-store.ts';

/** One source's posture of one scope. */
export interface PostureKey {
  readonly scope: ScopeKey;
  /** Such as `azure-policy`. */
  readonly source: string;
}

/** As it was read; without a version there was none. */
export interface StoredPosture {
  readonly posture: Posture;
  readonly version?: string;
}

/** Postures in table `find`, each whole or not at all. Rejects with StoreUnavailableError. */
export interface PostureStore {
  /** One call for 1,000 rows of 250,000 characters. */
  read(key: PostureKey): Promise<StoredPosture>;
  /** In place of what was read, in one transaction; undefined: somebody else was first. */
  write(key: PostureKey, posture: Posture, before: StoredPosture): Promise<StoredPosture | undefined>;
}
