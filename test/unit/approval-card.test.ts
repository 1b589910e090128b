import { expect, test } from 'vitest';
import { approvalCard } from '../../cards/approval-card.ts';
import type { Ask } from '../../services/domain/gate.ts';
import {
  aDecision,
  aGate,
  aJudgement,
  aLevel,
  anApprovedGate,
  anAsk,
  aPerson,
  aRun,
  aRunSources,
  aSignal,
  aVote,
  aWarning,
  BOB,
  CARLA,
} from '../builders.ts';
import { buttonById, buttonsOf, factValue, inputIds, objectsIn, textById } from '../cards/read.ts';

/** Bob, who is asked. */
const asBob = { oid: BOB.oid };

const titles = (card: ReturnType<typeof approvalCard>) => buttonsOf(card).map(({ title }) => title);

test('a waiting deployment is a question that names environment, service and run', () => {
  expect(textById(approvalCard(aGate()), 'title')).toBe('Approve prod deployment of payments-api 20261123.4?');
});

test('a waiting deployment says how many have approved, when it closes and what happens then', () => {
  const state = textById(approvalCard(aGate()), 'state');

  expect(state).toContain('Waiting for approval: 0 of 1');
  expect(state).toContain('Tue 24 Nov 2026, 17:30 UTC');
  expect(state).toContain('the stage fails');
});

test('the facts stand in a fixed order, what is decided on first', () => {
  const facts = objectsIn(approvalCard(aGate()).body?.[2]).filter((object) => 'value' in object);

  expect(facts.map(({ title }) => title)).toEqual([
    'Environment',
    'Service',
    'Run',
    'Requested by',
    'Source',
    'Last deploy',
    'Approvers',
    'May not decide',
    'Request',
  ]);
});

test('branch and commits are short', () => {
  const other = { commit: 'feedfacefeedface', repository: 'lib', pipeline: 'lib', runId: 1 };
  const card = approvalCard(aGate({ sources: aRunSources({ commits: [other] }) }));

  expect(factValue(card, 'facts', 'Source')).toBe('main · commit 3f2c9a1b and feedface');
});

test('the approvers are named with their group', () => {
  expect(factValue(approvalCard(aGate()), 'facts', 'Approvers')).toBe(
    'Bob Baker and Carla Cruz (any 1 of 2 payments-leads)',
  );
});

test('those who may not decide are named with the reason', () => {
  const ask = anAsk({ levels: [aLevel({ excluded: [{ ...CARLA, why: 'guest' }] })] });

  expect(factValue(approvalCard(aGate({ ask })), 'facts', 'May not decide')).toBe(
    'Carla Cruz (guest account), Ann Archer (asked for this deployment) and Dan Dorn (wrote part of it)',
  );
});

test('a route that lets authors decide does not name them as barred', () => {
  const ask = anAsk({ excludes: ['requester'], levels: [aLevel({ excluded: [] })] });

  expect(factValue(approvalCard(aGate({ ask })), 'facts', 'May not decide')).toBe(
    'Ann Archer (asked for this deployment)',
  );
});

test('where nobody is known to be barred the rules of the route are said', () => {
  const sources = aRunSources({ requesters: [], authors: [] });
  const ask = anAsk({ excludes: ['requester', 'commit-authors'], levels: [aLevel({ excluded: [] })] });

  expect(factValue(approvalCard(aGate({ sources, ask })), 'facts', 'May not decide')).toBe(
    'whoever asked for it and whoever wrote any of it',
  );
});

test('authors whom the directory does not know are named', () => {
  const card = approvalCard(aGate({ ask: anAsk({ unmatched: ['old@contoso.example'] }) }));

  expect(factValue(card, 'facts', 'Unknown authors')).toContain('old@contoso.example');
});

test('long lists of approvers are cut and counted', () => {
  const eligible = Array.from({ length: 12 }, (_, index) => aPerson({ oid: `${index}`, name: `Person ${index}` }));

  expect(
    factValue(approvalCard(aGate({ ask: anAsk({ levels: [aLevel({ eligible })] }) })), 'facts', 'Approvers'),
  ).toContain('Person 4 and 7 more');
});

