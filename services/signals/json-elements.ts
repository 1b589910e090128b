import type { ReportRefusal } from '../ports/report-reader.ts';
import {
  type CaptureKind,
  CLOSE_LIST,
  CLOSE_OBJECT,
  COMMA,
  JsonCapture,
  OPEN_LIST,
  OPEN_OBJECT,
  QUOTE,
} from './json-capture.ts';
import type { ElementSink, JsonLimits, Outline } from './json-outline.ts';
import type { JsonObject } from './json-value.ts';

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'value or end' | 'key' | 'key or }' | ':' | ', or end' | 'nothing';
interface Frame {
  readonly outline: Outline;
  /** Of an object: the keys so far. Of a list: undefined. */
  readonly keys: Set<string> | undefined;
  /** Of a list whose entries are handed over whole: what stood between two of them, with the first key of the second. */
  border?: string | undefined;
}

/** Characters of one key of an object that is walked through. */
const KEY_LIMIT = 10_000;

const COLON = 58;

/** Between two objects of a list, with the first key of the second. */
const BORDER = /\},\s{0,200}\{\s{0,200}"[^"\\]{0,40}"/y;

/**
 * Walks JSON text that arrives in pieces and parses no more than a piece and one element at a time, so that
 * neither memory nor the longest stretch without a pause grows with the document. It accepts what `JSON.parse` accepts
 * (RFC 8259), less: keys that repeat or are written with escapes in objects that are walked through, and what is beyond
 * the limits. The end must be reached: `end` refuses a document that was cut off.
 */
export class JsonElements {
  readonly #sink: ElementSink;
  readonly #limits: JsonLimits;
  readonly #sequence: Outline | undefined;
  readonly #frames: Frame[] = [];
  readonly #path: (string | number)[] = [];
  #next: Outline;
  #expected: Expected = 'value';
  #capture: JsonCapture | undefined;
  #consumed = 0;
  #refusal: ReportRefusal | undefined;

  constructor(outline: Outline, sink: ElementSink, limits: JsonLimits) {
    this.#next = outline.sequence ?? outline;
    this.#sequence = outline.sequence;
    this.#sink = sink;
    this.#limits = limits;
    if (outline.sequence !== undefined) {
      this.#path.push(0);
      this.#expected = 'value or end';
    }
  }

  push(text: string): ReportRefusal | undefined {
    let at = this.#leap(text);
    while (at < text.length && this.#refusal === undefined) {
      at = this.#capture === undefined ? this.#structure(text, at) : this.#continue(this.#capture, text, at);
    }
    if (this.#refusal === undefined && this.#capture !== undefined) this.#keep(this.#capture, text);
    this.#consumed += text.length;
    return this.#refusal;
  }

  end(): ReportRefusal | undefined {
    if (this.#refusal !== undefined) return this.#refusal;
    if (this.#capture?.kind === 'scalar') this.#finish(this.#capture, '', 0);
    const ended = this.#capture === undefined && (this.#expected === 'nothing' || this.#expected === 'value or end');
    if (this.#refusal !== undefined || ended) return this.#refusal;
    return this.#refuse('malformed', 'The report ends too early: it was cut off', 0);
  }

  #structure(text: string, at: number): number {
    const code = text.charCodeAt(at);
    if (code === 32 || code === 10 || code === 13 || code === 9) return at + 1;
    if (code === CLOSE_OBJECT || code === CLOSE_LIST) this.#close(code, at);
    else if (code === QUOTE && this.#expected.startsWith('key')) return this.#start('key', at);
    else if (this.#expected.startsWith('value')) return this.#value(code, at);
    else if (code === COLON && this.#expected === ':') this.#expected = 'value';
    else if (code === COMMA && this.#expected === ', or end') this.#comma();
    else this.#misplaced(at);
    return at + 1;
  }

  #comma(): void {
    const list = this.#frames.at(-1)?.keys === undefined;
    this.#expected = list ? 'value' : 'key';
    if (list) this.#step();
  }

  /** To the next entry of the list. */
  #step(): void {
    this.#path.push((this.#path.pop() as number) + 1);
  }

  #value(code: number, at: number): number {
    if (code === OPEN_LIST ? this.#next.each !== undefined : code === OPEN_OBJECT && this.#next.members !== undefined)
      return this.#open(code, at);
    if (code === OPEN_OBJECT || code === OPEN_LIST) return this.#start('container', at);
    return this.#start(code === QUOTE ? 'string' : 'scalar', at);
  }

  #open(code: number, at: number): number {
    this.#refusal = this.#sink.opened(this.#path, code === OPEN_LIST ? 'list' : 'object');
    this.#frames.push({ outline: this.#next, keys: code === OPEN_LIST ? undefined : new Set() });
    this.#expected = code === OPEN_LIST ? 'value or ]' : 'key or }';
    if (code === OPEN_LIST) {
      this.#path.push(0);
      this.#next = this.#next.each ?? {};
    }
    return at + 1;
  }

  #close(code: number, at: number): void {
    const frame = this.#frames.at(-1);
    const list = code === CLOSE_LIST;
    const empty = list ? 'value or ]' : 'key or }';
    const fits = frame !== undefined && (frame.keys === undefined) === list;
    if (!fits || (this.#expected !== ', or end' && this.#expected !== empty)) {
      this.#misplaced(at);
      return;
    }
    this.#frames.pop();
    if (list) this.#path.pop();
    this.#refusal = this.#sink.closed(this.#path);
    this.#afterValue();
  }

  #afterValue(): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined) return void this.#afterRoot();
    this.#expected = ', or end';
    if (frame.keys === undefined) this.#next = frame.outline.each ?? {};
    else this.#path.pop();
  }

  #afterRoot(): void {
    this.#expected = this.#sequence === undefined ? 'nothing' : 'value or end';
    if (this.#sequence === undefined) return;
    this.#next = this.#sequence;
    this.#step();
  }

  #start(kind: CaptureKind, at: number): number {
    this.#capture = new JsonCapture(kind, at, this.#limits.maxDepth - this.#frames.length);
    return kind === 'key' || kind === 'string' ? at + 1 : at;
  }

  #continue(capture: JsonCapture, text: string, at: number): number {
    const end = capture.end(text, at);
    if (end < 0) return text.length;
    if (capture.isTooDeep) this.#tooDeep(end);
    else this.#finish(capture, text, end);
    return end;
  }

  /** What is captured goes on in the next piece. */
  #keep(capture: JsonCapture, text: string): void {
    capture.keep(text);
    if (capture.length > this.#limits.maxElement) this.#tooLarge(text.length);
  }

  #finish(capture: JsonCapture, text: string, end: number): void {
    this.#capture = undefined;
    const source = capture.source(text, end);
    if (source.length > this.#limits.maxElement) this.#tooLarge(end);
    else if (capture.kind === 'key') this.#finishKey(source, end);
    else this.#finishValue(source, end);
    this.#learnBorder(text, end);
  }

  /** From the end of an entry to the next one. */
  #learnBorder(text: string, end: number): void {
    const frame = this.#frames.at(-1);
    if (frame === undefined || frame.border !== undefined || frame.keys !== undefined) return;
    if (!isWhole(frame.outline.each)) return;
    BORDER.lastIndex = end - 1;
    frame.border = BORDER.exec(text)?.[0];
  }

