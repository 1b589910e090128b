import type { IncomingHttpHeaders, ServerResponse } from 'node:http';
import type { Application, TurnState } from '@microsoft/teams-ai';
import type { Activity } from 'botbuilder';
import { AuthenticationUnavailableError, type ConnectorAdapter, UnauthenticatedError } from './adapter.ts';
import { rememberTurn } from './application.ts';
import { type GuardSettings, guard } from './guard.ts';
import type { TeamsLog } from './log.ts';

export interface MessagesNeeds {
  readonly adapter: ConnectorAdapter;
  readonly application: Application<TurnState>;
  readonly guard: GuardSettings;
  readonly log: TeamsLog;
}

/** `body` is the parsed JSON; the server limits its size before. */
export interface MessagesRequest {
  readonly headers: IncomingHttpHeaders;
  readonly body?: unknown;
}

interface HttpAnswer {
  readonly status: number;
  readonly body?: unknown;
}

/**
 * `POST /api/messages`. 200 with the answer to an invoke, or empty; 400 for what is no activity; 401 for what is not
 * let in; 503 while tokens cannot be checked; 500 for a fault that nobody could be told of. Everything but 200 and an
 * unhandled invoke's 400 has an empty body, and no library's text ever leaves. Never rejects.
 */
export function createMessagesEndpoint(needs: MessagesNeeds) {
  return async (request: MessagesRequest, response: ServerResponse): Promise<void> => {
    const answer = await answerTo(request, needs).catch((fault: unknown) => answerToFault(fault, needs.log));
    send(response, answer);
  };
}

async function answerTo(request: MessagesRequest, needs: MessagesNeeds): Promise<HttpAnswer> {
  const guarded = guard(request.body, needs.guard);
  if (guarded.kind === 'malformed') return { status: 400 };
  if (guarded.kind === 'refused') {
    needs.log.warn({ reason: guarded.reason }, 'activity refused');
    return { status: 401 };
  }
  const authorization = request.headers.authorization ?? '';
  const activity = request.body as Activity;
  const answer = await needs.adapter.receive(authorization, activity, async (context) => {
    if (guarded.kind === 'ignored') return;
    rememberTurn(context, guarded.turn);
    await needs.application.run(context);
  });
  return answer ?? { status: 200 };
}

function answerToFault(fault: unknown, log: TeamsLog): HttpAnswer {
  if (fault instanceof UnauthenticatedError) {
    log.warn({ reason: 'token', err: fault }, 'activity refused');
    return { status: 401 };
  }
  log.error({ err: fault }, 'activity not processed');
  return { status: fault instanceof AuthenticationUnavailableError ? 503 : 500 };
}

function send(response: ServerResponse, answer: HttpAnswer): void {
  if (response.writableEnded || response.destroyed) return;
  response.statusCode = answer.status;
  if (answer.body === undefined) {
    response.end();
    return;
  }
  response.setHeader('content-type', 'application/json; charset=utf-8');
  response.end(JSON.stringify(answer.body));
}
