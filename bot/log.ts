import { type LogFn, type Logger, pino } from 'pino';
import { logContext } from './log-context.ts';
import { LOG_EVENTS, LOG_FIELDS } from './log-events.ts';

/** Names whose values never reach a log, wherever they stand. Raw headers alternate name and value: they go as a whole. */
const SECRET_KEYS =
  /authorization|token|secret|passw|credential|cookie|signature|raw[-_]?headers|connection[-_]?string|(?:api|account|access|private|signing|shared|countersign)[-_]?key/i;

/** What a secret looks like within a text, whoever wrote the text; the first group is kept. */
const SECRET_TEXTS: readonly RegExp[] = [
  // JSON Web Tokens, whole or not: one that had to be whole would be looked for anew at each beginning, in a time that grows by the square.
  /()eyJ[\w-]{8,}(?:\.[\w-]*){0,2}/g,
  /\b((?:Bearer|Basic) )[\w+/=.~-]{8,}/gi,
  /\b((?:Account|SharedAccess|Access)Key=)[^;"\s]+/gi,
  /\b(sig=)[^&"\s]+/gi,
  // A header, a field of JSON or a parameter with a telling name.
  /\b([\w-]{0,40}(?:token|secret|password|api[-_]?key|countersign-key)\\*["']?\s*[:=]\s*\\*["']?)(?!\[secret])[^\s"'\\,;&]+/gi,
  // Name and password in an address.
  /(:\/\/)[^\s/@"]+(?=@)/g,
  // Personal access tokens of Azure DevOps: 52 characters, since 2024 84 of which eight are fixed.
  /(?<![\w])()[a-z2-7]{52}(?!\w)/g,
  /(?<![\w])()[A-Za-z0-9]{76}AZDO[A-Za-z0-9]{4}(?!\w)/g,
];

const DEPTH = 6;
const ITEMS = 50;
const LONGEST_TEXT = 8_000;

/**
 * JSON lines with constant messages, each with its code (log-events.ts); secrets are taken out by key and by pattern, whoever logs them, and
 * of the rest only fields of these names are written.
 */
export function createLog(
  level: string,
  write?: (line: string) => void,
  fields: Pick<ReadonlySet<string>, 'has'> = LOG_FIELDS,
): Logger {
  const options = {
    level,
    base: null,
    formatters: { log: (data: object) => redactedFields(data, fields) },
    // Errors are written by `redacted`, without the request that some libraries hang on them.
    serializers: { err: (value: unknown) => value },
    // The message and what is bound to a child pass no formatter.
    hooks: { streamWrite: withoutSecrets, logMethod: coded },
  };
  return write === undefined ? pino(options) : pino(options, { write });
}

function withoutSecrets(text: string): string {
  return SECRET_TEXTS.reduce((clean, pattern) => clean.replace(pattern, '$1[secret]'), text);
}

/** Never throws: what cannot be read is not logged, and the rest of the program goes on. */
function redactedFields(data: object, fields: Pick<ReadonlySet<string>, 'has'>): Record<string, unknown> {
  try {
    const listed = Object.entries(data).filter(([name]) => fields.has(name));
    const unlisted = Object.keys(data).length - listed.length;
    const clean = redacted(Object.fromEntries(listed), DEPTH) as Record<string, unknown>;
    return unlisted === 0 ? clean : { ...clean, unlisted };
  } catch {
    return { unreadable: true };
  }
}

/** A line says where it belongs, and the code of its message. */
function coded(this: Logger, args: Parameters<LogFn>, method: LogFn): void {
  const message: unknown = args[1];
  const eventCode = typeof message === 'string' ? LOG_EVENTS[message] : undefined;
  const more = { ...logContext(), ...(eventCode === undefined ? {} : { eventCode }) };
  method.apply(Object.keys(more).length === 0 ? this : this.child(more), args);
}

function redacted(value: unknown, depth: number): unknown {
  if (typeof value === 'string') return redactedText(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth === 0) return '[deep]';
  if (value instanceof Error) return redacted(plainError(value), depth);
  if (value instanceof Date || value instanceof URL) return redactedText(String(value));
  if (ArrayBuffer.isView(value)) return `[${value.byteLength} bytes]`;
  if (Array.isArray(value)) return value.slice(0, ITEMS).map((item) => redacted(item, depth - 1));
  const entries = Object.entries(value).slice(0, ITEMS);
  return Object.fromEntries(
    entries.map(([key, item]) => [key, SECRET_KEYS.test(key) ? '[secret]' : redacted(item, depth - 1)]),
  );
}

/** Cut after it was cleaned: half a secret has no pattern. */
function redactedText(text: string): string {
  const clean = withoutSecrets(text);
  return clean.length > LONGEST_TEXT ? `${clean.slice(0, LONGEST_TEXT)}…` : clean;
}

function plainError(error: Error) {
  const { name, message, stack, cause } = error;
  const errors = error instanceof AggregateError ? { errors: error.errors } : {};
  return { name, message, stack, ...(cause === undefined ? {} : { cause }), ...errors };
}
