import type { Baseline } from '../domain/baseline.ts';
import type { Drift } from '../domain/drift.ts';
import type { EvidenceDraft } from '../domain/evidence.ts';
import type { PostDeployReview } from '../domain/post-deploy.ts';
import type { ScopeKey } from './scope-store.ts';

/** A message about the drift of one scope. */
export interface DriftMessage {
  /** `user:oid` or `channel:…`. */
  readonly recipient: string;
  readonly conversation: string;
  readonly activityId: string;
}

/** The drift of one scope, and who was shown it. */
export interface StoredDrift {
  readonly drift: Drift;
  /** The revision that the messages show, and the one that stands as findings. */
  readonly shown: number;
  readonly noted: number;
  readonly messages: readonly DriftMessage[];
  /** Fingerprints that they were told of; absent: none. */
  readonly told?: readonly string[];
  /** The deployment with which the baseline was last taken, as its owners were told; absent: they were told of none. */
  readonly announced?: string;
  /** ISO-8601 UTC; a process is sending it, or died there. */
  readonly claim?: string;
}

/** Of one scope, read together. Without its version there is none. */
export interface StoredBaseline {
  readonly scope: ScopeKey;
  readonly baseline?: Baseline;
  readonly drift?: StoredDrift;
  readonly baselineVersion?: string;
  readonly driftVersion?: string;
}

/** What becomes of a baseline, with its evidence in one transaction. */
export interface BaselineChange {
  readonly baseline: Baseline;
  readonly evidence: EvidenceDraft;
  readonly op: string;
  /** ISO-8601 UTC. */
  readonly at: string;
}

/** What was done at the end of a post-deploy review. */
export interface ReviewEnd {
  readonly evidence: EvidenceDraft;
  readonly op: string;
  readonly at: string;
}

export interface StoredPostDeploy {
  readonly review: PostDeployReview;
  readonly version: string;
}

/**
 * What was approved for one service in one environment, and how it differs now, in table `find`. Rejects with StoreUnavailableError. Each `put`
 * writes in place of what was read, whole or not at all; undefined: somebody else was first.
 */
export interface BaselineStore {
  /** One call for 1,000 rows. */
  read(scope: ScopeKey): Promise<StoredBaseline>;
  putBaseline(before: StoredBaseline, change: BaselineChange): Promise<StoredBaseline | undefined>;
  /** Touches no baseline. */
  putDrift(before: StoredBaseline, drift: StoredDrift): Promise<StoredBaseline | undefined>;
  /** Of the deployment that this request asked for. */
  review(scope: ScopeKey, requestId: string): Promise<StoredPostDeploy | undefined>;
  /** With `end` the evidence of it, in one transaction. */
  putReview(
    scope: ScopeKey,
    review: PostDeployReview,
    before: StoredPostDeploy | undefined,
    end?: ReviewEnd,
  ): Promise<StoredPostDeploy | undefined>;
}
