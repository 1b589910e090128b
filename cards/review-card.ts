import type { IAdaptiveCard } from 'adaptivecards';
import { ESCALATE_DAYS, periodOf, type Review, type ReviewStep, subjectOf } from '../services/domain/review.ts';
import { button } from './actions.ts';
import { card, timed, title } from './card.ts';
import { present } from './gate-actions.ts';
import { isViewer, nameOf, principalName, type Viewer } from './names.ts';
import { inZone, localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';

const SUMMARY_MAX = 240;

/** What is said of a review without its figures: nobody recorded it, or somebody did. */
export type ReviewTopic = Exclude<ReviewStep, 'send'> | 'recorded';

export function reviewCard(review: Review, topic: ReviewTopic, viewer: Viewer = {}): IAdaptiveCard {
  const [head, state] = [headOf(review, topic), stateOf(review, topic, viewer)];
  const shown = card({
    body: [title(head), timed(state, { id: 'state' })],
    actions: topic === 'recorded' || review.shows === undefined ? [] : present([recordButton(review)]),
    fallbackText: `${head}. Write "${subjectOf(review)}" for the figures.`,
    speak: head,
  });
  return inZone(shown, viewer.zone);
}

/** One line for notifications. Plain text. */
export function reviewSummary(review: Review, topic: ReviewTopic): string {
  return plain(headOf(review, topic), SUMMARY_MAX);
}

export function recordButton({ id, revision }: Review) {
  const data = { verb: 'review.record', reviewId: id, revision } as const;
  return button({ id: 'record', title: 'Record that I looked at it', data, inputs: 'none', style: 'positive' });
}

function headOf(review: Review, topic: ReviewTopic): string {
  const start = showDate(periodOf(review));
  const since = subjectOf(review) === 'audit' ? `what was done before ${start}` : `the trends since ${start}`;
  if (topic === 'recorded') return `Reviewed: ${since}`;
  return topic === 'remind' ? `Reminder: nobody has reviewed ${since}` : `Nobody has reviewed ${since}`;
}

function stateOf(review: Review, topic: ReviewTopic, viewer: Viewer): string {
  const { reviewer, sentAt, recorded } = review;
  if (recorded !== undefined) {
    const who = isViewer(viewer, recorded.by.oid) ? 'You' : nameOf(recorded.by.name);
    return `${who} recorded on ${localTime(recorded.at)} to have looked at it. Nothing is left to do.`;
  }
  const name = principalName(reviewer);
  const told = sentAt === undefined ? `could not be sent the figures` : `was sent the figures on ${localTime(sentAt)}`;
  const subject = subjectOf(review);
  const now = `Write "${subject}" for the figures as they are now.`;
  if (topic === 'remind') return `${name} ${told}. ${now} Whoever has looked at them records it here.`;
  return `${name} ${told}, and ${ESCALATE_DAYS} working days have passed. You own the contract: look at them yourself and record it, or name another reviewer (${subject === 'audit' ? 'reviews.audit' : 'reviews.monitor'}). ${now}`;
}
