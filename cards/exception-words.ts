import type { ExceptionState, ReasonClass } from '../services/domain/exception.ts';
import { MOST_SNOOZED } from '../services/domain/exception-life.ts';
import type { ExceptionField, ExceptionRefusal, ExceptionRefusalCode } from '../services/domain/exception-refusal.ts';
import { plusDays } from '../services/domain/instant.ts';
import { dateRefusalWords } from './date-words.ts';
import { partyName } from './exception-names.ts';
import { counted, listOf, nameOf, plural, type Viewer } from './names.ts';
import { showDate, showTime } from './show-time.ts';
import { plain } from './text.ts';
import { type Look, refusalSentence } from './words.ts';

export const EXCEPTION_LOOKS: Readonly<Record<ExceptionState, Look>> = {
  requested: { symbol: '●', word: 'Asked for', tone: 'accent' },
  active: { symbol: '✓', word: 'In force', tone: 'good' },
  suspended: { symbol: '!', word: 'Suspended', tone: 'attention' },
  rejected: { symbol: '✗', word: 'Refused', tone: 'attention' },
  withdrawn: { symbol: '–', word: 'Withdrawn', tone: 'emphasis' },
  expired: { symbol: '–', word: 'Ended', tone: 'warning' },
  revoked: { symbol: '✗', word: 'Revoked', tone: 'attention' },
  closed: { symbol: '–', word: 'Closed', tone: 'emphasis' },
};

export const REASON_CLASS_WORDS: Readonly<Record<ReasonClass, string>> = {
  'fix-scheduled': 'a fix is scheduled',
  'no-fix-yet': 'there is no fix yet',
  mitigated: 'something else protects meanwhile',
  'not-affected': 'this is not affected',
  'false-positive': 'the finding is wrong',
  'accepted-risk': 'the risk is accepted',
};

export const FIELD_WORDS: Readonly<Record<ExceptionField, string>> = {
  owner: 'the owner',
  reasonClass: 'the kind of reason',
  reason: 'the reason',
  until: 'the last day',
  reviewEvery: 'how often it is reviewed',
  mitigation: 'the compensating control',
  ticket: 'the ticket',
  fingerprint: 'the finding',
  control: 'the control',
};

const KNOWN_SHOWN = 8;
const LIMITED_MAX = 200;
const DIRECTORY_NAME =
  'Write an e-mail address, a whole name as Teams shows it, or "group:" and the name of a group; in a message a mention with @ does too.';

/** What did not happen, and the way out. Plain text, safe to show as it is. */
export function exceptionRefusalText(why: ExceptionRefusal, viewer?: Viewer): string {
  if (why.code === 'stranger') return refusalSentence(why.refusal, viewer === undefined ? {} : { viewer });
  const kept = MENDED.includes(why.code) ? 'Nothing was recorded yet' : 'Nothing was recorded';
  return `${kept}: ${sayWhy(why, viewer)}`;
}

/** The same to somebody who only wanted to read. */
export function exceptionUnreadText(why: ExceptionRefusal, viewer?: Viewer): string {
  if (why.code === 'stranger') return exceptionRefusalText(why, viewer);
  const said = sayWhy(why, viewer);
  return `${said.slice(0, 1).toUpperCase()}${said.slice(1)}`;
}

function sayWhy(why: ExceptionRefusal, viewer: Viewer | undefined): string {
  const say = REFUSALS[why.code as Worded] as (why: ExceptionRefusal, viewer?: Viewer) => string;
  return say(why, viewer);
}

/** What filling in something else mends. */
const MENDED: readonly ExceptionRefusalCode[] = [
  'field-missing',
  'reason-too-short',
  'text-too-long',
  'reason-class-unknown',
  'owner-unknown',
  'owner-guest',
  'owner-disabled',
  'owner-empty',
  'several-meant',
  'nobody-meant',
  'date',
  'until-too-far',
  'review-unreadable',
  'review-too-rare',
  'stale-revision',
  'not-recorded',
];

/** Whether the same form can still become a request. */
export function isMendable({ code }: ExceptionRefusal): boolean {
  return MENDED.includes(code);
}

type Worded = Exclude<ExceptionRefusalCode, 'stranger'>;
type Of<Code extends ExceptionRefusalCode> = ExceptionRefusal & { readonly code: Code };
type Words = { readonly [Code in Worded]: (why: Of<Code>, viewer?: Viewer) => string };

