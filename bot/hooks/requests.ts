import type { Request, Response } from 'express';
import { z } from 'zod';
import type { Requests } from '../../services/requests.ts';
import type { Authenticate } from '../authenticate.ts';
import { type Problem, sendProblem } from '../problem.ts';
import { runIdText, textField } from './fields.ts';
import { configuredOrganization } from './organization.ts';
import { authenticationProblem, readAs } from './refuse.ts';
import { requestState } from './request-state.ts';

interface Needs {
  readonly authenticate: Authenticate;
  readonly requests: Requests;
  /** Configured organization URLs without a trailing slash. */
  readonly organizations: readonly string[];
}

const QUERY = z.strictObject({
  organization: textField(500),
  runId: runIdText,
  stage: textField(200).exactOptional(),
  environment: textField(200).exactOptional(),
  service: textField(200).exactOptional(),
});

const UNKNOWN: Problem = { status: 404, code: 'unknown-request', detail: 'there is no request with this id' };

/** `/api/requests`: what a deploy job reads before it begins. */
export function createRequestHooks({ authenticate, requests, organizations }: Needs) {
  const admit = async (request: Request) =>
    authenticationProblem(await authenticate(request, 'Evidence.Read', 'Checks.Submit'));
  return {
    requestsOfRun: async (request: Request, response: Response): Promise<void> => {
      const refused = await admit(request);
      if (refused !== undefined) return sendProblem(response, refused);
      const query = readAs(QUERY, request.query, 'parameter');
      if ('problem' in query) return sendProblem(response, query.problem);
      const organization = configuredOrganization(organizations, query.data.organization, 'organization');
      if (typeof organization !== 'string') return sendProblem(response, organization);
      const found = await requests.ofRun({ ...query.data, organization });
      response.json({ requests: found.map(requestState) });
    },
    request: async (request: Request, response: Response): Promise<void> => {
      const refused = await admit(request);
      if (refused !== undefined) return sendProblem(response, refused);
      const gate = await requests.find(String(request.params['id']));
      if (gate === undefined) return sendProblem(response, UNKNOWN);
      response.json(requestState(gate));
    },
    signedDecision: async (request: Request, response: Response): Promise<void> => {
      const refused = await admit(request);
      if (refused !== undefined) return sendProblem(response, refused);
      const signed = await requests.signedDecision(String(request.params['id']));
      if (signed === undefined) return sendProblem(response, UNKNOWN);
      if (request.accepts(['application/json', 'application/jose']) === 'application/jose')
        response.type('application/jose').send(signed);
      else response.json({ decision: signed });
    },
  };
}
