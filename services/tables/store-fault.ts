import { ConflictError, StoreUnavailableError } from '../ports/table.ts';

/** Answers below 500 after which, too, nothing is known: refused credentials, time-out, throttled. */
const NO_ANSWER: ReadonlySet<number> = new Set([401, 403, 408, 429]);

interface Answer {
  readonly status: number | undefined;
  readonly code: string | undefined;
}

/** Whether the store itself answered that this row does not exist; a bare 404 may come from anything in between. */
export function isMissingRow(error: unknown): boolean {
  const { status, code } = answerOf(error);
  return status === 404 && (code === 'ResourceNotFound' || code === 'EntityNotFound');
}

/**
 * What a failed call means to the caller, cause kept: a condition that did not hold is a ConflictError, no usable
 * answer a StoreUnavailableError, a request that the store found wrong an Error (a fault of this program or its set-up).
 */
export function storeFault(error: unknown, doing: string): Error {
  if (error instanceof StoreUnavailableError || error instanceof ConflictError) return error;
  const { status, code } = answerOf(error);
  const reason = code ?? (status === undefined ? 'no answer' : `HTTP ${status}`);
  const cause = { cause: error };
  if (status === undefined || status < 400 || status >= 500 || NO_ANSWER.has(status) || code === 'TableBeingDeleted') {
    return new StoreUnavailableError(`${doing}: the table store gave no usable answer (${reason})`, cause);
  }
  if (status === 409 || status === 412 || isMissingRow(error)) {
    return new ConflictError(`${doing}: a condition did not hold (${reason})`, cause);
  }
  const wayOut = code === 'TableNotFound' ? '; the tables are made when the bot is started once' : '';
  return new Error(`${doing}: the table store refused the request (${reason})${wayOut}`, cause);
}

/** The SDK gives `code` for a transaction and `details.odataError.code` for a single row. */
function answerOf(error: unknown): Answer {
  const status = member(error, 'statusCode');
  const code = member(error, 'code') ?? member(member(member(error, 'details'), 'odataError'), 'code');
  return {
    status: typeof status === 'number' ? status : undefined,
    code: typeof code === 'string' ? code : undefined,
  };
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