test('the gate has one line for each signal that has a source, true to the record', () => {
  const signals = [
    aSignal(),
    aSignal({ control: 'azure-policy', category: 'policy', state: 'unknown', why: 'too-old' }),
    aSignal({ control: 'defender', category: 'runtime' }),
  ];
  const gate = textById(approvalCard(aGate({ judgement: aJudgement({ signals }) })), 'gate');

  expect(gate).toContain('○ Approvals waiting: 0 of 1');
  expect(gate).toContain(`✓ Scans pass: ${aSignal().control} reported`);
  expect(gate).toContain('? Azure Policy unknown: the newest report is too old (azure-policy)');
  expect(gate).toContain('✓ Defender pass: defender reported');
  expect(gate).toContain('– not connected: Access validation, Branch protection');
});

test('what has no source is one muted line, and never reads as a pass', () => {
  const card = approvalCard(aGate({ judgement: aJudgement({ signals: [] }) }));
  const lines = objectsIn(card).filter(({ text }) => String(text).includes('not connected'));

  expect(lines).toMatchObject([
    {
      isSubtle: true,
      text: '– not connected: Azure Policy, Defender, Access validation, Scans, Branch protection',
    },
  ]);
  expect(textById(card, 'gate')).not.toContain('✓');
});

test('a control that is not required here and did not report is named beside those that did', () => {
  const signals = [
    aSignal({ control: 'secret-scanning', category: 'secret' }),
    aSignal({ control: 'iac', category: 'iac', required: false, state: 'unknown', why: 'absent' }),
  ];
  const gate = textById(approvalCard(aGate({ judgement: aJudgement({ signals }) })), 'gate');

  expect(gate).toContain('✓ Scans pass: secret-scanning reported; not scanned: iac');
});

test('a required control that did not report leaves its line unknown, whatever else reported', () => {
  const signals = [
    aSignal({ control: 'secret-scanning', category: 'secret' }),
    aSignal({ control: 'sast', category: 'sast', required: true, state: 'unknown', why: 'absent' }),
  ];
  const gate = textById(approvalCard(aGate({ judgement: aJudgement({ signals }) })), 'gate');

  expect(gate).toContain('? Scans unknown: ');
  expect(gate).toContain('(sast)');
});

test('findings without a control of the contract never count as a pass', () => {
  const { control: _, ...group } = aWarning({ category: 'runtime' });
  const gate = textById(approvalCard(aGate({ judgement: aJudgement({ warns: [group] }) })), 'gate');

  expect(gate).toContain('? Defender unknown: 1 finding');
});

test('what a run ships and nobody could read leaves the scans unknown', () => {
  const sources = aRunSources({ unreadable: ['the changes of run 12'] });

  expect(textById(approvalCard(aGate({ sources })), 'gate')).toContain('? Scans unknown');
});

test('before the judgement every signal is unknown', () => {
  const { judgement: _, ...gate } = aGate({ state: 'received' });

  expect(textById(approvalCard(gate), 'gate')?.match(/ unknown: /g)).toHaveLength(7);
});

test('the contract version and the counts of all three classes are shown', () => {
  const judgement = aJudgement({ counts: { block: 0, warn: 2, monitor: 14 } });

  expect(textById(approvalCard(aGate({ judgement })), 'gate')).toContain(
    'Contract version 7 · findings: 0 block, 2 warn, 14 only counted',
  );
});

test('five warnings are shown with place and owner, the rest is counted', () => {
  const warns = Array.from({ length: 7 }, (_, index) => aWarning({ rule: `RULE-${index}`, count: 2 }));
  const findings = textById(approvalCard(aGate({ judgement: aJudgement({ warns }) })), 'findings');

  expect(findings).toContain('RULE-4');
  expect(findings).not.toContain('RULE-5');
  expect(findings).toContain('package-lock.json:812');
  expect(findings).toContain('owner payments-team');
  expect(findings).toContain('and 4 more warnings');
});

test('a warning that will block says from when', () => {
  const judgement = aJudgement({ warns: [aWarning({ blocksFrom: '2027-01-15' })] });

  expect(textById(approvalCard(aGate({ judgement })), 'findings')).toContain('blocks from Fri 15 Jan 2027');
});

test('the exceptions that let something pass are named, and their absence is said', () => {
  const judgement = aJudgement({ warns: [aWarning({ exceptionId: 'EX-12' })] });

  expect(textById(approvalCard(aGate({ judgement })), 'exceptions')).toContain('EX-12 lets pass CVE-2026-31337');
  expect(textById(approvalCard(aGate()), 'exceptions')).toBe('No exceptions used.');
});

