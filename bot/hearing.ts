import type { Deliveries } from '../services/deliveries.ts';
import type { Findings } from '../services/findings.ts';
import { type AzureDevOps, AzureDevOpsRefusedError } from '../services/ports/azure-devops.ts';
import type { Directory } from '../services/ports/directory.ts';
import type { PulseOfProcess } from '../services/pulse.ts';
import type { createNative } from './native.ts';
import type { createReach } from './reach.ts';

type Pulse = Pick<PulseOfProcess, 'heard'>;

/** The same ports, of which this process remembers when they last answered. */
export function heardPorts<P extends { directory: Directory; azureDevOps: AzureDevOps; pulse: Pulse }>(ports: P): P {
  const { pulse } = ports;
  return {
    ...ports,
    directory: answering(ports.directory, () => pulse.heard({ kind: 'directory' })),
    azureDevOps: answering(ports.azureDevOps, () => pulse.heard({ kind: 'azure-devops' })),
  };
}

interface Heard extends Pick<ReturnType<typeof createReach>, 'reached'> {
  readonly deliveries: Deliveries;
  readonly findings: Pick<Findings, 'import'>;
  readonly eventReceived: ReturnType<typeof createNative>['received'];
}

/** What comes in from outside, remembered by where it came from. */
export function hearing(pulse: Pulse, { deliveries, findings, eventReceived, reached }: Heard): Heard {
  return {
    deliveries: {
      receive: async (delivery) => {
        const receipt = await deliveries.receive(delivery);
        if (receipt.kind === 'accepted') pulse.heard({ kind: 'check' });
        return receipt;
      },
    },
    findings: {
      import: async (submission) => {
        const outcome = await findings.import(submission);
        const { service } = submission;
        if (outcome.kind === 'imported') pulse.heard({ kind: 'report', tool: outcome.tool, service });
        return outcome;
      },
    },
    eventReceived: async (event) => {
      await eventReceived(event);
      pulse.heard({ kind: 'hook' });
    },
    reached: async (recipients, conversation, by) => {
      pulse.heard({ kind: 'message' });
      await reached(recipients, conversation, by);
    },
  };
}

/** A refusal is an answer too. */
function answering<T extends object>(port: T, heard: () => void): T {
  return new Proxy(port, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function') return member;
      return async (...given: readonly unknown[]) => {
        try {
          const answer: unknown = await Reflect.apply(member, target, given);
          heard();
          return answer;
        } catch (error) {
          if (error instanceof AzureDevOpsRefusedError) heard();
          throw error;
        }
      };
    },
  });
}
