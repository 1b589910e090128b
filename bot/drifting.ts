import type { createApprovers } from '../services/approvers.ts';
import { createBaselines } from '../services/baselines.ts';
import type { Place } from '../services/domain/asset.ts';
import type { Gate } from '../services/domain/gate.ts';
import { PLATFORM_SOURCE } from '../services/domain/platform-rules.ts';
import { createDriftNotices } from '../services/drift-notices.ts';
import { createDriftViews } from '../services/drift-views.ts';
import { createDrifts } from '../services/drifts.ts';
import type { BaselineResources } from '../services/ports/baseline-resources.ts';
import type { BaselineStore } from '../services/ports/baseline-store.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { DueIndex } from '../services/ports/due-index.ts';
import type { GateStore } from '../services/ports/gate-store.ts';
import type { Conversations, Notifier } from '../services/ports/notifier.ts';
import type { Nudges } from '../services/ports/nudges.ts';
import { createPlaceStates } from '../services/ports/place-states.ts';
import type { KeepJudged } from '../services/ports/placed-signals.ts';
import type { PlatformStore } from '../services/ports/platform-store.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { PostureStore } from '../services/ports/posture-store.ts';
import type { RefusedWords } from '../services/ports/refused-words.ts';
import type { ScopeStore } from '../services/ports/scope-store.ts';
import type { SignalSource } from '../services/ports/signal-source.ts';
import { createPostDeployReviews } from '../services/post-deploy-reviews.ts';
import type { Views } from '../services/views.ts';

export interface DriftPorts {
  readonly baselines: BaselineStore;
  readonly platforms: PlatformStore;
  /** Absent: Azure is not asked about what a baseline names. */
  readonly baselineResources?: BaselineResources;
}

interface Needs extends DriftPorts {
  /** What delivery platforms are read from; none: nothing is known of any, and nothing is compared. */
  readonly platformSources: readonly unknown[];
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly gates: GateStore;
  readonly refusedWords: RefusedWords;
  readonly scopes: ScopeStore;
  readonly postures: PostureStore;
  readonly signalSources: readonly SignalSource[];
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly nudges: Nudges;
  readonly due: DueIndex;
  readonly views: Pick<Views, 'strangerBecause'>;
  readonly approvers: Pick<ReturnType<typeof createApprovers>, 'explain'>;
  readonly judged: KeepJudged;
  /** Has a source read again soon what concerns a place. */
  readonly refresh: Parameters<typeof createPostDeployReviews>[0]['refresh'];
  readonly later: (work: Promise<void>) => void;
  readonly log: { warn(data: object, message: string): void };
}

/** What is known of code, and not of the environment: that it is deployed changes nothing of it. */
const OF_CODE = 'advanced-security';

/** What was approved, what has become of it, and one look after each approved deployment. */
export function createDrifting({ platforms, ...others }: Needs) {
  const isRead = others.platformSources.length > 0;
  const needs = { ...others, ...(isRead ? { platforms } : {}) };
  const { strangerBecause } = needs.views;
  const failed = (place: Pick<Place, 'service' | 'environment'>, err: unknown) => {
    const { service, environment } = place;
    needs.log.warn({ service, environment, err }, 'drift not told yet');
  };
  const states = createPlaceStates(needs);
  const show = createDriftNotices({ ...needs, failed });
  const drifts = createDrifts({ ...needs, states, show, failed });
  const baselines = createBaselines({
    ...needs,
    ...{ states, strangerBecause, compare: drifts.compare },
    whoApproves: async (place) => {
      const answer = await needs.approvers.explain({ ...place, reach: false });
      return answer.kind === 'explained' ? answer.answer : undefined;
    },
  });
  const pulled = needs.signalSources.map(({ name }) => name).filter((name) => name !== OF_CODE);
  const reviews = createPostDeployReviews({
    ...needs,
    ...{ driftSince: drifts.since, states, failed },
    sources: isRead ? [...pulled, PLATFORM_SOURCE] : pulled,
  });
  return {
    useCases: { baselines, driftViews: createDriftViews({ ...needs, strangerBecause }) },
    released: (gate: Gate) => baselines.released(gate),
    lookAt: reviews.lookAt,
    run: drifts.run,
    changed: drifts.changed,
  };
}
