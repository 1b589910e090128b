import type { Values } from '../ports/table.ts';

/** A string property holds at most 64 KiB of UTF-16 (Azure Table data model): 32 Ki code units. */
export const PIECE_LENGTH = 32 * 1024;

const CONTINUED = /^(.+)__([1-9][0-9]*)$/;
const KEPT_BY_STORE: ReadonlySet<string> = new Set(['partitionKey', 'rowKey', 'etag', 'timestamp']);
const INT32_LIMIT = 2 ** 31;

/** What one property is sent as; integers beyond 32 bits go as Int64, which travels as text. */
export type Property = string | number | boolean | { readonly type: 'Int64'; readonly value: string };

/** Whether a name is one that a split text uses for its second piece and those after it. */
export function isContinuedName(name: string): boolean {
  return CONTINUED.test(name);
}

/** Cuts text into pieces of at most 32 Ki UTF-16 code units, never inside a surrogate pair; '' is one piece. */
export function splitText(text: string): readonly string[] {
  const pieces: string[] = [];
  let start = 0;
  while (text.length - start > PIECE_LENGTH) {
    const end = start + PIECE_LENGTH - (isHighSurrogate(text.charCodeAt(start + PIECE_LENGTH - 1)) ? 1 : 0);
    pieces.push(text.slice(start, end));
    start = end;
  }
  pieces.push(text.slice(start));
  return pieces;
}

/** Values as table properties: a text too long for one property goes on in `name__1`, `name__2`, … */
export function toProperties(values: Values): Record<string, Property> {
  const properties: Record<string, Property> = {};
  for (const [name, value] of Object.entries(values)) {
    if (typeof value !== 'string') {
      properties[name] = typeof value === 'number' ? toNumber(value) : value;
      continue;
    }
    splitText(value).forEach((piece, index) => {
      properties[index === 0 ? name : `${name}__${index}`] = piece;
    });
  }
  return properties;
}

/**
 * The inverse of `toProperties`, of an entity as the SDK gives it: without keys, etag, timestamp and `odata.` members.
 * Throws an Error for a property of a type that is never written.
 */
export function toValues(entity: Readonly<Record<string, unknown>>): Values {
  const values: Record<string, string | number | boolean> = {};
  for (const [name, property] of Object.entries(entity)) {
    if (KEPT_BY_STORE.has(name) || name.includes('.') || isContinuedName(name)) continue;
    values[name] = typeof property === 'string' ? joined(entity, name, property) : toValue(name, property);
  }
  return values;
}

function joined(entity: Readonly<Record<string, unknown>>, name: string, first: string): string {
  const pieces = [first];
  for (let piece = entity[`${name}__1`]; typeof piece === 'string'; piece = entity[`${name}__${pieces.length}`]) {
    pieces.push(piece);
  }
  return pieces.join('');
}

function toNumber(value: number): Property {
  const isInt32 = value >= -INT32_LIMIT && value < INT32_LIMIT;
  return isInt32 ? value : { type: 'Int64', value: String(value) };
}

function toValue(name: string, property: unknown): number | boolean {
  if (typeof property === 'boolean') return property;
  const value = typeof property === 'bigint' ? Number(property) : property;
  if (typeof value === 'number' && Number.isSafeInteger(value)) return value;
  throw new Error(`property "${name}" is stored with a type that is never written here (${typeof property})`);
}

function isHighSurrogate(codeUnit: number): boolean {
  return codeUnit >= 0xd800 && codeUnit <= 0xdbff;
}
