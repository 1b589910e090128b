import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import { gateAnswer, gateCard } from '../../cards/gate-card.ts';
import { summaryOf } from '../../cards/gate-summary.ts';
import { counted, grouped } from '../../cards/names.ts';
import { shortCard } from '../../cards/short-card.ts';
import { GATE_STATES } from '../../services/domain/gate.ts';
import { aBlockedGate, aGate, aJudgedGroup, aJudgement, anApprovedGate } from '../builders.ts';
import { parseProblems } from '../cards/parse.ts';
import { activityBytes, buttonsOf, objectsIn, textById } from '../cards/read.ts';
import { cardSamples } from '../cards/samples.ts';

test('every card of every state is one that the renderer takes and Teams delivers', () => {
  for (const { name, card } of cardSamples()) {
    const shown = card as IAdaptiveCard;

    expect(parseProblems(card), name).toEqual([]);
    expect(shown.version, name).toBe('1.5');
    expect(shown.speak, name).not.toBe('');
    expect(shown['fallbackText'], name).not.toBe('');
    expect(activityBytes(shown, ''), name).toBeLessThanOrEqual(60 * 1024);
  }
});

test('no row of buttons on any card has more than three, and no title is longer than a phone shows', () => {
  for (const { name, card } of cardSamples()) {
    for (const { actions } of objectsIn(card).filter((object) => Array.isArray(object['actions']))) {
      expect((actions as readonly unknown[]).length, name).toBeLessThanOrEqual(3);
    }
    for (const { title } of buttonsOf(card as IAdaptiveCard)) expect(title.length, name).toBeLessThanOrEqual(34);
  }
});

test('a number that people read has its thousands apart, and one is said of one', () => {
  expect([counted(0, 'finding'), counted(1, 'finding'), counted(430_000, 'finding')]).toEqual([
    '0 findings',
    '1 finding',
    '430,000 findings',
  ]);
  expect([999, 1_000, 1_234_567].map(grouped)).toEqual(['999', '1,000', '1,234,567']);
});

test('every state has a card with title, state, facts and gate', () => {
  for (const state of GATE_STATES) {
    const card = gateCard(anApprovedGate({ state }));

    for (const id of ['title', 'state', 'facts', 'gate']) expect(textById(card, id), `${state} ${id}`).toBeTruthy();
  }
});

test('a gate that waits or waited for a fix is shown by what blocks it', () => {
  for (const state of ['blocked', 'failed', 'expired', 'abandoned'] as const) {
    expect(textById(gateCard(aBlockedGate({ state })), 'findings'), state).toContain('What blocks it');
  }
});

test('a gate that people let run out is shown by what was asked', () => {
  expect(textById(gateCard(aGate({ state: 'expired' })), 'title')).toBe(
    'Deployment of payments-api 20261123.4 to prod',
  );
});

test('an observed gate that would have been blocked shows what would have blocked it', () => {
  const card = gateCard(aBlockedGate({ state: 'passed', observed: true }));

  expect(textById(card, 'title')).toContain('Observed:');
  expect(textById(card, 'findings')).toContain('What would have blocked it');
});

test('an approval that is void because something blocks now does not read as approved', () => {
  const gate = anApprovedGate({ state: 'failed', judgement: aJudgement({ blocks: [aJudgedGroup()] }) });

  expect(textById(gateCard(gate), 'state')).toContain('Stopped');
  expect(textById(gateCard(gate), 'gate')).not.toContain('Approvals pass');
});

test('the plain text says all that the card says, and how to go on by typing', () => {
  const { text } = gateAnswer(aGate(), {}, { refusal: 'not-an-approver' });

  expect(text).toContain('Approve prod deployment of payments-api 20261123.4?');
  expect(text).toContain('Environment: prod');
  expect(text).toContain('Approvers: Bob Baker and Carla Cruz (any 1 of 2 payments-leads)');
  expect(text).toContain('you are not an approver');
  expect(text).toContain(`Type "approve ${aGate().id}" or "reject ${aGate().id}" and why`);
});

test('the plain text of a settled gate offers no decision', () => {
  expect(gateAnswer(anApprovedGate()).text).not.toContain('Type "approve');
});

test('the summary of a notification says what is wanted or what happened', () => {
  expect(summaryOf(aGate())).toBe('Approve prod deployment of payments-api 20261123.4?');
  expect(summaryOf(anApprovedGate())).toBe('Approved by Bob Baker: prod deployment of payments-api 20261123.4');
  expect(summaryOf(aBlockedGate())).toBe('Blocked by 1 finding: prod deployment of payments-api 20261123.4');
});

test('where no card is shown the text leads to the run and to the commands', () => {
  const fallback = String(gateCard(aGate())['fallbackText']);

  expect(fallback).toContain(aGate().run.url);
  expect(fallback).toContain(`approve ${aGate().id}`);
});

test('a check that was completed without us is never said to have been told', () => {
  const card = JSON.stringify(gateCard(aGate({ state: 'abandoned', toldAt: '2026-11-23T10:31:01.000Z' })));
  expect(card).toContain('completed there without us');
  expect(card).not.toContain('Azure DevOps was told on');
});

test('a short card promises no button that it does not have', () => {
  expect(JSON.stringify(shortCard(aGate()))).not.toContain('Show my view');
  expect(textById(shortCard(aGate()), 'state')).toContain('Waiting for approval: 0 of 1');
});
