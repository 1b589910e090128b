import type { Server } from 'node:http';

interface Stopping {
  readonly server: Server;
  readonly scheduler: { stop(): Promise<void> };
  readonly core: { idle(): Promise<void> };
}

const STOP_MS = 10_000;
const SWEEP_MS = 50;

/** Finishes what is under way, at most 10 s. */
export async function stop({ server, scheduler, core }: Stopping): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  // A connection that is kept alive becomes idle only once its answer is out.
  const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
  // What the last answers left to be done begins with them.
  const ended = Promise.all([closed.then(() => core.idle()), scheduler.stop()]);
  const late = new Promise<void>((resolve) => setTimeout(resolve, STOP_MS).unref());
  await Promise.race([ended, late]);
  clearInterval(sweep);
  server.closeAllConnections();
}
