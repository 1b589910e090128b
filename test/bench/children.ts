import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';

/** What a process of the bench is asked; it answers each with one message. */
export type Request = readonly [what: string, about?: unknown];

/** A process of the bench: one file of this folder, asked by messages. */
export interface Child {
  readonly pid: number;
  ask<T>(what: string, about?: unknown): Promise<T>;
  close(): Promise<void>;
}

/** Starts a file of this folder; `args` are its argument and whatever Node itself must be told. */
export async function startChild(
  file: string,
  args: readonly string[] = [],
  execArgv: readonly string[] = [],
): Promise<Child> {
  const child: ChildProcess = fork(new URL(file, import.meta.url), [...args], {
    execArgv: [...execArgv],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
  });
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`${file} ended with ${code}`)));
  ended.catch(() => undefined);
  const answer = async (): Promise<unknown> => {
    const [message] = (await Promise.race([once(child, 'message'), ended])) as [unknown];
    return message;
  };
  await answer();
  return {
    pid: child.pid ?? 0,
    ask: async <T>(what: string, about?: unknown) => {
      const answered = answer();
      child.send([what, about]);
      return (await answered) as T;
    },
    close: async () => {
      if (child.exitCode !== null) return;
      child.disconnect();
      await once(child, 'exit');
    },
  };
}

/** In such a process: answers what is asked, one after the other; ends with its parent. */
export function serveParent(answers: Readonly<Record<string, (about: never) => unknown>>): void {
  process.on('message', async ([what, about]: Request) => {
    process.send?.((await answers[what]?.(about as never)) ?? null);
  });
  process.on('disconnect', () => process.exit(0));
  process.send?.('ready');
}

export interface Usage {
  /** Milliseconds of CPU so far, in user and system mode. */
  readonly cpuMs: number;
  readonly rssMb: number;
  readonly heapMb: number;
}

/** Of this process; after a collection where Node was started with `--expose-gc`. */
export function usage(): Usage {
  globalThis.gc?.();
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return { cpuMs: (user + system) / 1_000, rssMb: rss / 2 ** 20, heapMb: heapUsed / 2 ** 20 };
}
