import type { IncomingMessage, ServerResponse } from 'node:http';
import { AUDIT_ROUTES } from './audit-log-routes.ts';
import { APPROVAL_ROUTES } from './azure-devops-approval-routes.ts';
import { CATALOG_ROUTES } from './azure-devops-catalog-routes.ts';
import { type Fault, SIGN_IN_PAGE } from './azure-devops-faults.ts';
import { GIT_ROUTES } from './azure-devops-git-routes.ts';
import { HOOK_ROUTES } from './azure-devops-hook-routes.ts';
import { locationsOf } from './azure-devops-locations.ts';
import { type Caller, isSame, type Reply } from './azure-devops-model.ts';
import { PLAN_ROUTES } from './azure-devops-plans.ts';
import { listOf, notFound, READ_ROUTES, visibleProject } from './azure-devops-rest.ts';
import { STAGE_ROUTES } from './azure-devops-stage-routes.ts';
import type { World } from './azure-devops-world.ts';
import { ALERT_ROUTES } from './platform-alerts.ts';
import { PLATFORM_CHECK_ROUTES } from './platform-checks.ts';
import { LIBRARY_ROUTES } from './platform-connections.ts';
import { PEOPLE_ROUTES } from './platform-people-routes.ts';
import { SET_UP_ROUTES } from './set-up-routes.ts';

/** The simulator's HTTP side: who asks, for which organization and project, in which version. */

export interface ResourceArea {
  readonly id: string;
  readonly name: string;
  readonly locationUrl: string;
}

const ROUTES = [
  GIT_ROUTES,
  READ_ROUTES,
  PLAN_ROUTES,
  STAGE_ROUTES,
  APPROVAL_ROUTES,
  HOOK_ROUTES,
  CATALOG_ROUTES,
  PLATFORM_CHECK_ROUTES,
  LIBRARY_ROUTES,
  PEOPLE_ROUTES,
  AUDIT_ROUTES,
  ALERT_ROUTES,
  SET_UP_ROUTES,
].flat();
/** `/{organization}[/{project}]/_apis/{path}` */
const ADDRESS = /^\/([^/]+)(?:\/([^/]+))?\/_apis\/(.+?)\/?$/;

/** Never released, so a version without `-preview` is refused. */
const PREVIEW = /^(?:distributedtask|pipelines\/checks|audit)\//;

export interface Received {
  readonly method: string;
  readonly url: URL;
  readonly accept: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

export async function receive(request: IncomingMessage, baseUrl: string): Promise<Received> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return {
    method: request.method ?? 'GET',
    url: new URL(request.url ?? '/', baseUrl),
    accept: request.headers.accept ?? '',
    authorization: request.headers.authorization,
    body: Buffer.concat(chunks).toString('utf8'),
  };
}

/** Basic with an empty user name (any name is taken) or Bearer; an expired or unknown token is nobody's. */
export function callerOf(world: World, { authorization, url }: Received): Caller | undefined {
  const [scheme = '', value = ''] = authorization?.split(' ') ?? [];
  const decoded = Buffer.from(value, 'base64').toString();
  const token = isSame(scheme, 'basic') ? decoded.slice(decoded.indexOf(':') + 1) : value;
  const caller = world.tokens.get(token) ?? entraCaller(world, token);
  if (caller?.kind === 'person') return isSame(scheme, 'bearer') ? caller : undefined;
  if (caller?.kind !== 'job') return caller;
  const organization = url.pathname.split('/')[1] ?? '';
  return caller.expiresAt > world.now() && isSame(caller.organization, organization) ? caller : undefined;
}

/** An Entra token for Azure DevOps, of somebody whose account is known here; its signature is not looked at. */
function entraCaller(world: World, token: string): Caller | undefined {
  try {
    const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString()) as Record<
      string,
      unknown
    >;
    const person = world.accounts.get(String(claims['oid']));
    return person === undefined ? undefined : { kind: 'person', person };
  } catch {
    return undefined;
  }
}

export function schemeOf({ authorization }: Received): 'none' | 'basic' | 'bearer' | 'other' {
  const scheme = authorization?.split(' ')[0]?.toLowerCase();
  if (scheme === undefined) return 'none';
  return scheme === 'basic' || scheme === 'bearer' ? scheme : 'other';
}

export function replyTo(
  world: World,
  areas: readonly ResourceArea[],
  received: Received,
  caller: Caller | undefined,
): Reply {
  const [, organization = '', project, path = ''] = ADDRESS.exec(received.url.pathname) ?? [];
  if (!world.organizations.some((known) => isSame(known, organization))) return notFound('No such organization.');
  if (received.method === 'OPTIONS') return locationsOf(path);
  if (caller === undefined) return signIn();
  if (isSame(path, 'ResourceAreas')) return listOf(areas);
  const version = versionProblem(received, path);
  if (version !== undefined) return version;
  for (const route of ROUTES) {
    const ids = route.method === received.method ? route.path.exec(path) : null;
    if (ids === null) continue;
    const organizationUrl = `${received.url.origin}/${organization}`;
    const scope = project === undefined ? undefined : decodeURIComponent(project);
    const asked = { world, organizationUrl, organization, caller, scope, path, query: received.url.searchParams };
    const whole = { ...asked, body: received.body };
    if (scope !== undefined && visibleProject(whole) === undefined)
      return notFound(`TF200016: The following project does not exist: ${scope}, or you may not see it.`);
    return route.reply(whole, ids.slice(1));
  }
  return notFound(`The controller for path '${received.url.pathname}' was not found.`);
}

function signIn(): Reply {
  return { status: 203, body: SIGN_IN_PAGE, headers: { 'content-type': 'text/html; charset=utf-8' } };
}

/** Writing needs a version; the task resources are in preview and say so. */
function versionProblem({ method, url, accept }: Received, path: string): Reply | undefined {
  const version = url.searchParams.get('api-version') ?? /api-version=([^;\s]+)/.exec(accept)?.[1];
  if (version === undefined && method !== 'GET')
    return badRequest(`No api-version was supplied for the "${method}" request.`);
  if (version !== undefined && PREVIEW.test(path) && !version.includes('-preview'))
    return badRequest(`The requested version "${version}" of the resource is under preview.`);
  return undefined;
}

function badRequest(message: string): Reply {
  return { status: 400, body: { $id: '1', message, typeKey: 'VssVersionException' } };
}

/** The answer that a fault puts in the place of, or around, the true one. */
export function faultReply(fault: Fault | undefined, answer: () => Reply): Reply {
  if (fault?.status === undefined) {
    const reply = answer();
    return { ...reply, headers: { ...reply.headers, ...fault?.headers } };
  }
  const contentType = fault.contentType ?? 'application/json; charset=utf-8';
  return { status: fault.status, body: fault.body, headers: { 'content-type': contentType, ...fault.headers } };
}

function bodyOf({ body }: Reply): string | Buffer {
  if (body === undefined) return '';
  return typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body);
}

export function send(response: ServerResponse, reply: Reply, cut: Fault['cut']): void {
  if (cut === 'before' || cut === 'after') {
    response.destroy();
    return;
  }
  const body = bodyOf(reply);
  const length = reply.status === 204 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  response.writeHead(reply.status, { 'content-type': 'application/json; charset=utf-8', ...length, ...reply.headers });
  if (cut === 'body') response.write(body.slice(0, body.length / 2), () => response.destroy());
  else response.end(reply.status === 204 ? undefined : body);
}
