import { setTimeout as sleep } from 'node:timers/promises';
import type { BotProcess, BotProcesses } from './bot-process.ts';
import type { FaultProxy } from './fault-proxy.ts';

/** How long a call waits for its answer before that counts as unknown, by line, in milliseconds. */
const GIVEN_UP_MS: Readonly<Record<string, number>> = { tables: 2_000, 'Azure DevOps': 10_000, Teams: 15_000 };
/** What is promised: done so long after everything works again. */
const PROMISED_MINUTES = 2;
/** After so long without a call it is worth asking whether the process has anything left to do. */
const QUIET_MS = 5;
/** Real time, for each minute that is promised: something hangs. */
const HANGING_MS = 15_000;
const TRIES = 10;

export interface BotLife {
  url(): string;
  start(): Promise<void>;
  /** Another process beside it, whose clock is moved too; its address. */
  another(): Promise<string>;
  /** Ends the process; the next thing that is waited for starts another. */
  kill(): void;
  /**
   * Lets time pass, and starts another process for one that was killed, until `find` gives something. Rejects when that
   * takes longer than two minutes of the bots' clock after the last start. `look` is asked when nothing is under way.
   */
  until<T>(what: string, find: () => T | undefined, look?: () => Promise<T | undefined>): Promise<T>;
  /** The same for what is promised within so many minutes. */
  within<T>(minutes: number, what: string, find: () => T | undefined, look?: () => Promise<T | undefined>): Promise<T>;
  /** The same until the promise is settled; undefined when it rejects. */
  during<T>(what: string, promise: Promise<T>): Promise<T | undefined>;
  /** Tries until it gives something, at most ten times. */
  again<T>(what: string, attempt: () => Promise<T | undefined>): Promise<T>;
}

/** One bot, and another one after each that was killed. */
export function createBotLife(proxy: FaultProxy, processes: BotProcesses): BotLife {
  let bot: BotProcess | undefined;
  const others: BotProcess[] = [];
  let since = 0;
  let isKilled = false;

  /** One that is killed before it listens is followed by another: nobody moves its clock, so it would never come to an end. */
  async function start(): Promise<void> {
    isKilled = false;
    try {
      bot = await processes.start();
    } catch (error) {
      if (!isKilled) throw error;
      return start();
    }
    since = processes.now();
  }

  /** Resolves when `find` gives something, the process is dead, or nothing is under way but what is held. */
  async function quiet<T>(find: () => T | undefined): Promise<T | undefined> {
    const begun = performance.now();
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      const now = performance.now();
      const rests = proxy.underway === proxy.held.size && now - Math.max(begun, proxy.movedAt) > QUIET_MS;
      if (rests || bot?.isAlive !== true) return undefined;
      await sleep(2);
    }
  }

  async function goOn(): Promise<void> {
    if (bot?.isAlive !== true) return start();
    const [held] = proxy.held;
    await bot.move(proxy.held.size, held && processes.now() + (GIVEN_UP_MS[held.line] ?? 0));
    for (const other of others) await other.move(proxy.held.size, processes.now());
  }

  const until: BotLife['until'] = (what, find, look) => within(PROMISED_MINUTES, what, find, look);

  async function within<T>(
    minutes: number,
    what: string,
    find: () => T | undefined,
    look: () => Promise<T | undefined> = async () => undefined,
  ): Promise<T> {
    const begun = performance.now();
    since = processes.now();
    for (;;) {
      const found = (await quiet(find)) ?? (await look());
      if (found !== undefined) return found;
      await goOn();
      const [passed, hanging] = [processes.now() - since, performance.now() - begun > minutes * HANGING_MS];
      if (passed > minutes * 60_000 || hanging)
        throw new Error(`${what}: not within ${hanging ? 'real' : minutes} minutes`);
    }
  }

  async function during<T>(what: string, promise: Promise<T>): Promise<T | undefined> {
    let settled: { readonly value?: T } | undefined;
    promise.then(
      (value) => {
        settled = { value };
      },
      () => {
        settled = {};
      },
    );
    return (await until(what, () => settled)).value;
  }

  return {
    url: () => bot?.url ?? '',
    start,
    async another() {
      const other = await processes.start();
      others.push(other);
      return other.url;
    },
    kill: () => {
      isKilled = true;
      void bot?.kill();
      processes.killStarting();
    },
    until,
    within,
    during,
    async again(what, attempt) {
      for (let n = 0; n < TRIES; n += 1) {
        if (bot?.isAlive !== true) await start();
        const got = await during(what, attempt());
        if (got !== undefined) return got;
      }
      throw new Error(`${what}: not after ${TRIES} tries`);
    },
  };
}
