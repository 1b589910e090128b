import type { Drift, DriftItem } from './drift.ts';
import type { PersonActor } from './person.ts';
import type { Refusal } from './refusal.ts';
import type { WhoApproves } from './who-approves.ts';

/** Why nothing was taken into a baseline, or shown of one. */
export type DriftRefusal =
  | { readonly code: 'stranger'; readonly refusal: Refusal }
  | { readonly code: 'unknown-service' | 'unknown-environment'; readonly known: readonly string[] }
  | { readonly code: 'no-contract' | 'no-baseline' | 'no-drift' | 'stale-revision' | 'nothing-chosen' | 'not-recorded' }
  /** It cannot be looked at now: nobody knows what they would accept. */
  | { readonly code: 'not-comparable' }
  /** More than one was chosen for what is asked for one by one. */
  | { readonly code: 'one-at-a-time' }
  | { readonly code: 'not-an-approver'; readonly approvers: readonly string[] };
export type DriftRefusalCode = DriftRefusal['code'];

/** As docs/errors.md lists them. */
export const DRIFT_REFUSALS: readonly DriftRefusalCode[] = [
  'no-contract',
  'unknown-service',
  'unknown-environment',
  'no-baseline',
  'no-drift',
  'not-an-approver',
  'stale-revision',
  'nothing-chosen',
  'one-at-a-time',
  'not-comparable',
  'not-recorded',
  'stranger',
];

interface Wish {
  readonly by: Pick<PersonActor, 'oid'>;
  readonly revision: number;
  readonly only?: readonly string[];
  readonly drift: Drift;
  readonly chosen: readonly DriftItem[];
}

/** Why this is not accepted, or undefined. `approvers`: who could approve a deployment there now. */
export function refusalToAccept(wish: Wish, approvers: WhoApproves | undefined): DriftRefusal | undefined {
  const { by, revision, only = [], drift, chosen } = wish;
  const eligible = (approvers?.ways ?? []).flatMap(({ levels }) => levels.flatMap((level) => level.eligible));
  if (!eligible.some(({ oid }) => oid === by.oid))
    return { code: 'not-an-approver', approvers: [...new Set(eligible.map(({ name }) => name))].sort() };
  if (drift.items.length === 0) return { code: 'no-drift' };
  const isThere = only.every((print) => drift.items.some(({ fingerprint }) => fingerprint === print));
  if (revision !== drift.revision || !isThere) return { code: 'stale-revision' };
  if (chosen.length === 0) return { code: 'nothing-chosen' };
  return chosen.some(({ isUnknown }) => isUnknown === true) ? { code: 'not-comparable' } : undefined;
}
