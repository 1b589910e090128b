import type { Activity } from 'botbuilder';
import type { Answer } from '../answer.ts';
import { textAt } from './fields.ts';

export const CARD_CONTENT_TYPE = 'application/vnd.microsoft.card.adaptive';
const MESSAGE_CONTENT_TYPE = 'application/vnd.microsoft.activity.message';
const ERROR_CONTENT_TYPE = 'application/vnd.microsoft.error';

/**
 * The answer to a card action, seen by the person who acted and by nobody else. Sent by us and not returned to the
 * library, which would publish a card with `refresh` to everybody in the conversation.
 */
export function answerToAction(answer: Answer): Partial<Activity> {
  return answer.card === undefined ? messageToAction(answer.text) : respond(200, CARD_CONTENT_TYPE, answer.card);
}

/** A sentence for the person who acted; the card stays as it is. */
export function messageToAction(text: string): Partial<Activity> {
  return respond(200, MESSAGE_CONTENT_TYPE, text);
}

/** For clients, not for people: Teams shows its own sentence and keeps the card. */
export function errorToAction(statusCode: 400 | 500, message: string): Partial<Activity> {
  return respond(statusCode, ERROR_CONTENT_TYPE, { code: statusCode === 400 ? 'BadRequest' : 'Failed', message });
}

/** The client shows this, lets the person sign in, and sends the action again with what came of it. */
export function loginRequest(offer: object): Partial<Activity> {
  return respond(401, 'application/vnd.microsoft.activity.loginRequest', offer);
}

/** The code that came with the action is not that of a sign-in of this person. */
export function wrongCode(): Partial<Activity> {
  return respond(401, `${ERROR_CONTENT_TYPE}.incorrectAuthCode`, null);
}

/** The client falls back to a sign-in by button. */
export function preconditionFailed(message: string): Partial<Activity> {
  return respond(412, `${ERROR_CONTENT_TYPE}.preconditionFailed`, { code: '412', message });
}

/** The answer to an invoke `signin/…`; `exchange` is what was to be exchanged. */
export function respondToSignIn(status: 200 | 412, exchange?: unknown): Partial<Activity> {
  if (exchange === undefined) return { type: 'invokeResponse', value: { status } };
  const failureDetail = status === 200 ? null : 'The token could not be exchanged.';
  const [id, connectionName] = [textAt(exchange, 'id'), textAt(exchange, 'connectionName')];
  return { type: 'invokeResponse', value: { status, body: { id, connectionName, failureDetail } } };
}

/** An invoke that nobody handles: 501 without this, which Teams shows as a broken app. */
export function answerToUnhandled(): Partial<Activity> {
  const body = {
    statusCode: 400,
    type: ERROR_CONTENT_TYPE,
    value: { code: 'NotSupported', message: 'Not supported.' },
  };
  return { type: 'invokeResponse', value: { status: 400, body } };
}

function respond(statusCode: number, type: string, value: unknown): Partial<Activity> {
  return { type: 'invokeResponse', value: { status: 200, body: { statusCode, type, value } } };
}
