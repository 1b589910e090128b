import { subscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { enableCompileCache, flushCompileCache } from 'node:module';
import { type AddressInfo, Server } from 'node:net';

/**
 * Loaded into a bot's process before its own code (`node --import`), so that a test can let minutes pass in no time: the
 * clock runs ahead, and whatever waits for a time is woken when the clock gets there. HTTP and everything else is real.
 *
 * From the parent: `{ go }` starts the bot, its clock ahead by so many milliseconds; `{ held }` moves the clock on: to
 * `to`, else to the next thing that waits, and not at all while the bot has more than so many calls under
 * way or anything else to do. To the parent: `{ warm }` when `go` may come, `{ port }` where the bot listens, `{ now }`
 * the clock after each move.
 */

interface FromParent {
  readonly go?: number;
  readonly held?: number;
  readonly to?: number;
}

interface Waiting {
  readonly due: number;
  readonly wake: () => void;
}

/** Shorter waits happen as they are. */
const SHORT_MS = 2;
/** The interval of the scheduler, and how long it seems: enough for what is promised, with fewer passes. */
const [TICK_MS, SEEMING_TICK_MS] = [5_000, 15_000];
const LONGEST_MS = 2 ** 31 - 1;

const timers = new Map<unknown, Waiting>();
/** Limits on calls, which a busy machine cannot exceed here; most calls have ended long before, and nothing tells. */
const limits = new Set<Waiting>();
let ahead = 0;

const real = { now: Date.now, monotonic: performance.now.bind(performance) };
const now = () => real.now() + ahead;

/** Whole milliseconds, as everywhere: a timer may have been set for a part of one. */
const dateNow = () => Math.floor(now());

globalThis.Date = new Proxy(Date, {
  construct: (target, args, self) => Reflect.construct(target, args.length === 0 ? [now()] : args, self),
  get: (target, key) => (key === 'now' ? dateNow : Reflect.get(target, key)),
});
performance.now = () => real.monotonic() + ahead;

globalThis.setTimeout = new Proxy(globalThis.setTimeout, {
  apply(set, self, [wake, ms = 0, ...args]: [(...args: unknown[]) => void, number?, ...unknown[]]) {
    if (ms < SHORT_MS) return Reflect.apply(set, self, [wake, ms, ...args]);
    const timer = set(() => {}, LONGEST_MS);
    timers.set(timer, { due: now() + (ms === TICK_MS ? SEEMING_TICK_MS : ms), wake: () => wake(...args) });
    return timer;
  },
});
globalThis.clearTimeout = new Proxy(globalThis.clearTimeout, {
  apply(clear, self, [timer]: [NodeJS.Timeout | undefined]) {
    timers.delete(timer);
    return Reflect.apply(clear, self, [timer]);
  },
});
AbortSignal.timeout = (ms) => {
  const controller = new AbortController();
  const limit: Waiting = {
    due: now() + ms,
    wake: () => controller.abort(new DOMException('The operation was aborted due to timeout', 'TimeoutError')),
  };
  limits.add(limit);
  return controller.signal;
};

/** In the order of their times, everything that waits for `time` or an earlier one. */
function moveTo(time: number): void {
  for (;;) {
    const waiting = [...timers, ...[...limits].map((limit) => [limit, limit] as const)];
    const [key, next] = waiting.sort(([, a], [, b]) => a.due - b.due)[0] ?? [];
    if (next === undefined || next.due > time) break;
    ahead += Math.max(0, next.due - now());
    timers.delete(key);
    limits.delete(next);
    next.wake();
  }
  ahead += Math.max(0, time - now());
}

let calls = 0;
subscribe('http.client.request.created', (message) => {
  calls += 1;
  (message as { request: ClientRequest }).request.once('close', () => {
    calls -= 1;
  });
});
/** Of what keeps a process alive: what ends by itself and soon. */
const SOON = /Req|Job$|ConnectWrap|WriteWrap|Zlib/;

async function rests(held: number): Promise<boolean> {
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((next) => setImmediate(next));
    if (calls > held || process.getActiveResourcesInfo().some((name) => SOON.test(name))) return false;
  }
  return true;
}

async function move({ held = 0, to }: FromParent): Promise<void> {
  if (await rests(held)) {
    const next = to ?? Math.min(...[...timers.values()].map(({ due }) => due));
    if (Number.isFinite(next)) moveTo(next);
  }
  process.send?.({ now: now() });
}

Server.prototype.listen = new Proxy(Server.prototype.listen, {
  apply(listen, server: Server, args) {
    server.once('listening', () => process.send?.({ port: (server.address() as AddressInfo).port }));
    return Reflect.apply(listen, server, args);
  },
});

// However the test ends.
process.once('disconnect', () => process.exit());
const go = new Promise<number>((resolve) => {
  process.on('message', (message: FromParent) => {
    if (message.go !== undefined) resolve(message.go);
    else void move(message);
  });
});
// Kept for the processes after this one; what is killed would not write it.
enableCompileCache();
await import('../../bot/safe-start.ts');
await import('../../bot/app.ts');
flushCompileCache();
process.send?.({ warm: true });
ahead = await go;
