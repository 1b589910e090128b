import type { Clock } from '../services/ports/clock.ts';

/** What a process must be able to do before anything is sent to it. Teams and Azure DevOps are not among it: their outage must not be ours. */
const PARTS = ['store', 'policy', 'signing'] as const;
type Part = (typeof PARTS)[number];

export interface Ready {
  readonly isReady: boolean;
  readonly parts: Readonly<Record<Part, 'ok' | 'failing'>>;
}

export type Readiness = () => Promise<Ready>;

interface Needs {
  readonly clock: Clock;
  /** Each rejects while it does not work. */
  readonly parts: Readonly<Record<Part, () => Promise<unknown>>>;
  readonly failed: (part: Part, err: unknown) => void;
  /** Seconds that one look may take; default 2. */
  readonly patience?: number;
}

/** What was well is not looked at again for so long. */
const KEPT_MS = 10_000;
const PATIENCE_SECONDS = 2;

/** Never rejects. Whoever asks while a look is under way waits for the same one; what was not well is looked at anew. */
export function createReadiness({ clock, parts, failed, patience = PATIENCE_SECONDS }: Needs): Readiness {
  let well: { readonly at: number; readonly ready: Ready } | undefined;
  let looking: Promise<Ready> | undefined;

  async function isWell(part: Part): Promise<boolean> {
    try {
      await within(patience, parts[part]());
      return true;
    } catch (error) {
      failed(part, error);
      return false;
    }
  }

  async function look(at: number): Promise<Ready> {
    const states = await Promise.all(
      PARTS.map(async (part) => [part, (await isWell(part)) ? 'ok' : 'failing'] as const),
    );
    const ready = {
      isReady: states.every(([, state]) => state === 'ok'),
      parts: Object.fromEntries(states) as Ready['parts'],
    };
    well = ready.isReady ? { at, ready } : undefined;
    return ready;
  }

  return async () => {
    const at = Date.parse(clock.now());
    // A clock that was put back must not keep an old answer for as long.
    if (well !== undefined && Math.abs(at - well.at) < KEPT_MS) return well.ready;
    looking ??= look(at).finally(() => {
      looking = undefined;
    });
    return looking;
  };
}

/** Works once it has worked: what is renewed later, from elsewhere, goes on with what there is. */
export function onceDone(work: () => Promise<unknown>): () => Promise<void> {
  let done = false;
  return async () => {
    if (done) return;
    await work();
    done = true;
  };
}

async function within(seconds: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${seconds} s`)), seconds * 1_000);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}

const WAIT_MS = 20;
const MOST_LAG_MS = 1_000;

/** Whether the event loop comes to a timer within a second of its time. No call leaves the process. */
export async function isAlive(
  elapsed: () => number = () => performance.now(),
  wait: (ms: number) => Promise<void> = (ms) => new Promise((wake) => setTimeout(wake, ms)),
): Promise<boolean> {
  const from = elapsed();
  await wait(WAIT_MS);
  return elapsed() - from - WAIT_MS < MOST_LAG_MS;
}
