import { expect, test } from 'vitest';
import type { Grant } from '../../services/domain/exception-grants.ts';
import { minuteOf } from '../../services/domain/finding-history.ts';
import { judge } from '../../services/domain/judge.ts';
import { aScanHead } from '../scans.ts';
import { aKeyedGroup } from './duplicates-input.ts';
import { aContract, aControl, aGroup, aJudgedService, anInput, aRule, fingerprint, NOW } from './judge-input.ts';

const DAY = 1_440;
const at = (days: number) => new Date(Date.parse(NOW) + days * 86_400_000).toISOString();

/** Warnings of findings that were seen first ten days ago, and are due after fourteen days. */
function warned(numbers: readonly number[], grants: readonly Grant[], onExpiry: 'restart' | 'continue' = 'restart') {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const rule = aRule({ then: 'block', from: at(60).slice(0, 10), dueDays: 14 });
  const past = { firstSeen: minuteOf(NOW) - 10 * DAY, reached: {}, near: [] };
  const service = aJudgedService({
    heads: [aScanHead({ receivedAt: NOW, groups: [aGroup({ fingerprints: numbers.map(fingerprint) })] })],
    pasts: new Map(numbers.map((n) => [fingerprint(n), past])),
    grants: new Map([['secret-scanning', grants]]),
  });
  const contract = aContract(aControl({ decisions: [rule], expiry: { onExpiry } }));
  return judge(anInput({ contract, services: [service] })).warns;
}

const ended = (daysAgo: number, ...numbers: readonly number[]): Grant => ({
  id: `EX-${daysAgo + 100}`,
  target: {
    control: 'secret-scanning',
    service: 'payments-api',
    environment: 'prod',
    ...(numbers.length === 0 ? {} : { fingerprints: numbers.map(fingerprint) }),
  },
  number: 0,
  endsAt: at(-daysAgo),
});

test.each<[string, readonly Grant[], 'restart' | 'continue', number]>([
  ['of the finding', [ended(3, 1)], 'restart', 14 - 3],
  ['of the finding and another', [ended(3, 1, 7)], 'restart', 14 - 3],
  ['of its whole control', [ended(3)], 'restart', 14 - 3],
  ['that ended last', [ended(9, 1), ended(3, 1), ended(6)], 'restart', 14 - 3],
  ['that ends now', [ended(0, 1)], 'restart', 14],
  ['that goes on', [ended(-1, 1)], 'restart', 14 - 10],
  ['of another finding', [ended(3, 2)], 'restart', 14 - 10],
  ['that ended before it was seen', [ended(20, 1)], 'restart', 14 - 10],
  ['where the contract says that it goes on', [ended(3, 1)], 'continue', 14 - 10],
])('a warning is due so long after the end of its exception: one %s', (_, grants, onExpiry, days) => {
  expect(warned([1], grants, onExpiry)).toMatchObject([{ dueAt: at(days) }]);
});

test('findings of one group are due each by its own exception', () => {
  const warns = warned([1, 2], [ended(3, 1)]);
  expect(new Map(warns.map(({ fingerprints, dueAt }) => [fingerprints[0], dueAt]))).toEqual(
    new Map([
      [fingerprint(1), at(11)],
      [fingerprint(2), at(4)],
    ]),
  );
});

test('a warning is due anew under all of its names after an exception of one of them, and of no second finding', () => {
  // biome-ignore lint/suspicious/noThenProperty: the contract's own word; its value is no function
  const rule = aRule({ then: 'warn', dueDays: 14 });
  const past = { firstSeen: minuteOf(NOW) - 10 * DAY, reached: {}, near: [] };
  const scan = (tool: string, ...numbers: readonly number[]) =>
    aScanHead({ tool, groups: [aKeyedGroup({ fingerprints: numbers.map(fingerprint) })] });
  const dueOf = (...heads: readonly ReturnType<typeof scan>[]) => {
    const pasts = new Map([1, 2, 9].map((n) => [fingerprint(n), past]));
    const service = aJudgedService({ heads, pasts, grants: new Map([['secret-scanning', [ended(3, 1)]]]) });
    const { warns } = judge(anInput({ contract: aContract(aControl({ decisions: [rule] })), services: [service] }));
    return warns.map(({ tool, fingerprints, dueAt }) => [tool, fingerprints.length, dueAt]);
  };
  expect(dueOf(scan('gitleaks', 1), scan('trufflehog', 9))).toEqual([['gitleaks', 1, at(11)]]);
  expect(dueOf(scan('trufflehog', 9))).toEqual([['trufflehog', 1, at(4)]]);
  expect(dueOf(scan('gitleaks', 1, 2))).toHaveLength(2);
});
