import { COMMENT_LIMIT } from '../services/domain/approval.ts';
import { type Exception, isOver } from '../services/domain/exception.ts';
import { MOST_SNOOZED } from '../services/domain/exception-life.ts';
import type { ExceptionStanding } from '../services/domain/exception-standing.ts';
import type { ExceptionTopic } from '../services/domain/exception-topics.ts';
import { earlier, plusDays } from '../services/domain/instant.ts';
import type { Principal } from '../services/domain/person.ts';
import { type ActionData, button } from './actions.ts';
import { buttonRows } from './button-rows.ts';
import type { CardElement, ChoicesInput, DateInput, ExecuteAction, TextInput } from './card.ts';
import { present } from './gate-actions.ts';
import { isViewer, nameOf, type Viewer } from './names.ts';
import { showDate } from './show-time.ts';
import { shortPrint } from './triage-words.ts';

/** What this reader may do about it, as far as it is known: from the directory, from why they got it, or from the record. */
export interface Reader extends ExceptionStanding {
  readonly asker: boolean;
  readonly voted: boolean;
  /** Nobody looked up what groups they are in. */
  readonly isGuessed: boolean;
}

const NOBODY: Reader = {
  approver: false,
  owner: false,
  controlOwner: false,
  asker: false,
  voted: false,
  isGuessed: true,
};

export function readerOf(
  { askers, votes, asks, terms, ownerGoneAt }: Exception,
  viewer: Viewer,
  { standing, topic }: { readonly standing?: ExceptionStanding; readonly topic?: ExceptionTopic },
): Reader {
  if (viewer.oid === undefined || viewer.isPublic === true) return NOBODY;
  const own = `user:${viewer.oid.toLowerCase()}`;
  const isMe = (principal: Principal) => principal.toLowerCase() === own;
  const isGone = ownerGoneAt !== undefined;
  const told = {
    approver: isOneOf(topic, 'ask', 'remind') || isMe(asks.approvers),
    owner: (!isGone && isOneOf(topic, 'owned', 'review', 'ending')) || isMe(terms.owner),
    controlOwner: isOneOf(topic, 'overdrawn', 'unanswered') || (isGone && isOneOf(topic, 'review', 'ending', 'over')),
  };
  return {
    ...(standing ?? told),
    asker: askers.some(({ by }) => isViewer(viewer, by.oid)),
    voted: votes.some(
      ({ by, covers }) => isViewer(viewer, by.oid) || (covers !== undefined && isViewer(viewer, covers.oid)),
    ),
    isGuessed: standing === undefined,
  };
}

function isOneOf(topic: ExceptionTopic | undefined, ...some: readonly ExceptionTopic[]): boolean {
  return topic !== undefined && some.includes(topic);
}

export function mayDecide({ state }: Exception, { approver, asker, voted }: Reader): boolean {
  return state === 'requested' && approver && !asker && !voted;
}

export function mayReview({ state }: Exception, { owner }: Reader): boolean {
  return (state === 'active' || state === 'suspended') && owner;
}

/** Inputs and buttons that belong together: what is decided, or answered, with them. */
export function wordElements(exception: Exception, reader: Reader, now: string | undefined): CardElement[] {
  if (mayDecide(exception, reader)) return decideElements(exception, now);
  return mayReview(exception, reader) ? reviewElements(exception, now) : [];
}

function decideElements(exception: Exception, now: string | undefined): CardElement[] {
  const { until } = exception.terms;
  const actions = [
    actionOf(exception, 'approve', 'Approve', { verb: 'exception.decide', verdict: 'approve' }, 'positive'),
    actionOf(exception, 'reject', 'Refuse', { verb: 'exception.decide', verdict: 'reject' }, 'destructive'),
  ];
  return [
    commentInput('Comment (required to refuse)'),
    ...earlierDay(`Last day, if earlier than ${showDate(until)}`, until, now),
    ...findingsLeft(exception, 'Findings: take out those that it shall not cover'),
    ...buttonRows(present(actions)),
  ];
}

