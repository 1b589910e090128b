import { AsyncLocalStorage } from 'node:async_hooks';
import { ORGANIZATION } from '../builders.ts';
import { createInMemoryTable, type InMemoryTable } from '../fakes/in-memory-table.ts';
import { createDice, type Dice } from './dice.ts';
import { CREWS, type Crew, DIRECTORY, type DirectoryState, type ScannerReport, START } from './scenery.ts';
import { createLife, createTurns, type Life, type Turns } from './turns.ts';

/** How often something goes wrong, from 0 to 1. */
export interface Faults {
  /** A call of the store, of Azure DevOps, of Teams or of the directory does not arrive. */
  before: number;
  /** It arrives, and its answer is lost. */
  after: number;
}

/** One thing that somebody began: a click, a delivery, a hint that came due; with all that follows from it. */
export interface Action {
  readonly name: string;
  /** Step. */
  readonly beganAt: number;
  /** What a pipeline sends by it. */
  readonly report?: ScannerReport;
  /** Whose it is, where it is of one organization: its short id. */
  readonly org?: string;
  /** Calls of the store so far, how many of them failed and how many met what somebody else had written, until something is recorded. */
  readonly cost: { calls: number; failed: number; conflicts: number; isRecorded: boolean };
}

/** Everything outside the processes: what survives them. */
export interface World {
  readonly dice: Dice;
  readonly turns: Turns;
  readonly store: InMemoryTable;
  readonly faults: Faults;
  /** Callers of the processes: they never die. */
  readonly outside: Life;
  readonly actions: AsyncLocalStorage<Action>;
  directory: DirectoryState;
  /** Who has to approve in production. */
  readonly crew: Crew;
  /** People ask for exceptions, and it takes days. */
  readonly isAboutExceptions: boolean;
  /** The delivery platform is read, and changes. */
  readonly isAboutPlatform: boolean;
  /** Most stages wait for approvals of Azure DevOps' own, and answers are lost more often. */
  readonly isAboutApprovals: boolean;
  /** Decisions on approvals of Azure DevOps' own are sent as the bot, else as whoever decided. */
  readonly asService: boolean;
  /** URLs. */
  readonly organizations: readonly string[];
  /** Process B is of the version after this one. */
  readonly hasTwoVersions: boolean;
  /** Who decides in whose place, since a step. */
  readonly covers: { readonly absent: string; readonly by: string; readonly since: number }[];
  /** Index into the crew's POLICIES that the source of policy holds. */
  policy: number;
  /** Milliseconds. */
  time: number;
  /** How many turns have been taken. */
  step: number;
  /** Calls fail and processes die, before the quiet. */
  isTroubled: boolean;
  /** Nothing goes wrong any more. */
  isQuiet: boolean;
  readonly log: string[];
  /** What happened, one line each, when somebody wants to read it. */
  readonly trace: string[] | undefined;
  note(line: string): void;
  /** Somebody outside waits for so many turns. */
  pause(turns: number): Promise<void>;
  /** Somebody outside waits for it, for so many turns at most. */
  awaits(isThere: () => boolean, most: number): Promise<void>;
  begin<T>(name: string, work: () => Promise<T>, of?: Pick<Action, 'report' | 'org'>): Promise<T>;
}

export function createWorld(seed: number, traced: boolean): World {
  const dice = createDice(seed);
  const trace: string[] | undefined = traced ? [] : undefined;
  const actions = new AsyncLocalStorage<Action>();
  const theme = dice.pick(THEMES);
  const world: World = {
    dice,
    turns: createTurns(dice),
    store: createInMemoryTable(),
    faults: { before: 0, after: 0 },
    outside: createLife('outside'),
    actions,
    directory: DIRECTORY,
    crew: dice.pick(CREWS),
    isAboutExceptions: theme === 'exceptions',
    isAboutPlatform: theme === 'platform',
    isAboutApprovals: theme === 'approvals',
    asService: dice.chance(0.4),
    organizations:
      ALONE.every((one) => theme !== one) && dice.chance(0.3) ? [ORGANIZATION, OTHER_ORGANIZATION] : [ORGANIZATION],
    hasTwoVersions: dice.chance(0.25),
    covers: [],
    policy: 1,
    time: START,
    step: 0,
    isTroubled: false,
    isQuiet: false,
    log: [],
    trace,
    note: (line) => {
      if (trace === undefined) return;
      const now = new Date(world.time).toISOString().slice(11, 19);
      trace.push(`${String(world.step).padStart(5)} ${now} [${actions.getStore()?.name ?? '-'}] ${line}`);
    },
    pause: (turns) => (turns === 0 ? Promise.resolve() : world.turns.take(world.outside, turns)),
    awaits: async (isThere, most) => {
      for (let look = 0; look < most / 3 && !isThere(); look += 1) await world.pause(LOOKS_AFTER);
    },
    begin: (name, work, of = {}) =>
      actions.run(
        { name, beganAt: world.step, cost: { calls: 0, failed: 0, conflicts: 0, isRecorded: false }, ...of },
        work,
      ),
  };
  return world;
}

const OTHER_ORGANIZATION = 'https://dev.azure.com/fabrikam';
const THEMES = ['checks', 'approvals', 'exceptions', 'exceptions', 'platform'] as const;
/** Those that play in one organization. */
const ALONE = ['exceptions', 'platform'] as const;

/** Turns. */
const LOOKS_AFTER = 25;

/** The call does not arrive, or its answer does not: decided once for each call. */
export function faultOf({ dice, faults }: World): 'none' | 'before' | 'after' {
  const thrown = dice.next();
  if (thrown < faults.before) return 'before';
  return thrown < faults.before + faults.after ? 'after' : 'none';
}
