import type { Sent } from '../../services/ports/notifier.ts';
import { at, isFields, textAt } from './fields.ts';

type Meaning =
  /** Nothing is known of it: the same again, later. */
  | 'again'
  /** The card or the conversation is not there any more. */
  | 'gone'
  /** This reader takes nothing from us until they write or install the app. */
  | 'unreachable'
  /** The bot itself is not known: everybody's cards fail until somebody mends it. */
  | 'unregistered'
  /** We sent something wrong, or lack a permission: not the reader's doing, and the same again changes nothing. */
  | 'our-fault'
  | 'too-large'
  /** The tenant lives at another host. */
  | 'other-host';

/**
 * What Teams answers to a send that it does not take (Microsoft's status codes of bot conversations). A row without a
 * code stands for all other codes of its status. 500 is tried again although it is documented as final: a second card
 * is better than none.
 */
const ANSWERS: readonly (readonly [status: number, code: string | undefined, meaning: Meaning])[] = [
  [400, undefined, 'our-fault'],
  [401, undefined, 'unregistered'],
  [403, 'InvalidBotApiHost', 'other-host'],
  [403, 'NotEnoughPermissions', 'our-fault'],
  // BotDisabledByAdmin, BotNotInConversationRoster, ConversationBlockedByUser, ForbiddenOperationException, MessageWritesBlocked.
  [403, undefined, 'unreachable'],
  [404, undefined, 'gone'],
  [408, undefined, 'again'],
  [412, undefined, 'again'],
  [413, undefined, 'too-large'],
  [429, undefined, 'again'],
  [500, undefined, 'again'],
  [502, undefined, 'again'],
  [503, undefined, 'again'],
  [504, undefined, 'again'],
];

/** No answer at all is worth another try; an answer that nobody documented is not. */
export function meaningOf(fault: unknown): Meaning {
  const status = at(fault, 'statusCode');
  if (typeof status !== 'number') return 'again';
  const rows = ANSWERS.filter(([of]) => of === status);
  const named = rows.find(([, code]) => code !== undefined && codesOf(fault).includes(code));
  return (named ?? rows.find(([, code]) => code === undefined))?.[2] ?? 'our-fault';
}

export function isThrottled(fault: unknown): boolean {
  return at(fault, 'statusCode') === 429;
}

/** What the outbox makes of a failed send. */
export function sentOf(fault: unknown): Exclude<Sent, { kind: 'sent' }> {
  const code = codesOf(fault)[0] ?? `HTTP ${at(fault, 'statusCode')}`;
  switch (meaningOf(fault)) {
    case 'again': {
      const retryAfter = retryAfterOf(fault);
      return retryAfter === undefined ? { kind: 'unavailable' } : { kind: 'unavailable', retryAfter };
    }
    case 'gone':
      return { kind: 'gone' };
    case 'unreachable':
    case 'other-host':
      return { kind: 'refused', code };
    case 'unregistered':
      return { kind: 'failed', code, isFinal: false };
    case 'our-fault':
    case 'too-large':
      return { kind: 'failed', code, isFinal: true };
  }
}

/** The code, and the finer one that some answers have beside it. */
function codesOf(fault: unknown): string[] {
  const error = at(fault, 'details', 'error');
  return [textAt(error, 'code'), textAt(error, 'subCode')].filter((code) => code !== undefined);
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
