import type { Clock } from '../services/ports/clock.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { ExceptionStore } from '../services/ports/exception-store.ts';
import type { GateStore } from '../services/ports/gate-store.ts';
import type { Conversations, Notifier } from '../services/ports/notifier.ts';
import type { NudgeRecords } from '../services/ports/nudge-store.ts';
import type { Nudges } from '../services/ports/nudges.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { ScopeStore } from '../services/ports/scope-store.ts';
import type { TrendReviews } from '../services/ports/trend-reviews.ts';
import { createTrendPromotions } from '../services/trend-promotions.ts';
import { createTrendReviewing } from '../services/trend-reviews.ts';
import { createTrends } from '../services/trends.ts';
import type { Views } from '../services/views.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly gates: GateStore;
  readonly scopes: ScopeStore;
  readonly exceptions: ExceptionStore;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly nudges: Nudges;
  readonly nudgeRecords: NudgeRecords;
  readonly trendReviews: TrendReviews;
  readonly views: Views;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** Goes on after the person was answered. */
  readonly later: (work: Promise<void>) => void;
  readonly log: { warn(data: object, message: string): void };
}

/** Wires what is only counted: it is looked at, and nothing else follows from it. */
export function createTrending(needs: Needs) {
  const { strangerBecause } = needs.views;
  const reader = createTrends({ ...needs, strangerBecause });
  const reviewing = createTrendReviewing({
    ...needs,
    strangerBecause,
    trends: async () => {
      const answer = await reader.trends();
      return answer.kind === 'measured' ? answer.trends : undefined;
    },
    failed: (review, err) => needs.log.warn({ review, err }, 'trends not sent yet'),
  });
  return {
    useCases: {
      trends: reader,
      trendReviewing: reviewing,
      promoteTrend: createTrendPromotions({ ...needs, strangerBecause }),
    },
    sendDue: reviewing.run,
  };
}
