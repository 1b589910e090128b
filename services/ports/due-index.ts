import type { NativeApprovalRef } from '../domain/native-approval.ts';

/** What must be looked at again; a hint only: whoever takes it re-reads the aggregate. */
export type DueHint =
  | {
      readonly kind: 'gate';
      readonly org: string;
      readonly id: string;
      /** ISO-8601 UTC: until then a new one may still be on its way to the store. */
      readonly until?: string;
    }
  | {
      readonly kind: 'scope';
      readonly org: string;
      readonly service: string;
      readonly environment: string;
      /** A finding reaches an age that a step of the contract waits for: who waits is judged again without a wake-up. */
      readonly step?: true;
    }
  /** Its cards are to be shown, or time has changed something about it. */
  | {
      readonly kind: 'exception';
      readonly org: string;
      readonly service: string;
      readonly environment: string;
      readonly id: string;
    }
  | { readonly kind: 'approval'; readonly ref: NativeApprovalRef }
  /** What this request let through is looked at once. */
  | { readonly kind: 'post-deploy'; readonly org: string; readonly id: string }
  /** Somebody (`user:oid` or `channel:…`) may be told what waits for them, or their card is to be written anew. */
  | { readonly kind: 'nudge'; readonly reader: string };

export interface DueItem {
  readonly hint: DueHint;
  /** Where the hint lies, and as what it was read; opaque. */
  readonly place: { readonly partition: string; readonly row: string; readonly etag: string };
}

/** Table `due`: what comes due when, over all aggregates (storage.md rule 2). Rejects with StoreUnavailableError. */
export interface DueIndex {
  /** Writes a hint for this instant (ISO-8601 UTC); the same hint twice is one. */
  remind(hint: DueHint, at: string): Promise<void>;
  /**
   * After a commit whose hint was written before it, at `at`: one that took long may have come due meanwhile, found nothing to do and be
   * gone; then it is written again. No call otherwise.
   */
  remindAgain(hint: DueHint, at: string): Promise<void>;
  /** All hints due by `now`, oldest first. They stay until `done`. */
  take(now: string): Promise<readonly DueItem[]>;
  /** Since when the oldest hint that is due by `now` waits (ISO-8601 UTC); undefined: none does. Changes nothing. */
  oldest(now: string): Promise<string | undefined>;
  /** Takes the hint away, unless it was written anew since it was taken. */
  done(item: DueItem): Promise<void>;
}
