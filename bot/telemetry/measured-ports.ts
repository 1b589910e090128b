import type { Gate } from '../../services/domain/gate.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import type { Clock } from '../../services/ports/clock.ts';
import type { Committed, GateChange, GateStore } from '../../services/ports/gate-store.ts';
import type { Leases } from '../../services/ports/leases.ts';
import { ConflictError, StoreUnavailableError, type Table } from '../../services/ports/table.ts';
import type { Telemetry } from '../../services/ports/telemetry.ts';
import type { Ports } from '../core.ts';
import type { Backstage } from './backstage.ts';
import type { Measured } from './measuring.ts';

interface Needs {
  readonly telemetry: Telemetry;
  readonly clock: Clock;
  readonly backstage: Backstage;
}

/** Every call to the store by its kind; all else of the table is its own. */
export function createMeasuredTable<T extends Table>(table: T, telemetry: Telemetry): T {
  const told =
    <Given extends readonly unknown[], Answer>(op: string, call: (...given: Given) => Promise<Answer>) =>
    async (...given: Given): Promise<Answer> => {
      telemetry.count('gate.storage.calls', { op });
      try {
        return await call(...given);
      } catch (error) {
        if (error instanceof ConflictError) telemetry.count('gate.storage.conflicts', { op });
        if (error instanceof StoreUnavailableError) telemetry.count('gate.storage.throttled', { op });
        throw error;
      }
    };
  const measured: Omit<Table, 'across'> = {
    get: told('get', table.get),
    list: told('list', table.list),
    commit: told('commit', table.commit),
    remove: told('remove', table.remove),
  };
  return Object.assign(Object.create(table) as T, measured);
}

/** Leases that this process gets and loses. */
export function createMeasuredLeases(leases: Leases, telemetry: Telemetry): Leases {
  const held = new Map<string, boolean>();
  return {
    ...leases,
    hold: async (name, seconds) => {
      const got = await leases.hold(name, seconds);
      if ((held.get(name) ?? false) !== got) telemetry.count('gate.lease.changes', { to: got ? 'held' : 'lost' });
      held.set(name, got);
      return got;
    },
  };
}

/** The edges of the core. */
export function createMeasuredPorts<P extends Pick<Ports, Measured>>(ports: P, needs: Needs): P {
  const { policy, due, checkpointLog } = ports;
  const { telemetry, backstage } = needs;
  return {
    ...ports,
    policy: {
      ...policy,
      current: async () => {
        const snapshot = await policy.current();
        backstage.policy(snapshot);
        return snapshot;
      },
    },
    gates: measuredGates(ports.gates, needs),
    due: {
      ...due,
      take: async (now) => {
        // Beside the pass, which does not wait for it.
        due.oldest(now).then(backstage.due, () => undefined);
        return due.take(now);
      },
    },
    azureDevOps: traced('azure-devops', ports.azureDevOps, telemetry),
    notifier: traced('teams', ports.notifier, telemetry),
    ...(checkpointLog === undefined
      ? {}
      : {
          checkpointLog: {
            ...checkpointLog,
            append: async (line, at) => {
              const position = await checkpointLog.append(line, at);
              if (position !== 'moved') backstage.appended();
              return position;
            },
          } satisfies Ports['checkpointLog'],
        }),
  };
}

/** A request keeps the trace of its delivery; what becomes of it is counted when it was committed. */
function measuredGates(gates: GateStore, needs: Needs): GateStore {
  const { telemetry, backstage } = needs;
  const after = (before: Gate | undefined, change: GateChange, committed: Committed): Committed => {
    if (committed.kind === 'committed') moved(needs, before, change);
    return committed;
  };
  return {
    ...gates,
    read: async (org, id) => {
      const stored = await gates.read(org, id);
      if (stored !== undefined) backstage.read(stored);
      return stored;
    },
    create: async (change) => {
      const traceparent = telemetry.traceparent();
      const gate = traceparent === undefined ? change.gate : { ...change.gate, traceparent };
      return after(undefined, change, await gates.create({ ...change, gate }));
    },
    commit: async (from, change) => after(from.gate, change, await gates.commit(from, change)),
    tidy: async (from, bookkeeping) => {
      const stored = await gates.tidy(from, bookkeeping);
      for (const { kind, dead } of bookkeeping.retry) if (dead) telemetry.count('gate.deadletter.count', { kind });
      return stored;
    },
  };
}

function moved({ telemetry, backstage }: Needs, before: Gate | undefined, { gate, evidence }: GateChange): void {
  const { verdict, completedElsewhere, decision } = gate;
  const isMissing = gate.judgement?.obstacles.some(({ kind }) => kind === 'missing-signal') === true;
  if (evidence.kind === 'judged' && isMissing)
    telemetry.count('gate.scan.missing', backstage.environment(gate.environment));
  if (gate.state === 'bypassed' && before?.state !== 'bypassed') telemetry.count('gate.bypass.detected');
  if (gate.toldAt === undefined || before?.toldAt !== undefined || verdict === undefined) return;
  if (completedElsewhere !== undefined) {
    telemetry.count('gate.verdict.contradiction');
    return;
  }
  telemetry.count('gate.verdict.sent', { verdict: verdict.result });
  const labels = { decision: verdict.reason };
  telemetry.record('gate.decision.duration', backstage.secondsSince(gate.receivedAt), labels);
  telemetry.record('gate.verdict.delay', backstage.secondsSince(decision?.at ?? verdict.sealedAt), labels);
}

/** Each call to another service as a span of whatever it is made for. */
function traced<T extends object>(who: 'azure-devops' | 'teams', port: T, telemetry: Telemetry): T {
  return new Proxy(port, {
    get: (target, name, receiver) => {
      const member: unknown = Reflect.get(target, name, receiver);
      if (typeof member !== 'function' || typeof name !== 'string') return member;
      return (...given: readonly unknown[]) =>
        telemetry.span(`${who} ${name}`, { kind: 'client' }, async () => {
          try {
            return await (Reflect.apply(member, target, given) as unknown);
          } catch (error) {
            const isTold = error instanceof AzureDevOpsUnavailableError && error.retryAfter !== undefined;
            if (isTold) telemetry.count('gate.ado.throttled');
            throw error;
          }
        });
    },
  });
}
