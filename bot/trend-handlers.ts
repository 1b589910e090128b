import type { ActionTable } from './actions.ts';
import type { Core } from './core.ts';
import { createPromoteTrend } from './handlers/promote-trend.ts';
import { createRecordReview } from './handlers/record-review.ts';
import { createShowTrends } from './handlers/show-trends.ts';

/** What people can do with trends, clicked or typed. */
export function trendHandlersOf(core: Pick<Core, 'trends' | 'trendReviewing' | 'promoteTrend'>) {
  return {
    show: createShowTrends(core.trends),
    record: createRecordReview(core.trendReviewing),
    promote: createPromoteTrend(core.promoteTrend),
  };
}

/** The same for the buttons of cards. */
export function trendActions({
  record,
  promote,
}: Pick<ReturnType<typeof trendHandlersOf>, 'record' | 'promote'>): Pick<
  ActionTable,
  'review.record' | 'trend.promote'
> {
  return {
    'review.record': (by, { reviewId, revision }, op) => record({ reviewId, revision, by, op }),
    'trend.promote': (by, { control, revision }) => promote(by, control, revision),
  };
}
