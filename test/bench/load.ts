import { Agent, request } from 'node:http';

/** Milliseconds of each call, from being sent to the end of its answer. */
export interface Load {
  readonly latencies: readonly number[];
  /** Of the whole. */
  readonly seconds: number;
}

/** Makes these calls, so many at a time. */
export async function atOnce(concurrency: number, calls: readonly (() => Promise<unknown>)[]): Promise<Load> {
  const latencies: number[] = [];
  let next = 0;
  const begun = performance.now();
  await Promise.all(
    Array.from({ length: concurrency }, async () => {
      for (let call = calls[next++]; call !== undefined; call = calls[next++]) {
        const sent = performance.now();
        await call();
        latencies.push(performance.now() - sent);
      }
    }),
  );
  return { latencies, seconds: (performance.now() - begun) / 1_000 };
}

/** The p-th part of these numbers; 0.5 is their median. */
export function quantile(numbers: readonly number[], p: number): number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * p))] ?? Number.NaN;
}

export function median(numbers: readonly number[]): number {
  return quantile(numbers, 0.5);
}

const agent = new Agent({ keepAlive: true, maxSockets: 64 });

/** Posts and reads the answer; rejects unless it is 200. */
export function post(url: string, headers: Readonly<Record<string, string>>, body: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const length = { 'content-type': 'application/json', 'content-length': String(Buffer.byteLength(body)) };
    const sent = request(url, { method: 'POST', agent, headers: { ...length, ...headers } }, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text += chunk;
      });
      response.on('end', () => {
        if (response.statusCode === 200) resolve(text);
        else reject(new Error(`${url} answered ${response.statusCode} ${text}`));
      });
    });
    sent.on('error', reject);
    sent.end(body);
  });
}
