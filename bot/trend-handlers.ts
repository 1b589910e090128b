import type { ActionTable } from './actions.ts';
import type { Core } from './core.ts';
import { createPromoteTrend } from './handlers/promote-trend.ts';
import { createRecordReview } from './handlers/record-review.ts';

/** The buttons of trends and of their reviews. */
export function trendActions(
  core: Pick<Core, 'reviewing' | 'promoteTrend'>,
): Pick<ActionTable, 'review.record' | 'trend.promote'> {
  const record = createRecordReview(core.reviewing);
  const promote = createPromoteTrend(core.promoteTrend);
  return {
    'review.record': (by, { reviewId, revision }, op) => record({ reviewId, revision, by, op }),
    'trend.promote': (by, { control, revision }) => promote(by, control, revision),
  };
}
