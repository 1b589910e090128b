import { COMMENT_LIMIT } from '../services/domain/approval.ts';
import { REASON_MAX, REASON_MIN, TICKET_MAX } from '../services/domain/bypass.ts';
import type { BlockGroup } from '../services/domain/contract.ts';
import type { Category, Severity } from '../services/domain/finding.ts';
import type { ExcludedCandidate, Gate, GateState } from '../services/domain/gate.ts';
import type { ControlSignal, Obstacle } from '../services/domain/judgement.ts';
import type { Refusal } from '../services/domain/refusal.ts';
import type { Exclusion } from '../services/domain/route.ts';
import type { Tone } from './card.ts';
import { approversOf, decider, deploymentOf, listOf, nameOf, principalName, type Viewer } from './names.ts';
import { progressWords } from './progress.ts';
import { localTime, withTimes } from './show-time.ts';

/** How a state looks: the colour repeats what symbol and word say. */
export interface Look {
  readonly symbol: string;
  readonly word: string;
  readonly tone: 'emphasis' | Tone;
}

export const STATE_LOOKS: Readonly<Record<GateState, Look>> = {
  received: { symbol: '○', word: 'Being checked', tone: 'emphasis' },
  blocked: { symbol: '■', word: 'Blocked', tone: 'attention' },
  asked: { symbol: '●', word: 'Waiting for approval', tone: 'accent' },
  approved: { symbol: '✓', word: 'Approved', tone: 'good' },
  rejected: { symbol: '✗', word: 'Rejected', tone: 'attention' },
  passed: { symbol: '✓', word: 'Passed', tone: 'good' },
  failed: { symbol: '✗', word: 'Stopped', tone: 'attention' },
  expired: { symbol: '✗', word: 'Expired', tone: 'warning' },
  superseded: { symbol: '–', word: 'Superseded', tone: 'emphasis' },
  abandoned: { symbol: '–', word: 'No longer needed', tone: 'emphasis' },
  bypassed: { symbol: '!', word: 'Released without a decision', tone: 'attention' },
};

export const SEVERITY_WORDS: Readonly<Record<Severity, string>> = {
  critical: 'critical',
  high: 'high',
  medium: 'medium',
  low: 'low',
  info: 'information',
};

export const BLOCK_GROUP_WORDS: Readonly<Record<BlockGroup, string>> = {
  'secret-exposure': 'exposed secret',
  'production-misconfiguration': 'production misconfiguration',
  'release-integrity': 'release integrity',
  'delivery-path-trust': 'trust in the delivery path',
};

export const CATEGORY_WORDS: Readonly<Record<Category, string>> = {
  secret: 'secret scanning',
  dependency: 'dependency scanning',
  sast: 'code scanning',
  iac: 'infrastructure-as-code scanning',
  policy: 'Azure Policy',
  configuration: 'configuration',
  provenance: 'provenance',
  container: 'container scanning',
  runtime: 'Defender',
  activity: 'activity',
  platform: 'access validation',
};

/** What to do where the tool says nothing about it. */
export const FIX_WORDS: Readonly<Record<Category, string>> = {
  secret: 'revoke the secret first, then take it out of the code',
  dependency: 'update to a version without the vulnerability',
  sast: 'mend the code at the place named above',
  iac: 'correct the template and run the stage again',
  policy: 'bring the resource in line with the policy',
  configuration: 'correct the setting and run the stage again',
  provenance: 'ship what the trusted pipeline built and signed',
  container: 'rebuild the image on a mended base',
  runtime: 'follow the recommendation in Defender for Cloud',
  activity: 'look into the activity before shipping more',
  platform: 'correct the access or protection named above',
};

/** After a name: `Ann Archer (asked for this deployment)`. */
export const EXCLUDED_WORDS: Readonly<Record<ExcludedCandidate['why'], string>> = {
  requester: 'asked for this deployment',
  'commit-author': 'wrote part of it',
  're-runner': 'ran it again',
  'exception-requester': 'asked for an exception in it',
  guest: 'guest account',
  disabled: 'disabled account',
};

