import type { ReportRefusal } from '../ports/report-reader.ts';
import { ReportText } from './report-text.ts';

/** Bytes read before the event loop gets its turn. */
const PIECE = 64 * 1024;

/** Hears the text of a report in pieces; a refusal ends it. */
interface TextTaker {
  push(text: string): ReportRefusal | undefined;
  end(): ReportRefusal | undefined;
  /** After each piece and after the end: what may take several turns of the event loop. */
  settle?(): Promise<ReportRefusal | undefined>;
}

/** Reads a report to its end, or to the first refusal, with a pause after each piece. */
export async function readText(body: AsyncIterable<Uint8Array>, taker: TextTaker): Promise<ReportRefusal | undefined> {
  const text = new ReportText();
  const take = (piece: string | ReportRefusal) => (typeof piece === 'string' ? taker.push(piece) : piece);
  for await (const chunk of body) {
    for (let at = 0; at < chunk.length; at += PIECE) {
      const refusal = take(text.push(chunk.subarray(at, at + PIECE))) ?? (await taker.settle?.());
      if (refusal !== undefined) return refusal;
      await pause();
    }
  }
  return take(text.end()) ?? taker.end() ?? (await taker.settle?.());
}

export function pause(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
