import { expect, test } from 'vitest';
import { listCard, listText } from '../../cards/list-card.ts';
import { aBlockedGate, aGate } from '../builders.ts';
import { buttonsOf, textById } from '../cards/read.ts';

const many = (count: number) => Array.from({ length: count }, (_, index) => aGate({ attempt: index + 1 }));

test('every open gate has its row with a button that shows it', () => {
  const [first, second] = many(2);
  const card = listCard([first ?? aGate(), second ?? aGate()], 'mine');

  expect(textById(card, 'title')).toBe('2 open requests for you');
  expect(buttonsOf(card).map(({ data }) => data)).toEqual([
    { verb: 'approval.view', requestId: first?.id, revision: 1 },
    { verb: 'approval.view', requestId: second?.id, revision: 1 },
  ]);
});

test('what closes first stands on top', () => {
  const late = aGate({ attempt: 2, closesAt: '2026-11-25T00:00:00.000Z' });
  const [top] = buttonsOf(listCard([late, aGate()], 'all'));

  expect(top?.data?.['requestId']).toBe(aGate().id);
});

test('ten are shown and the rest is counted', () => {
  const card = listCard(many(13), 'all');

  expect(buttonsOf(card)).toHaveLength(10);
  expect(listText(many(13), 'all')).toContain('and 3 more');
});

test('nothing to do is said in so many words', () => {
  expect(textById(listCard([], 'mine'), 'title')).toBe('Nothing is open for you');
  expect(listText([], 'payments-api')).toContain('Nothing is open for payments-api');
});

test('a name for which nothing is open may be mistyped: what it can be is said', () => {
  expect(listText([], 'payment')).toContain('"approvals all" shows everything');
  expect(listText([], 'all')).not.toContain('whole name');
});

test('the plain text names the id that is typed, the state and until when', () => {
  const text = listText([aBlockedGate()], 'all');

  expect(text).toContain(aBlockedGate().id);
  expect(text).toContain('Blocked by 1 finding · until Mon 23 Nov 2026, 10:31 UTC');
  expect(text).toContain('Type "why ID"');
});
