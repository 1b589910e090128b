interface Timing {
  /** Monotonic milliseconds. */
  readonly now: () => number;
  readonly sleep: (milliseconds: number) => Promise<void>;
}

interface Bucket {
  /** Below zero: so many sends wait for their turn already. */
  tokens: number;
  at: number;
}

/** Sends a second, also the burst (Microsoft Teams, "Optimize your bot with rate limiting"). */
const CONVERSATION_RATE = 7;
const TENANT_RATE = 50;
const MOST_BUCKETS = 10_000;

export type Pace = (tenant: string, conversation: string) => Promise<void>;

const REAL: Timing = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** Resolves when it is this send's turn: a conversation and a whole tenant take only so many a second. */
export function createPace({ now, sleep }: Timing = REAL): Pace {
  const buckets = new Map<string, Bucket>();

  function waitFor(key: string, rate: number): number {
    const time = now();
    const bucket = buckets.get(key) ?? { tokens: rate, at: time };
    const refilled = Math.min(rate, bucket.tokens + ((time - bucket.at) / 1_000) * rate);
    buckets.set(key, { tokens: refilled - 1, at: time });
    return Math.max(0, ((1 - refilled) / rate) * 1_000);
  }

  /** A bucket that is full again is the same as none. */
  function forgetFull(): void {
    const full = now() - 1_000;
    for (const [key, bucket] of buckets) if (bucket.tokens >= 0 && bucket.at <= full) buckets.delete(key);
  }

  return async (tenant, conversation) => {
    if (buckets.size > MOST_BUCKETS) forgetFull();
    const wait = Math.max(waitFor(`tenant ${tenant}`, TENANT_RATE), waitFor(conversation, CONVERSATION_RATE));
    if (wait > 0) await sleep(wait);
  };
}
