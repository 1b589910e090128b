/** Why somebody's wish was not carried out. A value, never thrown; cards/words.ts says each in a sentence. */
export const REFUSALS = [
  'unknown-request',
  'not-an-approver',
  /** Eligible for a group that is asked, without an active membership. */
  'activate-membership',
  'own-deployment',
  'commit-author',
  're-runner',
  'exception-requester',
  'guest',
  'disabled',
  'not-in-directory',
  'wrong-tenant',
  'stale-revision',
  'already-decided',
  'not-asked-yet',
  'blocked',
  'expired',
  'comment-required',
  'comment-too-long',
  /** The directory did not answer: permission is unknown, so nothing is done. */
  'cannot-verify-now',
  /** Others changed the request at the same moment, again and again: nothing happened. */
  'not-recorded',
  /** This human has approved already; a second account is no second person. */
  'already-voted',
  /** A level before theirs does not have its approvals yet. */
  'not-your-turn',
  /** Clicked where the card was never sent to: somebody has passed it on. */
  'card-passed-on',
  'nothing-to-withdraw',
  /** Whom a delegation or a reminder names. */
  'not-asked-now',
  /** Neither asked for the deployment nor is asked about it. */
  'not-concerned',
  'nobody-silent',
  'reminded-lately',
  /** A newer run or attempt has taken its place. */
  'superseded',
  'not-bypassed',
  /** Neither asked for the deployment nor one of the owners of its services. */
  'may-not-explain',
  'reason-unfit',
  'ticket-unfit',
  'not-explained-yet',
  /** Asked for the deployment or explained it: somebody else has to confirm. */
  'own-bypass',
  'not-the-owner',
  'already-confirmed',
  /** Azure DevOps must see the person themselves: what they did runs again once they are signed in. */
  'sign-in-needed',
  /** A native approval, and nothing here can decide it for this person. */
  'decide-in-azure-devops',
  /** Azure DevOps does not let this person decide the native approval now. */
  'no-right-in-azure-devops',
  /** The native approval does not wait any more, which is not recorded here yet. */
  'completed-in-azure-devops',
] as const;
export type Refusal = (typeof REFUSALS)[number];

/** Of somebody who may not, as opposed to what merely needs another click: it is evidence. */
export function isOverreach(refusal: Refusal): boolean {
  return OVERREACHES.has(refusal);
}

const OVERREACHES: ReadonlySet<Refusal> = new Set([
  'not-an-approver',
  'own-deployment',
  'commit-author',
  're-runner',
  'exception-requester',
  'guest',
  'disabled',
  'not-in-directory',
  'no-right-in-azure-devops',
  'card-passed-on',
  'may-not-explain',
  'own-bypass',
  'not-the-owner',
]);
