import { createAudits } from '../services/audits.ts';
import type { ActivityStore } from '../services/ports/activity-store.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { ExceptionStore } from '../services/ports/exception-store.ts';
import type { GateStore } from '../services/ports/gate-store.ts';
import type { Conversations, Notifier } from '../services/ports/notifier.ts';
import type { NudgeRecords } from '../services/ports/nudge-store.ts';
import type { Nudges } from '../services/ports/nudges.ts';
import type { OffPathStore } from '../services/ports/off-path-store.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { Reviews } from '../services/ports/reviews.ts';
import type { ScopeStore } from '../services/ports/scope-store.ts';
import type { SourceNotes } from '../services/ports/source-notes.ts';
import { createReviewing } from '../services/reviews.ts';
import { createTrendPromotions } from '../services/trend-promotions.ts';
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
  readonly reviews: Reviews;
  readonly activity: ActivityStore;
  readonly offPaths: OffPathStore;
  readonly sourceNotes: SourceNotes;
  readonly views: Views;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  /** Goes on after the person was answered. */
  readonly later: (work: Promise<void>) => void;
  readonly log: { warn(data: object, message: string): void };
}

/** Wires what is only looked at: nothing else follows from it. */
export function createTrending(needs: Needs) {
  const { strangerBecause } = needs.views;
  const reader = createTrends({ ...needs, strangerBecause });
  const audits = createAudits({ ...needs, strangerBecause });
  const reviewing = createReviewing({
    ...needs,
    strangerBecause,
    figures: async (subject) => {
      if (subject === 'audit') {
        const audit = await audits.audit();
        return audit === undefined ? undefined : { audit };
      }
      const answer = await reader.trends();
      return answer.kind === 'measured' ? { trends: answer.trends } : undefined;
    },
    failed: (review, err) => needs.log.warn({ review, err }, 'review not sent yet'),
  });
  return {
    useCases: {
      trends: reader,
      audits,
      reviewing: reviewing,
      promoteTrend: createTrendPromotions({ ...needs, strangerBecause }),
    },
    sendDue: reviewing.run,
  };
}
