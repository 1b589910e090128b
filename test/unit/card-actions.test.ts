import { globSync } from 'node:fs';
import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import { ACTION_DATA, button, type Verb } from '../../cards/actions.ts';
import { buttonsOf, inputIds, type ShownButton } from '../cards/read.ts';
import { cardSamples } from '../cards/samples.ts';
import { ROOT, read } from '../pages.ts';

function clickable(): (ShownButton & { verb: Verb; data: Readonly<Record<string, unknown>> })[] {
  const all = cardSamples().flatMap(({ card }) => buttonsOf(card as IAdaptiveCard));
  return all.filter(({ type }) => type === 'Action.Execute') as ReturnType<typeof clickable>;
}

test('every verb is on some card', () => {
  expect(new Set(clickable().map(({ verb }) => verb))).toEqual(new Set(Object.keys(ACTION_DATA)));
});

test('every card of the product is among the samples that are drawn and looked at', () => {
  const sources = globSync('cards/*.ts', { cwd: ROOT }).map(read).join('');
  const cards = [...sources.matchAll(/^export function (\w*Card)\(/gm)].map(([, name = '']) => name);
  const drawn = globSync('test/cards/*samples.ts', { cwd: ROOT }).map(read).join('');
  // A card of one state is drawn by the card of all states.
  const calls = (name: string) => [...sources.matchAll(new RegExp(`(?<!function )\\b${name}\\(`, 'g'))].length;

  expect(cards.length).toBeGreaterThan(20);
  expect(cards.filter((name) => !new RegExp(`\\b${name}\\(`).test(drawn) && calls(name) === 0)).toEqual([]);
});

test('the data of every button of every card is accepted by its own schema', () => {
  for (const { verb, data } of clickable()) {
    expect(ACTION_DATA[verb].safeParse(data).success).toBe(true);
    expect(data['verb']).toBe(verb);
  }
});

test('a button carries ids only, and what the card asks for is added by the client', () => {
  const byVerb = Map.groupBy(clickable(), ({ verb }) => verb);
  const keys = [...byVerb].map(([verb, all]) => [
    verb,
    [...new Set(all.flatMap(({ data }) => Object.keys(data)))].sort(),
  ]);

  expect(Object.fromEntries(keys)).toEqual({
    'approval.view': ['requestId', 'revision', 'verb'],
    'approval.decide': ['requestId', 'revision', 'verb', 'verdict'],
    'digest.more': ['section', 'service', 'verb'],
    'digest.show': ['verb'],
    'finding.why': ['fingerprint', 'service', 'verb'],
    'finding.claim': ['environment', 'fingerprint', 'service', 'verb'],
    'finding.snooze': ['environment', 'fingerprint', 'service', 'verb'],
    'finding.assign': ['environment', 'fingerprint', 'service', 'verb'],
    'bypass.explain': ['requestId', 'revision', 'verb'],
    'bypass.confirm': ['requestId', 'revision', 'verb'],
    'approval.delegate': ['requestId', 'revision', 'verb'],
    'approval.remind': ['requestId', 'revision', 'verb'],
    'approval.viewMany': ['requestIds', 'verb'],
    'approval.decideMany': ['items', 'verb', 'verdict'],
    'exception.request': ['control', 'environment', 'fingerprint', 'imported', 'requestId', 'service', 'verb'],
    'exception.submit': ['control', 'environment', 'fingerprint', 'requestId', 'service', 'shown', 'verb'],
    'exception.decide': ['exceptionId', 'revision', 'verb', 'verdict'],
    'exception.renew': ['exceptionId', 'revision', 'verb'],
    'exception.review': ['answer', 'exceptionId', 'revision', 'verb'],
    'exception.revoke': ['exceptionId', 'revision', 'verb'],
    'exception.handover': ['exceptionId', 'revision', 'verb'],
    'exception.withdraw': ['exceptionId', 'revision', 'verb'],
    'exception.view': ['exceptionId', 'revision', 'verb'],
    'review.record': ['reviewId', 'revision', 'verb'],
    'trend.promote': ['control', 'revision', 'verb'],
    'drift.accept': ['environment', 'org', 'revision', 'service', 'verb'],
    'drift.except': ['environment', 'org', 'revision', 'service', 'verb'],
  });
});

test('a button takes the inputs of its card, whatever is written into them, and of no other card', () => {
  for (const { card } of cardSamples()) {
    const inputs = inputIds(card as IAdaptiveCard).map((id) => [String(id), 'x'.repeat(2_000)]);
    const buttons = buttonsOf(card as IAdaptiveCard).filter(({ type }) => type === 'Action.Execute');
    for (const { verb, data, associatedInputs } of buttons) {
      if (associatedInputs !== 'auto' || verb?.startsWith('exception.') !== true) continue;
      const schema = ACTION_DATA[verb as Verb];
      expect(schema.safeParse({ ...data, ...Object.fromEntries(inputs) }).success, verb).toBe(true);
      expect(schema.safeParse({ ...data, oid: 'x' }).success, verb).toBe(false);
    }
  }
});

test('any key more than a button sends is refused', () => {
  for (const { verb, data } of clickable()) {
    expect(ACTION_DATA[verb].safeParse({ ...data, approved: true }).success).toBe(false);
  }
});

test('any key changed to another kind of value is refused', () => {
  for (const { verb, data } of clickable()) {
    for (const key of Object.keys(data)) {
      for (const wrong of [null, {}, [], true, -1, 1.5, '', 'x'.repeat(300)]) {
        expect(ACTION_DATA[verb].safeParse({ ...data, [key]: wrong }).success, `${verb}.${key}`).toBe(false);
      }
    }
  }
});

test('one verb’s data is not taken for another’s', () => {
  for (const { verb, data } of clickable()) {
    for (const other of Object.keys(ACTION_DATA).filter((name) => name !== verb) as Verb[]) {
      expect(ACTION_DATA[other].safeParse(data).success).toBe(false);
    }
  }
});

const COMMENTED: readonly Verb[] = [
  'approval.decide',
  'approval.decideMany',
  'exception.decide',
  'exception.review',
  'exception.revoke',
];

test('a comment may come with a decision, a review or a revocation and with nothing else', () => {
  for (const { verb, data } of clickable()) {
    expect(ACTION_DATA[verb].safeParse({ ...data, comment: 'why' }).success).toBe(COMMENTED.includes(verb));
  }
});

test('a client without Action.Execute sends the same data by Action.Submit, without a feedback line', () => {
  for (const shown of clickable()) {
    expect(shown.fallback).toEqual({
      type: 'Action.Submit',
      title: shown.title,
      data: shown.data,
      associatedInputs: shown.associatedInputs,
      msteams: { feedback: { hide: true } },
    });
  }
});

test('a button whose data would be refused is not made', () => {
  const data = { verb: 'approval.view', requestId: 'not an id', revision: 1 } as const;

  expect(button({ id: 'view', title: 'View', data, inputs: 'none' })).toBeUndefined();
});