export const EXCLUSION_WORDS: Readonly<Record<Exclusion, string>> = {
  requester: 'whoever asked for it',
  'commit-authors': 'whoever wrote any of it',
  'last-committer': 'whoever committed last',
  're-runner': 'whoever ran it again',
  'exception-requester': 'whoever asked for an exception in it',
};

/** After a control's name: `secret-scanning: no report was received`. */
export const UNKNOWN_WORDS: Readonly<Record<NonNullable<ControlSignal['why']>, string>> = {
  absent: 'no report was received for what is shipped',
  'too-old': 'the newest report is too old',
  incomplete: 'the tool did not see everything',
  unverified: 'the report names no run that could be verified',
  'other-artifact': 'no verified provenance is about the artifact that is deployed',
};

interface Problem {
  readonly what: string;
  readonly now: string;
}

/** A run whose sources could not be read: no scanner can mend that. */
export const UNREAD_WORDS: Problem = {
  what: 'What the run ships could not be read.',
  now: 'Give the job or the bot read access to it in Azure DevOps, then run the stage again.',
};

/** What stands in the way though no finding does, and what to do about it. */
export const OBSTACLE_WORDS: Readonly<Record<Obstacle['kind'], Problem>> = {
  'older-contract': {
    what: 'The contract that it was first judged by is stricter than the one in force.',
    now: 'Mend what is listed, or run the stage again to be judged by the contract in force.',
  },
  'missing-signal': {
    what: 'Required evidence is missing.',
    now: 'Let the named scanner run for this commit and send its report; the gate opens by itself.',
  },
  'no-contract': {
    what: 'No valid gating contract is in force.',
    now: 'Mend the contract file; "status" names each mistake.',
  },
  'unknown-environment': {
    what: 'The contract does not know this environment.',
    now: 'Add it to "environments" in the contract, or correct its name in the check.',
  },
  'unknown-service': {
    what: 'The catalog does not know this service.',
    now: 'Add it to the catalog with its owner and repositories.',
  },
  'no-route': {
    what: 'No approval route matches, so there is nobody to ask.',
    now: 'Add a route for this service and environment.',
  },
  'requester-unknown': {
    what: 'The person who asked for this deployment is not in the directory, so nobody can be shown to be somebody else.',
    now: 'Add this identity to the person in the directory (an e-mail address in Entra, "sameAs" in a file), or run it as a known person.',
  },
  'too-few-approvers': {
    what: 'Too few people may decide: those who asked for it or wrote it may not.',
    now: 'Add somebody else to the approving group, or let another person run it.',
  },
};

/** What may be said in a refusal beyond its code. */
export interface About {
  readonly gate?: Gate;
  readonly viewer?: Viewer;
  /** Of `activate-membership`. */
  readonly group?: string;
  /** Of `not-asked-now`. */
  readonly name?: string;
  /** Of `reminded-lately`: ISO-8601 UTC. */
  readonly at?: string;
}

/** What happened, who, and what can be done now: plain text, safe to show as it is. */
export function refusalSentence(refusal: Refusal, about: About = {}): string {
  return withTimes(refusalWords(refusal, about), about.viewer?.zone);
}

/** The same for a card, which leaves the times to each reader's client. */
export function refusalWords(refusal: Refusal, about: About): string {
  return REFUSAL_SENTENCES[refusal](about);
}

