/** That nothing was answered, and in how many seconds to ask again where that was said. */
export interface Unanswered extends Error {
  readonly retryAfter: number | undefined;
}

/** How long somebody at a command line waits for a service. */
export interface Patience {
  /** Asks again, some times, where nothing was answered. Only for what may be asked twice. */
  of<T>(ask: () => Promise<T>): Promise<T>;
  /** Waits as long as was asked for, else longer each time in a row; rejects with the error at the n-th, or when it asks for more than ten minutes. */
  after(error: Unanswered, most: number): Promise<void>;
  /** Something was answered. */
  rest(): void;
}

const READ_TRIES = 5;
const LONGEST_SECONDS = 600;

/** `wait`: seconds. `isUnanswered`: whether nothing was answered, so that asking again may help. */
export function createPatience(
  wait: (seconds: number) => Promise<void>,
  isUnanswered: (error: unknown) => error is Unanswered,
): Patience {
  let failures = 0;

  async function after(error: Unanswered, most: number): Promise<void> {
    failures += 1;
    const seconds = error.retryAfter ?? 2 ** failures;
    if (failures >= most || seconds > LONGEST_SECONDS) throw error;
    await wait(seconds);
  }

  const rest = () => {
    failures = 0;
  };

  return {
    after,
    rest,
    async of(ask) {
      for (;;) {
        try {
          const answer = await ask();
          rest();
          return answer;
        } catch (error) {
          if (!isUnanswered(error)) throw error;
          await after(error, READ_TRIES);
        }
      }
    },
  };
}
