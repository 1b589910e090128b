import { createAuditLogs } from '../services/audit-logs.ts';
import { createBypasses } from '../services/bypasses.ts';
import { createDeploymentWatch } from '../services/deployment-watch.ts';
import { createOffPaths } from '../services/off-paths.ts';
import { createPassedStages } from '../services/passed-stages.ts';
import type { ActivityStore } from '../services/ports/activity-store.ts';
import type { Assets } from '../services/ports/assets.ts';
import type { AuditLogSource, ReadLogEntry } from '../services/ports/audit-log.ts';
import type { CallBudget } from '../services/ports/call-budget.ts';
import type { Deployments } from '../services/ports/deployments.ts';
import type { GateStore } from '../services/ports/gate-store.ts';
import type { OffPathStore } from '../services/ports/off-path-store.ts';
import type { PlatformStore } from '../services/ports/platform-store.ts';
import type { ReleasePathNeeds } from '../services/ports/release-path.ts';
import type { SourceNotes } from '../services/ports/source-notes.ts';
import { createViews } from '../services/views.ts';

export interface WatchPorts {
  readonly activity: ActivityStore;
  readonly offPaths: OffPathStore;
  /** Those that are read. */
  readonly auditLogs: readonly AuditLogSource[];
  readonly readLogEntry: ReadLogEntry;
  /** Absent: nobody compares what was deployed with what was decided. */
  readonly deployments?: Deployments;
}

type Needs = WatchPorts &
  Omit<Parameters<typeof createOffPaths>[0], 'strangerBecause' | 'failed'> &
  Omit<Parameters<typeof createBypasses>[0], 'committedOffPath'> &
  ReleasePathNeeds & {
    readonly gates: GateStore;
    readonly sourceNotes: SourceNotes;
    readonly platforms: PlatformStore;
    readonly budget: CallBudget;
    readonly assets?: Assets;
    readonly log: { warn(data: object, message: string): void };
  };

/** What was done beside the release path: found in what was deployed and in audit logs, recorded and told. */
export function createWatching({ log, ...needs }: Needs) {
  const { strangerBecause } = createViews(needs);
  const offPaths = createOffPaths({
    ...needs,
    strangerBecause,
    failed: (id, err) => log.warn({ id, err }, 'off-path action not told yet'),
  });
  const shared = { ...needs, notes: needs.sourceNotes, raise: offPaths.raise };
  const deployments = createDeploymentWatch({
    ...shared,
    failed: (organization, err) => log.warn({ organization, err }, 'deployments not compared yet'),
  });
  const logs = createAuditLogs({
    ...shared,
    sources: needs.auditLogs,
    read: needs.readLogEntry,
    passedBy: createPassedStages(needs),
    failed: (source, target, err) => log.warn({ source, target, err }, 'audit log not read yet'),
  });
  const begin = oneRound([deployments.run, logs.run, offPaths.run], needs.later, (err) =>
    log.warn({ err }, 'off-path round ended early'),
  );
  const bypasses = createBypasses({ ...needs, committedOffPath: (id) => needs.later(offPaths.show(id)) });
  return {
    useCases: { bypasses, viewOffPath: offPaths.view },
    /** Begins a round in the background; whatever changed is a reason for one. */
    checksChanged: begin,
  };
}

/** Goes on in the background, one round at a time; what is asked for meanwhile is one round more. What fails leaves the others alone. */
function oneRound(
  steps: readonly (() => Promise<void>)[],
  later: (work: Promise<void>) => void,
  failed: (error: unknown) => void,
): () => void {
  let isRunning = false;
  let isWanted = false;
  const round = async () => {
    do {
      isWanted = false;
      for (const step of steps) await step().catch(failed);
    } while (isWanted);
    isRunning = false;
  };
  return () => {
    if (isRunning) isWanted = true;
    else {
      isRunning = true;
      later(round());
    }
  };
}
