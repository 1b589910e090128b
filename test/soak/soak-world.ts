import { fileURLToPath } from 'node:url';
import { createScheduler } from '../../bot/scheduler.ts';
import { createFileDirectory } from '../../services/directory/file-directory.ts';
import type { CheckIds } from '../../services/domain/gate.ts';
import { loadDirectory } from '../../services/policy/load-directory.ts';
import { type AzureDevOps, AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import { type Directory, DirectoryUnavailableError } from '../../services/ports/directory.ts';
import type { Notifier, Sent } from '../../services/ports/notifier.ts';
import { createLeases } from '../../services/tables/leases.ts';
import { COMMIT } from '../builders.ts';
import { type CoreWorld, createCoreWorld } from '../fakes/core-world.ts';
import { createInMemoryAppendLog, type InMemoryAppendLog } from '../fakes/in-memory-append-log.ts';
import { createInMemoryArchive, type InMemoryArchive } from '../fakes/in-memory-archive.ts';
import type { Call, Fault } from '../fakes/in-memory-table.ts';
import { createDice, type Dice } from '../simulation/dice.ts';

const DIRECTORY_FILE = fileURLToPath(new URL('../../manifest/policy/directory.yaml', import.meta.url));
/** Of all calls of the store, Azure DevOps, Teams, the directory and the log of checkpoints. */
const FAULTS = 0.01;
/** Of reads that fail: those that still do after the tries of the adapter. */
const UNREAD = 0.02;

export interface SoakWorld extends CoreWorld {
  readonly dice: Dice;
  /** Results that Azure DevOps was told, by task instance; every one that it was ever told. */
  readonly results: Map<string, string[]>;
  /** What a run ships, where it is not COMMIT. */
  readonly commits: Map<number, string>;
  readonly log: InMemoryAppendLog;
  readonly archive: InMemoryArchive;
  /** Calls that failed. */
  readonly count: { faults: number; cards: number };
  /** Nothing fails while this is false. */
  isTroubled: boolean;
  /** One pass of the process that holds the lease. */
  tick(): Promise<void>;
}

/** One process of the product on a store in memory; everything that it calls fails now and then. */
export async function createSoakWorld(seed: number): Promise<SoakWorld> {
  const dice = createDice(seed);
  const own = {
    dice,
    results: new Map<string, string[]>(),
    commits: new Map<number, string>(),
    count: { faults: 0, cards: 0 },
    isTroubled: false,
  };
  const fails = () => {
    const isFault = own.isTroubled && dice.chance(FAULTS);
    if (isFault) own.count.faults += 1;
    return isFault;
  };
  const fault = ({ kind }: Call): Fault => {
    const isRead = kind === 'get' || kind === 'list';
    if (isRead && !dice.chance(UNREAD)) return 'ok';
    return fails() ? dice.pick(['before', 'after', 'after-conflict']) : 'ok';
  };
  const log = createInMemoryAppendLog(() => (fails() ? dice.pick(['before', 'after']) : 'ok'));
  const archive = createInMemoryArchive(() => (fails() ? dice.pick(['before', 'after']) : 'ok'));
  const world: CoreWorld = await createCoreWorld({
    fault,
    checkpointLog: log,
    archive,
    retentionSettings: { days: 1, legalHold: false },
    notifier: notifierOf(own.count, fails, dice),
    directory: directoryOf(fails),
    azureDevOps: azureDevOpsOf(own, fails, () => world),
  });
  const { core, ports } = world;
  const scheduler = createScheduler({
    clock: ports.clock,
    due: ports.due,
    leases: createLeases({ table: world.table, clock: ports.clock, instance: 'process 1' }),
    beat: core.beat,
    run: core.runDue,
    anchor: core.anchor,
    reconcile: core.reconcile,
    failed: () => undefined,
    intervalMs: 5_000,
  });
  const tick = async () => {
    await scheduler.tick().catch(() => undefined);
    await core.idle();
  };
  return Object.defineProperties(
    Object.assign(own, { log, archive, tick }),
    Object.getOwnPropertyDescriptors(world),
  ) as SoakWorld & typeof own;
}

function notifierOf(count: SoakWorld['count'], fails: () => boolean, dice: Dice): Notifier {
  const sent = (activityId: string): Sent => {
    if (!fails()) return { kind: 'sent', activityId };
    return dice.chance(0.5) ? { kind: 'unavailable' } : { kind: 'unavailable', retryAfter: 7 };
  };
  const fresh = () => {
    count.cards += 1;
    return sent(`m${count.cards}`);
  };
  return {
    post: async () => fresh(),
    tell: async () => fresh(),
    update: async (_, activityId) => sent(activityId),
    retell: async (_, activityId) => sent(activityId),
  };
}

function directoryOf(fails: () => boolean): Directory {
  const inner = createFileDirectory({ file: DIRECTORY_FILE, load: loadDirectory });
  const asked = <A extends readonly unknown[], T>(ask: (...about: A) => Promise<T>) => {
    return async (...about: A): Promise<T> => {
      if (fails()) throw new DirectoryUnavailableError('HTTP 503');
      return ask(...about);
    };
  };
  return {
    ...inner,
    person: asked(inner.person),
    managerOf: asked(inner.managerOf),
    named: asked(inner.named),
    membersOf: asked(inner.membersOf),
    isMember: asked(inner.isMember),
    matching: asked(inner.matching),
  };
}

type Told = Pick<SoakWorld, 'results' | 'commits' | 'dice'>;

/** Every run is its own; what a check was told stands, whether or not the answer came. */
function azureDevOpsOf({ results, commits, dice }: Told, fails: () => boolean, world: () => CoreWorld): AzureDevOps {
  const fault = () => {
    const retryAfter = dice.chance(0.3) ? { retryAfter: 5 } : {};
    return new AzureDevOpsUnavailableError(dice.pick(['HTTP 500', 'HTTP 503', 'HTTP 429', 'no answer']), retryAfter);
  };
  const unlessFails = <T>(answer: T): T => {
    if (fails()) throw fault();
    return answer;
  };
  const resultOf = ({ taskInstanceId }: CheckIds) => results.get(taskInstanceId)?.[0];
  return {
    prove: async (check, runId) => {
      const { run } = world().azureDevOps;
      const pipeline = { ...run.pipeline, id: runId };
      const completed = resultOf(check) !== undefined;
      return unlessFails({ kind: 'proven', run: { ...run, id: runId, pipeline }, attempt: 1, completed } as const);
    },
    sources: async (run) => {
      const { sources } = world().azureDevOps;
      const shipped = sources.commits.map((one) => ({ ...one, commit: commits.get(run.id) ?? COMMIT, runId: run.id }));
      const main = { ref: 'refs/heads/main', repositoryId: '99999999-9999-4999-8999-999999999999' };
      return unlessFails({ ...sources, commits: shipped, branches: shipped.map((one) => ({ ...one, ...main })) });
    },
    protection: async () => unlessFails(world().azureDevOps.protection),
    checkState: async (check) => {
      const result = resultOf(check);
      return unlessFails(result === undefined ? { completed: false } : { completed: true, result });
    },
    complete: async (check, { result }) => {
      const isLost = fails();
      if (isLost && dice.chance(0.5)) throw fault();
      results.set(check.taskInstanceId, [...(results.get(check.taskInstanceId) ?? []), result]);
      if (isLost) throw fault();
    },
    findRuns: async (runId) => unlessFails([{ ...world().azureDevOps.run, id: runId }]),
    approval: async () => undefined,
    pendingApprovals: async () => ({ approvals: [], unread: [] }),
    decideApproval: async () => {
      throw fault();
    },
    stage: async () => undefined,
    hookSubscriptions: async () => [],
  };
}