  /**
   * Parses all entries up to the last likely border together, without a look for the end of each: the search takes a third
   * as long as `JSON.parse`. A list cut off anywhere but after a whole entry is no JSON, so that a border within an entry
   * or a text is told by that; then, as in all doubt, entry by entry is walked. Gives where the walk goes on.
   */
  #leap(text: string): number {
    const frame = this.#frames.at(-1);
    const cut = frame?.border === undefined ? -1 : text.lastIndexOf(frame.border);
    if (frame === undefined || this.#capture?.kind !== 'container' || cut < 0) return 0;
    const source = this.#capture.source(text, cut + 1);
    const levels = this.#limits.maxDepth - this.#frames.length;
    const entries = source.length > this.#limits.maxElement ? undefined : parsed(`[${source}]`);
    if (!Array.isArray(entries) || isDeeper(entries, levels + 1)) {
      frame.border = undefined;
      return 0;
    }
    for (const entry of entries) {
      this.#refusal ??= this.#sink.value(this.#path, entry);
      this.#step();
    }
    return this.#start('container', cut + 2);
  }

  #finishKey(source: string, at: number): void {
    const keys = this.#frames.at(-1)?.keys;
    const key = parsed(source);
    if (keys === undefined || typeof key !== 'string') return void this.#misplaced(at);
    if (source.includes('\\')) return void this.#refuse('malformed', 'A key is written with escapes', at);
    if (keys.has(key)) return void this.#refuse('malformed', `The key "${key.slice(0, 40)}" stands there twice`, at);
    if (keys.size >= this.#limits.maxMembers)
      return void this.#refuse('too-large', 'An object has too many members', at);
    if (key.length > KEY_LIMIT) return void this.#refuse('too-large', 'A key is too long', at);
    keys.add(key);
    const outline = this.#frames.at(-1)?.outline;
    this.#next = outline?.members?.get(key) ?? outline?.rest ?? {};
    this.#path.push(key);
    this.#expected = ':';
  }

  #finishValue(source: string, at: number): void {
    const value = parsed(source);
    if (value === undefined) return void this.#misplaced(at);
    this.#refusal = this.#sink.value(this.#path, value);
    this.#afterValue();
  }

  #tooDeep(at: number): void {
    this.#refuse('too-deep', `The report nests deeper than ${this.#limits.maxDepth} levels`, at);
  }

  #tooLarge(at: number): void {
    this.#refuse('too-large', `One entry is larger than ${this.#limits.maxElement} characters`, at);
  }

  #misplaced(at: number): number {
    this.#refuse('malformed', 'The report is not valid JSON', at);
    return at + 1;
  }

  #refuse(refused: ReportRefusal['refused'], what: string, at: number): ReportRefusal {
    const place = this.#path.map((step) => String(step).slice(0, 40)).join('/');
    const detail = `${what} (at /${place.slice(0, 200)}, character ${this.#consumed + at}). Send the tool's own file, whole and unchanged.`;
    this.#refusal = { refused, detail };
    return this.#refusal;
  }
}

function isWhole(outline: Outline | undefined): boolean {
  return outline?.each === undefined && outline?.members === undefined;
}

/** Whether containers stand within one another in it, itself among them, on more than so many levels. */
function isDeeper(value: object, levels: number): boolean {
  if (levels === 0) return true;
  if (Array.isArray(value)) return value.some((one) => isContainer(one) && isDeeper(one, levels - 1));
  for (const key in value) {
    const one = (value as JsonObject)[key];
    if (isContainer(one) && isDeeper(one, levels - 1)) return true;
  }
  return false;
}

function isContainer(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

// The parser's own message quotes the report, which may hold a secret: it is not passed on.
function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
