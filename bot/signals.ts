import type { Assets } from '../services/ports/assets.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { PostureStore } from '../services/ports/posture-store.ts';
import type { ReportReader } from '../services/ports/report-reader.ts';
import type { SignalSource } from '../services/ports/signal-source.ts';
import type { SourceNotes } from '../services/ports/source-notes.ts';
import { createPostures } from '../services/postures.ts';
import { createPulls } from '../services/pulls.ts';
import type { PulseOfProcess } from '../services/pulse.ts';
import { createSentSignals } from '../services/sent-signals.ts';

export interface SignalPorts {
  readonly postures: PostureStore;
  readonly sourceNotes: SourceNotes;
  /** Those that are pulled. */
  readonly signalSources: readonly SignalSource[];
  /** Absent: Azure is not asked about its resources. */
  readonly assets?: Assets;
}

interface Needs extends SignalPorts {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly reader: ReportReader;
  readonly tenant: string;
  readonly organizations: readonly string[];
  readonly notePosture: Parameters<typeof createPostures>[0]['notePosture'];
  readonly pulse: Pick<PulseOfProcess, 'heard'>;
  readonly later: (work: Promise<void>) => void;
  readonly log: { warn(data: object, message: string): void };
}

/** Signals about environments: pulled by the hour, and as they are sent. */
export function createSignals(needs: Needs) {
  const postures = createPostures({ ...needs, notes: needs.sourceNotes });
  const pulls = createPulls({
    ...needs,
    sources: needs.signalSources,
    notes: needs.sourceNotes,
    pulled: postures.pulled,
    failed: (source, target, err) => needs.log.warn({ source, target, err }, 'signals not pulled yet'),
  });
  const sent = createSentSignals({ ...needs, notes: needs.sourceNotes, told: postures.told });
  return {
    pull: pulls.run,
    keepStanding: postures.standing,
    /** Has a source pulled with the next round. */
    refresh: pulls.hint,
    alertsChanged: (organization: string) => pulls.hint('advanced-security', organization),
    /** Resolves once everything in it is taken in; see sent-signals.ts. */
    received: async (body: AsyncIterable<Uint8Array>) => {
      const outcome = await sent(body);
      if (outcome.kind === 'refused') return outcome;
      for (const service of outcome.services) needs.pulse.heard({ kind: 'report', tool: outcome.source, service });
      return outcome;
    },
  };
}
