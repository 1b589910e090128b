import { expect, test } from 'vitest';
import { decide } from '../../bot/console/decide.ts';

const STATE = { id: 'abc', state: 'approved', environment: 'prod', services: ['payments-api'] };
type Answer = readonly [status: number, body: unknown] | 'silent';

/** What was asked over HTTP, answered one after the other; the last answer stays. */
function answering(...answers: readonly Answer[]) {
  const asked: { readonly url: string; readonly init: RequestInit }[] = [];
  const fetch = async (url: unknown, init?: RequestInit): Promise<Response> => {
    asked.push({ url: String(url), init: init ?? {} });
    const answer = answers[Math.min(asked.length, answers.length) - 1];
    if (answer === undefined || answer === 'silent') throw new TypeError('fetch failed');
    const [status, body] = answer;
    return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
  };
  return { asked, fetch: fetch as typeof globalThis.fetch };
}

const run = (
  { fetch }: ReturnType<typeof answering>,
  { url = 'https://countersign.contoso.com/', requestId = 'abc', comment }: Record<string, string | undefined> = {},
) =>
  decide(
    { url, fetch, token: async () => 'the-token' },
    { requestId, verdict: 'approve', ...(comment === undefined ? {} : { comment }) },
  );

test('a decision goes to the address of the bot as the person, and the state is told', async () => {
  const http = answering([200, STATE]);
  expect(await run(http, { comment: 'checked', requestId: 'a/b' })).toEqual({
    exitCode: 0,
    lines: ['Request abc (payments-api in prod) is approved.'],
  });
  expect(http.asked).toMatchObject([
    {
      url: 'https://countersign.contoso.com/api/requests/a%2Fb/decision',
      init: {
        method: 'POST',
        redirect: 'error',
        headers: { Authorization: 'Bearer the-token', 'Content-Type': 'application/json' },
        body: JSON.stringify({ verdict: 'approve', comment: 'checked' }),
      },
    },
  ]);
});

test.each([
  [403, 'not-an-approver'],
  [404, 'unknown-request'],
  [409, 'already-decided'],
])('a refusal of status %i (%s) says no with its sentence', async (status, code) => {
  const answer = await run(answering([status, { code, detail: 'Nothing was recorded: because.' }]));
  expect(answer).toEqual({ exitCode: 1, lines: [], remarks: ['Nothing was recorded: because.'] });
});

test.each<[string, Answer, string]>([
  [
    'a token that is not taken',
    [401, { code: 'unauthenticated', detail: 'send your own' }],
    'answered 401: send your own',
  ],
  ['somebody who is no person', [403, { code: 'person-required', detail: 'for people' }], 'answered 403: for people'],
  ['a directory that does not answer', [503, { code: 'cannot-verify-now', detail: 'later' }], 'answered 503: later'],
  ['another server', [404, '<html>'], 'answered 404'],
  ['a page in place of the state', [200, '<html>'], ''],
  ['silence', 'silent', 'did not answer; whether it was recorded is unknown'],
])('%s is no answer: the command could not run', async (_what, answer, why) => {
  await expect(run(answering(answer))).rejects.toThrow(why);
});

test('a lost answer and a server that is busy are asked again under the same key', async () => {
  const http = answering('silent', [503, { code: 'unavailable', detail: 'later' }], [200, STATE]);
  expect(await run(http)).toMatchObject({ exitCode: 0 });
  const keys = http.asked.map(({ init }) => (init.headers as Record<string, string>)['Idempotency-Key']);
  expect(keys).toHaveLength(3);
  expect(new Set(keys).size).toBe(1);
  expect(keys[0]).toMatch(/^[0-9a-f-]{36}$/);
});

test('two commands are two, even with the same words', async () => {
  const http = answering([200, STATE]);
  await run(http);
  await run(http);
  expect(new Set(http.asked.map(({ init }) => JSON.stringify(init.headers))).size).toBe(2);
});

test.each(['http://countersign.contoso.com', 'countersign', 'file:///etc/passwd', ''])(
  'no token goes to %j',
  async (url) => {
    const http = answering([200, STATE]);
    await expect(run(http, { url })).rejects.toThrow('https://');
    expect(http.asked).toEqual([]);
  },
);
