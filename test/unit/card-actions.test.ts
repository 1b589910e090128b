import type { IAdaptiveCard } from 'adaptivecards';
import { expect, test } from 'vitest';
import { ACTION_DATA, button, type Verb } from '../../cards/actions.ts';
import { buttonsOf, type ShownButton } from '../cards/read.ts';
import { cardSamples } from '../cards/samples.ts';

function clickable(): (ShownButton & { verb: Verb; data: Readonly<Record<string, unknown>> })[] {
  const all = cardSamples().flatMap(({ card }) => buttonsOf(card as IAdaptiveCard));
  return all.filter(({ type }) => type === 'Action.Execute') as ReturnType<typeof clickable>;
}

test('every verb is on some card', () => {
  expect(new Set(clickable().map(({ verb }) => verb))).toEqual(new Set(Object.keys(ACTION_DATA)));
});

test('the data of every button of every card is accepted by its own schema', () => {
  for (const { verb, data } of clickable()) {
    expect(ACTION_DATA[verb].safeParse(data).success).toBe(true);
    expect(data['verb']).toBe(verb);
  }
});

test('a button carries ids only, and the comment that the card asks for is added by the client', () => {
  const keys = new Map(clickable().map(({ verb, data }) => [verb, Object.keys(data).sort()]));

  expect(Object.fromEntries(keys)).toEqual({
    'approval.view': ['requestId', 'revision', 'verb'],
    'approval.decide': ['requestId', 'revision', 'verb', 'verdict'],
    'digest.more': ['section', 'service', 'verb'],
    'finding.why': ['fingerprint', 'service', 'verb'],
    'bypass.explain': ['requestId', 'revision', 'verb'],
    'bypass.confirm': ['requestId', 'revision', 'verb'],
    'approval.delegate': ['requestId', 'revision', 'verb'],
    'approval.remind': ['requestId', 'revision', 'verb'],
    'approval.viewMany': ['requestIds', 'verb'],
    'approval.decideMany': ['items', 'verb', 'verdict'],
    'exception.request': ['control', 'environment', 'fingerprint', 'requestId', 'service', 'verb'],
  });
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

const DECISIONS: readonly Verb[] = ['approval.decide', 'approval.decideMany'];

test('a comment may come with a decision and with nothing else', () => {
  for (const { verb, data } of clickable()) {
    expect(ACTION_DATA[verb].safeParse({ ...data, comment: 'why' }).success).toBe(DECISIONS.includes(verb));
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
