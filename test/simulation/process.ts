import { type Core, createCore, type Ports } from '../../bot/core.ts';
import { orgsOf } from '../../bot/reading.ts';
import { createScheduler } from '../../bot/scheduler.ts';
import { orgOf } from '../../services/domain/gate.ts';
import { isSameHuman, type Person } from '../../services/domain/person.ts';
import type { Covers } from '../../services/ports/covers.ts';
import { type Directory, DirectoryUnavailableError } from '../../services/ports/directory.ts';
import type { DueHint } from '../../services/ports/due-index.ts';
import type { ReportReader } from '../../services/ports/report-reader.ts';
import {
  ConflictError,
  type Row,
  StoreUnavailableError,
  type Table,
  type TableName,
  type Write,
} from '../../services/ports/table.ts';
import { createPulse } from '../../services/pulse.ts';
import { readLogEntry } from '../../services/signals/log-entry-reader.ts';
import { createConversations } from '../../services/tables/conversations.ts';
import { createDueIndex } from '../../services/tables/due-index.ts';
import { createLeases } from '../../services/tables/leases.ts';
import { createPulses } from '../../services/tables/pulses.ts';
import { createStores } from '../../services/tables/stores.ts';
import { createAesVault } from '../../services/vault/aes-vault.ts';
import { TENANT } from '../builders.ts';
import { proofPorts } from '../fakes/proof-ports.ts';
import { personTokensOf } from './native.ts';
import { asNextVersion } from './next-version.ts';
import type { Scene } from './scene.ts';
import { POLICIES, reportOf, type ScannerReport } from './scenery.ts';
import { createLife, type Life } from './turns.ts';
import { faultOf } from './world.ts';

const TICK_MS = 5_000;

/** One process of the product, from start to death: its real use cases, stores and scheduler, on edges that fail. */
export interface Process {
  readonly covers: Covers;
  readonly life: Life;
  readonly core: Core;
  /** One pass over what is due; undefined while one is under way. */
  tick(): Promise<void> | undefined;
  /** Reads the policy's source anew; what is read in between is at most this old. */
  reload(): void;
  /** Its clock against the world's, in milliseconds. */
  skew: number;
}

export interface ProcessOptions {
  /** Off: what is found is found by wake-ups and the due index alone. */
  readonly reconciles: boolean;
  readonly skew: number;
}

export function startProcess(world: Scene, name: string, { reconciles, skew }: ProcessOptions): Process {
  const life = createLife(name);
  const settings = { tenant: TENANT, organizations: world.organizations };
  const self = { skew };
  const clock = { now: () => new Date(world.time + self.skew).toISOString() };
  let policy = world.policy;
  const random = { bytes: (count: number) => Uint8Array.from({ length: count }, () => world.dice.below(256)) };
  const table = tableOf(world, life);
  const due = createDueIndex({ table, clock });
  const keep = (data: object, message: string) => void world.log.push(JSON.stringify([message, shown(data)]));
  const pulses = createPulses({ table, tenant: TENANT });
  const ports: Ports = {
    clock,
    due,
    policy: {
      current: async () => {
        world.monitor.readPolicy(policy);
        const snapshot = POLICIES.get(world.crew)?.[policy];
        if (snapshot === undefined) throw new RangeError('no such policy');
        return snapshot;
      },
    } as Ports['policy'],
    directory: directoryOf(world, life),
    azureDevOps: world.pipelines.port(life),
    reader,
    pulse: createPulse({ clock, instance: name, pulses }),
    pulses,
    ...createStores({ table, due, clock, random, orgs: orgsOf(settings), instance: name, tenant: TENANT }),
    signalSources: [],
    platformSources: world.isAboutPlatform ? [world.platform.source(life)] : [],
    auditLogs: [],
    readLogEntry,
    conversations: createConversations({ table, tenant: TENANT, now: clock.now }),
    notifier: world.teams.notifier(life),
    personTokens: personTokensOf(world, life),
    vault: createAesVault({ key: new Uint8Array(32).fill(7), random }),
    ...proofPorts(),
  };
  const native = { asService: world.asService, canSignIn: !world.asService, hooksUrl: 'https://countersign.example/' };
  const core = createCore(ports, { ...settings, native, log: { warn: keep, error: keep } });
  const scheduler = createScheduler({
    clock,
    due,
    leases: createLeases({ table, clock, instance: name }),
    beat: async () => {},
    anchor: core.anchor,
    run: (hint) => world.begin(`due ${name}`, () => core.runDue(hint), orgIn(hint)),
    reconcile: async () => {
      if (reconciles) await core.reconcile();
    },
    failed: (error) => keep({ error: error as Error }, 'due item left'),
    intervalMs: TICK_MS,
  });
  let ticking = false;
  return {
    life,
    covers: ports.covers,
    core,
    tick: () => {
      if (ticking) return undefined;
      ticking = true;
      return world.begin(`tick ${name}`, () =>
        scheduler
          .tick()
          .catch((error: unknown) => keep({ error: error as Error }, 'tick failed'))
          .finally(() => {
            ticking = false;
          }),
      );
    },
    reload: () => {
      policy = world.policy;
    },
    get skew() {
      return self.skew;
    },
    set skew(milliseconds) {
      self.skew = milliseconds;
    },
  };
}

function orgIn(hint: DueHint): { readonly org?: string } {
  if (hint.kind === 'approval') return { org: orgOf(TENANT, hint.ref.organization) };
  return hint.kind === 'nudge' ? {} : { org: hint.org };
}

