/** The longest turn of the event loop of this process. */
export interface LongestTurn {
  readonly ms: number;
  /** Of the main thread in one turn: what of a long one is work, not waiting for a core. */
  readonly cpuMs: number;
}

/** Watches every turn until it is asked. */
export function watchTurns(): () => LongestTurn {
  let [longest, mostCpu] = [0, 0];
  let [at, cpu] = [performance.now(), threadCpuMs()];
  let next = setImmediate(turn);
  function turn() {
    const [now, used] = [performance.now(), threadCpuMs()];
    longest = Math.max(longest, now - at);
    mostCpu = Math.max(mostCpu, used - cpu);
    [at, cpu] = [now, used];
    next = setImmediate(turn);
  }
  return () => {
    turn();
    clearImmediate(next);
    return { ms: longest, cpuMs: mostCpu };
  };
}

function threadCpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1_000;
}
