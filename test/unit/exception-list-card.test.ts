import { expect, test } from 'vitest';
import { exceptionListCard, exceptionListText } from '../../cards/exception-list-card.ts';
import type { Exception } from '../../services/domain/exception.ts';
import { type ExceptionList, type ExceptionListKind, listed } from '../../services/domain/exception-list.ts';
import type { Idle } from '../../services/domain/exception-use.ts';
import { ANN, BOB, TENANT } from '../builders.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, buttonById, buttonsOf, markdownIn, textById } from '../cards/read.ts';
import { aRecord } from '../exceptions.ts';
import { fingerprint, NOW } from './judge-input.ts';

const ME = { oid: BOB.oid };

function aList(
  exceptions: readonly Exception[],
  {
    which = 'open',
    idle = [],
    ...over
  }: { which?: ExceptionListKind; idle?: readonly Idle[] } & Partial<ExceptionList> = {},
): ExceptionList {
  const rows = exceptions.map((one) => listed(one, NOW, idle));
  return { filter: { which }, at: NOW, rows, more: 0, unread: 0, ...over };
}

const many = (count: number, parts: Parameters<typeof aRecord>[0] = {}) =>
  Array.from({ length: count }, (_, n) => aRecord({ ...parts, id: `EX-${n + 1}` }));

test('every exception stands under its service with its state, last day, what it hides, its owner and a button to see it', () => {
  const other = aRecord({ id: 'EX-13', state: 'requested', revision: 3, target: { service: 'orders-api' } });
  const card = exceptionListCard(aList([aRecord(), other]), ME);
  const text = exceptionListText(aList([aRecord(), other]), ME);

  expect(textById(card, 'title')).toBe('2 exceptions');
  expect(text.split('\n').slice(1, -1)).toEqual([
    'payments-api',
    'EX-12 · secret-scanning in prod',
    '✓ In force · until the end of Fri 18 Dec 2026 (UTC) · hides 1 finding · owner payments-team',
    'orders-api',
    'EX-13 · secret-scanning in prod',
    '● Asked for · until the end of Fri 18 Dec 2026 (UTC) · covers nothing · owner payments-team',
  ]);
  expect(buttonsOf(card).map(({ data }) => data)).toEqual([
    { verb: 'exception.view', exceptionId: 'EX-12', revision: 1 },
    { verb: 'exception.view', exceptionId: 'EX-13', revision: 3 },
  ]);
});

test('one whose owner is gone is marked until it is over', () => {
  const gone = aRecord({ ownerGoneAt: NOW });
  const mark = '! Its owner is not in the directory any more: hand it over.';
  expect(exceptionListText(aList([gone]), ME)).toContain(mark);
  const over = { ...gone, terms: { ...gone.terms, until: '2026-11-22' } };
  expect(exceptionListText(aList([over], { which: 'ended' }), ME)).not.toContain(mark);
});

test('one whose time is over is never shown as in force', () => {
  const text = exceptionListText(aList([aRecord({ terms: { until: '2026-11-22' } })], { which: 'ended' }), ME);

  expect(text).toContain('Ended');
  expect(text).toContain('after Sun 22 Nov 2026 (UTC)');
  expect(text).not.toContain('In force');
});

test('those that are over stand under how they ended, with who ended them, when and why', () => {
  const by = { kind: 'person' as const, tenant: TENANT, oid: ANN.oid, name: ANN.name };
  const end = { at: '2026-11-21T10:00:00.000Z', by, why: 'The key leaked again' };
  const text = exceptionListText(
    aList(
      [aRecord({ state: 'revoked', end }), aRecord({ state: 'suspended', end: { at: end.at, why: 'not answered' } })],
      {
        which: 'ended',
      },
    ),
    ME,
  );

  expect(text).toContain('Revoked\nEX-12 · secret-scanning for payments-api in prod\n');
  expect(text).toContain('on Sat 21 Nov 2026 (UTC) by Ann Archer: The key leaked again');
  expect(text).toContain('Suspended\n');
});

