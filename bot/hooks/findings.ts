import type { Request, Response } from 'express';
import { z } from 'zod';
import { CATEGORIES, TIMINGS } from '../../services/domain/finding.ts';
import type { Findings, Imported, ImportOutcome } from '../../services/findings.ts';
import { AzureDevOpsUnavailableError } from '../../services/ports/azure-devops.ts';
import type { ReportRefusal } from '../../services/ports/report-reader.ts';
import type { Authenticate } from '../authenticate.ts';
import { BodyRefusedError, bodyStream } from '../body.ts';
import { bodyProblem, type Problem, sendProblem } from '../problem.ts';
import { checksumField, commitField, runIdText, textField } from './fields.ts';
import { authenticationProblem, readAs, unavailableProblem } from './refuse.ts';

const REPORT_LIMIT = 512 * 1024 * 1024;

const QUERY = z.strictObject({
  service: textField(200),
  commit: commitField,
  environment: textField(200).exactOptional(),
  branch: textField(400).exactOptional(),
  runId: runIdText.exactOptional(),
  timing: z.enum(TIMINGS).exactOptional(),
  format: z.string().max(40).exactOptional(),
  category: z.enum(CATEGORIES).exactOptional(),
  artifact: checksumField.exactOptional(),
});

interface Needs {
  readonly authenticate: Authenticate;
  readonly findings: Pick<Findings, 'import'>;
}

/** `POST /api/findings`: a report is read to its end, then stored whole or not at all. */
export function createFindingsHook({ authenticate, findings }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const refused = authenticationProblem(await authenticate(request, 'Findings.Submit'));
    if (refused !== undefined) return sendProblem(response, refused);
    const query = readAs(QUERY, request.query, 'parameter');
    if ('problem' in query) return sendProblem(response, query.problem);
    const body = bodyStream(request, { limit: REPORT_LIMIT, maxRatio: 100 });
    const outcome = await findings.import({ ...query.data, body }).catch(faultProblem);
    if ('status' in outcome) return sendProblem(response, outcome);
    if (outcome.kind !== 'imported') return sendProblem(response, problemOf(outcome));
    const { kind: _, ...answer } = outcome;
    response.status(200).json(answer);
  };
}

function problemOf(outcome: Exclude<ImportOutcome, Imported>): Problem {
  if (outcome.kind === 'refused') {
    const status = REPORT_STATUS[outcome.refused] ?? 422;
    return { status, code: 'report-refused', reason: outcome.refused, detail: outcome.detail };
  }
  return { status: outcome.code === 'unknown-environment' ? 400 : 422, code: outcome.code, detail: outcome.detail };
}

/** The rest is well written and still not taken: 422 (RFC 9110 section 15.5.21). */
const REPORT_STATUS: Readonly<Partial<Record<ReportRefusal['refused'], number>>> = {
  malformed: 400,
  'too-deep': 400,
  'too-large': 413,
  'too-many-findings': 413,
};

function faultProblem(error: unknown): Problem {
  if (error instanceof BodyRefusedError) return bodyProblem(error);
  if (!(error instanceof AzureDevOpsUnavailableError)) throw error;
  return unavailableProblem(error, 'Azure DevOps could not confirm the run now; nothing was stored');
}
