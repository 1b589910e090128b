import { serveParent, usage } from './children.ts';
import { atOnce } from './load.ts';
import { type RecordedCall, rawCalls } from './recorded.ts';

/** The table client alone: sequences of calls, each sequence one call after the other. */
const [connectionString = '', prefix = ''] = process.argv.slice(2);
const tableCallOf = rawCalls(connectionString, prefix);

/** A GET of something else than a table. */
export interface RawGet {
  readonly kind: 'http';
  readonly url: string;
  readonly authorization: string;
}

function callOf(call: RecordedCall | RawGet): () => Promise<unknown> {
  if (call.kind !== 'http') return tableCallOf(call);
  const { url, authorization } = call;
  return async () => (await fetch(url, { headers: { authorization } })).text();
}

interface Work {
  readonly concurrency: number;
  readonly sequences: readonly (readonly (RecordedCall | RawGet)[])[];
}

export interface RawWork {
  readonly seconds: number;
  /** Milliseconds for each whole sequence. */
  readonly cpuMs: number;
  /** Of the whole sequences. */
  readonly sequences: readonly number[];
  /** Of the single calls. */
  readonly latencies: readonly number[];
}

async function run({ concurrency, sequences }: Work): Promise<RawWork> {
  const prepared = sequences.map((calls) => calls.map(callOf));
  const latencies: number[] = [];
  const before = usage().cpuMs;
  const load = await atOnce(
    concurrency,
    prepared.map((calls) => async () => {
      for (const call of calls) {
        const sent = performance.now();
        await call();
        latencies.push(performance.now() - sent);
      }
    }),
  );
  return {
    seconds: load.seconds,
    sequences: load.latencies,
    cpuMs: (usage().cpuMs - before) / sequences.length,
    latencies,
  };
}

serveParent({ run });
