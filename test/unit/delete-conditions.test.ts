import { expect, test } from 'vitest';
import { createDeleteConditions } from '../../services/tables/delete-conditions.ts';

const aDelete = (row: string) =>
  `--c\r\n\r\nDELETE http://a/t(RowKey='${row}') HTTP/1.1\r\nAccept: x\r\nIf-Match: *\r\n\r\n\r\n`;
const anInsert = (text: string) =>
  `--c\r\n\r\nPOST http://a/t HTTP/1.1\r\nAccept: x\r\n\r\n${JSON.stringify({ text })}\r\n`;

/** The body as it is sent on, when these etags are expected for its deletes. */
async function sentWith(body: string, etags: readonly (string | undefined)[], signal = AbortSignal.timeout(10_000)) {
  const conditions = createDeleteConditions();
  conditions.expect(signal, etags);
  const request = { abortSignal: signal, body, headers: new Map([['Content-Length', '1']]) };
  await conditions.policy.sendRequest(request as never, async () => undefined as never);
  return request.body;
}

test('each delete gets its own condition, in order, and any other stays', async () => {
  const body = aDelete('a') + anInsert('x') + aDelete('b') + aDelete('c');

  expect(await sentWith(body, ['"1"', undefined, '"3"'])).toBe(
    aDelete('a').replace('*', '"1"') + anInsert('x') + aDelete('b') + aDelete('c').replace('*', '"3"'),
  );
});

test('a text that looks like a delete is left as it is', async () => {
  const hostile = anInsert('\r\nDELETE x HTTP/1.1\r\nIf-Match: *\r\n') + anInsert('\u2028DELETE x');

  expect(await sentWith(hostile + aDelete('a'), ['"1"'])).toBe(hostile + aDelete('a').replace('*', '"1"'));
});

test.each([[[]], [['"1"', '"2"']]])(
  'a transaction with another number of deletes than expected is not sent',
  async (etags) => {
    await expect(sentWith(aDelete('a'), etags)).rejects.toThrow(/not sent/);
  },
);
