import type { Dice } from './dice.ts';

/** One run of one process, from its start to its end. What it waits for when it dies never comes. */
export interface Life {
  readonly name: string;
  /** Others go first, mostly. */
  slow: boolean;
  dead: boolean;
  /** Resolves when it dies: how a caller notices that its connection is gone. */
  readonly died: Promise<void>;
  readonly end: () => void;
}

export function createLife(name: string): Life {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { name, slow: false, dead: false, died: promise, end: resolve };
}

export interface Turns {
  /**
   * Resolves when the world lets this one go on, not before `pause` turns have passed unless nobody else waits; never,
   * once the life has ended.
   */
  take(life: Life, pause?: number): Promise<void>;
  /** Lets one of those that wait go on; false when nobody waits. */
  pass(): boolean;
  /** Everything that this life waits for is forgotten. */
  kill(life: Life): void;
  readonly waiting: number;
}

interface Waiting {
  readonly life: Life;
  readonly heldUntil: number;
  readonly go: () => void;
}

/** How often a call is held up, and for how many turns at most: what happens meanwhile must not matter. */
const HELD = 0.06;
const LONGEST_HOLD = 60;

/** Whatever crosses an edge of a process waits here: the order of everything that happens is this list and the dice. */
export function createTurns(dice: Dice): Turns {
  let waiting: Waiting[] = [];
  let passed = 0;
  return {
    take: (life, pause = 0) =>
      life.dead
        ? new Promise(() => {})
        : new Promise((go) => {
            const hold = pause === 0 && dice.chance(HELD) ? dice.below(LONGEST_HOLD) : pause;
            waiting.push({ life, go, heldUntil: passed + hold });
          }),
    pass: () => {
      passed += 1;
      let free = waiting.filter(({ heldUntil }) => heldUntil <= passed);
      if (free.length === 0 && waiting.length > 0) {
        // Nobody is busy: the turns until somebody is take no time.
        passed = Math.min(...waiting.map(({ heldUntil }) => heldUntil));
        free = waiting.filter(({ heldUntil }) => heldUntil <= passed);
      }
      const quick = dice.chance(0.9) ? free.filter(({ life }) => !life.slow) : [];
      const choice = quick.length > 0 ? quick : free;
      const next = choice[dice.below(choice.length)];
      if (next === undefined) return false;
      waiting.splice(waiting.indexOf(next), 1);
      next.go();
      return true;
    },
    kill: (life) => {
      life.dead = true;
      waiting = waiting.filter((one) => one.life !== life);
      life.end();
    },
    get waiting() {
      return waiting.length;
    },
  };
}
