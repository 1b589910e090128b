import type { ReportRefusal } from '../ports/report-reader.ts';
import { JsonElements } from './json-elements.ts';
import type { ElementSink, JsonLimits, JsonPath, Outline } from './json-outline.ts';

const MAX_DEPTH = 64;
/** Of a whole document, in characters. */
const LIMITS: JsonLimits = { maxDepth: MAX_DEPTH, maxElement: 8 * 1024 * 1024, maxMembers: 100_000 };

/** Every container is walked through: a key that stands twice is refused wherever it stands. */
const EVERYWHERE: Outline = (() => {
  const outline: { each?: Outline; members: ReadonlyMap<string, Outline>; rest?: Outline } = { members: new Map() };
  outline.each = outline;
  outline.rest = outline;
  return outline;
})();

/** Hands over each of the JSON values that stand one after another, with no key twice anywhere in them. */
export function strictValues(take: (value: unknown) => ReportRefusal | undefined): JsonElements {
  return new JsonElements({ sequence: EVERYWHERE }, new WholeValues(take), LIMITS);
}

/** The one value of a short text; undefined where it is no JSON, more than one, or has a key twice. */
export function strictValue(text: string): unknown {
  const values: unknown[] = [];
  const elements = strictValues((value) => {
    values.push(value);
    return undefined;
  });
  const refusal = elements.push(text) ?? elements.end();
  return refusal === undefined && values.length === 1 ? values[0] : undefined;
}

/** Puts values together again from their walk. */
class WholeValues implements ElementSink {
  readonly #take: (value: unknown) => ReportRefusal | undefined;
  readonly #open: (unknown[] | Record<string, unknown>)[] = [];

  constructor(take: (value: unknown) => ReportRefusal | undefined) {
    this.#take = take;
  }

  opened(_path: JsonPath, kind: 'list' | 'object'): ReportRefusal | undefined {
    this.#open.push(kind === 'list' ? [] : {});
    if (this.#open.length <= MAX_DEPTH) return undefined;
    return { refused: 'too-deep', detail: `The report nests deeper than ${MAX_DEPTH} levels` };
  }

  value(path: JsonPath, value: unknown): ReportRefusal | undefined {
    const within = this.#open.at(-1);
    if (within === undefined) return this.#take(value);
    if (Array.isArray(within)) within.push(value);
    // Not assigned: `__proto__` would be no member then.
    else Object.defineProperty(within, String(path.at(-1)), { value, enumerable: true });
    return undefined;
  }

  closed(path: JsonPath): ReportRefusal | undefined {
    return this.value(path, this.#open.pop());
  }
}
