import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import { cardText } from '../../cards/card-text.ts';
import { evidenceSamples } from '../cards/evidence-samples.ts';

function linesOf(name: string): string[] {
  const sample = evidenceSamples().find((one) => one.name === name);
  return cardText(sample?.card as IAdaptiveCard).split('\n');
}

test('each entry says when, what and who, and what they wrote or that it was erased', () => {
  expect(linesOf('evidence-whole')).toEqual(
    expect.arrayContaining([
      '7 entries, each follows from the one before it',
      expect.stringMatching(/^4\. .* decided by Bob Baker \(verdict approve, revision 1\)$/),
      'comment: Runbook checked.',
    ]),
  );
  expect(linesOf('evidence-erased').filter((line) => line === 'comment: erased')).toHaveLength(2);
});

test('of a broken chain the first entry that does not follow is marked, and no other', () => {
  const lines = linesOf('evidence-broken');
  expect(lines).toContain('Broken: entry 4 of 7 entries does not follow from the one before it');
  expect(lines.filter((line) => line.startsWith('✗ '))).toEqual([expect.stringMatching(/^✗ 4\. /)]);
});

test('of a long chain the newest entries are shown, and how many are not', () => {
  const lines = linesOf('evidence-overflowing');
  expect(lines).toContain('170 older entries not shown');
  expect(lines.some((line) => line.startsWith('210. '))).toBe(true);
});
