import type { Request, Response } from 'express';
import { ACTION_DATA } from '../../cards/actions.ts';
import type { Handlers } from '../../services/outbox.ts';
import type { Clock } from '../../services/ports/clock.ts';
import type { Leases } from '../../services/ports/leases.ts';
import type { Table } from '../../services/ports/table.ts';
import type { Telemetry } from '../../services/ports/telemetry.ts';
import type { RunAction } from '../actions.ts';
import type { Core, Ports } from '../core.ts';
import { createBackstage } from './backstage.ts';
import { createMeasuredCore } from './measured-core.ts';
import { createMeasuredHttp } from './measured-http.ts';
import { createMeasuredOutbox } from './measured-outbox.ts';
import { createMeasuredLeases, createMeasuredPorts, createMeasuredTable } from './measured-ports.ts';

/** The same things, of which is told how they go; each works as it does without. */
export interface Measuring {
  table<T extends Table>(table: T): T;
  ports<P extends Pick<Ports, Measured>>(ports: P): P;
  leases(leases: Leases): Leases;
  handlers(handlers: Handlers): Handlers;
  core(core: Core): Core;
  actions<H extends { readonly runAction: RunAction }>(handlers: H): H;
  /** Teams has asked to be left alone. */
  readonly throttled: () => void;
  /** Around every HTTP request. */
  readonly around?: (request: Request, response: Response, next: () => void) => void;
}

export type Measured = 'policy' | 'gates' | 'due' | 'checkpointLog' | 'azureDevOps' | 'notifier';

const same = <T>(one: T): T => one;

/** Where nothing is configured: no wrapper, no cost. */
export const UNMEASURED: Measuring = {
  ...{ table: same, ports: same, leases: same, handlers: same, core: same, actions: same },
  throttled: () => undefined,
};

/** Everything that is measured, and where. Nothing of it is waited for, and no fault of it goes further. */
export function createMeasuring(telemetry: Telemetry, clock: Clock): Measuring {
  const backstage = createBackstage(telemetry, clock);
  return {
    table: (table) => createMeasuredTable(table, telemetry),
    ports: (ports) => createMeasuredPorts(ports, { telemetry, clock, backstage }),
    leases: (leases) => createMeasuredLeases(leases, telemetry),
    handlers: (handlers) => createMeasuredOutbox(handlers, { telemetry, backstage }),
    core: (core) => createMeasuredCore(core, { telemetry, backstage }),
    actions: (handlers) => ({
      ...handlers,
      runAction: async (by, action) => {
        const from = performance.now();
        try {
          return await handlers.runAction(by, action);
        } finally {
          // What a client sent is a label only where we know it.
          const verb = Object.hasOwn(ACTION_DATA, action.verb) ? action.verb : 'other';
          telemetry.record('gate.click.ack.duration', (performance.now() - from) / 1_000, { verb });
        }
      },
    }),
    throttled: () => telemetry.count('gate.teams.throttled'),
    around: createMeasuredHttp(telemetry),
  };
}
