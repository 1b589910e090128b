import { expect, test } from 'vitest';
import type { ExceptionTarget } from '../../services/domain/exception.ts';
import { askableFrom, type Withdrawal, withWithdrawal } from '../../services/domain/withdrawal.ts';

const place = { control: 'iac', service: 'payments-api', environment: 'prod' };
const of = (...fingerprints: string[]): ExceptionTarget => ({ ...place, fingerprints });
const at = (hour: number) => `2026-11-24T${String(hour).padStart(2, '0')}:00:00.000Z`;
const back = (hour: number, over: Partial<Withdrawal> = {}): Withdrawal => ({
  target: of('a'),
  accounts: ['ann', 'ann@contoso.example'],
  at: at(hour),
  ...over,
});
const THREE = [back(9), back(11), back(10)];

test('after three withdrawals within a day nothing of it is asked for until the first of them is a day old', () => {
  expect(askableFrom(THREE.slice(1), of('a'), ['ann'], at(12))).toBeUndefined();
  expect(askableFrom(THREE, of('a'), ['ann'], at(12))).toBe('2026-11-25T09:00:00.000Z');
  expect(askableFrom(THREE, of('a'), ['ann'], '2026-11-25T08:59:59.999Z')).toBe('2026-11-25T09:00:00.000Z');
  expect(askableFrom(THREE, of('a'), ['ann'], '2026-11-25T09:00:00.000Z')).toBeUndefined();
});

test('a part of it, more than it, and another account of the same human are the same; other findings and people are not', () => {
  expect(askableFrom(THREE, of('a', 'b'), ['ann'], at(12))).toBeDefined();
  expect(askableFrom(THREE, place, ['ann'], at(12))).toBeDefined();
  expect(askableFrom(THREE, of('a'), ['other', 'ann@contoso.example'], at(12))).toBeDefined();
  expect(askableFrom(THREE, of('b'), ['ann'], at(12))).toBeUndefined();
  expect(askableFrom(THREE, of('a'), ['bob'], at(12))).toBeUndefined();
});

test('what is a day old is forgotten with the next one, and so are the oldest of too many for a row', () => {
  expect(withWithdrawal([back(9)], back(9, { at: '2026-11-25T09:00:00.000Z' }))).toHaveLength(1);
  const wide = of(...Array.from({ length: 1_000 }, (_, n) => String(n).padStart(32, '0')));
  let all: Withdrawal[] = [];
  for (let n = 0; n < 20; n += 1) all = withWithdrawal(all, back(9, { target: wide, accounts: [`${n}`] }));
  expect(JSON.stringify(all).length).toBeLessThan(200_000);
  expect(all.at(-1)?.accounts).toEqual(['19']);
});
