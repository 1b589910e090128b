import { PLATFORM_SOURCE } from '../services/domain/platform-rules.ts';
import { createPlatformPostures } from '../services/platform-postures.ts';
import { createPlatformScans } from '../services/platform-scans.ts';
import type { Assets } from '../services/ports/assets.ts';
import type { CallBudget } from '../services/ports/call-budget.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { PlatformSource } from '../services/ports/platform-source.ts';
import type { PlatformStore } from '../services/ports/platform-store.ts';
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
  /** What the delivery platforms are read from. */
  readonly platformSources: readonly PlatformSource[];
  readonly platforms: PlatformStore;
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
  readonly budget: CallBudget;
  /** With each round, once the platforms were read. Never rejects. */
  readonly platformRead: () => Promise<void>;
  /** Something in Azure is otherwise at these services. */
  readonly azureChanged: (services: readonly string[]) => void;
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
  const platform = platformOf(needs, postures.judged);
  return {
    /** To be begun one after the other. */
    all: [pulls.run, platform.run],
    platformChanged: platform.hint,
    judged: postures.judged,
    /** Has a source read again with the next round what concerns a place. */
    refresh: (source: string, organization: string, released: Parameters<typeof platform.refresh>[1]) =>
      source === PLATFORM_SOURCE ? platform.refresh(organization, released) : pulls.hint(source, organization),
    alertsChanged: (organization: string) => pulls.hint('advanced-security', organization),
    /** Resolves once everything in it is taken in; see sent-signals.ts. */
    received: async (events: unknown) => {
      const outcome = await sent(events);
      if (outcome.kind === 'refused') return outcome;
      const { sources, services, passedOver } = outcome;
      for (const tool of sources) for (const service of services) needs.pulse.heard({ kind: 'report', tool, service });
      needs.azureChanged(services);
      if (passedOver !== undefined) needs.log.warn({ sources, passedOver }, 'events of Azure not taken');
      return outcome;
    },
  };
}

function platformOf(needs: Needs, judged: Parameters<typeof createPlatformPostures>[0]['judged']) {
  const failed = (organization: string, what: string, err: unknown) =>
    needs.log.warn({ organization, what, err }, 'delivery platform not read yet');
  const shared = { ...needs, notes: needs.sourceNotes, failed, ended: needs.platformRead };
  return createPlatformScans({ ...shared, judged: createPlatformPostures({ ...shared, judged }) });
}