test.each<[Idle, string]>([
  [{ code: 'unused', since: '2026-11-02T00:00:00.000Z' }, 'It has hidden nothing since Mon 2 Nov 2026.'],
  [{ code: 'orphan', gone: 'service' }, 'Its service is not in the catalog any more.'],
  [{ code: 'orphan', gone: 'control' }, 'Its control is not in the contract any more.'],
  [{ code: 'shadowed', by: 'EX-3' }, 'EX-3 covers all of it, at least as long.'],
])('what may not be needed says why and can be closed by one click: %j', (idle, sentence) => {
  const list = aList([aRecord()], { which: 'unused', idle: [idle] });
  const card = exceptionListCard(list, ME);

  expect(textById(card, 'exceptions')).toContain(sentence);
  expect(buttonById(card, 'close-1')?.data).toEqual({
    verb: 'exception.review',
    exceptionId: 'EX-12',
    revision: 1,
    answer: 'close',
  });
  expect(buttonById(exceptionListCard(list, { ...ME, isPublic: true }), 'close-1')).toBeUndefined();
});

test('what was outgrown is shown and not closed from the list', () => {
  const list = aList([aRecord()], { which: 'unused', idle: [{ code: 'outgrown', how: 'severity' }] });
  expect(textById(exceptionListCard(list, ME), 'exceptions')).toContain('worse by now');
  expect(buttonById(exceptionListCard(list, ME), 'close-1')).toBeUndefined();
});

test('twelve are shown, the rest is counted with the command that shows fewer', () => {
  const card = exceptionListCard(aList(many(15)), ME);
  expect(buttonsOf(card)).toHaveLength(12);
  expect(exceptionListText(aList(many(15)), ME)).toContain('and 3 more. Type "exceptions SERVICE" to see fewer.');
  const ended = aList(many(12), { which: 'ended', more: 5, unread: 2 });
  expect(exceptionListText(ended, ME)).toContain('and 5 more. Type "exceptions ended SERVICE" to see fewer.');
  expect(exceptionListText(ended, ME)).toContain('2 services were not read');
  const narrow = aList(many(15), { filter: { which: 'open', service: 'payments-api' } });
  expect(exceptionListText(narrow, ME)).toContain('and 3 more. On the command line');
});

test.each(['open', 'mine', 'expiring', 'unused', 'ended'] as const)('an empty list of %s says so in words', (which) => {
  const card = exceptionListCard(aList([], { which }), ME);
  expect(textById(card, 'title')).toMatch(/^No exceptions/);
  expect(textById(card, 'state')).not.toBe('');
  expect(buttonsOf(card)).toEqual([]);
});

test('names and reasons from outside stay words, and the longest list fits into a message', () => {
  const hostile = '**[x](https://evil.example)** <at>all</at> '.repeat(40);
  const target = { control: hostile, service: hostile, environment: hostile, fingerprints: [fingerprint(1)] };
  const by = { kind: 'person' as const, tenant: TENANT, oid: ANN.oid, name: hostile };
  const end = { at: '2026-11-21T10:00:00.000Z', by, why: hostile };
  const terms = { owner: `group:${hostile}` as const };
  const idle: Idle[] = [
    { code: 'orphan', gone: 'service' },
    { code: 'shadowed', by: hostile },
    { code: 'outgrown', how: 'severity' },
  ];
  for (const which of ['open', 'unused', 'ended'] as const) {
    const all = many(20, { target, terms, end, ...(which === 'ended' ? { state: 'revoked' as const } : {}) });
    const card = exceptionListCard(aList(all, { which, ...(which === 'unused' ? { idle } : {}) }), ME);
    expect(parseProblems(card)).toEqual([]);
    expect(activityBytes(card, '')).toBeLessThan(60 * 1_024);
    expect(markdownIn(card).join(' ')).not.toMatch(/(?<!\\)<at>|\]\(/);
  }
});
