import type { IAdaptiveCard } from 'adaptivecards';
import { ESCALATE_DAYS, type ReviewStep, type TrendReview } from '../services/domain/trend-review.ts';
import { card, timed, title } from './card.ts';
import { present } from './gate-actions.ts';
import { isViewer, nameOf, principalName, type Viewer } from './names.ts';
import { inZone, localTime, showDate } from './show-time.ts';
import { plain } from './text.ts';
import { recordButton } from './trends-card.ts';

const SUMMARY_MAX = 240;

/** What is said of a review without its figures: nobody recorded it, or somebody did. */
export type ReviewTopic = Exclude<ReviewStep, 'send'> | 'recorded';

export function trendReviewCard(review: TrendReview, topic: ReviewTopic, viewer: Viewer = {}): IAdaptiveCard {
  const [head, state] = [headOf(review, topic), stateOf(review, topic, viewer)];
  const shown = card({
    body: [title(head), timed(state, { id: 'state' })],
    actions: topic === 'recorded' || review.shows === undefined ? [] : present([recordButton(review)]),
    fallbackText: `${head}. Write "trends" for the figures.`,
    speak: head,
  });
  return inZone(shown, viewer.zone);
}

/** One line for notifications. Plain text. */
export function trendReviewSummary(review: TrendReview, topic: ReviewTopic): string {
  return plain(headOf(review, topic), SUMMARY_MAX);
}

function headOf({ id }: TrendReview, topic: ReviewTopic): string {
  const since = `the trends since ${showDate(id)}`;
  if (topic === 'recorded') return `Reviewed: ${since}`;
  return topic === 'remind' ? `Reminder: nobody has reviewed ${since}` : `Nobody has reviewed ${since}`;
}

function stateOf({ reviewer, sentAt, recorded }: TrendReview, topic: ReviewTopic, viewer: Viewer): string {
  if (recorded !== undefined) {
    const who = isViewer(viewer, recorded.by.oid) ? 'You' : nameOf(recorded.by.name);
    return `${who} recorded on ${localTime(recorded.at)} to have looked at it. Nothing is left to do.`;
  }
  const name = principalName(reviewer);
  const told = sentAt === undefined ? `could not be sent the figures` : `was sent the figures on ${localTime(sentAt)}`;
  const now = 'Write "trends" for the figures as they are now.';
  if (topic === 'remind') return `${name} ${told}. ${now} Whoever has looked at them records it here.`;
  return `${name} ${told}, and ${ESCALATE_DAYS} working days have passed. You own the contract: look at them yourself and record it, or name another reviewer (reviews.monitor). ${now}`;
}
