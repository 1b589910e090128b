import type { ActivityEvent, SeenEnvironment } from '../domain/activity.ts';
import type { LogCursor } from '../domain/log-window.ts';
import type { Recalled } from '../domain/scope-overview.ts';
import type { DevOpsEnvironment } from './deployments.ts';

/** As it was read; `etag` is opaque. */
export interface StoredLogCursor {
  readonly cursor: LogCursor;
  readonly etag: string;
}

/** How far the deployments of one environment were looked at. */
export interface DeploymentCursor extends SeenEnvironment, DevOpsEnvironment {
  /** Every record up to this one is done with. */
  readonly through: number;
}

export interface StoredDeploymentCursor {
  readonly cursor: DeploymentCursor;
  readonly etag: string;
}

/** What was done, as audit logs say it, and how far they were read. Rejects with StoreUnavailableError. */
export interface ActivityStore {
  /** Those that are not there yet; what is known stays as it is. */
  add(events: readonly ActivityEvent[]): Promise<void>;
  /** What happened since an instant (ISO-8601 UTC), oldest first: one call for 1,000. */
  since(instant: string): Promise<readonly ActivityEvent[]>;
  /** The newest 100 of what happened in one service since then: one call. */
  of(service: string, instant: string): Promise<Recalled<ActivityEvent>>;
  logCursor(source: string, target: string): Promise<StoredLogCursor | undefined>;
  /** In place of what was read (undefined: there was none); undefined: somebody else was first. */
  putLogCursor(
    source: string,
    target: string,
    cursor: LogCursor,
    before: StoredLogCursor | undefined,
  ): Promise<StoredLogCursor | undefined>;
  /** One call. */
  deploymentCursors(): Promise<readonly StoredDeploymentCursor[]>;
  putDeploymentCursor(
    cursor: DeploymentCursor,
    before: StoredDeploymentCursor | undefined,
  ): Promise<StoredDeploymentCursor | undefined>;
  /** Since when deployments of this organization are watched (ISO-8601 UTC): the first `now` that was ever given. */
  watchedSince(organization: string, now: string): Promise<string>;
}
