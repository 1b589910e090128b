import type { TableClient } from '@azure/data-tables';

type Policy = Parameters<TableClient['pipeline']['addPolicy']>[0];

/** One delete inside a transaction's body, up to its condition. Entities are JSON on one line: they cannot match. */
const DELETE_CONDITION = /((?:^|\r\n)DELETE [^\r\n]+\r\n(?:[^\r\n]+\r\n)*?If-Match: )\*(?=\r\n)/g;

export interface DeleteConditions {
  readonly policy: Policy;
  /** The etags that the deletes of the transaction sent with this signal need, in order; undefined is any. */
  expect(signal: AbortSignal, etags: readonly (string | undefined)[]): void;
}

/**
 * The SDK (13.3.2, `TableTransaction`) sends every delete of a transaction with `If-Match: *` and takes no etag for it.
 * This policy puts the expected etags into the body; it throws rather than send a delete without its condition.
 */
export function createDeleteConditions(): DeleteConditions {
  const expected = new WeakMap<object, readonly (string | undefined)[]>();
  return {
    expect(signal, etags) {
      expected.set(signal, etags);
    },
    policy: {
      name: 'deleteConditions',
      sendRequest(request, next) {
        const etags = request.abortSignal && expected.get(request.abortSignal);
        if (request.abortSignal && etags) {
          expected.delete(request.abortSignal);
          request.body = withConditions(String(request.body), etags);
          // Counted for the body as it was; without it the HTTP client counts again.
          request.headers.delete('Content-Length');
        }
        return next(request);
      },
    },
  };
}

/** The body of a transaction with these conditions on its deletes, in order. Throws an Error when the counts differ. */
function withConditions(body: string, etags: readonly (string | undefined)[]): string {
  let deletes = 0;
  const conditioned = body.replaceAll(DELETE_CONDITION, (_, head: string) => `${head}${etags[deletes++] ?? '*'}`);
  if (deletes !== etags.length) {
    throw new Error(`a transaction with ${etags.length} deletes was written with ${deletes}: not sent`);
  }
  return conditioned;
}
