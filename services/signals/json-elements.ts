import type { ReportRefusal } from '../ports/report-reader.ts';
import type { ElementSink, JsonLimits, Outline } from './json-outline.ts';

/** What may come next. */
type Expected = 'value' | 'value or ]' | 'value or end' | 'key' | 'key or }' | ':' | ', or end' | 'nothing';
type Capture = 'key' | 'string' | 'scalar' | 'container';

interface Frame {
  readonly outline: Outline;
  /** Of an object: the keys so far. Of a list: undefined. */
  readonly keys: Set<string> | undefined;
}

/** Characters of one key of an object that is walked through. */
const KEY_LIMIT = 10_000;

const QUOTE = 34;
const BACKSLASH = 92;
const OPEN_LIST = 91;
const CLOSE_LIST = 93;
const OPEN_OBJECT = 123;
const CLOSE_OBJECT = 125;
const COMMA = 44;
const COLON = 58;

/**
 * Walks JSON text that arrives in pieces and parses one element at a time, so that neither memory nor the longest
 * stretch without a pause grows with the document. It accepts what `JSON.parse` accepts (RFC 8259), less: keys that
 * repeat or are written with escapes in objects that are walked through, and what is beyond the limits. The end must be
 * reached: `end` refuses a document that was cut off.
 */
export class JsonElements {
  readonly #sink: ElementSink;
  readonly #limits: JsonLimits;
  readonly #sequence: Outline | undefined;
  readonly #frames: Frame[] = [];
  readonly #path: (string | number)[] = [];
  #next: Outline;
  #expected: Expected = 'value';
  #capture: Capture | undefined;
  #parts: string[] = [];
  #captured = 0;
  #from = 0;
  #inString = false;
  #escaped = false;
  #depth = 0;
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
    let at = 0;
    this.#from = 0;
    while (at < text.length && this.#refusal === undefined) {
      at = this.#capture === undefined ? this.#structure(text, at) : this.#continue(text, at);
    }
    if (this.#refusal === undefined && this.#capture !== undefined) this.#keep(text.slice(this.#from), at);
    this.#consumed += text.length;
    return this.#refusal;
  }

  end(): ReportRefusal | undefined {
    if (this.#refusal !== undefined) return this.#refusal;
    if (this.#capture === 'scalar') this.#finish('', 0);
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
    if (list) this.#path.push((this.#path.pop() as number) + 1);
  }

  #value(code: number, at: number): number {
    if (code === OPEN_OBJECT || code === OPEN_LIST) return this.#container(code, at);
    return this.#start(code === QUOTE ? 'string' : 'scalar', at);
  }

  #container(code: number, at: number): number {
    const opens = code === OPEN_LIST ? this.#next.each !== undefined : this.#next.members !== undefined;
    if (!opens) return this.#start('container', at);
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
    this.#path[0] = (this.#path[0] as number) + 1;
  }

  #start(capture: Capture, at: number): number {
    this.#capture = capture;
    this.#from = at;
    this.#inString = capture === 'key' || capture === 'string';
    this.#escaped = false;
    this.#depth = this.#frames.length;
    return this.#inString ? at + 1 : at;
  }

  #continue(text: string, at: number): number {
    if (this.#capture === 'scalar') return this.#scalar(text, at);
    return this.#capture === 'container' ? this.#inContainer(text, at) : this.#string(text, at);
  }

  #scalar(text: string, from: number): number {
    for (let at = from; at < text.length; at++) {
      const code = text.charCodeAt(at);
      if (code <= 32 || code === COMMA || code === CLOSE_LIST || code === CLOSE_OBJECT) {
        this.#finish(text.slice(this.#from, at), at);
        return at;
      }
    }
    return text.length;
  }

  #string(text: string, from: number): number {
    const at = this.#endOfString(text, from);
    if (!this.#inString) this.#finish(text.slice(this.#from, at), at);
    return at;
  }

  /** The position after the closing quote; the end of the text, still in the string, when there is none yet. */
  #endOfString(text: string, from: number): number {
    let at = from;
    if (this.#escaped) at++;
    this.#escaped = false;
    for (;;) {
      const quote = text.indexOf('"', at);
      const end = quote < 0 ? text.length : quote;
      // A quote, or the end of this piece, is escaped when an odd number of backslashes stands before it.
      let slash = end;
      while (slash > at && text.charCodeAt(slash - 1) === BACKSLASH) slash--;
      const escaped = (end - slash) % 2 === 1;
      if (quote < 0) {
        this.#escaped = escaped || at > text.length;
        return text.length;
      }
      if (!escaped) {
        this.#inString = false;
        return quote + 1;
      }
      at = quote + 1;
    }
  }

  #inContainer(text: string, from: number): number {
    let at = from;
    while (at < text.length && this.#capture !== undefined && this.#refusal === undefined) {
      if (this.#inString) at = this.#endOfString(text, at);
      else {
        const code = text.charCodeAt(at++);
        if (code === QUOTE) this.#inString = true;
        else if (code > COLON) this.#bracket(code, text, at);
      }
    }
    return at;
  }

  // Brackets are counted, not matched: `JSON.parse` of the element sees to that.
  #bracket(code: number, text: string, at: number): void {
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      if (++this.#depth <= this.#limits.maxDepth) return;
      this.#refuse('too-deep', `The report nests deeper than ${this.#limits.maxDepth} levels`, at);
    } else if ((code === CLOSE_OBJECT || code === CLOSE_LIST) && --this.#depth === this.#frames.length) {
      this.#finish(text.slice(this.#from, at), at);
    }
  }

  #keep(text: string, at: number): void {
    this.#parts.push(text);
    this.#captured += text.length;
    this.#from = 0;
    if (this.#captured > this.#limits.maxElement) this.#tooLarge(at);
  }

  #finish(tail: string, at: number): void {
    const source = this.#parts.length === 0 ? tail : this.#parts.join('') + tail;
    const capture = this.#capture;
    this.#parts = [];
    this.#captured = 0;
    this.#capture = undefined;
    if (source.length > this.#limits.maxElement) this.#tooLarge(at);
    else if (capture === 'key') this.#finishKey(source, at);
    else this.#finishValue(source, at);
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

// The parser's own message quotes the report, which may hold a secret: it is not passed on.
function parsed(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}
