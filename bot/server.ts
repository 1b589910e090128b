import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { CheckpointLogUnavailableError } from '../services/ports/checkpoint-log.ts';
import { SignerUnavailableError } from '../services/ports/signer.ts';
import { ConflictError, StoreUnavailableError } from '../services/ports/table.ts';
import { VaultUnavailableError } from '../services/ports/vault.ts';
import { answerUnreadable } from './answer-unreadable.ts';
import { readJson } from './body.ts';
import { allowEventGrid } from './hooks/allow-event-grid.ts';
import { inLogContext } from './log-context.ts';
import { bodyProblem, type Problem, sendProblem } from './problem.ts';

const ACTIVITY_LIMIT = 256 * 1024;
/** A check brings its job token in a header, besides eight others. */
const HEADERS_LIMIT = 32 * 1024;

type Handler = (request: Request, response: Response) => Promise<void>;

interface Needs {
  readonly messages: (
    request: { headers: IncomingMessage['headers']; body?: unknown },
    response: ServerResponse,
  ) => Promise<void>;
  readonly check: Handler;
  readonly events: Handler;
  readonly azureEvents: Handler;
  readonly findings: Handler;
  readonly requestsOfRun: Handler;
  readonly request: Handler;
  readonly signedDecision: Handler;
  readonly decide: Handler;
  readonly requestException: Handler;
  readonly importExceptions: Handler;
  readonly evidence: Handler;
  readonly jwks: Handler;
  /** True while the event loop keeps its time. */
  readonly alive: () => Promise<boolean>;
  /** True once all that it needs works (readiness.ts). */
  readonly ready: () => Promise<boolean>;
  readonly health: Handler;
  readonly failed: (data: { requestId: string; path: string; err: unknown }) => void;
  /** Refused for a reason that is the caller's. */
  readonly refused: (data: { path: string; status: number; code: string }) => void;
  /** Around every request. */
  readonly around?: (request: Request, response: Response, next: () => void) => void;
}

type Route = readonly [method: 'get' | 'post' | 'options', path: string, handler: Handler];

/** Every route, its limits, and the one place where a fault becomes an answer. */
export function createServer(needs: Needs): Server {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  if (needs.around !== undefined) app.use(needs.around);
  app.use((request, response, next) => {
    const call = randomUUID();
    response.setHeader('X-Request-Id', call);
    response.setHeader('Cache-Control', 'no-store');
    response.once('finish', () => noteRefusal(needs, request, response));
    inLogContext({ call }, next);
  });
  const routes = routesOf(needs);
  for (const [method, path, handler] of routes) app[method](path, handler);
  for (const [, path] of routes) {
    const allowed = routes.filter((route) => route[1] === path).map(([method]) => method);
    app.all(path, (request, response) => refuseMethod(allowed, request, response));
  }
  app.use((_request, response) => {
    sendProblem(response, NOT_FOUND);
  });
  app.use(createFaultHandler(needs));
  return limited(createHttpServer({ maxHeaderSize: HEADERS_LIMIT }, app));
}

function routesOf(needs: Needs): readonly Route[] {
  return [
    ['post', '/api/messages', (request, response) => receiveActivity(needs, request, response)],
    ['post', '/api/azure-devops/checks', needs.check],
    ['post', '/api/azure-devops/events', needs.events],
    ['post', '/api/azure/events', needs.azureEvents],
    ['options', '/api/azure/events', allowEventGrid],
    ['post', '/api/findings', needs.findings],
    ['get', '/api/requests', needs.requestsOfRun],
    ['get', '/api/requests/:id', needs.request],
    ['get', '/api/requests/:id/decision', needs.signedDecision],
    ['post', '/api/requests/:id/decision', needs.decide],
    ['post', '/api/exceptions', needs.requestException],
    ['post', '/api/exceptions/imports', needs.importExceptions],
    ['get', '/api/evidence', needs.evidence],
    ['get', '/.well-known/jwks.json', needs.jwks],
    ['get', '/livez', (_request, response) => answerAlive(needs, response)],
    ['get', '/readyz', (_request, response) => answerReady(needs, response)],
    ['get', '/health', needs.health],
  ];
}

function refuseMethod(allowed: readonly Route[0][], request: Request, response: Response): void {
  response.setHeader(
    'Allow',
    allowed.map((method) => (method === 'get' ? 'GET, HEAD' : method.toUpperCase())).join(', '),
  );
  sendProblem(response, { status: 405, code: 'method-not-allowed', detail: `not with ${request.method}` });
}

async function answerAlive(needs: Needs, response: Response): Promise<void> {
  const alive = await needs.alive();
  response.status(alive ? 200 : 503).json({ status: alive ? 'alive' : 'not alive' });
}

async function answerReady(needs: Needs, response: Response): Promise<void> {
  const ready = await needs.ready();
  response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready' });
}

async function receiveActivity(needs: Needs, request: Request, response: Response): Promise<void> {
  const body = await readJson(request, { limit: ACTIVITY_LIMIT, maxDepth: 64 });
  if (body.kind === 'refused') return sendProblem(response, bodyProblem(body));
  await needs.messages({ headers: request.headers, body: body.value }, response);
}

/** By its route: an address may hold what is not for the log. */
function noteRefusal(needs: Needs, { route }: Request, { statusCode: status, locals }: Response): void {
  const code: unknown = locals['problem'];
  const path: unknown = (route as { readonly path?: unknown } | undefined)?.path;
  if (typeof code === 'string' && status < 500) needs.refused({ path: String(path ?? 'none'), status, code });
}

/** Express tells a fault handler by its four parameters. */
function createFaultHandler(needs: Needs) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    // Percent signs that are no encoding: such an address is no fault of ours.
    const isAddressWrong = error instanceof URIError;
    const requestId = String(response.getHeader('X-Request-Id'));
    if (!isAddressWrong) needs.failed({ requestId, path: request.path, err: error });
    sendProblem(response, isAddressWrong ? NOT_FOUND : faultProblem(error));
  };
}

const NOT_FOUND: Problem = { status: 404, code: 'not-found', detail: 'see docs/interfaces.md for what there is' };
const TRY_AGAIN = { status: 503, code: 'unavailable', retryAfter: 5 } as const;

function faultProblem(error: unknown): Problem {
  if (error instanceof VaultUnavailableError)
    return { ...TRY_AGAIN, detail: 'the key that seals job tokens does not answer; send it again' };
  if (error instanceof SignerUnavailableError) return { ...TRY_AGAIN, detail: 'it could not be signed; ask again' };
  if (error instanceof CheckpointLogUnavailableError)
    return { ...TRY_AGAIN, detail: 'the log of checkpoints does not answer; ask again' };
  if (error instanceof StoreUnavailableError)
    return { ...TRY_AGAIN, detail: 'the store does not answer; send it again' };
  if (error instanceof ConflictError)
    return { ...TRY_AGAIN, detail: 'the same record was changed at the same moment; send it again' };
  return { status: 500, code: 'internal-error', detail: 'the log has the reason under this instance' };
}

/** Slow callers are cut off: headers within 10 s, a whole report within 10 minutes. */
function limited(server: Server): Server {
  answerUnreadable(server);
  server.headersTimeout = 10_000;
  server.requestTimeout = 600_000;
  server.keepAliveTimeout = 65_000;
  return server;
}