/** A body that stands for a report which the product's own reader has read before. */
export function bodyOf(report: ScannerReport): AsyncIterable<Uint8Array> {
  async function* empty() {}
  return Object.assign(empty(), { report });
}

const reader: ReportReader = {
  read: async (body) => reportOf((body as unknown as { readonly report: ScannerReport }).report),
};

function shown(data: object): unknown {
  return Object.values(data).map((value) => (value instanceof Error ? String(value.stack) : value));
}

/** The store as this process reaches it: every call may be lost on its way there or back, or meet its own first try. */
function tableOf(world: Scene, life: Life): Table {
  const { store, turns, monitor } = world;
  const isNext = world.hasTwoVersions && life.name.startsWith('B');

  async function call<T>(
    name: TableName,
    of: () => string,
    apply: () => Promise<T>,
    writes: readonly Write[] = [],
  ): Promise<T> {
    // Where hints are read from is written once by each process; what follows from the record is another operation.
    const own = world.actions.getStore()?.cost;
    const cost = name === 'sys' || own?.isRecorded === true ? undefined : own;
    if (cost !== undefined) cost.calls += 1;
    await turns.take(life);
    const fault = faultOf(world);
    if (cost !== undefined && fault !== 'none') cost.failed += 1;
    if (fault === 'before') {
      world.note(`${of()} fails`);
      throw new StoreUnavailableError('the call did not arrive');
    }
    const answer = await apply().catch((error: unknown) => {
      if (cost !== undefined && error instanceof ConflictError) cost.conflicts += 1;
      world.note(`${of()}: ${error instanceof Error ? error.message : error}`);
      throw error;
    });
    if (own !== undefined && name === 'gate' && writes.length > 0) own.isRecorded = true;
    // Told only where somebody reads it: there are thousands.
    if (world.trace !== undefined) world.note(of());
    await turns.take(life);
    if (fault === 'none') return answer;
    world.note(`${of()}: the answer is lost`);
    throw meetsItself(writes) && world.dice.chance(0.6)
      ? new ConflictError('it met its own first try')
      : new StoreUnavailableError('the answer was lost');
  }

  return {
    get: (name, partition, row) =>
      call(
        name,
        () => `get ${name} ${row}`,
        async () => {
          const found = await store.get(name, partition, row);
          if (found !== undefined) monitor.touched(partition);
          return found;
        },
      ),
    // Of the days that pass here, most buckets hold nothing: reading those takes no turn.
    list: async (name, partition, options) =>
      name === 'due' && store.rowsOf(name, partition).length === 0
        ? []
        : call(
            name,
            () => `list ${name} ${partition}`,
            async () => {
              const rows = await store.list(name, partition, options);
              watched(world, () => monitor.listed(name, partition, rows, options));
              if (rows.length > 0) monitor.touched(partition);
              return rows;
            },
          ),
    across: async function* (name, partitions, ranges) {
      yield* await call(
        name,
        () => `list ${name} from ${partitions.from}`,
        async () => {
          const rows: (Row & { readonly partition: string })[] = [];
          for await (const row of store.across(name, partitions, ranges)) rows.push(row);
          for (const { partition } of rows) monitor.touched(partition);
          return rows;
        },
      );
    },
    commit: (name, partition, given) => {
      const writes = isNext ? asNextVersion(given) : given;
      return call(
        name,
        () => `commit ${name} ${writes.map(({ kind, row }) => `${kind} ${row}`).join(', ')}`,
        async () => {
          const etags = await store.commit(name, partition, writes);
          watched(world, () => monitor.committed(name, partition, writes));
          monitor.touched(partition);
          return etags;
        },
        given,
      );
    },
    remove: (name, partition, row, etag) =>
      call(
        name,
        () => `remove ${name} ${row}`,
        () => store.remove(name, partition, row, etag),
      ),
  };
}

/** A fault of the one who watches must not pass for a fault of the store. */
function watched({ monitor }: Scene, look: () => void): void {
  try {
    look();
  } catch (error) {
    monitor.violated('the monitor failed:', String(error));
  }
}

/** A second try of these is refused by what the first one wrote. */
function meetsItself(writes: readonly Write[]): boolean {
  return writes.some(({ kind }) => kind !== 'put');
}

function directoryOf(world: Scene, life: Life): Directory {
  async function ask<T>(answer: () => T): Promise<T> {
    await world.turns.take(life);
    if (faultOf(world) !== 'none') throw new DirectoryUnavailableError('the directory did not answer');
    return answer();
  }
  const person = (oid: string): Person | undefined => world.directory.people.get(oid);
  const oidsOf = (principal: string): readonly string[] =>
    principal.startsWith('user:')
      ? [principal.slice('user:'.length)]
      : (world.directory.groups.get(principal.slice('group:'.length)) ?? []);
  return {
    person: (oid) => ask(() => person(oid)),
    membersOf: (principal) => ask(() => oidsOf(principal).flatMap((oid) => person(oid) ?? [])),
    isMember: (oid, principals) =>
      ask(() => {
        const isMember = principals.some((principal) => oidsOf(principal).includes(oid));
        world.monitor.askedWhetherMember(oid, isMember);
        return isMember;
      }),
    managerOf: (oid) => ask(() => person(oid)?.manager),
    named: (name) => ask(() => [...world.directory.people.values()].filter((known) => known.name === name)),
    eligibleButInactive: async () => undefined,
    matching: (identity) =>
      ask(() => [...world.directory.people.values()].filter((known) => isSameHuman(known, identity))),
  };
}
