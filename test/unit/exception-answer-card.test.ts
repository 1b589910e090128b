import { expect, test } from 'vitest';
import { exceptionAnswerCard, exceptionAnswerText } from '../../cards/exception-answer.ts';
import { aBlockedGate, aGate, aJudgedGroup, aJudgement } from '../builders.ts';
import { buttonsOf, factValue, textById } from '../cards/read.ts';

const wish = {
  service: 'payments-api',
  environment: 'prod',
  control: 'secret-scanning',
  fingerprint: '0123456789abcdef0123456789abcdef',
};

test('who may grant it, for how long and what it takes is said', () => {
  const card = exceptionAnswerCard(wish, aBlockedGate());
  const facts = textById(card, 'facts');

  expect(factValue(card, 'facts', 'Granted by')).toBe('security-leads');
  expect(factValue(card, 'facts', 'At most')).toBe('7 days');
  for (const need of ['an owner', 'at least 20 characters', 'on which it ends', 'reviewed', 'compensating control']) {
    expect(facts).toContain(need);
  }
});

test('until it is granted a blocked gate stays blocked', () => {
  expect(textById(exceptionAnswerCard(wish, aBlockedGate()), 'state')).toContain('the gate stays blocked');
});

test('after the wait an exception needs the stage to be run again', () => {
  expect(textById(exceptionAnswerCard(wish, aBlockedGate({ state: 'failed' })), 'state')).toContain(
    'run the stage again',
  );
});

test('a control that grants no exceptions says so and who owns the finding', () => {
  const { exception: _, ...group } = aJudgedGroup();
  const card = exceptionAnswerCard(wish, aBlockedGate({ judgement: aJudgement({ blocks: [group] }) }));

  expect(textById(card, 'state')).toContain('grants no exceptions');
  expect(textById(card, 'state')).toContain('payments-team');
});

test.each([
  ['another finding', { ...wish, fingerprint: 'f'.repeat(32) }],
  ['another control', { ...wish, control: 'code-scanning' }],
  ['another service', { ...wish, service: 'ledger' }],
  ['another environment', { ...wish, environment: 'staging' }],
])('%s than what blocks the gate needs no exception', (_, other) => {
  expect(textById(exceptionAnswerCard(other, aBlockedGate()), 'state')).toContain(
    'not blocked by this finding any more',
  );
});

test('a gate that is open needs no exception', () => {
  expect(textById(exceptionAnswerCard(wish, aGate()), 'title')).toBe('Nothing to except');
});

test('without a request there is nothing to except and nothing to click', () => {
  const card = exceptionAnswerCard(wish);

  expect(textById(card, 'state')).toContain('no such request');
  expect(buttonsOf(card)).toEqual([]);
});

test('there is a way back to the request', () => {
  expect(buttonsOf(exceptionAnswerCard(wish, aBlockedGate())).map(({ id }) => id)).toEqual(['back', 'open-run']);
});

test('the plain text says the same', () => {
  expect(exceptionAnswerText(wish, aBlockedGate())).toContain('Granted by: security-leads');
});
