import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../services/domain/finding.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import {
  afterJudged,
  afterTold,
  type JudgedPart,
  NO_POSTURE,
  type Posture,
  pulledAt,
  reportOf,
} from '../../services/domain/posture.ts';
import { isReserved } from '../../services/domain/reserved-tool.ts';
import { aFinding } from '../scans.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const TARGET = 'https://dev.azure.com/contoso';
const SCANS = [{ tool: 'azure-devops', categories: ['platform'], complete: true }] as const;
const finding = (n: number, over: Partial<Finding> = {}): Finding =>
  aFinding({ fingerprint: n.toString(16).padStart(32, '0'), tool: 'azure-devops', category: 'platform', ...over });
const part = (at: string | undefined = NOW, isUnknown = false, key = 'environments:shop') => ({
  ...{ key, isUnknown },
  ...(at === undefined ? {} : { at }),
});
const judged = (before: Posture, findings: readonly Finding[], parts: readonly JudgedPart[] = [part()], now = NOW) =>
  afterJudged(before, { target: TARGET, scans: SCANS, findings, parts }, now);
const prints = ({ words }: Posture) => [...words.keys()].sort();

describe('a target that was judged anew', () => {
  test('has what is said of it now and nothing else, however soon after the last time', () => {
    const both = judged(NO_POSTURE, [finding(1), finding(2)]);
    expect(prints(judged(both, [finding(2)], [part()], plusMinutes(NOW, 1)))).toEqual([finding(2).fingerprint]);
  });

  test('leaves what others say as it is', () => {
    const other = { ...finding(9), target: 'other' };
    const told = afterTold(NO_POSTURE, { scans: [], findings: [other], cleared: [] }, NOW);
    expect(prints(judged(told, [finding(1)]))).toEqual([finding(1).fingerprint, other.fingerprint]);
    expect(prints(judged(told, []))).toEqual([other.fingerprint]);
  });

  test('keeps since when a finding stands, and is the same when the same is said again', () => {
    const first = judged(NO_POSTURE, [finding(1), finding(2)]);
    const again = judged(first, [finding(2), finding(1)], [part()], plusMinutes(NOW, 600));
    expect(again).toEqual(first);
    expect(again.words.get(finding(1).fingerprint)?.at).toBe(NOW);
    const back = judged(judged(first, [finding(2)]), [finding(1)], [part()], plusMinutes(NOW, 600));
    expect(back.words.get(finding(1).fingerprint)?.at).toBe(plusMinutes(NOW, 600));
  });

  test('is known as of when what it depends on was read, and not while something of that is missing', () => {
    const people = part(plusMinutes(NOW, -50), false, 'people:-');
    const known = judged(NO_POSTURE, [], [part(), people]);
    expect(pulledAt(known)).toBe(plusMinutes(NOW, -50));
    const missing = judged(known, [], [part(), { ...people, isUnknown: true }]);
    expect(pulledAt(missing)).toBeUndefined();
    expect(reportOf(missing, 'azure-devops-platform').scans).toEqual([
      { tool: 'azure-devops', categories: ['platform'], complete: false },
    ]);
    expect(pulledAt(judged(NO_POSTURE, [], [{ key: 'people:-', isUnknown: true }]))).toBeUndefined();
    expect(pulledAt(judged(NO_POSTURE, [], []))).toBeUndefined();
    expect(pulledAt(judged(NO_POSTURE, [], [part(plusMinutes(NOW, 60))]))).toBe(NOW);
  });

  const ago = (minutes: number) => plusMinutes(NOW, -minutes);
  const hooks = (at: string, isUnknown = false) => part(at, isUnknown, 'hooks:-');

  test.each<readonly [string, readonly JudgedPart[], readonly JudgedPart[]]>([
    ['one part was read again', [part(ago(5)), hooks(ago(60))], [part(ago(65)), hooks(ago(60))]],
    ['each has read another part', [part(ago(5)), hooks(ago(60))], [part(ago(65)), hooks(ago(3))]],
    ['one part cannot be read any more', [part(ago(5), true)], [part(ago(5))]],
    ['one part was read for the first time', [part(ago(5))], [{ key: 'environments:shop', isUnknown: true }]],
    ['one part can be read again', [part(ago(5))], [part(ago(65), true)]],
  ])('is not what it was before, where since then %s', (_, later, older) => {
    const stands = judged(NO_POSTURE, [finding(1)], later);
    expect(judged(stands, [finding(2)], older)).toBe(stands);
    expect(prints(judged(stands, [finding(2)], later))).toEqual([finding(2).fingerprint]);
  });

  test('goes by other parts than before as soon as the catalog says so, and by none that a wrong clock has read', () => {
    const stands = judged(NO_POSTURE, [finding(1)], [part(ago(5)), hooks(ago(5))]);
    expect(prints(judged(stands, [], [part(ago(1), false, 'environments:other'), hooks(ago(5))]))).toEqual([]);
    const ahead = judged(NO_POSTURE, [finding(1)], [part(plusMinutes(NOW, 600))], plusMinutes(NOW, 600));
    expect(prints(judged(ahead, []))).toEqual([]);
  });

  test('comes to the same in whatever order two processes judge', () => {
    const times = fc.record({ a: fc.nat(5), b: fc.nat(5), lost: fc.boolean() });
    fc.assert(
      fc.property(fc.array(times, { minLength: 1, maxLength: 6 }), fc.nat(), (steps, seed) => {
        // Each look sees all that the one before has seen, or more.
        let [a, b] = [100, 100];
        const looks = steps.map((step, n) => {
          [a, b] = [a - step.a - 1, b - step.b - 1];
          return { parts: [part(ago(a), step.lost), hooks(ago(b))], findings: [finding(n)] };
        });
        const shuffled = looks
          .map((look, n) => ({ look, at: (seed * (n + 7)) % 13 }))
          .sort((x, y) => x.at - y.at)
          .map(({ look }) => look);
        const last = looks.at(-1);
        const end = shuffled.reduce((posture, one) => judged(posture, one.findings, one.parts), NO_POSTURE);
        expect(prints(end)).toEqual(last?.findings.map(({ fingerprint }) => fingerprint));
      }),
    );
  });

  test('says nothing of what went before: only the last judgement counts', () => {
    const numbers = fc.uniqueArray(fc.nat(20));
    fc.assert(
      fc.property(fc.array(numbers), numbers, (earlier, last) => {
        const before = earlier.reduce(
          (posture, all) =>
            judged(
              posture,
              all.map((n) => finding(n)),
            ),
          NO_POSTURE,
        );
        const wanted = last.map((n) => finding(n).fingerprint).sort();
        expect(
          prints(
            judged(
              before,
              last.map((n) => finding(n)),
            ),
          ),
        ).toEqual(wanted);
      }),
    );
  });
});

test('nobody but the bot reports as the tool that reads the delivery platform', () => {
  expect(isReserved('azure-devops', 'sarif')).toBe(true);
  expect(isReserved('azure-devops', 'azure-devops-platform')).toBe(false);
  expect(isReserved('azure-devops-audit', 'sarif')).toBe(false);
});
