import type { ExceptionState } from './exception.ts';
import type { Principal } from './person.ts';
import type { Refusal } from './refusal.ts';
import type { DateRefusal } from './written-date.ts';

/** Fields that everybody who asks for an exception fills in, by their names on cards, in the API and in messages. */
export const REQUIRED_FIELDS = ['owner', 'reasonClass', 'reason', 'until', 'reviewEvery'] as const;
export type ExceptionField = (typeof REQUIRED_FIELDS)[number] | 'mitigation' | 'ticket' | 'fingerprint' | 'control';

/**
 * Why an exception was not requested, decided, renewed, reviewed or ended. A value, never thrown;
 * cards/exception-words.ts says each in a sentence with the way out.
 */
export type ExceptionRefusal =
  | { readonly code: 'no-contract' | 'several-meant' | 'nobody-meant' | 'unknown-finding' | 'nothing-to-except' }
  | { readonly code: 'unknown-control' | 'unknown-service' | 'unknown-environment'; readonly known: readonly string[] }
  /** The control grants none at all. */
  | { readonly code: 'no-exceptions'; readonly control: string; readonly owner: Principal }
  /** Findings of this control are excepted one by one. */
  | { readonly code: 'scope-too-wide'; readonly control: string }
  /** What was named belongs to another control. */
  | { readonly code: 'other-control'; readonly control: string }
  /** It only warns, or is only counted: nothing is blocked by it. */
  | { readonly code: 'not-blocking'; readonly decision: 'warn' | 'monitor' }
  /** Too many to be listed, or to be named in one exception. */
  | { readonly code: 'too-many-to-except'; readonly most: number }
  | { readonly code: 'field-missing'; readonly fields: readonly ExceptionField[] }
  | { readonly code: 'reason-too-short'; readonly least: number; readonly given: number }
  | { readonly code: 'text-too-long'; readonly field: ExceptionField; readonly most: number }
  | { readonly code: 'reason-class-unknown'; readonly known: readonly string[] }
  | { readonly code: 'owner-unknown' | 'owner-guest' | 'owner-disabled' | 'owner-empty'; readonly owner: string }
  | { readonly code: 'date'; readonly why: DateRefusal }
  /** Later than the control allows: `latest` is the last ISO date. */
  | { readonly code: 'until-too-far'; readonly latest: string; readonly maxDays: number }
  | { readonly code: 'review-unreadable'; readonly cadences: readonly string[] }
  | { readonly code: 'review-too-rare'; readonly mostDays: number; readonly why: 'control' | 'expiry' }
  /** In force for exactly this, or for more. */
  | { readonly code: 'already-excepted'; readonly id: string; readonly until: string }
  | { readonly code: 'budget-used'; readonly limit: number; readonly ids: readonly string[] }
  /**
   * What is open when a service comes in is covered once for each control, before anything was let through there, and never
   * secrets or provenance.
   */
  | { readonly code: 'no-baseline'; readonly why: 'category' | 'used' | 'released'; readonly control: string }
  /** They have asked for it and taken it back so often within a day; ISO-8601 UTC, from when on they may ask again. */
  | { readonly code: 'withdrawn-too-often'; readonly most: number; readonly from: string }
  /** All renewals are used: the control's owner hears of it. */
  | { readonly code: 'renewals-used'; readonly of: number; readonly last: string; readonly owner: Principal }
  /** Without those who may not decide, too few are left to grant it. */
  | {
      readonly code: 'too-few-approvers';
      readonly approvers: Principal;
      readonly quorum: number;
      readonly left: number;
    }
  | { readonly code: 'unknown-exception' | 'unknown-import'; readonly id: string }
  /** It is narrower than its rule by what nothing here can tell. */
  | { readonly code: 'import-narrower'; readonly by: string }
  | { readonly code: 'too-many-imported'; readonly most: number }
  /** So many want it already that nobody else joins them. */
  | { readonly code: 'too-many-askers'; readonly id: string }
  /** What it is now does not allow that. */
  | { readonly code: 'wrong-state'; readonly state: ExceptionState }
  | { readonly code: 'not-an-approver'; readonly approvers: Principal }
  /** Asked for it, or joined. */
  | { readonly code: 'own-exception' }
  /** Asked for a deployment that it would let through, in production. */
  | { readonly code: 'own-deployment' }
  | { readonly code: 'already-voted' | 'comment-required' | 'why-required' | 'stale-revision' | 'not-recorded' }
  | { readonly code: 'wider-than-requested' | 'nothing-narrowed' | 'no-review-asked' | 'snoozed-enough' }
  /** Neither owns it nor stands in for its owner. */
  | { readonly code: 'not-its-owner'; readonly owner: Principal }
  /** Neither owns nor grants it, nor owns its control. */
  | { readonly code: 'may-not-revoke'; readonly owner: Principal; readonly approvers: Principal }
  | { readonly code: 'may-not-withdraw' }
  /** The control changed, or is gone, since it was asked for. */
  | { readonly code: 'control-changed'; readonly control: string }
  /** Who is asking may do nothing here at all. */
  | { readonly code: 'stranger'; readonly refusal: Refusal };

export type ExceptionRefusalCode = ExceptionRefusal['code'];