test('a waiting deployment can be approved, rejected, opened and refreshed', () => {
  const card = approvalCard(aGate(), asBob);

  expect(titles(card)).toEqual(['Approve', 'Reject', 'Delegate', 'Open run', 'Refresh']);
  expect(buttonById(card, 'open-run')?.url).toBe(aRun().url);
});

test('both decisions take the comment along, refreshing takes nothing', () => {
  const card = approvalCard(aGate(), asBob);

  expect(inputIds(card)).toEqual(['comment']);
  expect(buttonById(card, 'approve')?.associatedInputs).toBe('auto');
  expect(buttonById(card, 'reject')?.associatedInputs).toBe('auto');
  expect(buttonById(card, 'refresh')?.associatedInputs).toBe('none');
});

test.each<[Ask['comment'], string, boolean]>([
  [{ approve: 'optional', reject: 'required' }, 'Comment (required to reject)', false],
  [{ approve: 'required', reject: 'optional' }, 'Comment (required to approve)', false],
  [{ approve: 'optional', reject: 'optional' }, 'Comment (optional)', false],
  [{ approve: 'required', reject: 'required' }, 'Comment (required to approve or reject)', true],
])('the comment is stopped in the client only when no decision can do without: %j', (comment, label, isRequired) => {
  const input = objectsIn(approvalCard(aGate({ ask: anAsk({ comment }) }), asBob)).find(({ id }) => id === 'comment');

  expect(input?.['label']).toBe(label);
  expect(input?.['isRequired'] ?? false).toBe(isRequired);
});

test.each(['received', 'approved', 'rejected', 'passed', 'expired', 'abandoned', 'blocked', 'failed'] as const)(
  'nobody can decide on a gate that is %s',
  (state) => {
    const card = approvalCard(anApprovedGate({ state }), asBob);

    expect(titles(card)).toEqual(['Open run', 'Refresh']);
    expect(inputIds(card)).toEqual([]);
  },
);

test('after a decision the card says who, when, why, and whether Azure DevOps knows', () => {
  const card = approvalCard(anApprovedGate({ votes: [aVote({ comment: 'Looks good to me.' })] }));
  const history = textById(card, 'history');

  expect(textById(card, 'state')).toBe('✓ Approved by Bob Baker');
  expect(history).toContain('Approved by Bob Baker on Mon 23 Nov 2026, 10:05 UTC');
  expect(history).toContain('Looks good to me.');
  expect(history).toContain('Azure DevOps was told on Mon 23 Nov 2026, 10:05 UTC');
});

test('a verdict that is still on its way is not called told', () => {
  const { toldAt: _, ...gate } = anApprovedGate();

  expect(textById(approvalCard(gate), 'history')).toContain('Azure DevOps is being told');
});

test('"you" is said only to the person who decided', () => {
  expect(textById(approvalCard(anApprovedGate(), { oid: BOB.oid.toUpperCase() }), 'state')).toContain(
    'Approved by you',
  );
  expect(textById(approvalCard(anApprovedGate(), { oid: CARLA.oid }), 'state')).toContain('Approved by Bob Baker');
  expect(textById(approvalCard(anApprovedGate()), 'state')).not.toContain('you');
});

test('a rejection reads as one', () => {
  const gate = anApprovedGate({ state: 'rejected', decision: aDecision({ verdict: 'reject', comment: 'Not now.' }) });
  const card = approvalCard(gate);

  expect(textById(card, 'state')).toContain('✗ Rejected by Bob Baker');
  expect(textById(card, 'gate')).toContain('✗ Approvals fail: rejected by Bob Baker');
});

test('an observed environment says what would have happened', () => {
  const observed = aGate({ state: 'passed', observed: true });
  const { ask: _, ...unasked } = observed;
  const blocked = { ...unasked, judgement: aJudgement({ verdict: 'block' }) };

  expect(textById(approvalCard(observed), 'state')).toContain('Observed: would have asked for approval');
  expect(textById(approvalCard(unasked), 'state')).toContain('Observed: would have passed');
  expect(textById(approvalCard(blocked), 'state')).toContain('Observed: would have been blocked');
});

test('a refusal is shown to the one who clicked, and the buttons stay', () => {
  const card = approvalCard(aGate(), { oid: CARLA.oid }, { refusal: 'comment-required' });

  expect(textById(card, 'error')).toContain('needs a comment');
  expect(titles(card)).toContain('Reject');
  expect(textById(approvalCard(aGate()), 'error')).toBeUndefined();
});

test('the same record makes the same card', () => {
  expect(approvalCard(aGate())).toEqual(approvalCard(aGate()));
});
