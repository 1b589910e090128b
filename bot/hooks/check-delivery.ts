import type { Request } from 'express';
import { z } from 'zod';
import type { Delivery } from '../../services/deliveries.ts';
import { readJson } from '../body.ts';
import { bodyProblem, type Problem } from '../problem.ts';
import { runIdField, textField, withoutUnset } from './fields.ts';
import { configuredOrganization } from './organization.ts';
import { readAs } from './refuse.ts';

const BODY_LIMIT = 64 * 1024;
const guid = z.guid({ error: ({ input }) => (input === undefined ? 'is missing' : 'must be a GUID') });

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

/**
 * What a check sent, or what is wrong with it. The organization is the configured one that PlanUrl equals: the address
 * itself goes no further.
 */
export async function readCheckDelivery(
  request: Request,
  organizations: readonly string[],
): Promise<Delivery | Problem> {
  const headers = readAs(HEADERS, documentedHeaders(request), 'header');
  if ('problem' in headers) return headers.problem;
  const { PlanUrl, ProjectId, HubName, PlanId, JobId, TimelineId, TaskInstanceId, AuthToken } = headers.data;
  const organization = configuredOrganization(organizations, PlanUrl, 'PlanUrl');
  if (typeof organization !== 'string') return organization;
  const body = await readJson(request, { limit: BODY_LIMIT, maxDepth: 64 });
  if (body.kind === 'refused') return bodyProblem(body);
  const fields = readAs(BODY, withoutUnset(body.value, ['service', 'artifact']), 'field');
  if ('problem' in fields) return fields.problem;
  const ids = { projectId: ProjectId, hub: HubName, planId: PlanId, jobId: JobId, timelineId: TimelineId };
  return { ...fields.data, jobToken: AuthToken, check: { organization, ...ids, taskInstanceId: TaskInstanceId } };
}

function documentedHeaders(request: Request) {
  return Object.fromEntries(Object.keys(HEADERS.shape).map((name) => [name, request.get(name)]));
}
