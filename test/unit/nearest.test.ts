import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nearest } from '../../bot/nearest.ts';

const COMMANDS = ['help', 'approvals', 'approve', 'reject', 'why', 'status'];

test.each([
  ['aprove', 'approve'],
  ['approv', 'approve'],
  ['APPROVE', 'approve'],
  ['rejct', 'reject'],
  ['staus', 'status'],
  ['hlep', 'help'],
  ['approval', 'approvals'],
])('%s is taken for %s', (typed, meant) => {
  expect(nearest(typed, COMMANDS)).toBe(meant);
});

test.each(['', 'deploy', 'xyzxyz', 'what should I do now', '🙂🙂🙂🙂', 'approve everything at once'])(
  '%j is near nothing',
  (typed) => {
    expect(nearest(typed, COMMANDS)).toBeUndefined();
  },
);

test('nothing is near to no candidates', () => {
  expect(nearest('help', [])).toBeUndefined();
});

test('a candidate is nearest to itself, and to itself with one letter gone', () => {
  fc.assert(
    fc.property(fc.constantFrom(...COMMANDS), fc.nat(20), (command, at) => {
      expect(nearest(command, COMMANDS)).toBe(command);
      const shorter = command.slice(0, at % command.length) + command.slice((at % command.length) + 1);
      expect(nearest(shorter, [command])).toBe(command);
    }),
  );
});

test('nothing is nearest to a text of 8,000 characters', () => {
  expect(nearest('approve'.repeat(1_143), COMMANDS)).toBeUndefined();
});