function reviewElements(exception: Exception, now: string | undefined): CardElement[] {
  const { terms, reviews, state } = exception;
  const isActive = state === 'active';
  const answer = (id: 'keep' | 'shrink' | 'close' | 'snooze', title: string) =>
    actionOf(exception, id, title, { verb: 'exception.review', answer: id });
  const isAsked = reviews.askedAt !== undefined;
  const days = isActive
    ? earlierDay(`New last day, to shrink it (now ${showDate(terms.until)})`, terms.until, now)
    : [];
  const findings = isActive ? findingsLeft(exception, 'Findings, to shrink it: take out what is not needed') : [];
  const actions = [
    isActive && isAsked ? answer('keep', 'Keep') : undefined,
    days.length + findings.length === 0 ? undefined : answer('shrink', 'Shrink'),
    answer('close', 'Close'),
    isActive && isAsked && reviews.snoozed < MOST_SNOOZED ? answer('snooze', 'Ask again next working day') : undefined,
  ];
  return [
    commentInput(isActive ? 'Why (required to keep or shrink)' : 'Why'),
    ...days,
    ...findings,
    ...buttonRows(present(actions)),
  ];
}

/** Where there is a day left to choose. */
function earlierDay(label: string, until: string, now: string | undefined): DateInput[] {
  const max = plusDays(until, -1);
  const today = now?.slice(0, 10);
  if (today !== undefined && earlier(today, max) !== today) return [];
  return [{ type: 'Input.Date', id: 'until', label, ...(today === undefined ? {} : { min: today }), max }];
}

const MOST_CHOICES = 20;

/** Where there are few enough to choose among, and more than one. */
function findingsLeft({ target }: Exception, label: string): ChoicesInput[] {
  const { fingerprints = [] } = target;
  if (fingerprints.length < 2 || fingerprints.length > MOST_CHOICES) return [];
  const choices = fingerprints.map((print) => ({ title: shortPrint(print), value: print }));
  const value = fingerprints.join(',');
  const shown = `${label}; "finding ID ${nameOf(target.service)}" shows one`;
  return [
    { type: 'Input.ChoiceSet', id: 'only', label: shown, style: 'expanded', isMultiSelect: true, choices, value },
  ];
}

function commentInput(label: string): TextInput {
  return { type: 'Input.Text', id: 'comment', label, isMultiline: true, maxLength: COMMENT_LIMIT, spacing: 'medium' };
}

type Word =
  | Pick<ActionData<'exception.decide'>, 'verb' | 'verdict'>
  | Pick<ActionData<'exception.review'>, 'verb' | 'answer'>;

function actionOf(
  { id, revision }: Exception,
  name: string,
  title: string,
  word: Word,
  style?: 'positive' | 'destructive',
) {
  const data = { ...word, exceptionId: id, revision } as ActionData<Word['verb']>;
  return button({ id: name, title, data, inputs: 'auto', ...(style === undefined ? {} : { style }) });
}

/** Everything else this reader can do; each asks for what it needs. */
export function otherButtons(exception: Exception, reader: Reader): (ExecuteAction | undefined)[] {
  const { id: exceptionId, revision, state, warned } = exception;
  const { owner, approver, controlOwner, asker } = reader;
  const isGranted = state === 'active' || state === 'suspended';
  const isEnding = state === 'suspended' || warned.length > 0;
  const offered = [
    ['withdraw', 'Withdraw', state === 'requested' && asker],
    ['renew', 'Renew', isGranted && (owner || (asker && isEnding))],
    ['handover', 'Hand over', !isOver(state) && (owner || controlOwner)],
    ['revoke', 'Revoke', isGranted && (owner || approver || controlOwner)],
  ] as const;
  return offered
    .filter(([, , may]) => may)
    .map(([id, title]) =>
      button({ id, title, data: { verb: `exception.${id}`, exceptionId, revision }, inputs: 'none' }),
    );
}

export function viewExceptionButton({ id, revision }: Pick<Exception, 'id' | 'revision'>, name: string, title: string) {
  const data = { verb: 'exception.view', exceptionId: id, revision } as const;
  return button({ id: name, title, data, inputs: 'none' });
}
