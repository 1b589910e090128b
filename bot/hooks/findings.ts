import type { Request, Response } from 'express';
import { z } from 'zod';
import { CATEGORIES, TIMINGS } from '../../services/domain/finding.ts';
import type { Findings, Imported, ImportOutcome } from '../../services/findings.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import type { Authenticate } from '../authenticate.ts';
import { BodyRefusedError, bodyStream } from '../body.ts';
import { bodyProblem, type Problem, sendProblem } from '../problem.ts';
import { authenticationProblem, firstIssue } from './refuse.ts';

const REPORT_LIMIT = 512 * 1024 * 1024;
const name = z.string().min(1).max(200);

const QUERY = z.strictObject({
  service: name,
  commit: z
    .string()
    .regex(/^[0-9a-f]{40}([0-9a-f]{24})?$/i, 'must be a full commit id')
    .toLowerCase(),
  environment: name.exactOptional(),
  branch: z.string().min(1).max(400).exactOptional(),
  runId: z
    .string()
    .regex(/^[1-9][0-9]{0,15}$/, 'must be a build id')
    .transform(Number)
    .exactOptional(),
  timing: z.enum(TIMINGS).exactOptional(),
  format: z.string().max(40).exactOptional(),
  category: z.enum(CATEGORIES).exactOptional(),
});

interface Needs {
  readonly authenticate: Authenticate;
  readonly findings: Findings;
}

/** `POST /api/findings`: a report is read to its end, then stored whole or not at all. */
export function createFindingsHook({ authenticate, findings }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const refused = authenticationProblem(await authenticate(request, 'Findings.Submit'));
    if (refused !== undefined) return sendProblem(response, refused);
    const query = QUERY.safeParse(request.query);
    if (!query.success) return sendProblem(response, firstIssue(query.error, 'parameter'));
    const body = bodyStream(request, { limit: REPORT_LIMIT, maxRatio: 100 });
    const outcome = await findings.import({ ...query.data, body }).catch(faultProblem);
    if ('status' in outcome) return sendProblem(response, outcome);
    if (outcome.kind !== 'imported') return sendProblem(response, problemOf(outcome));
    const { kind: _, ...answer } = outcome;
    response.status(200).json(answer);
  };
}

function problemOf(outcome: Exclude<ImportOutcome, Imported>): Problem {
  if (outcome.kind === 'invalid') {
    return { status: outcome.code === 'unknown-environment' ? 400 : 422, code: outcome.code, detail: outcome.detail };
  }
  const status = ['malformed', 'too-deep'].includes(outcome.refused) ? 400 : 422;
  return { status, code: 'report-refused', reason: outcome.refused, detail: outcome.detail };
}

function faultProblem(error: unknown): Problem {
  if (error instanceof BodyRefusedError) return bodyProblem(error);
  if (error instanceof AzureDevOpsUnavailableError) {
    return {
      status: 503,
      code: 'unavailable',
      detail: 'Azure DevOps could not confirm the run now; nothing was stored',
    };
  }
  throw error;
}
