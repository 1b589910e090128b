/** Work of the same name, one after the other in this process. */
export function turns() {
  const running = new Map<string, Promise<unknown>>();
  return <T>(name: string, work: () => Promise<T>): Promise<T> => {
    const before = running.get(name) ?? Promise.resolve();
    const mine = before.catch(() => undefined).then(work);
    running.set(name, mine);
    const forget = () => {
      if (running.get(name) === mine) running.delete(name);
    };
    mine.then(forget, forget);
    return mine;
  };
}
