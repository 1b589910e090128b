import { isJsonObject, type JsonObject } from './json.ts';

// Members of JSON that somebody else may have written: each is empty or undefined where something else stands there.

export function jsonRecord(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {};
}

export function jsonList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

export function jsonText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

export function jsonNumber(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

export function jsonTexts(value: unknown): string[] {
  return jsonList(value).filter((one) => typeof one === 'string');
}

export function oneOf<T extends string>(words: readonly T[], value: unknown): T | undefined {
  return words.find((word) => word === value);
}