const REFUSAL_SENTENCES: Readonly<Record<Refusal, (about: About) => string>> = {
  'unknown-request': () =>
    'Nothing was done: there is no request with this id here. Type "approvals" to see what is waiting for you, with its id.',
  'not-an-approver': (about) => `Nothing was recorded: you are not an approver of ${what(about)}. ${whoMay(about)}`,
  'activate-membership': (about) =>
    `Nothing was recorded: you are eligible for ${about.group === undefined ? 'a group' : nameOf(about.group)}, which may decide on ${what(about)}, but your membership is not active. Activate it in Microsoft Entra (Privileged Identity Management), then try again.`,
  'own-deployment': (about) =>
    `Nothing was recorded: you asked for ${what(about)}, so somebody else has to decide. ${whoMay(about)}`,
  'commit-author': (about) =>
    `Nothing was recorded: you wrote part of ${what(about)}, so somebody else has to decide. ${whoMay(about)}`,
  're-runner': (about) =>
    `Nothing was recorded: you ran ${what(about)} again, so somebody else has to decide. ${whoMay(about)}`,
  'exception-requester': (about) =>
    `Nothing was recorded: you asked for an exception that ${what(about)} uses, so somebody else has to decide. ${whoMay(about)}`,
  guest: (about) => `Nothing was recorded: a guest account cannot decide here. ${whoMay(about)}`,
  disabled: (about) => `Nothing was recorded: your account is disabled in the directory. ${whoMay(about)}`,
  'not-in-directory': (about) =>
    `Nothing was recorded: your account was not found in the directory, so it cannot be shown that you may decide. ${whoMay(about)}`,
  'wrong-tenant': () =>
    'Nothing was recorded: you are signed in to another organization. Switch to the organization that owns this deployment and try again.',
  'stale-revision': (about) =>
    `Nothing was recorded: ${what(about)} has changed since your card was shown. Read the card as it is now, then decide again.`,
  'card-passed-on': (about) =>
    `Nothing was recorded: this card was not sent to this conversation, and what stands around it may mislead. Decide on the card that was sent to you, or write "approve ${about.gate?.id ?? 'ID'}" to Countersign in your own chat.`,
  'already-decided': (about) => `Nothing was changed: ${settled(about)}`,
  'not-asked-yet': (about) =>
    `Nothing was recorded: ${what(about)} is still being checked. Wait until the card asks for approval.`,
  blocked: (about) =>
    `Nothing was recorded: the contract blocks ${what(about)}, and no approval can pass that. Fix what the card names.`,
  expired: (about) =>
    `Nothing was recorded: ${about.gate === undefined ? 'the time to decide is over' : `the time to decide ended on ${localTime(about.gate.closesAt)}`}. Run the stage again to be asked anew.`,
  'comment-required': () => 'Nothing was recorded yet: this decision needs a comment. Write why, then click again.',
  'comment-too-long': () =>
    `Nothing was recorded yet: the comment is too long. Keep it to ${COMMENT_LIMIT} characters and click again.`,
  'cannot-verify-now': ({ gate }) =>
    `Nothing was recorded: ${gate?.door.kind === 'approval' ? 'the directory, the sign-in or Azure DevOps' : 'the directory'} did not answer, so it could not be verified that you may decide. Try again in a minute.`,
  'not-recorded': () =>
    'Nothing was recorded, and Azure DevOps was not told: others changed this request at the same moment. Try again.',
  'already-voted': (about) =>
    `Nothing was changed: you have approved ${what(about)} already, and one person counts once. ${progressOf(about)}`,
  'not-your-turn': (about) =>
    `Nothing was recorded: ${what(about)} is not with you yet; others have to approve first. Wait for the card that asks you.`,
  'nothing-to-withdraw': (about) =>
    `Nothing was changed: you have not approved ${what(about)}. Type "why" and its id to see who has.`,
  'not-asked-now': (about) =>
    `Nothing was done: ${about.name === undefined ? 'this person' : nameOf(about.name)} is not asked to decide on ${what(about)} now. ${whoMay(about)}`,
  'not-concerned': (about) =>
    `Nothing was done: only whoever asked for ${what(about)} or is asked about it has others reminded. ${whoMay(about)}`,
  'nobody-silent': (about) => `Nothing was done: nobody else is asked about ${what(about)} now. ${whoMay(about)}`,
  'reminded-lately': (about) =>
    `Nothing was done: the silent ones have been reminded of ${what(about)} within the last hour. Try again ${about.at === undefined ? 'later' : `after ${localTime(about.at)}`}.`,
  superseded: (about) =>
    `Nothing was recorded: a newer run has taken the place of ${what(about)}. Decide on the newer one.`,
  'not-bypassed': (about) =>
    `Nothing was recorded: ${what(about)} did not go on without a decision, so there is nothing to explain. Type "why" and its id to see how it stands.`,
  'may-not-explain': (about) =>
    `Nothing was recorded: you neither asked for ${what(about)} nor own its services. Ask one of those to explain it.`,
  'reason-unfit': () =>
    `Nothing was recorded yet: the reason needs ${REASON_MIN} to ${REASON_MAX} characters. Write who let it go on and why, then try again.`,
  'ticket-unfit': () =>
    `Nothing was recorded yet: name a ticket by its number or address, in at most ${TICKET_MAX} characters, then try again.`,
  'not-explained-yet': (about) =>
    `Nothing was recorded: nobody has explained yet why ${what(about)} went on without a decision. Ask whoever asked for it.`,
  'own-bypass': (about) =>
    `Nothing was recorded: you asked for ${what(about)} or explained it, so somebody else has to confirm. ${whoConfirms(about)}`,
  'not-the-owner': (about) =>
    `Nothing was recorded: it is not for you to confirm the bypass of ${what(about)}. ${whoConfirms(about)}`,
  'already-confirmed': (about) =>
    `Nothing was changed: the bypass of ${what(about)} was explained and confirmed. Type "why" and its id to read it.`,
  'sign-in-needed': () =>
    'Nothing was recorded yet: Azure DevOps must see you yourself. Sign in, then try again; a click goes on by itself.',
  'decide-in-azure-devops': (about) =>
    `Nothing was recorded: ${what(about)} waits for an approval of Azure DevOps' own, which cannot be given from here. Open it there and decide.`,
  'no-right-in-azure-devops': (about) =>
    `Nothing was recorded: Azure DevOps does not let you decide on ${what(about)} now. You are none of its approvers there, have decided already, or others come first. Ask one of its approvers in Azure DevOps.`,
  'completed-in-azure-devops': (about) =>
    `Nothing was recorded: ${what(about)} does not wait in Azure DevOps any more. The card will say how it ended.`,
};

