import { SHORTEST_PREFIX, SNOOZE_DAYS, type Snooze } from '../services/domain/triage.ts';
import type { TriageRefusal } from '../services/domain/triage-refusal.ts';
import { DATES } from './date-words.ts';
import { foundAfterWords } from './found-after-words.ts';
import { listOf, nameOf, principalName } from './names.ts';
import { showDate } from './show-time.ts';
import { plain } from './text.ts';
import { refusalSentence } from './words.ts';

const NAME_MAX = 64;
const SHORT = 12;
const NAMES_SHOWN = 8;
const OWNERS_SHOWN = 3;

type Said<Code extends TriageRefusal['code']> = Extract<TriageRefusal, { readonly code: Code }>;
type Sentences = { readonly [Code in TriageRefusal['code']]: (why: Said<Code>) => string };

/** As much of a fingerprint as people need to name it. */
export function shortPrint(fingerprint: string): string {
  return plain(fingerprint.slice(0, SHORT), SHORT);
}

/** `until Tue 8 Dec 2026`, `until a fix exists`. */
export function snoozeWords(snooze: Snooze): string {
  return 'untilFix' in snooze ? 'until a fix exists' : `until ${showDate(snooze.until)}`;
}

/** Why nothing was done or shown, and what can be done now. Plain text. */
export function triageRefusalText(why: TriageRefusal): string {
  if (why.code === 'stranger') return refusalSentence(why.refusal);
  // The compiler does not see that the sentence belongs to the code.
  const sentence = SENTENCES[why.code] as (one: TriageRefusal) => string;
  return `Nothing was done: ${sentence(why)}`;
}

const SENTENCES: Sentences = {
  stranger: () => 'you cannot be verified now. Try again in a minute.',
  'no-contract': () => 'no contract is in force, so nothing is judged. "contract" says what is wrong with it.',
  'unknown-service': ({ known }) => `the catalog has no such service. It has ${namesOf(known)}.`,
  'unknown-environment': ({ known }) => `the contract has no such environment. It has ${namesOf(known)}.`,
  'fingerprint-unreadable': () =>
    `this is not the beginning of a fingerprint: ${SHORTEST_PREFIX} to 32 characters of 0–9 and a–f. "findings" shows them.`,
  'unknown-finding': ({ fingerprint, service }) =>
    service === undefined
      ? `nothing that begins with ${shortPrint(fingerprint)} is open where you are concerned. Name its service after it, or write "findings" to see what is open.`
      : `nothing that begins with ${shortPrint(fingerprint)} is open in ${plain(service, NAME_MAX)}. Write "findings ${plain(service, NAME_MAX)}" to see what is.`,
  'several-findings': ({ fingerprint, found }) =>
    `more than one finding begins with ${shortPrint(fingerprint)}: ${listOf(
      found.map((one) => `${plain(one.fingerprint, 32)} in ${plain(one.service, NAME_MAX)}`),
      OWNERS_SHOWN,
    )}. Write more of it, or the service after it.`,
  'not-concerned': ({ owners, lead }) =>
    `only its owners (${listOf(
      owners.map((owner) => principalName(owner)),
      OWNERS_SHOWN,
    )}), ${lead === undefined ? '' : `the lead of its service (${principalName(lead)}) `}and whoever has it decide what becomes of it. Ask one of them.`,
  claimed: ({ name }) =>
    `${nameOf(name)} has it. Ask them to write "unclaim" and its fingerprint, or an owner to write "assign" it to you.`,
  'nobody-meant': () =>
    'the directory has nobody of this name. Mention the person with @, or write their e-mail address or their whole name as Teams shows it.',
  'several-meant': () =>
    'this names more than one person, and nobody is guessed. Mention one person with @, or write their e-mail address.',
  'assignee-guest': ({ name }) => `${nameOf(name)} is a guest account, and guests own nothing. Name a member.`,
  'assignee-disabled': ({ name }) => `the account of ${nameOf(name)} is disabled in the directory. Name somebody else.`,
  blocks: ({ environment, foundAfter }) =>
    `it ${foundAfter === undefined ? `blocks ${plain(environment, NAME_MAX)}` : `was ${foundAfterWords(foundAfter)} and stops the next`}, and putting it off would let nothing pass. Fix it, or write "request exception".`,
  'only-counted': () => 'it is only counted and nobody is told of it, so there is nothing to put off.',
  overdue: ({ dueAt }) =>
    `it was due on ${showDate(dueAt)}, and what is overdue is not put off. Fix it, or write "request exception" where the contract will block it.`,
  'fix-exists': () => 'its report says that a fix exists already. Put it off until a day, or fix it.',
  'nothing-to-release': () => 'nobody has it, and it is not put off.',
  'not-recorded': () => 'others changed it at the same moment. Try again.',
  'date-unreadable': () => `this is no date that I can read. ${DATES}, or "fix" for until a fix exists.`,
  'cadence-unknown': ({ cadences }) =>
    `the contract's calendar has no cadence of this name${cadences.length === 0 ? '' : `, but ${namesOf(cadences)}`}. ${DATES}.`,
  'cadence-without-start': ({ cadence }) =>
    `the contract's calendar does not say on which day the cadence "${plain(cadence, NAME_MAX)}" begins. ${DATES}.`,
  'date-past': ({ date }) => `${showDate(date)} is over. ${DATES}.`,
  'date-too-far': ({ latest }) =>
    `a warning is put off for ${SNOOZE_DAYS} days at most, or until its due date where that is later. The latest day is ${showDate(latest)}.`,
};

function namesOf(names: readonly string[]): string {
  return listOf(
    names.map((name) => plain(name, NAME_MAX)),
    NAMES_SHOWN,
  );
}
