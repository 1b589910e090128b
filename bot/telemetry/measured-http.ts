import type { Request, Response } from 'express';
import { type Telemetry, traceOf } from '../../services/ports/telemetry.ts';
import { inLogContext } from '../log-context.ts';

const traced = (telemetry: Telemetry) => {
  const traceparent = telemetry.traceparent();
  return traceparent === undefined ? {} : { traceparent };
};

/** Routes of pipelines, whose trace is gone on with. */
const CONTINUED: ReadonlySet<string> = new Set(['/api/azure-devops/checks', '/api/findings']);
/** Probes would be most of all traces. */
const UNTRACED: ReadonlySet<string> = new Set(['/livez', '/readyz']);
const METHODS: ReadonlySet<string> = new Set(['GET', 'HEAD', 'POST', 'OPTIONS']);

/** Each HTTP request as a span and a measurement, by its route and never by its address. */
export function createMeasuredHttp(telemetry: Telemetry) {
  return (request: Request, response: Response, next: () => void): void => {
    const from = performance.now();
    const ended = new Promise<void>((resolve) => response.once('close', resolve));
    void ended.then(() => measure(telemetry, request, response, from));
    if (UNTRACED.has(request.path)) {
      next();
      return;
    }
    const given = CONTINUED.has(request.path) ? request.get('traceparent') : undefined;
    const parent = traceOf(given) === undefined ? undefined : given;
    void telemetry.span(`${methodOf(request)} request`, { kind: 'server', parent }, async (note) => {
      inLogContext(traced(telemetry), next);
      await ended;
      const route = routeOf(request);
      note(
        { 'http.route': route, 'http.response.status_code': String(response.statusCode) },
        `${methodOf(request)} ${route}`,
      );
    });
  };
}

function measure(telemetry: Telemetry, request: Request, response: Response, from: number): void {
  const status = String(response.statusCode);
  telemetry.record('http.server.request.duration', (performance.now() - from) / 1_000, {
    'http.request.method': methodOf(request),
    'http.route': routeOf(request),
    'http.response.status_code': status,
    'url.scheme': 'http',
  });
  if (status === '401' || status === '403')
    telemetry.count('gate.auth.rejected', {
      reason: codeOf(response) ?? (status === '401' ? 'unauthenticated' : 'forbidden'),
    });
}

function methodOf({ method }: Request) {
  return METHODS.has(method) ? method : '_OTHER';
}

function routeOf({ route }: Request): string {
  const path: unknown = (route as { readonly path?: unknown } | undefined)?.path;
  return typeof path === 'string' ? path : 'none';
}

/** Of the problem that it was answered with (problem.ts). */
function codeOf({ locals }: Response): string | undefined {
  const code: unknown = locals['problem'];
  return typeof code === 'string' ? code : undefined;
}