function what({ gate }: About): string {
  return gate === undefined ? 'this deployment' : `the ${deploymentOf(gate)}`;
}

function whoMay({ gate }: About): string {
  if (gate?.ask === undefined) return 'Ask one of its approvers.';
  return `These people may decide: ${approversOf(gate)}.`;
}

function whoConfirms({ gate }: About): string {
  const names = (gate?.bypass?.explained.confirmers ?? []).map((principal) => principalName(principal, gate));
  return names.length === 0 ? 'Ask one of its owners.' : `Ask one of ${listOf(names, 3)}.`;
}

function progressOf({ gate }: About): string {
  return gate?.ask === undefined ? 'Others have to approve too.' : `It has ${progressWords(gate.ask, gate.votes)}.`;
}

function settled({ gate, viewer }: About): string {
  if (gate === undefined) return 'this request is settled already.';
  return settledSentence(gate, viewer);
}

/** How a gate ended, as one sentence without its subject's name; times as `localTime` writes them. */
function settledSentence(gate: Gate, viewer?: Viewer): string {
  const { decision } = gate;
  if (decision !== undefined && (gate.state === 'approved' || gate.state === 'rejected')) {
    const verb = decision.verdict === 'approve' ? 'approved' : 'rejected';
    return `${decider(gate, viewer)} ${verb} it on ${localTime(decision.at)}.`;
  }
  const ends: Readonly<Record<GateState, string>> = {
    received: 'it is still being checked.',
    blocked: 'it is blocked.',
    asked: 'it is waiting for approval.',
    approved: 'it was approved.',
    rejected: 'it was rejected.',
    passed: 'it passed; no approval was needed.',
    failed: 'it was stopped, because it was still blocked when the wait ended.',
    expired: `its time ended on ${localTime(gate.closesAt)}.`,
    superseded: 'a newer run has taken its place.',
    abandoned: 'the run ended or was cancelled in Azure DevOps.',
    bypassed: 'Azure DevOps let it go on without a decision here.',
  };
  return ends[gate.state];
}
