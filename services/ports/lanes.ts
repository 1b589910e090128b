const AT_ONCE = 8;

/** Each lane has one at a time; clicks and checks have their turn in between. */
export async function inLanes<T, R>(all: readonly T[], work: (one: T) => Promise<R>): Promise<R[]> {
  const done: R[] = new Array(all.length);
  const waiting = all.entries();
  const lane = async () => {
    for (const [n, one] of waiting) {
      done[n] = await work(one);
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  return done;
}
