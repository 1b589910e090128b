import { type Logger, pino } from 'pino';

/** Keys whose values never reach a log, wherever they stand. */
const SECRET_KEYS = /authorization|token|secret|password|api-?key|countersign-key|connection-?string|cookie/i;
const SECRET_TEXTS = [
  /eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}(\.[A-Za-z0-9_-]*)?/g,
  /AccountKey=[^;"\s]+/gi,
  /\bsig=[^&"\s]+/gi,
  /\b(Bearer|Basic) [A-Za-z0-9+/=._-]{8,}/gi,
];
const DEPTH = 6;

/** JSON lines with constant messages; secrets are taken out by key and by pattern, whoever logs them (threat T30). */
export function createLog(level: string, write?: (line: string) => void): Logger {
  const options = {
    level,
    base: null,
    formatters: { log: (data: object) => redacted(data, DEPTH) as Record<string, unknown> },
    // Errors are written by `redacted`, without the request that some libraries hang on them.
    serializers: { err: (value: unknown) => value },
  };
  return write === undefined ? pino(options) : pino(options, { write });
}

function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'string')
    return SECRET_TEXTS.reduce((text, pattern) => text.replace(pattern, '[secret]'), value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[deep]';
  if (value instanceof Error) return redacted(plainError(value), depth);
  if (Array.isArray(value)) return value.slice(0, 50).map((item) => redacted(item, depth - 1));
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    SECRET_KEYS.test(key) ? '[secret]' : redacted(item, depth - 1),
  ]);
  return Object.fromEntries(entries);
}

function plainError(error: Error) {
  const { name, message, stack, cause } = error;
  return { name, message, stack, ...(cause === undefined ? {} : { cause }) };
}
