import { expect, test } from 'vitest';
import { csvRecord } from '../../bot/console/csv.ts';
import { listExceptions } from '../../bot/console/list-exceptions.ts';
import type { Exception } from '../../services/domain/exception.ts';
import { type ExceptionFilter, type ExceptionList, listed } from '../../services/domain/exception-list.ts';
import { aRecord } from '../exceptions.ts';
import { fingerprint, NOW } from './judge-input.ts';

const over = (rows: readonly Exception[], more: Partial<ExceptionList> = {}) => ({
  all: async (filter: ExceptionFilter) => ({
    filter,
    at: NOW,
    rows: rows.map((one) => listed(one, NOW)),
    more: 0,
    unread: 0,
    ...more,
  }),
});

test('each exception is a line of fields between tabs, its state by the clock', async () => {
  const late = aRecord({ id: 'EX-13', terms: { until: '2026-11-22' } });
  expect((await listExceptions(over([aRecord(), late]), {})).lines).toEqual([
    'EX-12\tactive\tsecret-scanning\tpayments-api\tprod\t2026-12-18\tgroup:payments-team',
    'EX-13\texpired\tsecret-scanning\tpayments-api\tprod\t2026-11-22\tgroup:payments-team',
  ]);
});

test('no name begins a field or a line', async () => {
  const hostile = aRecord({ target: { service: 'a\tb\nEX-99\u2028c' } });
  const { lines } = await listExceptions(over([hostile]), {});
  expect(lines).toHaveLength(1);
  expect(lines[0]?.split('\t')).toHaveLength(7);
  expect(lines[0]).not.toMatch(/\n|\u2028/);
});

test('as CSV every record has the header’s columns, and a text with quotes, commas and line ends is one cell', async () => {
  const reason = 'The "vendor", who\nfixes it';
  const { lines } = await listExceptions(over([aRecord({ terms: { reason } })]), { csv: true });
  const [header = '', record = ''] = lines;

  expect(header).toBe(
    'id,state,control,service,environment,fingerprints,severity,hides,counted,owner,reasonClass,reason,mitigation,ticket,until,reviewEvery,nextReview,askedBy,askedAt,grantedBy,grantedAt,renewal,renews,endedAt,endedBy,endedBecause\r',
  );
  expect(record).toContain('"The ""vendor"", who\nfixes it"');
  expect(record.endsWith('\r')).toBe(true);
  expect(record).toContain(fingerprint(1));
});

test.each(['=1+1', '+1', '-1', '@SUM(A1)', '\t=1', '  =1', '\r=1', '＝1'])(
  '%j is no formula in a spreadsheet',
  (text) => {
    expect(csvRecord([text]).replace(/^"/, '')).toMatch(/^'/);
  },
);

test('an exception that is over has how it ended, one in force has not', async () => {
  const end = { at: '2026-11-21T10:00:00.000Z', why: 'leaked' };
  const { lines } = await listExceptions(over([aRecord({ state: 'revoked', end }), aRecord()]), {
    csv: true,
    ended: true,
  });
  expect(lines[1]).toMatch(/2026-11-21T10:00:00.000Z,,leaked\r$/);
  expect(lines[2]).toMatch(/,,,\r$/);
});

test('what is not listed is said apart; a refusal is a sentence', async () => {
  const { remarks } = await listExceptions(over([], { more: 3, unread: 2 }), { ended: true });
  expect(remarks?.join(' ')).toMatch(/No exceptions.*3 that ended earlier.*2 services were not read/);
  const refusing = { all: async () => ({ code: 'unknown-service', known: ['payments-api'] }) as const };
  await expect(listExceptions(refusing, { service: 'x' })).rejects.toThrow('The catalog has no such service');
});
