import { createDigestDetours } from '../services/digest-detours.ts';
import { createDigestViews } from '../services/digest-views.ts';
import { createDigests } from '../services/digests.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Covers } from '../services/ports/covers.ts';
import type { DigestMarks, Subscriptions } from '../services/ports/digest-store.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { ExceptionStore } from '../services/ports/exception-store.ts';
import type { Conversations, Notifier } from '../services/ports/notifier.ts';
import type { NudgeRecords } from '../services/ports/nudge-store.ts';
import type { Nudges } from '../services/ports/nudges.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { ScopeStore } from '../services/ports/scope-store.ts';
import type { TriageStore } from '../services/ports/triage-store.ts';
import { createSubscribing } from '../services/subscribing.ts';
import type { Views } from '../services/views.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly covers: Covers;
  readonly scopes: ScopeStore;
  readonly triage: TriageStore;
  readonly exceptions: ExceptionStore;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly nudges: Nudges;
  readonly nudgeRecords: NudgeRecords;
  readonly digestMarks: DigestMarks;
  readonly subscriptions: Subscriptions;
  readonly views: Views;
  /** Short ids of every configured organization. */
  readonly orgs: readonly string[];
  readonly log: { warn(data: object, message: string): void };
}

/** Wires what is told once a day, and what people ask about it. */
export function createDigesting(needs: Needs) {
  const { strangerBecause } = needs.views;
  const marks = needs.digestMarks;
  const digests = createDigests({
    ...needs,
    marks,
    goAround: createDigestDetours(needs),
    failed: (reader, err) => void needs.log.warn({ reader, err }, 'digest not sent yet'),
  });
  return {
    useCases: {
      digestViews: createDigestViews({ ...needs, marks, strangerBecause }),
      subscribing: createSubscribing({ ...needs, strangerBecause }),
    },
    sendDue: digests.run,
  };
}
