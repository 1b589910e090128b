import { expect, test } from 'vitest';
import { createReadiness, isAlive, onceDone } from '../../bot/readiness.ts';

const NEVER = () => new Promise<never>(() => {});

function aReadiness(over: Partial<Record<'store' | 'policy' | 'signing', () => Promise<unknown>>> = {}) {
  let now = Date.parse('2026-11-24T09:00:00.000Z');
  let looks = 0;
  const failed: string[] = [];
  const store = async () => {
    looks += 1;
    await over.store?.();
  };
  const ready = createReadiness({
    clock: { now: () => new Date(now).toISOString() },
    parts: { policy: async () => undefined, signing: async () => undefined, ...over, store },
    failed: (part, err) => failed.push(`${part}: ${err instanceof Error ? err.message : err}`),
    patience: 0.05,
  });
  return {
    ready,
    failed,
    looks: () => looks,
    advance: (ms: number) => {
      now += ms;
    },
  };
}

test('what was well is believed for ten seconds, and by a clock that was put back not for longer', async () => {
  const { ready, looks, advance } = aReadiness();
  for (const [ms, seen] of [
    [0, 1],
    [9_999, 1],
    [1, 2],
    [-3_600_000, 3],
  ] as const) {
    advance(ms);
    expect(await ready()).toEqual({ isReady: true, parts: { store: 'ok', policy: 'ok', signing: 'ok' } });
    expect(looks()).toBe(seen);
  }
});

test.each(['store', 'policy', 'signing'] as const)(
  'it is not ready while %s fails or is silent, and names it',
  async (part) => {
    const faults = [() => Promise.reject(new Error('of it')), NEVER, async () => undefined];
    const { ready, failed } = aReadiness({ [part]: () => faults.shift()?.() });
    for (const why of ['of it', 'no answer in 0.05 s']) {
      expect(await ready()).toMatchObject({ isReady: false, parts: { [part]: 'failing' } });
      expect(failed.at(-1)).toBe(`${part}: ${why}`);
    }
    expect(await ready()).toMatchObject({ isReady: true });
  },
);

test('all who ask at once wait for one look', async () => {
  const { ready, looks } = aReadiness();
  await Promise.all([ready(), ready(), ready()]);
  expect(looks()).toBe(1);
});

test('a policy that was read once stays read, however silent its source is then', async () => {
  const answers = [() => Promise.reject(new Error('not yet')), async () => undefined, NEVER];
  const read = onceDone(() => answers.shift()?.() ?? NEVER());
  await expect(read()).rejects.toThrow('not yet');
  await read();
  await expect(read()).resolves.toBeUndefined();
});

test.each([
  [20, true],
  [1_019, true],
  [1_020, false],
])('a timer of 20 ms that comes after %d ms: alive is %s', async (ms, alive) => {
  let now = 0;
  const wait = async () => {
    now += ms;
  };
  expect(await isAlive(() => now, wait)).toBe(alive);
});
