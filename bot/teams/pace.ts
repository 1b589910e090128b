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
/** An absurd Retry-After must not silence a conversation for days. */
const LONGEST_HOLD_SECONDS = 3_600;

export interface Pace {
  /** Resolves when it is this send's turn. */
  (tenant: string, conversation: string): Promise<void>;
  /** Nothing is to be sent to this conversation for so many seconds: Teams has said so. */
  hold(conversation: string, seconds: number): void;
  /** For how many seconds that is still so; 0 when it may be sent to. */
  heldFor(conversation: string): number;
}

const REAL: Timing = {
  now: () => performance.now(),
  sleep: (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds)),
};

/** A conversation and a whole tenant take only so many sends a second, and none while Teams asks to be left alone. */
export function createPace({ now, sleep }: Timing = REAL): Pace {
  const buckets = new Map<string, Bucket>();
  /** Until when nothing is sent to a conversation. */
  const holds = new Map<string, number>();

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
    for (const [key, until] of holds) if (until <= now()) holds.delete(key);
  }

  const pace = async (tenant: string, conversation: string) => {
    if (buckets.size > MOST_BUCKETS) forgetFull();
    const wait = Math.max(waitFor(`tenant ${tenant}`, TENANT_RATE), waitFor(conversation, CONVERSATION_RATE));
    if (wait > 0) await sleep(wait);
  };
  return Object.assign(pace, {
    hold: (conversation: string, seconds: number) => {
      const until = now() + Math.min(seconds, LONGEST_HOLD_SECONDS) * 1_000;
      holds.set(conversation, Math.max(until, holds.get(conversation) ?? 0));
    },
    heldFor: (conversation: string) => Math.max(0, Math.ceil(((holds.get(conversation) ?? 0) - now()) / 1_000)),
  });
}
