import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Delivery, Gates, Receipt } from '../../services/gates.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import type { Authenticate } from '../authenticate.ts';
import { readJson } from '../body.ts';
import { bodyProblem, type Problem, sendProblem } from '../problem.ts';
import { runIdField, textField } from './fields.ts';
import { authenticationProblem, firstIssue, unavailableProblem } from './refuse.ts';

const BODY_LIMIT = 64 * 1024;
const guid = z.guid('must be a GUID');

/** As the Invoke REST API task names them; HTTP does not mind their case. */
const HEADERS = z.object({
  PlanUrl: z.string().min(1).max(500),
  ProjectId: guid,
  HubName: z.string().regex(/^(build|checks|gates|release|rm)$/i, 'must be build, checks, gates, release or rm'),
  PlanId: guid,
  JobId: guid,
  TimelineId: guid,
  TaskInstanceId: guid,
  AuthToken: z.string().min(1).max(16_000),
});

const BODY = z.strictObject({
  runId: runIdField,
  stage: textField(200),
  environment: textField(200),
  service: textField(200).exactOptional(),
  artifact: textField(500).exactOptional(),
});

interface Needs {
  readonly authenticate: Authenticate;
  readonly gates: Gates;
  /** Configured organization URLs without a trailing slash. */
  readonly organizations: readonly string[];
  readonly accepted: (receipt: Receipt & { kind: 'accepted' }) => void;
}

/** `POST /api/azure-devops/checks`: the order of interfaces.md. Nothing is called before the caller is authenticated. */
export function createCheckHook({ authenticate, gates, organizations, accepted }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const refused = authenticationProblem(await authenticate(request, 'Checks.Submit'));
    if (refused !== undefined) return sendProblem(response, refused);
    const parsed = await parse(request, organizations);
    if ('status' in parsed) return sendProblem(response, parsed);
    const receipt = await gates.receive(parsed).catch(unavailable);
    if ('status' in receipt) return sendProblem(response, receipt);
    if (receipt.kind !== 'accepted') return sendProblem(response, problemOf(receipt));
    response.status(200).json({ requestId: receipt.requestId });
    accepted(receipt);
  };
}

async function parse(request: Request, organizations: readonly string[]): Promise<Delivery | Problem> {
  const headers = HEADERS.safeParse(documentedHeaders(request));
  if (!headers.success) return firstIssue(headers.error, 'header');
  const { PlanUrl, ProjectId, HubName, PlanId, JobId, TimelineId, TaskInstanceId, AuthToken } = headers.data;
  const organization = organizations.find((url) => sameOrganization(url, PlanUrl));
  const unknown = 'PlanUrl is none of the configured organizations (AZURE_DEVOPS_ORGS)';
  if (organization === undefined)
    return { status: 403, code: 'unknown-organization', detail: unknown, field: 'PlanUrl' };
  const body = await readJson(request, { limit: BODY_LIMIT, maxDepth: 64 });
  if (body.kind === 'refused') return bodyProblem(body);
  const fields = BODY.safeParse(body.value);
  if (!fields.success) return firstIssue(fields.error, 'field');
  const ids = { projectId: ProjectId, hub: HubName, planId: PlanId, jobId: JobId, timelineId: TimelineId };
  return { ...fields.data, jobToken: AuthToken, check: { organization, ...ids, taskInstanceId: TaskInstanceId } };
}

function documentedHeaders(request: Request) {
  return Object.fromEntries(Object.keys(HEADERS.shape).map((name) => [name, request.get(name)]));
}

/** Compared as texts, never fetched (threat T17). */
function sameOrganization(configured: string, sent: string): boolean {
  return sent.replace(/\/$/, '').toLowerCase() === configured.toLowerCase();
}

function problemOf(receipt: Exclude<Receipt, { kind: 'accepted' }>): Problem {
  if (receipt.kind === 'unproven') return { status: 403, code: 'run-unproven', detail: receipt.why };
  if (receipt.kind === 'finished')
    return { status: 409, code: 'check-finished', detail: 'run the stage again to be asked anew' };
  const field = receipt.code === 'service-mismatch' ? 'service' : 'environment';
  return { status: 400, code: receipt.code, detail: receipt.detail, field };
}

function unavailable(error: unknown): Problem {
  if (!(error instanceof AzureDevOpsUnavailableError)) throw error;
  return unavailableProblem(error, 'Azure DevOps did not answer in time; nothing was stored');
}
