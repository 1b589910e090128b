import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Request, Response } from 'express';
import { z } from 'zod';
import { SCOPE_FORM } from '../../services/domain/evidence-scope.ts';
import type { EvidenceExports } from '../../services/evidence-exports.ts';
import type { Authenticate } from '../authenticate.ts';
import { sendProblem } from '../problem.ts';
import { textField } from './fields.ts';
import { authenticationProblem, readAs } from './refuse.ts';

const WRONG_INSTANT = 'must be a date such as 2026-11-01, or an instant in UTC such as 2026-11-01T08:00:00Z';

/** A day stands for its beginning in UTC. */
const instant = z
  .union([z.iso.date(), z.iso.datetime()], { error: WRONG_INSTANT })
  .transform((text) => new Date(text).toISOString());

const QUERY = z
  .strictObject({
    from: instant.exactOptional(),
    to: instant.exactOptional(),
    scope: textField(400).regex(SCOPE_FORM, 'must be a service, or service/environment').exactOptional(),
  })
  .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
    path: ['to'],
    error: 'must be later than from',
  });

interface Needs {
  readonly authenticate: Authenticate;
  readonly evidence: EvidenceExports;
}

/** `GET /api/evidence`: all evidence, or that of a time and place, as lines of JSON that verify without us. */
export function createEvidenceHook({ authenticate, evidence }: Needs) {
  return async (request: Request, response: Response): Promise<void> => {
    const refused = authenticationProblem(await authenticate(request, 'Auditor'));
    if (refused !== undefined) return sendProblem(response, refused);
    const query = readAs(QUERY, request.query, 'parameter');
    if ('problem' in query) return sendProblem(response, query.problem);
    const lines = await evidence.export(query.data);
    // Whoever asked has gone: nothing to read for anybody.
    if (response.destroyed) return;
    response.type('application/x-ndjson');
    if (request.method === 'HEAD') return void response.end();
    await pipeline(Readable.from(lines), response).catch((error: NodeJS.ErrnoException) => {
      // Whoever asked has gone: no fault of anybody here.
      if (error.code !== 'ERR_STREAM_PREMATURE_CLOSE') throw error;
    });
  };
}
