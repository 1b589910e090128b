import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Finding } from '../../services/domain/finding.ts';
import { plusMinutes } from '../../services/domain/instant.ts';
import { afterJudged, afterTold, NO_POSTURE, type Posture, pulledAt, reportOf } from '../../services/domain/posture.ts';
import { isReserved } from '../../services/domain/reserved-tool.ts';
import { aFinding } from '../scans.ts';

const NOW = '2026-11-24T09:00:00.000Z';
const TARGET = 'https://dev.azure.com/contoso';
const SCANS = [{ tool: 'azure-devops', categories: ['platform'], complete: true }] as const;
const finding = (n: number, over: Partial<Finding> = {}): Finding =>
  aFinding({ fingerprint: n.toString(16).padStart(32, '0'), tool: 'azure-devops', category: 'platform', ...over });
const judged = (before: Posture, findings: readonly Finding[], over: object = {}, now = NOW) =>
  afterJudged(before, { target: TARGET, at: NOW, scans: SCANS, findings, needs: [TARGET], ...over }, now);
const prints = ({ words }: Posture) => [...words.keys()].sort();

describe('a target that was judged anew', () => {
  test('has what is said of it now and nothing else, however soon after the last time', () => {
    const both = judged(NO_POSTURE, [finding(1), finding(2)]);
    expect(prints(judged(both, [finding(2)], {}, plusMinutes(NOW, 1)))).toEqual([finding(2).fingerprint]);
  });

  test('leaves what others say as it is', () => {
    const other = { ...finding(9), target: 'other' };
    const told = afterTold(NO_POSTURE, { scans: [], findings: [other], cleared: [] }, NOW);
    expect(prints(judged(told, [finding(1)]))).toEqual([finding(1).fingerprint, other.fingerprint]);
    expect(prints(judged(told, []))).toEqual([other.fingerprint]);
  });

  test('keeps since when a finding stands, and is the same when the same is said again', () => {
    const first = judged(NO_POSTURE, [finding(1), finding(2)]);
    const again = judged(first, [finding(2), finding(1)], {}, plusMinutes(NOW, 600));
    expect(again).toEqual(first);
    expect(again.words.get(finding(1).fingerprint)?.at).toBe(NOW);
    const back = judged(judged(first, [finding(2)]), [finding(1)], {}, plusMinutes(NOW, 600));
    expect(back.words.get(finding(1).fingerprint)?.at).toBe(plusMinutes(NOW, 600));
  });

  test('is known as of when what it depends on was read, and not while something of that is missing', () => {
    const known = judged(NO_POSTURE, [], { at: plusMinutes(NOW, -50) });
    expect(pulledAt(known)).toBe(plusMinutes(NOW, -50));
    const missing = judged(known, [], { needs: [TARGET, 'environments:shop'] });
    expect(pulledAt(missing)).toBeUndefined();
    expect(reportOf(missing, 'azure-devops-platform').scans).toEqual([
      { tool: 'azure-devops', categories: ['platform'], complete: false },
    ]);
    expect(pulledAt(judged(known, [], { at: undefined }))).toBeUndefined();
    expect(pulledAt(judged(known, [], { at: plusMinutes(NOW, 60) }))).toBe(NOW);
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
