import { fork } from 'node:child_process';
import { on, once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Outcome } from './run.ts';

interface Seeds {
  readonly from: number;
  readonly count: number;
  readonly workers: number;
}

/** The worlds of these seeds, by so many processes at once, as each comes to its end; rejects when one of the processes fails. */
export async function* simulateByMany({ from, count, workers }: Seeds): AsyncGenerator<Outcome> {
  const share = Math.ceil(count / workers);
  const starts = Array.from({ length: Math.ceil(count / share) }, (_, n) => from + n * share);
  const failed = new AbortController();
  const children = starts.map((start) => {
    const seeds = Math.min(share, from + count - start);
    return fork(fileURLToPath(new URL('simulate.ts', import.meta.url)), ['--from', `${start}`, '--seeds', `${seeds}`]);
  });
  for (const child of children)
    child.once('exit', (code) => {
      if (code !== 0) failed.abort(new Error(`a process that played worlds ended with ${code}`));
    });
  const outcomes = children.map((child) => on(child, 'message', { close: ['disconnect'], signal: failed.signal }));
  try {
    for await (const [outcome] of merged(outcomes)) yield outcome as Outcome;
    await Promise.all(children.map((child) => (child.exitCode === null ? once(child, 'exit') : undefined)));
    failed.signal.throwIfAborted();
  } finally {
    for (const child of children) child.kill();
  }
}

/** What any of them gives next. */
async function* merged<T>(all: readonly AsyncIterator<T>[]): AsyncGenerator<T> {
  const next = async (one: AsyncIterator<T>) => ({ one, result: await one.next() });
  const pending = new Map(all.map((one) => [one, next(one)]));
  while (pending.size > 0) {
    const { one, result } = await Promise.race(pending.values());
    if (result.done === true) pending.delete(one);
    else {
      pending.set(one, next(one));
      yield result.value;
    }
  }
}
