/** Asks, or gives the answer that is kept under this key. */
export type Keep<T> = (key: string, ask: () => Promise<T>) => Promise<T>;

/**
 * Keeps each answer for `ms` from the moment it was asked for, by the monotonic milliseconds of `now`. Who asks while a
 * question is under way shares its answer. A failure is not kept.
 */
export function createKeptAnswers<T>({ now, ms }: { readonly now: () => number; readonly ms: number }): Keep<T> {
  const kept = new Map<string, { readonly until: number; readonly answer: Promise<T> }>();
  return (key, ask) => {
    const asked = now();
    for (const [other, { until }] of kept) if (until <= asked) kept.delete(other);
    const known = kept.get(key);
    if (known !== undefined) return known.answer;
    const entry = { until: asked + ms, answer: ask() };
    kept.set(key, entry);
    entry.answer.catch(() => {
      if (kept.get(key) === entry) kept.delete(key);
    });
    return entry.answer;
  };
}
