import { expect, test } from 'vitest';
import { requestException } from '../../bot/console/request-exception.ts';

/** What was asked over HTTP, answered always alike. */
function answering(status: number, body: unknown) {
  const asked: { readonly url: string; readonly body: unknown }[] = [];
  const fetch = async (url: unknown, init?: RequestInit): Promise<Response> => {
    asked.push({ url: String(url), body: JSON.parse(String(init?.body)) });
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  const call = { url: 'https://countersign.contoso.com', token: async () => 'the-token', fetch };
  return { asked, call: call as Parameters<typeof requestException>[0] };
}

const REQUESTED = { exceptionId: 'EX-12', state: 'requested', until: '2026-12-01', joined: false };

test('every option is a field of the API, and what is left out is not sent', async () => {
  const { asked, call } = answering(201, REQUESTED);
  const options = {
    service: 'payments-api',
    environment: 'prod',
    finding: 'f'.repeat(32),
    class: 'fix-scheduled',
    reviewEvery: '2d',
    renews: 'EX-3',
    baseline: 'true',
    url: 'https://countersign.contoso.com',
    tokenStdin: 'true',
  };
  expect(await requestException(call, options)).toEqual({
    exitCode: 0,
    lines: ['EX-12 is requested, until the end of 2026-12-01 (UTC).'],
  });
  expect(asked).toEqual([
    {
      url: 'https://countersign.contoso.com/api/exceptions',
      body: {
        service: 'payments-api',
        environment: 'prod',
        fingerprint: 'f'.repeat(32),
        reasonClass: 'fix-scheduled',
        reviewEvery: '2d',
        renews: 'EX-3',
        baseline: true,
      },
    },
  ]);
});

test('whoever joins a request is told so', async () => {
  const { call } = answering(200, { ...REQUESTED, joined: true });
  expect(await requestException(call, {})).toEqual({
    exitCode: 0,
    lines: ['EX-12 was asked for already, and you with it: it is requested, until the end of 2026-12-01 (UTC).'],
  });
});

test.each([
  [422, 'field-missing'],
  [400, 'unknown-environment'],
  [404, 'unknown-exception'],
  [409, 'budget-used'],
  [403, 'guest'],
])('a refusal of status %i (%s) says no with its sentence', async (status, code) => {
  const { call } = answering(status, { code, detail: 'Nothing was recorded: because.' });
  expect(await requestException(call, {})).toEqual({
    exitCode: 1,
    lines: [],
    remarks: ['Nothing was recorded: because.'],
  });
});

test.each<[string, number, unknown, string]>([
  [
    'a value of the wrong form',
    400,
    { code: 'field-invalid', detail: 'field renews: must be' },
    'answered 400: field renews',
  ],
  ['somebody who is no person', 403, { code: 'person-required', detail: 'for people' }, 'answered 403: for people'],
  ['a refusal of a server that is broken', 500, { code: 'date', detail: 'no' }, 'answered 500'],
  ['another server', 404, '<html>', 'answered 404'],
  ['a page in place of the exception', 201, '<html>', ''],
  ['an exception without an id', 201, { ...REQUESTED, exceptionId: undefined }, ''],
])('%s is no answer: the command could not run', async (_what, status, body, why) => {
  await expect(requestException(answering(status, body).call, {})).rejects.toThrow(why);
});
