import type { Clock } from '../services/ports/clock.ts';
import type { DueHint, DueIndex, DueItem } from '../services/ports/due-index.ts';
import type { Leases } from '../services/ports/leases.ts';

interface Needs {
  readonly clock: Clock;
  readonly due: Pick<DueIndex, 'take' | 'done'>;
  readonly leases: Leases;
  /** Looks at the aggregate again; rejects when it must be tried once more. */
  readonly run: (hint: DueHint) => Promise<void>;
  /** Notes that this process runs, whether or not it holds the lease. */
  readonly beat: () => Promise<void>;
  /** Begins to put evidence under checkpoints where that is due; not waited for. */
  readonly anchor: () => void;
  /** Compares everything open with Azure DevOps. */
  readonly reconcile: () => Promise<void>;
  readonly failed: (error: unknown) => void;
  readonly intervalMs: number;
}

const AT_ONCE = 8;
const LEASE = 'scheduler';
/** Another process takes over this long after one that died. */
const LEASE_SECONDS = 30;
const RECONCILE_MS = 300_000;

/** Takes what is due, again and again, in one process at a time. A hint stays until its run succeeded. */
export function createScheduler(needs: Needs) {
  let timer: NodeJS.Timeout | undefined;
  let current: Promise<void> = Promise.resolve();
  let stopped = false;
  let reconciledAt = Number.NEGATIVE_INFINITY;

  async function runItem(item: DueItem): Promise<void> {
    try {
      await needs.run(item.hint);
      await needs.due.done(item);
    } catch (error) {
      needs.failed(error);
    }
  }

  /** One pass over everything that is due now; `stop` ends it early, and what is left stays due. */
  async function tick(): Promise<void> {
    await needs.beat().catch(needs.failed);
    if (!(await needs.leases.hold(LEASE, LEASE_SECONDS))) return;
    needs.anchor();
    const items = await needs.due.take(needs.clock.now());
    for (let from = 0; from < items.length && !stopped; from += AT_ONCE) {
      await Promise.all(items.slice(from, from + AT_ONCE).map(runItem));
    }
    await reconcileIfDue();
  }

  async function reconcileIfDue(): Promise<void> {
    const now = Date.parse(needs.clock.now());
    if (stopped || now - reconciledAt < RECONCILE_MS) return;
    reconciledAt = now;
    await needs.reconcile();
  }

  function pass(): void {
    current = tick().catch(needs.failed).then(next);
  }

  function next(): void {
    if (!stopped) timer = setTimeout(pass, needs.intervalMs);
  }

  return {
    tick,
    /** The first pass begins at once: what a process before this one left is not kept waiting. */
    start: pass,
    /** Resolves when the pass under way has ended; another process may go on at once. */
    stop: async (): Promise<void> => {
      stopped = true;
      clearTimeout(timer);
      await current;
      await needs.leases.release(LEASE).catch(needs.failed);
    },
  };
}