const TARGET_REFUSALS = {
  'no-contract': () =>
    'no valid gating contract is in force, so nobody can grant an exception. Type "status" to see what is wrong with it.',
  'unknown-finding': () =>
    'no such finding is open there. Take it from the card of the blocked request, or name control, service and environment instead.',
  'nothing-to-except': () => 'nothing of this control is open there, so no exception is needed.',
  'unknown-control': ({ known }) => `the contract has no such control. It has ${namesOf(known)}.`,
  'unknown-service': ({ known }) => `the catalog has no such service. It has ${namesOf(known)}.`,
  'unknown-environment': ({ known }) => `the contract has no such environment. It has ${namesOf(known)}.`,
  'no-exceptions': ({ control, owner }, viewer) =>
    `the contract grants no exceptions from ${nameOf(control)}. What it found has to be mended; the control belongs to ${partyName(owner, viewer)}.`,
  'scope-too-wide': ({ control }) =>
    `findings of ${nameOf(control)} are excepted one by one, because nobody knows what the next one would be. Ask from the card of the blocked request, or name the finding.`,
  'other-control': ({ control }) =>
    `this finding belongs to the control ${nameOf(control)}. Ask for an exception from that one.`,
  'not-blocking': ({ decision }) =>
    `this ${decision === 'warn' ? 'only warns' : 'is only counted'} there and blocks nothing, so no exception is needed.`,
  'too-many-to-except': ({ most }) =>
    `one exception names ${most} findings at most, and here are more. Mend some first, or ask for single findings.`,
} satisfies Partial<Words>;

const TERMS_REFUSALS = {
  'field-missing': ({ fields }) => {
    const missing = fields.map((field) => FIELD_WORDS[field]);
    return `${listOf(missing, missing.length)} ${plural(missing.length, 'is', 'are')} missing. Fill in the form, then send it again.`;
  },
  'reason-too-short': ({ least, given }) =>
    `the reason needs at least ${least} characters and has ${given}. Say what prevents a fix until then.`,
  'text-too-long': ({ field, most }) => `${FIELD_WORDS[field]} is too long. Keep it to ${most} characters.`,
  'reason-class-unknown': ({ known }) => `this is no kind of reason. Choose one of ${namesOf(known)}.`,
  'owner-unknown': ({ owner }) =>
    `the directory has nobody called ${nameOf(owner)} who could own it. ${DIRECTORY_NAME}`,
  'owner-guest': ({ owner }) => `${nameOf(owner)} is a guest account, and guests own nothing. Name somebody else.`,
  'owner-disabled': ({ owner }) => `the account of ${nameOf(owner)} is disabled. Name somebody else.`,
  'owner-empty': ({ owner }) => `${nameOf(owner)} has no active member who could answer for it. Name somebody else.`,
  'several-meant': () => `the owner names more than one person, and nobody is guessed. ${DIRECTORY_NAME}`,
  'nobody-meant': () => `the directory has nobody of the owner's name. ${DIRECTORY_NAME}`,
  date: ({ why }) => dateRefusalWords(why),
  'until-too-far': ({ latest, maxDays }) =>
    `the control grants ${counted(maxDays, 'day')} at most. The latest day is ${showDate(latest)} (${latest}).`,
  'review-unreadable': ({ cadences }) =>
    `this is no time between reviews. Write "14d", "2 weeks", "weekly"${cadences.length === 0 ? '' : ` or one of ${namesOf(cadences)}`}.`,
  'review-too-rare': ({ mostDays, why }) =>
    why === 'control'
      ? `the control asks for a review every ${counted(mostDays, 'day')} at least. Write "${mostDays}d" or less.`
      : `it would end before its first review. Write "${mostDays}d" or less.`,
} satisfies Partial<Words>;

