import { expect, test } from 'vitest';
import { approvalCard } from '../../cards/approval-card.ts';
import { aGate, aJudgement, aWarning } from '../builders.ts';
import { textById } from '../cards/read.ts';

test.each([
  [{ dueAt: '2026-12-08T09:00:00.000Z' }, 'due Tue 8 Dec 2026'],
  [{ dueAt: '2026-11-20T09:00:00.000Z' }, 'overdue since Fri 20 Nov 2026'],
  [{ lead: 'group:payments-leads' as const }, 'owner payments-team · lead payments-leads'],
  [{ escalatesAt: { to: 'block' as const, at: '2026-12-03T09:00:00.000Z' } }, 'blocks from Thu 3 Dec 2026'],
  [{ escalatesAt: { to: 'block' as const } }, 'blocks when seen again'],
  [{ escalatesAt: { to: 'due' as const } }, 'is due sooner when seen again'],
  [
    { escalatesAt: { to: 'owner-lead' as const, at: '2026-12-03T09:00:00.000Z' } },
    'goes to the lead from Thu 3 Dec 2026',
  ],
])('a warning says by when it is to be mended, by whom, and what becomes of it: %j', (over, words) => {
  const judgement = aJudgement({ warns: [aWarning(over)] });

  expect(textById(approvalCard(aGate({ judgement })), 'findings')).toContain(words);
});

test('a warning that is never due says nothing of it', () => {
  const findings = textById(approvalCard(aGate({ judgement: aJudgement({ warns: [aWarning()] }) })), 'findings');

  expect(findings).not.toContain('due');
  expect(findings).not.toContain('lead ');
});
