import type { ReportRefusal } from '../ports/report-reader.ts';

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';
type Decoder = InstanceType<typeof TextDecoder>;

/** What tells the encoding: a byte order mark, or the zero bytes around a first ASCII character. */
const ENOUGH = 4;

/**
 * Bytes of a report into text, piece by piece: UTF-8, or UTF-16 in either order, with or without byte order mark
 * (RFC 8259 section 8.1 demands UTF-8; Windows tools write the others). Bytes that are not valid are a refusal, never
 * replaced: two readers must not see two reports.
 */
export class ReportText {
  #decoder: Decoder | undefined;
  #encoding: Encoding = 'utf-8';
  #head = new Uint8Array(0);

  push(bytes: Uint8Array): string | ReportRefusal {
    if (this.#decoder !== undefined) return this.#decode(this.#decoder, bytes);
    const head = new Uint8Array(this.#head.length + bytes.length);
    head.set(this.#head);
    head.set(bytes, this.#head.length);
    this.#head = head;
    return head.length < ENOUGH ? '' : this.#start();
  }

  end(): string | ReportRefusal {
    const start = this.#decoder === undefined ? this.#start() : '';
    if (typeof start !== 'string' || this.#decoder === undefined) return start;
    const rest = this.#decode(this.#decoder, undefined);
    return typeof rest === 'string' ? start + rest : rest;
  }

  #start(): string | ReportRefusal {
    const head = this.#head;
    this.#head = new Uint8Array(0);
    this.#encoding = encodingOf(head);
    this.#decoder = new TextDecoder(this.#encoding, { fatal: true });
    return this.#decode(this.#decoder, head);
  }

  #decode(decoder: Decoder, bytes: Uint8Array | undefined): string | ReportRefusal {
    try {
      return bytes === undefined ? decoder.decode() : decoder.decode(bytes, { stream: true });
    } catch (cause) {
      if (!(cause instanceof TypeError)) throw cause;
      return {
        refused: 'malformed',
        detail: `The report holds bytes that are not valid ${this.#encoding.toUpperCase()}. Send it as UTF-8, unchanged from the tool.`,
      };
    }
  }
}

function encodingOf(head: Uint8Array): Encoding {
  const [first, second] = head;
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  if (first === 0 && second !== 0) return 'utf-16be';
  return first !== 0 && second === 0 ? 'utf-16le' : 'utf-8';
}