const REQUEST_REFUSALS = {
  'already-excepted': ({ id, until }) =>
    `${nameOf(id)} covers all of this until ${showDate(plusDays(until.slice(0, 10), -1))}. Type "renew ${nameOf(id)}" if it needs more time.`,
  'budget-used': ({ limit, ids }) =>
    `all ${limit} exceptions that a service may have are in use (${namesOf(ids)}). Close one that is not needed any more, or mend something.`,
  'withdrawn-too-often': ({ most, from }, viewer) =>
    `you have asked for it and taken it back ${most} times within a day, and each time approvers were called. You can ask for it again from ${showTime(from, viewer?.zone)} on; somebody else can now.`,
  'no-baseline': ({ why, control }) => NO_BASELINE[why](nameOf(control)),
  'renewals-used': ({ of, last, owner }, viewer) =>
    `this is no longer an exception. ${nameOf(last)} was the last of ${counted(of, 'renewal')} that the control grants; its owner, ${partyName(owner, viewer)}, hears of it. Mend what it hides, or have the contract changed.`,
  'too-few-approvers': ({ approvers, quorum, left }, viewer) =>
    `${partyName(approvers, viewer)} grants it by ${counted(quorum, 'approval')}, and without you only ${left} of them may. Let somebody else ask, or have that group enlarged.`,
  'import-narrower': ({ by }) =>
    `the entry is limited by ${plain(by, LIMITED_MAX)}, and nothing here tells which findings that leaves. Ask for those that are meant by their fingerprints: "request exception FP".`,
  'too-many-imported': ({ most }) =>
    `${most} entries of other tools are kept there already, those that are gone included. Nothing more can be brought in there.`,
  'too-many-askers': ({ id }) =>
    `${nameOf(id)} is asked for by so many already that nobody else joins it. If it is granted, what it blocks goes on all the same.`,
  'control-changed': ({ control }) =>
    `the contract has no control ${nameOf(control)} any more, so nobody grants exceptions from it.`,
} satisfies Partial<Words>;

const NO_BASELINE = {
  category: (control: string) =>
    `what ${control} finds is never covered for all at once, not even as a service comes in. Ask for single findings.`,
  used: (control: string) =>
    `what was open for ${control} as the service came in was covered once already. Ask for an exception within its budget.`,
  released: () =>
    'the service has been deployed there already, so it is not coming in. Ask for an exception within its budget.',
} as const;

const WORD_REFUSALS = {
  'unknown-exception': ({ id }) =>
    `there is no exception ${nameOf(id)} here. Type "exceptions" to see those there are.`,
  'unknown-import': () =>
    'there is no such entry of another tool here any more. Type "exceptions unmanaged" to see those there are.',
  'wrong-state': ({ state }) =>
    `that is not possible any more or not yet: it is ${STATE_PHRASES[state]}. Ask for a new exception if one is needed.`,
  'not-an-approver': ({ approvers }, viewer) =>
    `only ${partyName(approvers, viewer)} may grant or refuse it. Ask one of them.`,
  'own-exception': () => 'you asked for it, or stand in for somebody who did, so somebody else has to decide.',
  'own-deployment': () =>
    'it would let a production deployment through that you asked for, so somebody else has to decide.',
  'already-voted': () => 'you have approved it already, and one person counts once. Others have to approve too.',
  'comment-required': () => 'a refusal needs a comment. Write why, then try again.',
  'why-required': () => 'write why, then try again; the evidence keeps it.',
  'stale-revision': () => 'it has changed since your card was shown. Read it as it is now, then try again.',
  'not-recorded': () => 'others changed it at the same moment. Try again.',
  'wider-than-requested': () =>
    'it may only get less. Choose a day before its last one, or some of the findings that it names, or change neither.',
  'nothing-narrowed': () =>
    'nothing would get smaller by this. Choose a last day before the present one, or fewer of its findings, or keep it.',
  'no-review-asked': () => 'there is no open question about it to put off.',
  'snoozed-enough': () =>
    `the question was put off ${MOST_SNOOZED} times, which is the most. Keep it, shrink it, close it or hand it over.`,
  'not-its-owner': ({ owner }, viewer) =>
    `only its owner, ${partyName(owner, viewer)}, or whoever stands in for them may say that. Ask them.`,
  'may-not-revoke': ({ owner, approvers }, viewer) =>
    `only its owner (${partyName(owner, viewer)}), those who grant such exceptions (${partyName(approvers, viewer)}) and the owner of its control may revoke it. Ask one of them.`,
  'may-not-withdraw': () => 'only somebody who asked for it may withdraw it.',
} satisfies Partial<Words>;

const REFUSALS: Words = { ...TARGET_REFUSALS, ...TERMS_REFUSALS, ...REQUEST_REFUSALS, ...WORD_REFUSALS };

const STATE_PHRASES: Readonly<Record<ExceptionState, string>> = {
  requested: 'asked for and not decided',
  active: 'in force',
  suspended: 'suspended',
  rejected: 'refused',
  withdrawn: 'withdrawn',
  expired: 'over',
  revoked: 'revoked',
  closed: 'closed',
};

function namesOf(names: readonly string[]): string {
  return listOf(names.map(nameOf), KNOWN_SHOWN);
}
