import { AsyncLocalStorage } from 'node:async_hooks';

/** What every line says that is written meanwhile. */
export interface LogContext {
  /** Id of the HTTP request, as its caller sees it in `X-Request-Id`. */
  readonly call?: string;
  /** W3C traceparent. */
  readonly traceparent?: string;
}

const context = new AsyncLocalStorage<LogContext>();

export function logContext(): LogContext {
  return context.getStore() ?? {};
}

export function inLogContext<T>(more: LogContext, run: () => T): T {
  return context.run({ ...logContext(), ...more }, run);
}
