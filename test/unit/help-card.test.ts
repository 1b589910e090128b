import { expect, test } from 'vitest';
import { helpCard, helpText } from '../../cards/help-card.ts';

const commands = [
  { usage: 'approve ID [comment]', meaning: 'approve a deployment' },
  { usage: 'status', meaning: 'whether everything is delivered' },
];

test('every command is shown with what it does, in the order given', () => {
  expect(helpText(commands)).toMatch(
    /approve ID \[comment\]: approve a deployment\nstatus: whether everything is delivered/,
  );
});

test('the commands reach those who see no card', () => {
  expect(helpCard(commands).speak).toContain('approve ID [comment], status');
  expect(helpCard(commands)['fallbackText']).toContain('approve ID [comment], status');
});
