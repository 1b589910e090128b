import { expect, test } from 'vitest';
import type { ResultRow } from '../../services/signals/sarif-result.ts';
import { PackedRows } from '../../services/signals/sarif-rows.ts';

const MESSAGES = ['', 'a', 'long enough to be kept as a slice', 'h\u0000alf \uD800 a pair', '\u20AC and more', '"\\'];
const LEVELS = ['error', 'warning', 'note', 'none', undefined] as const;

function rowOf(n: number): ResultRow {
  const message = MESSAGES[n % MESSAGES.length] ?? '';
  const rare = {
    message: { id: message, arguments: [message] },
    masked: '***',
    suppressed: true,
    invocation: n,
  } as const;
  return {
    ...{ rule: n, place: n * 3, line: n % 4 === 0 ? undefined : 0xffff_ffff - n, level: LEVELS[n % LEVELS.length] },
    ...{ message, context: n % 3 === 0 ? '' : `text:${message}`, rare: n % 7 === 0 ? rare : undefined },
  };
}

test.each([0, 1, 249, 250, 251, 777])('%i rows come back as they were, in their order', (count) => {
  const rows = Array.from({ length: count }, (_, n) => rowOf(n));
  const packed = new PackedRows();
  for (const row of rows) packed.push(row);
  expect(packed.length).toBe(count);
  expect([...packed.take()].flat()).toEqual(rows);
});
