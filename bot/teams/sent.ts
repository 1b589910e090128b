import type { Sent } from '../../services/ports/notifier.ts';
import { at, isFields, textAt } from './fields.ts';

const WORTH_A_RETRY = [408, 412, 429, 500, 502, 503, 504];

/**
 * What a failed send means (Microsoft's status codes of bot conversations). No answer at all, 412, 429 and 5xx: try
 * again. 404: the card or the conversation is gone. All else Teams will never take. 500 is retried too although it is
 * documented as final: a second card is better than none.
 */
export function sentOf(fault: unknown): Exclude<Sent, { kind: 'sent' }> {
  const status = at(fault, 'statusCode');
  if (typeof status !== 'number' || WORTH_A_RETRY.includes(status)) {
    const retryAfter = retryAfterOf(fault);
    return retryAfter === undefined ? { kind: 'unavailable' } : { kind: 'unavailable', retryAfter };
  }
  return status === 404 ? { kind: 'gone' } : { kind: 'refused', code: codeOf(fault, status) };
}

function codeOf(fault: unknown, status: number): string {
  const error = at(fault, 'details', 'error');
  const code = textAt(error, 'code') ?? textAt(error, 'subCode');
  if (code !== undefined) return code;
  return status === 413 ? 'MessageSizeTooBig' : `HTTP ${status}`;
}

/** Seconds; a date is taken relative to the answer's own date, so that no clock but Teams' counts. */
function retryAfterOf(fault: unknown): number | undefined {
  const value = headerOf(fault, 'retry-after');
  if (value === undefined) return undefined;
  const seconds = /^\d{1,6}$/.test(value) ? Number(value) : secondsUntil(value, headerOf(fault, 'date'));
  return Number.isFinite(seconds) ? Math.max(0, seconds) : undefined;
}

function secondsUntil(date: string, now: string | undefined): number {
  return Math.ceil((Date.parse(date) - Date.parse(now ?? '')) / 1000);
}

function headerOf(fault: unknown, name: string): string | undefined {
  const headers = at(fault, 'response', 'headers');
  if (!isFields(headers) || typeof headers['get'] !== 'function') return undefined;
  const value: unknown = headers['get'](name);
  return typeof value === 'string' && value !== '' ? value : undefined;
}
