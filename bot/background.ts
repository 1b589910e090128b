/** What goes on after somebody was answered; its failures are left to the due index. */
export function createBackground({ log }: { readonly log: { warn(data: object, message: string): void } }) {
  const background = new Set<Promise<void>>();
  return {
    later: (work: Promise<void>): void => {
      const done: Promise<void> = work
        .catch((err: unknown) => log.warn({ err }, 'left to the due index'))
        .finally(() => background.delete(done));
      background.add(done);
    },
    /** Resolves when nothing is under way. */
    settled: async (): Promise<void> => {
      while (background.size > 0) await Promise.all(background);
    },
  };
}
