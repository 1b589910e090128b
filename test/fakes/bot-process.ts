import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

const pathOf = (name: string) => fileURLToPath(new URL(name, import.meta.url));
const [PRELOAD, ENTRY] = [pathOf('bot-preload.ts'), pathOf('../../bot/index.ts')];

/** The real `node bot/index.ts`, with a clock that the test moves; see bot-preload.ts. */
export interface BotProcess {
  readonly url: string;
  readonly isAlive: boolean;
  /**
   * Moves the clock, to `to` or to the next time that something in the process waits for; not at all while the
   * process has more to do than to wait for so many `held` calls.
   */
  move(held: number, to?: number): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
}

export interface BotProcesses {
  /** Milliseconds; what the clocks of all processes show. */
  now(): number;
  /** Rejects when it ends before it listens. */
  start(): Promise<BotProcess>;
  /** SIGKILL to whichever does not listen yet. */
  killStarting(): void;
  /** All that any of them wrote. */
  output(): string;
  close(): Promise<void>;
}

interface Warming {
  readonly child: ChildProcess;
  readonly ready: Promise<unknown>;
}

interface ToParent {
  readonly warm?: true;
  readonly port?: number;
  readonly now?: number;
}

/**
 * Processes on one environment. Importing the libraries takes most of a start: `spares` of them have done it already and
 * wait for their turn.
 */
export function createBotProcesses(
  env: Readonly<Record<string, string>>,
  { spares = 0 }: { readonly spares?: number } = {},
): BotProcesses {
  const children = new Set<ChildProcess>();
  const starting = new Set<ChildProcess>();
  const warm: Warming[] = [];
  let written = '';
  let ahead = 0;

  function warmUp(): Warming {
    const stdio = ['ignore', 'pipe', 'pipe', 'ipc'] as const;
    const child = spawn(process.execPath, ['--import', PRELOAD, ENTRY], { env, stdio: [...stdio] });
    children.add(child);
    child.once('exit', () => children.delete(child));
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (text) => {
        written += text;
      });
    }
    const ready = told(child, ({ warm: isWarm }) => isWarm);
    ready.catch(() => {});
    return { child, ready };
  }

  function told<T>(child: ChildProcess, pick: (message: ToParent) => T | undefined): Promise<T> {
    return new Promise((resolve, reject) => {
      const ended = () => reject(new Error(`the bot's process ended:\n${written.slice(-2_000)}`));
      child.once('exit', ended);
      child.on('message', function hear(message: ToParent) {
        const found = pick(message);
        if (found === undefined) return;
        child.off('message', hear).off('exit', ended);
        resolve(found);
      });
    });
  }

  async function move(child: ChildProcess, message: object): Promise<void> {
    if (!child.connected) return;
    const moved = told(child, ({ now }) => now).then(
      (now) => {
        ahead = Math.max(ahead, now - Date.now());
      },
      // Killed meanwhile.
      () => {},
    );
    child.send(message, () => {});
    await moved;
  }

  function fill(): void {
    while (warm.length < spares) warm.push(warmUp());
  }

  fill();
  return {
    now: () => Date.now() + ahead,
    output: () => written,
    async start() {
      const { child, ready } = warm.shift() ?? warmUp();
      fill();
      await ready;
      const port = told(child, (message) => message.port);
      child.send({ go: ahead });
      starting.add(child);
      const url = `http://127.0.0.1:${await port.finally(() => starting.delete(child))}`;
      return {
        url,
        get isAlive() {
          return isAlive(child);
        },
        move: (held, to) => move(child, { held, to }),
        kill: () => end(child),
      };
    },
    killStarting: () => {
      for (const child of starting) child.kill('SIGKILL');
    },
    async close() {
      await Promise.all([...children].map(end));
    },
  };
}

function isAlive(child: ChildProcess): boolean {
  return !child.killed && child.exitCode === null && child.signalCode === null;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGKILL');
  await exited;
}
