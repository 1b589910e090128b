export type CaptureKind = 'key' | 'string' | 'scalar' | 'container';

export const QUOTE = 34;
export const COMMA = 44;
export const OPEN_LIST = 91;
export const CLOSE_LIST = 93;
export const OPEN_OBJECT = 123;
export const CLOSE_OBJECT = 125;
const COLON = 58;
const BACKSLASH = 92;
const GOES_ON = -1;

/**
 * A value that the pieces of a text give little by little. Only its end is looked for: whether
 * it is valid is for `JSON.parse`. That is why brackets are counted and not matched.
 */
export class JsonCapture {
  readonly kind: CaptureKind;
  readonly #levels: number;
  readonly #parts: string[] = [];
  #from: number;
  #depth = 0;
  #inString: boolean;
  #escaped = false;
  /** Characters of it in earlier pieces. */
  length = 0;
  isTooDeep = false;

  /** Of containers, at most so many `levels` may stand within one another. */
  constructor(kind: CaptureKind, from: number, levels: number) {
    this.kind = kind;
    this.#from = from;
    this.#levels = levels;
    this.#inString = kind === 'key' || kind === 'string';
  }

  /**
   * Looks further, from `at`: the position after its end, of a scalar that of what ends it. Negative when it goes on in the
   * next piece. Where it is too deep, the position of that.
   */
  end(text: string, at: number): number {
    if (this.kind === 'scalar') return endOfScalar(text, at);
    if (this.kind === 'container') return this.#nested(text, at);
    const end = this.#stringFrom(text, at);
    return this.#inString ? GOES_ON : end;
  }

  /** The rest of this piece is of it. */
  keep(text: string): void {
    this.#parts.push(text.slice(this.#from));
    this.length += text.length - this.#from;
    this.#from = 0;
  }

  /** All of it, up to `end` in this piece. */
  source(text: string, end: number): string {
    return this.#parts.join('') + text.slice(this.#from, end);
  }

  /** The position after the closing quote; the end of the text, still in the string, when there is none yet. */
  #stringFrom(text: string, at: number): number {
    const from = this.#escaped ? at + 1 : at;
    const end = endOfString(text, from);
    this.#inString = end === 0;
    this.#escaped = end === 0 && isEscaped(text, text.length, from);
    return end === 0 ? text.length : end;
  }

  // What is kept of a string that goes on is written only then: there are many that do not.
  #afterString(text: string, at: number): number {
    return endOfString(text, at) || this.#stringFrom(text, at);
  }

  #nested(text: string, from: number): number {
    let at = this.#inString ? this.#stringFrom(text, from) : from;
    while (at < text.length) {
      const code = text.charCodeAt(at++);
      if (code === QUOTE) at = this.#afterString(text, at);
      else if (code > COLON && this.#isOver(code)) return at;
    }
    return GOES_ON;
  }

  /** Whether this character ends it. */
  #isOver(code: number): boolean {
    if (code === OPEN_OBJECT || code === OPEN_LIST) {
      this.isTooDeep = ++this.#depth > this.#levels;
      return this.isTooDeep;
    }
    if (code !== CLOSE_OBJECT && code !== CLOSE_LIST) return false;
    return --this.#depth === 0;
  }
}

function endOfScalar(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code <= 32 || code === COMMA || code === CLOSE_LIST || code === CLOSE_OBJECT) return at;
  }
  return GOES_ON;
}

/** The position after the closing quote; 0 when there is none. */
function endOfString(text: string, from: number): number {
  let quote = text.indexOf('"', from);
  while (quote >= 0 && isEscaped(text, quote, from)) quote = text.indexOf('"', quote + 1);
  return quote + 1;
}

/** An odd number of backslashes stands before it. */
function isEscaped(text: string, at: number, from: number): boolean {
  let slash = at;
  while (slash > from && text.charCodeAt(slash - 1) === BACKSLASH) slash--;
  return (at - slash) % 2 === 1;
}
