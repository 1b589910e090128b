import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import { ACTION_DATA } from '../../cards/actions.ts';
import { gateAnswer, gateCard } from '../../cards/gate-card.ts';
import { readersOffered } from '../../cards/gate-reader.ts';
import type { Gate } from '../../services/domain/gate.ts';
import { ANN, aGate, aLevel, anApprovedGate, anAsk, aPerson, aVote, BOB, CARLA, DAN } from '../builders.ts';
import { buttonById, buttonsOf, inputIds, textById } from '../cards/read.ts';

// One record, several readers: everybody in a channel, who is asked, who has approved, who is not concerned.

const EVERYBODY = { refreshFor: ['29:bob', '29:carla'] };
const titles = (card: IAdaptiveCard) => buttonsOf(card).map(({ title }) => title);
const decides = (card: IAdaptiveCard) => JSON.stringify(card).includes('approval.decide');

/** Two of Bob, Carla and a third lead; Bob has approved. */
function halfway(): Gate {
  const third = aPerson();
  const eligible = [BOB, CARLA, third].map(({ oid, name }) => ({ oid, name }));
  return aGate({ ask: anAsk({ levels: [aLevel({ quorum: 2, eligible })] }), votes: [aVote({ comment: 'Fine.' })] });
}

test('the card of a channel shows how it stands and nothing to decide', () => {
  const card = gateCard(halfway(), EVERYBODY);

  expect(textById(card, 'state')).toContain('Waiting for approval: 1 of 2');
  expect(textById(card, 'history')).toMatch(/Approved by Bob Baker on Mon 23 Nov 2026, 10:05 UTC “ ?Fine\. ?”/);
  expect(titles(card)).toEqual(['Open run', 'Show my view']);
  expect(inputIds(card)).toEqual([]);
  expect(decides(card)).toBe(false);
  expect(JSON.stringify(gateCard(anApprovedGate(), EVERYBODY))).not.toMatch(/\byou\b/i);
});

test('in a channel the clients of those who are named fetch their own view, at most 60, of nobody else', () => {
  const { refresh } = gateCard(aGate(), { refreshFor: Array.from({ length: 61 }, (_, index) => `29:${index}`) }) as {
    refresh?: { action: { type: string; data: unknown }; userIds: string[] };
  };

  expect(refresh?.action.type).toBe('Action.Execute');
  expect(ACTION_DATA['approval.view'].safeParse(refresh?.action.data).success).toBe(true);
  expect(refresh?.userIds).toHaveLength(60);
});

test('their own view has the same refresh and the buttons', () => {
  const view = gateCard(aGate(), { oid: BOB.oid, refreshFor: ['29:bob'] });
  const base = gateCard(aGate(), EVERYBODY);

  expect(view['refresh']).toEqual({ ...(base['refresh'] as object), userIds: ['29:bob'] });
  expect(titles(view)).toEqual(['Approve', 'Reject', 'Delegate', 'Open run', 'Refresh']);
});

test('a personal card and a settled one never fetch themselves', () => {
  expect(gateCard(aGate(), { oid: BOB.oid })['refresh']).toBeUndefined();
  expect(gateCard(anApprovedGate(), EVERYBODY)['refresh']).toBeUndefined();
});

test('what is answered in front of others has no button to decide', () => {
  const card = gateCard(aGate(), { oid: BOB.oid, isPublic: true });

  expect(decides(card)).toBe(false);
  expect(titles(card)).toContain('Show my view');
});

test('who has approved can withdraw or reject while others are missing, and is told for whom it waits', () => {
  const card = gateCard(halfway(), { oid: BOB.oid });

  expect(titles(card)).toEqual(['Withdraw my approval', 'Reject', 'Remind', 'Open run', 'Refresh']);
  expect(buttonById(card, 'withdraw')?.data?.['verdict']).toBe('withdraw');
  expect(textById(card, 'state')).toContain('You have approved; it still waits for Carla Cruz and Eve Eriksen.');
  expect(titles(gateCard(anApprovedGate(), { oid: BOB.oid }))).not.toContain('Withdraw my approval');
});

test('withdrawing takes no comment, so that a comment that a rejection needs does not stop it', () => {
  const ask = { ...halfway().ask, comment: { approve: 'required', reject: 'required' } } as Gate['ask'];
  const card = gateCard({ ...halfway(), ...(ask === undefined ? {} : { ask }) }, { oid: BOB.oid });

  expect(buttonById(card, 'withdraw')?.associatedInputs).toBe('none');
  expect(buttonById(card, 'reject')?.associatedInputs).toBe('auto');
});

test.each([
  ['the person who asked for it', ANN, 'You are not asked; it waits for Bob Baker and Carla Cruz.'],
  ['who wrote part of it', DAN, 'You are not asked (wrote part of it); it waits for Bob Baker and Carla Cruz.'],
  ['a stranger to the route', aPerson(), 'You are not asked; it waits for Bob Baker and Carla Cruz.'],
])('%s sees how it stands and why there is nothing to press', (_who, { oid }, sentence) => {
  const card = gateCard(aGate(), { oid });

  expect(decides(card)).toBe(false);
  expect(textById(card, 'state')).toContain(sentence);
});

test('those of a later level get buttons only once it is theirs', () => {
  const later = aLevel({ from: ['group:release-managers'], eligible: [{ oid: CARLA.oid, name: CARLA.name }] });
  const first = aLevel({ eligible: [{ oid: BOB.oid, name: BOB.name }] });
  const gate = aGate({ ask: anAsk({ levels: [first, later] }) });

  expect(decides(gateCard(gate, { oid: CARLA.oid }))).toBe(false);
  expect(decides(gateCard({ ...gate, votes: [aVote()] }, { oid: CARLA.oid }))).toBe(true);
});

test('offered are those who are asked and those who have approved, and nobody once it is settled', () => {
  expect(readersOffered(halfway())).toEqual([CARLA.oid, aPerson().oid, BOB.oid]);
  expect(readersOffered(anApprovedGate())).toEqual([]);
});

test('a card has its times in the zone of its reader, else in UTC', () => {
  const berlin = JSON.stringify(gateCard(halfway(), { oid: BOB.oid, zone: 'Europe/Berlin' }));

  expect(berlin).toContain('Closes Tue 24 Nov 2026, 18:30 Europe/Berlin.');
  expect(berlin).not.toMatch(/\{\{|\.000Z|UTC/);
  expect(JSON.stringify(gateCard(halfway(), { oid: BOB.oid }))).toContain('Closes Tue 24 Nov 2026, 17:30 UTC.');
});

test('plain text has times in the zone of the reader, else in UTC, and says which', () => {
  const { text, card } = gateAnswer(aGate(), { oid: BOB.oid, zone: 'America/New_York' });

  expect(text).toContain('Closes Tue 24 Nov 2026, 12:30 America/New_York.');
  expect(card.speak).toContain('Tue 24 Nov 2026, 12:30 America/New_York');
  expect(card['fallbackText']).toContain('Tue 24 Nov 2026, 12:30 America/New_York');
  expect(gateAnswer(aGate(), { oid: BOB.oid }).text).toContain('Closes Tue 24 Nov 2026, 17:30 UTC.');
  expect(text).not.toContain('{{');
});
