import { randomUUID } from 'node:crypto';
import { createServer as createHttpServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import express, { type NextFunction, type Request, type Response } from 'express';
import { StoreUnavailableError } from '../services/ports/table.ts';
import { readJson } from './body.ts';
import { bodyProblem, sendProblem } from './problem.ts';

const ACTIVITY_LIMIT = 256 * 1024;

type Handler = (request: Request, response: Response) => Promise<void>;

interface Needs {
  readonly messages: (
    request: { headers: IncomingMessage['headers']; body?: unknown },
    response: ServerResponse,
  ) => Promise<void>;
  readonly check: Handler;
  readonly findings: Handler;
  /** True once the store answers and policy loading has ended. */
  readonly ready: () => Promise<boolean>;
  readonly health: Handler;
  readonly failed: (data: { requestId: string; path: string; err: unknown }) => void;
}

/** Every route, its limits, and the one place where a fault becomes an answer. */
export function createServer(needs: Needs): Server {
  const app = express();
  app.disable('x-powered-by');
  app.disable('etag');
  app.use((_request, response, next) => {
    response.setHeader('X-Request-Id', randomUUID());
    response.setHeader('Cache-Control', 'no-store');
    next();
  });
  app.post('/api/messages', (request, response) => receiveActivity(needs, request, response));
  app.post('/api/azure-devops/checks', needs.check);
  app.post('/api/findings', needs.findings);
  app.get('/livez', (_request, response) => void response.json({ status: 'alive' }));
  app.get('/readyz', async (_request, response) => {
    const ready = await needs.ready();
    response.status(ready ? 200 : 503).json({ status: ready ? 'ready' : 'not ready' });
  });
  app.get('/health', needs.health);
  app.use((request, response) => {
    const known = [
      '/api/messages',
      '/api/azure-devops/checks',
      '/api/findings',
      '/livez',
      '/readyz',
      '/health',
    ].includes(request.path);
    if (known)
      return sendProblem(response, { status: 405, code: 'method-not-allowed', detail: `not with ${request.method}` });
    return sendProblem(response, {
      status: 404,
      code: 'not-found',
      detail: 'see docs/interfaces.md for what there is',
    });
  });
  app.use(createFaultHandler(needs));
  return limited(createHttpServer(app));
}

async function receiveActivity(needs: Needs, request: Request, response: Response): Promise<void> {
  const body = await readJson(request, { limit: ACTIVITY_LIMIT, maxDepth: 64 });
  if (body.kind === 'refused') return sendProblem(response, bodyProblem(body));
  await needs.messages({ headers: request.headers, body: body.value }, response);
}

/** Express tells a fault handler by its four parameters. */
function createFaultHandler(needs: Needs) {
  return (error: unknown, request: Request, response: Response, _next: NextFunction): void => {
    needs.failed({ requestId: String(response.getHeader('X-Request-Id')), path: request.path, err: error });
    if (error instanceof URIError) {
      sendProblem(response, { status: 400, code: 'field-invalid', detail: 'the address is not well encoded' });
    } else if (error instanceof StoreUnavailableError) {
      sendProblem(response, {
        status: 503,
        code: 'unavailable',
        detail: 'the store does not answer; nothing was stored',
        retryAfter: 5,
      });
    } else {
      sendProblem(response, {
        status: 500,
        code: 'internal-error',
        detail: 'the log has the reason under this instance',
      });
    }
  };
}

/** Slow callers are cut off: headers within 10 s, a whole report within 10 minutes. */
function limited(server: Server): Server {
  server.headersTimeout = 10_000;
  server.requestTimeout = 600_000;
  server.keepAliveTimeout = 65_000;
  return server;
}
