/** A JSON object as parsed: nothing about its members is known. */
export type JsonObject = Readonly<Record<string, unknown>>;

export function objectOf(value: unknown): JsonObject | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as JsonObject) : undefined;
}

/** An own member, so that `constructor` or `__proto__` as a key finds nothing that the report did not write. */
export function member(value: unknown, key: string): unknown {
  const found = objectOf(value)?.[key];
  // Of most there is none, which takes no second look.
  return found !== undefined && Object.hasOwn(value as JsonObject, key) ? found : undefined;
}

/** The list, or an empty one for anything else. */
export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The text unless it is empty. */
export function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

/** Characters of JSON within a text that are parsed in one go. */
const INNER_LIMIT = 262_144;

/** What JSON in a text says; undefined: none, or more than 262,144 characters of it. Anything but a text is itself. */
export function parsedText(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  if (value.length > INNER_LIMIT) return undefined;
  try {
    return JSON.parse(value) as unknown;
  } catch (cause) {
    if (cause instanceof SyntaxError) return undefined;
    throw cause;
  }
}

/** A non-negative integer; SARIF writes -1 for "none". */
export function countOf(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

/** A date and time with seconds, as ISO-8601 UTC; without a zone it is UTC (SARIF 2.1.0, 3.9). */
export function utcOf(written: string): string | undefined {
  const shape = /^\d{4}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(Z|[+-]\d\d:\d\d)?$/i.exec(written);
  if (shape === null) return undefined;
  const at = Date.parse(shape[1] === undefined ? `${written}Z` : written);
  return Number.isNaN(at) ? undefined : new Date(at).toISOString();
}

/** At most `limit` UTF-16 units, ending in `…` when cut, never in half a character. */
export function clamp(text: string, limit: number): string {
  if (text.length <= limit) return text;
  return `${head(text, limit - 1)}…`;
}

/** The first `limit` UTF-16 units, one less where that would be half a character. */
export function head(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const cut = text.slice(0, limit);
  const whole = /[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut;
  // Copied, because a slice keeps the whole text in memory.
  return Buffer.from(whole, 'utf16le').toString('utf16le');
}

/** Without what there is none of. */
export function given<Members extends object>(
  members: Members,
): { readonly [Key in keyof Members]?: Exclude<Members[Key], undefined> } {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as {
    readonly [Key in keyof Members]?: Exclude<Members[Key], undefined>;
  };
}
