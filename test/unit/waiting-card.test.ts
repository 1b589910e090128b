import { expect, test } from 'vitest';
import { gateCard } from '../../cards/gate-card.ts';
import { reminderCard, reminderSummary } from '../../cards/reminder-card.ts';
import { type AskLevel, type Gate, isSettled } from '../../services/domain/gate.ts';
import { aBlockedGate, aCheck, aGate, aLevel, anApprovedGate, anAsk, aVote, BOB, CARLA } from '../builders.ts';
import { buttonById, buttonsOf, factValue, textById } from '../cards/read.ts';

// What a request goes through while it waits, as its card tells it.

const asBob = { oid: BOB.oid };
const carlaIsAway = { oid: CARLA.oid, name: CARLA.name };

function asking(...levels: AskLevel[]): Gate {
  return aGate({ ask: anAsk({ levels }) });
}

test('a group is named with how many of how many are needed', () => {
  const eligible = Array.from({ length: 7 }, (_, index) => ({ oid: `${index}`, name: `Lead ${index}` }));
  const card = gateCard(asking(aLevel({ eligible })), { oid: '0' });

  expect(factValue(card, 'facts', 'Approvers')).toContain('(any 1 of 7 payments-leads)');
});

test('levels are told in order, with the one that is asked now', () => {
  const gate = asking(aLevel(), aLevel({ from: ['group:release-managers'], quorum: 2 }));
  const levels = (votes: Gate['votes']) => factValue(gateCard({ ...gate, votes }, asBob), 'facts', 'Levels');

  expect(levels([])).toBe('1. any 1 of 2 payments-leads: 0 of 1; 2. any 2 of 2 release-managers: later');
  expect(levels([aVote()])).toBe('1. any 1 of 2 payments-leads: done; 2. any 2 of 2 release-managers: 0 of 2');
});

test('a freeze says until when and who must approve too, before it is decided', () => {
  const gate = asking(aLevel(), aLevel({ from: ['group:release-managers'], frozenUntil: '2026-11-30' }));

  expect(textById(gateCard(gate, asBob), 'state')).toContain(
    'Frozen until Mon 30 Nov 2026: release-managers must approve too. Closes Tue 24 Nov 2026, 17:30 UTC.',
  );
  expect(textById(gateCard(aGate(), asBob), 'state')).not.toContain('Frozen');
});

test('an escalation says to whom and since when', () => {
  const gate = asking(aLevel({ escalatedTo: 'group:heads' }));
  const history = (escalatedAt: string) => textById(gateCard({ ...gate, escalatedAt }, asBob), 'history');

  expect(history('2026-11-23T13:30:00.000Z')).toContain('Escalated to heads on Mon 23 Nov 2026, 13:30 UTC');
  expect(textById(gateCard(asking(aLevel()), asBob), 'history')).toBeUndefined();
});

test('who decides in the place of somebody is named with both', () => {
  const card = gateCard(anApprovedGate({ votes: [aVote({ covers: carlaIsAway })] }));

  expect(textById(card, 'history')).toContain('Approved by Bob Baker for Carla Cruz on');
  const standIn = { oid: BOB.oid, name: BOB.name, covers: carlaIsAway };
  expect(factValue(gateCard(asking(aLevel({ eligible: [standIn] }))), 'facts', 'Approvers')).toContain(
    'Bob Baker (for Carla Cruz)',
  );
});

test('what changed since it was asked before stands above everything that was decided on it', () => {
  const gate = aGate({ changes: [{ kind: 'findings', decision: 'warn', more: 1, fewer: 0 }], votes: [aVote()] });

  expect(textById(gateCard(gate), 'history')).toMatch(/^Changed since it was asked before: \+1 warn\. Approved by/);
});

test.each([
  [{ requestId: 'abcdefghijklmnop', runId: 4712, attempt: 1 }, 'Run 4712 of the same stage is newer'],
  [{ requestId: 'abcdefghijklmnop', runId: 4711, attempt: 2 }, 'Attempt 2 of the same run is newer'],
])('a superseded request says what took its place: %o', (supersededBy, words) => {
  const card = gateCard(aGate({ state: 'superseded', supersededBy }), asBob);

  expect(textById(card, 'state')).toContain(`${words} and has taken its place (request abcdefghijklmnop).`);
  expect(textById(card, 'gate')).not.toMatch(/✓ Approvals|Approvals unknown/);
  expect(JSON.stringify(card)).not.toContain('approval.decide');
});

const aRef = {
  organization: aCheck().organization,
  projectId: aCheck().projectId,
  id: '1b4f9a52-6f3e-4c1e-9f1a-1d2b3c4d5e6f',
};
const two = [{ by: aVote().by }, { by: { ...aVote().by, oid: CARLA.oid, name: CARLA.name } }];

test.each<[string, Gate, string]>([
  ['nobody has approved', asking(aLevel()), 'Nobody decided before Tue 24 Nov 2026, 17:30 UTC'],
  [
    'one of two has approved',
    { ...asking(aLevel({ quorum: 2 })), votes: [aVote()] },
    'Only 1 of 2 approvals came before Tue 24 Nov 2026, 17:30 UTC',
  ],
  [
    'both have approved and nobody could be told',
    { ...asking(aLevel({ quorum: 2 })), votes: two.map((vote) => aVote(vote)) },
    'It was approved, but its time ended on Tue 24 Nov 2026, 17:30 UTC before Azure DevOps was told',
  ],
  ['it is blocked', aBlockedGate(), 'It was still blocked on Tue 24 Nov 2026, 17:30 UTC'],
])('a request whose time ends while %s says no less and no more than that', (_, gate, words) => {
  const ends = [gate, { ...gate, door: { kind: 'approval' as const, ...aRef } }];

  for (const ended of ends) expect(textById(gateCard({ ...ended, state: 'expired' }), 'state')).toContain(words);
  const line = textById(gateCard({ ...gate, state: 'expired' }), 'gate');
  expect(line?.includes('nobody decided')).toBe(words.startsWith('Nobody'));
});

test('a stage that went on without a decision reads as trouble, never as approved', () => {
  const card = gateCard(aGate({ state: 'bypassed' }), asBob);

  expect(isSettled('bypassed')).toBe(true);
  expect(textById(card, 'state')).toContain('! Released without a decision');
  expect(JSON.stringify(card)).not.toMatch(/approval\.decide|✓ Approved/);
});

test('a reminder and a question that is asked anew lead to the card and decide nothing themselves', () => {
  const changed = aGate({ changes: [{ kind: 'exception-ended', id: 'EX-12' }] });

  expect(textById(reminderCard(aGate(), 'reminder'), 'state')).toBe(
    'It has 0 of 1 approval. Closes Tue 24 Nov 2026, 17:30 UTC; without a decision by then the stage fails.',
  );
  expect(JSON.stringify(reminderCard(changed, 'asked-anew').body)).toContain('EX-12 ended');
  for (const card of [reminderCard(aGate(), 'reminder'), reminderCard(changed, 'asked-anew')]) {
    expect(buttonsOf(card).map(({ id }) => id)).toEqual(['show', 'open-run']);
    expect(buttonById(card, 'show')?.verb).toBe('approval.view');
  }
  expect(reminderSummary(changed, 'asked-anew')).toContain('earlier approvals are void');
});
