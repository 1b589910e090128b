import { createHeartbeats } from '../services/heartbeats.ts';
import { createOutages } from '../services/outages.ts';
import type { Clock } from '../services/ports/clock.ts';
import type { DigestMarks } from '../services/ports/digest-store.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { GateStore } from '../services/ports/gate-store.ts';
import type { Conversations, Notifier } from '../services/ports/notifier.ts';
import type { Policy } from '../services/ports/policy.ts';
import type { Pulses } from '../services/ports/pulses.ts';
import type { PulseOfProcess } from '../services/pulse.ts';
import type { Status } from '../services/status.ts';

interface Needs {
  readonly clock: Clock;
  readonly policy: Policy;
  readonly directory: Directory;
  readonly gates: GateStore;
  readonly conversations: Conversations;
  readonly notifier: Notifier;
  readonly digestMarks: DigestMarks;
  readonly pulse: PulseOfProcess;
  readonly pulses: Pulses;
  readonly status: Status;
  readonly log: { warn(data: object, message: string): void };
}

/** Wires what operators are told: that the bot runs, and what happened while it did not. */
export function createOperating(needs: Needs) {
  const { log, status, pulse, digestMarks } = needs;
  const outages = createOutages({
    ...needs,
    untold: pulse.untold,
    failed: (who, err) => log.warn({ who, err }, 'outage not told yet'),
  });
  const heartbeats = createHeartbeats({
    ...needs,
    marks: digestMarks,
    health: status.deliveryHealth,
    failed: (who, err) => log.warn({ who, err }, 'heartbeat not sent yet'),
  });
  return [outages.run, heartbeats.run] as const;
}
