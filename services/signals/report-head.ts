import { JsonElements } from './json-elements.ts';
import type { ElementSink, JsonPath, Outline } from './json-outline.ts';
import { ReportText } from './report-text.ts';

/** Bytes by which a format is told: the first entry of every list that matters stands in them. */
const HEAD = 256 * 1024;
const PIECE = 32 * 1024;
const START = 300;
const VALUE_LIMIT = 400;

type Kind = 'list' | 'object' | 'value';

const DEPTH_4 = Array.from({ length: 4 }).reduce<Outline>((rest) => ({ each: rest, members: new Map(), rest }), {});

/**
 * What the beginning of a report shows, by which its format is told. Paths are those of `results[].check_id`: names joined
 * by dots, `[]` for any entry of a list, '' for the whole; four levels deep.
 */
export class ReportHead implements ElementSink {
  readonly #kinds = new Map<string, Kind>();
  readonly #values = new Map<string, unknown>();
  readonly #closed = new Set<string>();
  /** The first characters, without space before them. */
  start = '';

  has(path: string): boolean {
    return this.#kinds.has(path);
  }

  isList(path: string): boolean {
    return this.#kinds.get(path) === 'list';
  }

  /** Not one that breaks off, or goes on with what is no JSON. */
  isEmptyList(path: string): boolean {
    return this.isList(path) && this.#closed.has(path) && !this.has(`${path}[]`);
  }

  isObject(path: string): boolean {
    return this.#kinds.get(path) === 'object';
  }

  /** The first text, number, truth value or null there. */
  value(path: string): unknown;
  value(path: JsonPath, value: unknown): undefined;
  value(path: string | JsonPath, value?: unknown): unknown {
    if (typeof path === 'string') return this.#values.get(path);
    const name = nameOf(path);
    this.#keep(name, Array.isArray(value) ? 'list' : typeof value === 'object' && value !== null ? 'object' : 'value');
    const isShort = typeof value !== 'object' && String(value).length <= VALUE_LIMIT;
    if ((isShort || value === null) && !this.#values.has(name)) this.#values.set(name, value);
    return undefined;
  }

  opened(path: JsonPath, kind: 'list' | 'object'): undefined {
    this.#keep(nameOf(path), kind);
  }

  closed(path: JsonPath): undefined {
    this.#closed.add(nameOf(path));
  }

  #keep(name: string, kind: Kind): void {
    if (!this.#kinds.has(name)) this.#kinds.set(name, kind);
  }
}

function nameOf(path: JsonPath): string {
  return path
    .map((step) => (typeof step === 'number' ? '[]' : `.${step}`))
    .join('')
    .replace(/^\./, '');
}

/**
 * Reads ahead as far as it takes to tell the format. `body` gives everything from the start; `close` is for whoever does not
 * read it.
 */
export async function readHead(body: AsyncIterable<Uint8Array>) {
  const head = new ReportHead();
  const elements = new JsonElements(DEPTH_4, head, { maxDepth: 64, maxElement: HEAD * 2, maxMembers: 100_000 });
  const text = new ReportText();
  const source = body[Symbol.asyncIterator]();
  const kept: Uint8Array[] = [];
  let read = 0;
  // What is not JSON is told by its start alone; where it breaks is for the reader to say.
  let isBroken = false;
  const take = (piece: ReturnType<ReportText['push']>) => {
    if (typeof piece === 'string' && head.start.length < START)
      head.start = (head.start + piece).trimStart().slice(0, START);
    if (typeof piece !== 'string' || (!isBroken && elements.push(piece) !== undefined)) isBroken = true;
    if (typeof piece !== 'string' && head.start === '')
      head.start = Buffer.from(kept[0] ?? []).toString('latin1', 0, START);
  };
  const isEnough = () => read >= HEAD || (isBroken && head.start.length >= START);
  while (!isEnough()) {
    const { done, value } = await source.next();
    if (done === true) {
      take(text.end());
      if (!isBroken) elements.end();
      break;
    }
    kept.push(value);
    for (let at = 0; at < value.length && !isEnough(); at += PIECE) {
      const piece = value.subarray(at, at + PIECE);
      read += piece.length;
      take(text.push(piece));
    }
  }
  return { head, body: replayed(kept, source), close: async () => void (await source.return?.()) };
}

/** Whoever stops early stops the source too. */
async function* replayed(kept: Uint8Array[], source: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    for (let chunk = kept.shift(); chunk !== undefined; chunk = kept.shift()) yield chunk;
    for (let next = await source.next(); next.done !== true; next = await source.next()) yield next.value;
  } finally {
    await source.return?.();
  }
}
